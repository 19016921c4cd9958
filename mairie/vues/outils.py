"""Small helps of the views about people."""

from __future__ import annotations

from django.http import HttpRequest

from mairie.models import Utilisateur


def soi(request: HttpRequest) -> Utilisateur:
    """The account of a logged-in caller, read anew: a form must not change the one of the request."""
    return Utilisateur.objects.get(pk=request.user.pk or 0)

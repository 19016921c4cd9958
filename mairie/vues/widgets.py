"""Order and hiding of the widgets of one's desk."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_POST

from gis_data.acces import droit
from mairie import widgets
from mairie.perms import AGENT


@droit(AGENT)
@require_POST
def regler(request: HttpRequest) -> HttpResponse:
    """``faire=masquer:code`` (montrer, monter, descendre), then back to the desk."""
    quoi, _, code = request.POST.get("faire", "").partition(":")
    if not widgets.regler(request.user, quoi, code):
        messages.error(request, "Ce bloc n'est pas sur votre bureau.")
    return HttpResponseRedirect("/bureau/#widgets")

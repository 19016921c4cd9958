"""Who may open a view: every view says it, a test refuses those that do not.

``gis_data`` holds the marks because the map's own views need them and import nothing above.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse

Vue = TypeVar("Vue", bound=Callable[..., HttpResponseBase])
# Programs ask these: they are told 401, not sent to a page.
POUR_PROGRAMMES = ("/api/", "/tuiles/", "/ogc/")


def public(vue: Vue) -> Vue:
    """Mark a view that anybody, even anonymous, may open."""
    vue.acces = "public"  # type: ignore[attr-defined]
    return vue


def demander_connexion(request: HttpRequest) -> HttpResponseBase:
    """Send an anonymous caller to the door, and back here afterwards; programs get 401."""
    if request.path.startswith(POUR_PROGRAMMES):
        detail = "Connectez-vous : cette adresse demande un compte."
        return JsonResponse({"detail": detail}, status=401, json_dumps_params={"ensure_ascii": False})
    if request.headers.get("HX-Request"):
        return HttpResponse(status=401)
    return redirect_to_login(request.get_full_path())


def connecte(vue: Vue) -> Vue:
    """Let in any account, agent or citizen: pages about oneself."""

    @wraps(vue)
    def gardee(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return demander_connexion(request)
        return vue(request, *args, **kwargs)

    gardee.acces = "connecte"  # type: ignore[attr-defined]
    return gardee  # type: ignore[return-value]


def droit(code: str) -> Callable[[Vue], Vue]:
    """Let in only users who hold right ``code`` (``metier.verbe``) somewhere; 403 otherwise.

    Which rows they see is another question, answered by ``visibles_par``: objects outside are 404.
    """

    def decorer(vue: Vue) -> Vue:
        @wraps(vue)
        def gardee(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return demander_connexion(request)
            if not request.user.has_perm(code):
                raise PermissionDenied
            return vue(request, *args, **kwargs)

        gardee.acces = code  # type: ignore[attr-defined]
        return gardee  # type: ignore[return-value]

    return decorer

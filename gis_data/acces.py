"""Who may open a view: every view says it, a test refuses those that do not.

``gis_data`` holds the marks because the map's own views need them and import nothing above.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

Vue = TypeVar("Vue", bound=Callable[..., HttpResponseBase])


def public(vue: Vue) -> Vue:
    """Mark a view that anybody, even anonymous, may open."""
    vue.acces = "public"  # type: ignore[attr-defined]
    return vue


def droit(code: str) -> Callable[[Vue], Vue]:
    """Let in only users who hold permission ``code`` (``app.codename``); 403 otherwise."""

    def decorer(vue: Vue) -> Vue:
        @wraps(vue)
        def gardee(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.has_perm(code):
                raise PermissionDenied
            return vue(request, *args, **kwargs)

        gardee.acces = code  # type: ignore[attr-defined]
        return gardee  # type: ignore[return-value]

    return decorer

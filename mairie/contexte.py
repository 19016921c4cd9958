"""What every page's frame shows."""

from __future__ import annotations

from django.db import DatabaseError
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from mairie.territoire import Territoire, territoire


def _lire() -> Territoire:
    try:
        return territoire()
    except DatabaseError:
        # An error page must show even with the database away.
        return Territoire()


def cadre(request: HttpRequest) -> dict[str, object]:
    """``territoire``: the territory, read only by the pages that name it."""
    return {"territoire": SimpleLazyObject(_lire)}

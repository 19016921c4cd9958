"""What the apps above add to the settings of the map page: saved views, print page, …"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest

Source = Callable[[HttpRequest], Any]

_SOURCES: dict[str, Source] = {}


def ajouter(nom: str, source: Source) -> None:
    """Declare ``reglages[nom]``, from ``AppConfig.ready``: JSON values, null where it is of no use here."""
    _SOURCES[nom] = source


def reglages(request: HttpRequest) -> dict[str, Any]:
    """All additions that say something to this reader."""
    lus = {nom: source(request) for nom, source in _SOURCES.items()}
    return {nom: valeur for nom, valeur in lus.items() if valeur is not None}

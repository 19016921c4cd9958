"""All declared screens: apps fill the list from ``AppConfig.ready``, addresses are made from it."""

from __future__ import annotations

from django.core.exceptions import ImproperlyConfigured

from mairie.ecrans.declaration import Fiche, Formulaire, Liste
from mairie.ecrans.imports.declaration import Import

Ecran = Liste | Fiche | Formulaire | Import

_ecrans: dict[tuple[type, str], Ecran] = {}


def declarer(*ecrans: Ecran) -> None:
    """Add screens, once each; their addresses come with the site's. A ``Fiche`` brings its ``formulaire``."""
    for ecran in ecrans:
        cle = (type(ecran), ecran.code)
        if _ecrans.get(cle, ecran) is not ecran:
            raise ImproperlyConfigured(f"L'écran {ecran.code} est déclaré deux fois")
        _ecrans[cle] = ecran
        if isinstance(ecran, Fiche) and ecran.formulaire is not None:
            declarer(ecran.formulaire)


def ecrans() -> tuple[Ecran, ...]:
    """All screens in the order of their declaration."""
    return tuple(_ecrans.values())


def listes() -> tuple[Liste, ...]:
    """All lists."""
    return tuple(e for e in _ecrans.values() if isinstance(e, Liste))


def liste(code: str) -> Liste | None:
    """The list of that code; null when no app declares it."""
    trouvee = _ecrans.get((Liste, code))
    return trouvee if isinstance(trouvee, Liste) else None


def import_(code: str) -> Import | None:
    """The import of that code; null when no app declares it any more."""
    trouve = _ecrans.get((Import, code))
    return trouve if isinstance(trouve, Import) else None


def imports() -> tuple[Import, ...]:
    """All imports."""
    return tuple(e for e in _ecrans.values() if isinstance(e, Import))

"""Rights of the layers' technicians; ``cadastre`` declares them and the roles that give them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

# Bring in documents and layers, declare, replace, remove.
IMPORTER = "sig.importer_documents"
# See the layers that are not public.
LIRE = "sig.lire_couches"

# (person, right) → name of each commune where it is held, by INSEE code.
Source = Callable[[Any, str], dict[str, str]]
_sources: list[Source] = []


def declarer_communes_du_droit(source: Source) -> None:
    """The app that knows who works where, from ``AppConfig.ready``; the last one declared answers."""
    _sources.append(source)


def communes_du_technicien(utilisateur: Any) -> dict[str, str]:
    """Communes for which this person may declare a layer: code → name; empty when none is known."""
    return _sources[-1](utilisateur, IMPORTER) if _sources else {}


def _tient(utilisateur: Any, droit: str, *commune: str) -> bool:
    return utilisateur is not None and bool(
        getattr(utilisateur, "has_perm", lambda *_: False)(droit, *commune)
    )


def peut_changer(utilisateur: Any, communes: Sequence[str]) -> bool:
    """Whoever may import in all the communes of a layer; one without communes is of all technicians."""
    if not communes:
        return _tient(utilisateur, IMPORTER)
    return all(_tient(utilisateur, IMPORTER, code) for code in communes)


def peut_lire(utilisateur: Any, communes: Sequence[str]) -> bool:
    """Whoever may see the internal layers of one of its communes."""
    if not communes:
        return _tient(utilisateur, LIRE)
    return any(_tient(utilisateur, LIRE, code) for code in communes)

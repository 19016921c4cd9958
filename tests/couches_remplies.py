"""Rows of the layers that the tiny plan does not fill: one maker a layer, near (50, 20) of that plan."""

from __future__ import annotations

from collections.abc import Callable

REMPLIR: dict[str, Callable[[], object]] = {}


def remplit(*noms: str) -> Callable[[Callable[[], object]], Callable[[], object]]:
    """Declare the maker of some layers' rows."""

    def inscrire(faire: Callable[[], object]) -> Callable[[], object]:
        REMPLIR.update(dict.fromkeys(noms, faire))
        return faire

    return inscrire


@remplit("urba_dossiers")
def un_permis() -> object:
    """A permit deposited on two parcels of the tiny plan."""
    from tests.urba.fabrique_urba import dossier

    return dossier(references="AB 1, AB 2, AB 3")

"""What waits for a person, shown under the bell of the top bar: each subject declares what it has to say."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

journal = logging.getLogger(__name__)


@dataclass(frozen=True)
class Notification:
    """One line: ``nombre`` things of that kind wait at ``adresse``. ``ton``: a tone of the theme."""

    libelle: str
    adresse: str
    icone: str = "bi-bell"
    nombre: int = 1
    ton: str = "info"


Fournisseur = Callable[[Any], Iterable[Notification]]
_fournisseurs: dict[str, Fournisseur] = {}


def fournir(nom: str, fournisseur: Fournisseur) -> None:
    """Declare who notifies, from ``AppConfig.ready``; asked on every page of an agent: keep it quick."""
    _fournisseurs[nom] = fournisseur


def notifications(utilisateur: Any) -> list[Notification]:
    """All that waits for this person; a provider that fails is logged and left out, the page stays."""
    sortie: list[Notification] = []
    for nom, fournisseur in _fournisseurs.items():
        try:
            sortie += [n for n in fournisseur(utilisateur) if n.nombre]
        except Exception:
            journal.exception("Notifications « %s »", nom)
    return sortie

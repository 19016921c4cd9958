"""Panels that each trade adds to a page (a parcel, an address, a person, a dossier).

A trade that has loaded nothing is said « non chargé », never « rien ».
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import AnonymousUser

from mairie.models import Utilisateur

journal = logging.getLogger(__name__)


@dataclass(frozen=True)
class Panneau:
    """What a trade shows: ``nombre`` of records, and the template that lists them with ``contexte``.

    ``charge`` false: the trade's data is not loaded; ``remarque`` then says how to load it. ``action``: words
    and address of what this person may begin here, shown at the top of the page.
    """

    titre: str
    icone: str
    nombre: int | None = None
    gabarit: str = ""
    contexte: dict[str, Any] = field(default_factory=dict)
    charge: bool = True
    remarque: str = ""
    action: tuple[str, str] | None = None


Fournisseur = Callable[[Any, Utilisateur | AnonymousUser], Panneau | None]


@dataclass(frozen=True)
class _Declaration:
    sujet: str
    titre: str
    icone: str
    fournisseur: Fournisseur | None
    ordre: int


_declarations: dict[tuple[str, str], _Declaration] = {}


def attendre(sujet: str, code: str, titre: str, icone: str, ordre: int) -> None:
    """Say that the page of ``sujet`` has a place for trade ``code``: empty, it shows « non chargé »."""
    _declarations.setdefault((sujet, code), _Declaration(sujet, titre, icone, None, ordre))


def declarer(
    sujet: str, code: str, titre: str, icone: str, fournisseur: Fournisseur, ordre: int = 100
) -> None:
    """Give the panel of trade ``code``; a provider that returns null has no panel for that object."""
    attendu = _declarations.get((sujet, code))
    rang = attendu.ordre if attendu else ordre
    _declarations[sujet, code] = _Declaration(sujet, titre, icone, fournisseur, rang)


def panneaux(sujet: str, objet: Any, utilisateur: Utilisateur | AnonymousUser) -> list[Panneau]:
    """Panels of ``objet`` in their order; one that fails is shown as not available, and logged."""
    sortie = []
    for (_, code), d in sorted(_declarations.items(), key=lambda paire: paire[1].ordre):
        if d.sujet != sujet:
            continue
        panneau: Panneau | None = Panneau(d.titre, d.icone, charge=False)
        if d.fournisseur is not None:
            try:
                panneau = d.fournisseur(objet, utilisateur)
            except Exception:
                journal.exception("panneau « %s » en échec", code)
                remarque = "indisponible pour le moment"
                panneau = Panneau(d.titre, d.icone, charge=False, remarque=remarque)
        if panneau is not None:
            sortie.append(panneau)
    return sortie


attendre("parcelle", "plu", "Plan local d'urbanisme, servitudes", "bi-layers", 10)
attendre("parcelle", "risques", "Risques", "bi-exclamation-diamond", 20)
attendre("parcelle", "urba", "Autorisations d'urbanisme", "bi-file-earmark-text", 30)
attendre("parcelle", "domainepublic", "Occupations du domaine public", "bi-cone-striped", 40)
attendre("parcelle", "assainissement", "Assainissement", "bi-droplet", 50)
attendre("parcelle", "erp", "Établissements recevant du public", "bi-shop", 60)

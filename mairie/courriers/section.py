"""The section « Courriers » on a trade's page of a dossier: letters to write now, written ones, templates.

The trade says which letters its states call for, and what it awaits of each; its page includes
``mairie/courriers/_section.html`` and the style ``css/lettres-du-dossier.css``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from mairie.courriers.ecran import TONS
from mairie.courriers.modeles import modeles_proposes
from mairie.courriers.sujets import Sujet
from mairie.models import Courrier, ModeleCourrier
from mairie.roles import metiers


@dataclass(frozen=True)
class Proposition:
    """A letter to write now: why, and what is pressing. ``consultation``: the one that it is about."""

    code: str
    libelle: str
    raison: str
    presse: str = ""
    consultation: int | None = None


@dataclass(frozen=True)
class Ligne:
    """A letter of the dossier as listed: what is awaited of it, whether it may be said received."""

    courrier: Courrier
    attente: str = ""
    reputable: bool = False

    @property
    def ton(self) -> str:
        """Tone of its state's label."""
        return TONS[self.courrier.etat]


def lettres_de(dossier: Any) -> list[Courrier]:
    """Letters of a dossier, newest first."""
    return list(
        Courrier.objects.du_dossier(dossier).select_related("modele__modele", "delegation__delegataire")
    )


def section(
    utilisateur: Any,
    dossier: Any,
    sujet: Sujet,
    jour: date,
    lignes: Iterable[Ligne],
    proposer: Callable[[], Iterable[Proposition]],
    adresse_preparer: str,
) -> dict[str, Any]:
    """Context of the section. ``proposer`` is asked only for who may write; ``adresse_preparer``: name of the
    trade's address (pk, code of the template).
    """
    offerts: list[ModeleCourrier] = [
        m
        for m in modeles_proposes(sujet.metier, sujet.genre, dossier.insee, jour)
        if sujet.offre(utilisateur, dossier, m.code)
    ]
    permis = {m.code for m in offerts}
    etapes: dict[str, list[ModeleCourrier]] = {}
    for m in offerts:
        etapes.setdefault(m.etape, []).append(m)
    redige = sujet.peut_rediger(utilisateur, dossier)
    return {
        "dossier": dossier,
        "lettres": list(lignes),
        "propositions": [p for p in proposer() if p.code in permis] if permis else [],
        "etapes": list(etapes.items()),
        "peut_rediger": bool(offerts),
        "peut_libre": redige,
        "genre": sujet.genre,
        "metier": metiers().get(sujet.metier, sujet.metier),
        "sans_modele": redige and not offerts,
        "adresse_preparer": adresse_preparer,
    }

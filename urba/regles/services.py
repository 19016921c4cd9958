"""Consulted services: delay of their answer from receipt, meaning of their silence (spec §5.9)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from mairie.calendrier import plus_mois
from urba.regles.types import DP_ET_PERMIS, PERMIS, TypeDelai


class Unite(StrEnum):
    """Unit of a delay."""

    JOURS = "jours"
    MOIS = "mois"


class Contexte(StrEnum):
    """What in the land or the project lengthens a consultation."""

    ABORDS_SPR = "ABORDS_SPR"
    SITE_INSCRIT = "SITE_INSCRIT"
    SITE_CLASSE = "SITE_CLASSE"
    EVALUATION_ENVIRONNEMENTALE = "EVALUATION_ENVIRONNEMENTALE"


@dataclass(frozen=True)
class DelaiService:
    """A delay of N days or N months."""

    valeur: int
    unite: Unite = Unite.MOIS

    def limite(self, recue_le: date) -> date:
        """Last day of a consultation received that day (by electronic way: made available that day)."""
        if self.unite is Unite.JOURS:
            return recue_le + timedelta(days=self.valeur)
        return plus_mois(recue_le, self.valeur)


@dataclass(frozen=True)
class LigneService:
    """A delay of a service for some types, in a context (None: in every other case)."""

    code: str
    libelle: str
    article: str
    delai: DelaiService
    types: frozenset[TypeDelai] = DP_ET_PERMIS | {TypeDelai.CUA, TypeDelai.CUB}
    contexte: Contexte | None = None
    silence: str = "favorable"


_UN, _DEUX, _QUATRE = DelaiService(1), DelaiService(2), DelaiService(4)
_ABF = "Architecte des Bâtiments de France"
_CONSTRUIRE_AMENAGER = PERMIS - {TypeDelai.PD}

SERVICES: tuple[LigneService, ...] = (
    LigneService("ABF", _ABF, "R.423-67", _DEUX, PERMIS, Contexte.ABORDS_SPR),
    LigneService("ABF", _ABF, "R.423-67", _DEUX, _CONSTRUIRE_AMENAGER, Contexte.SITE_INSCRIT),
    LigneService("ABF", _ABF, "R.423-67", _DEUX, PERMIS, Contexte.SITE_CLASSE),
    LigneService("ABF", _ABF, "R.423-67", _UN),
    LigneService("ERP_IGH", "Autorité compétente pour les ERP et IGH", "R.423-70", _QUATRE),
    LigneService(
        "DRAC",
        "Archéologie préventive",
        "R.423-69",
        _DEUX,
        contexte=Contexte.EVALUATION_ENVIRONNEMENTALE,
    ),
    LigneService("DRAC", "Archéologie préventive", "R.423-69", _UN),
    LigneService("CDPENAF", "Commission des espaces naturels, agricoles et forestiers", "R.423-59", _UN),
    LigneService("EAU", "Gestionnaire du réseau d'eau", "R.423-59", _UN),
    LigneService("ELECTRICITE", "Gestionnaire du réseau d'électricité", "R.423-59", _UN),
    LigneService("VOIRIE", "Gestionnaire de la voirie", "R.423-59", _UN),
    LigneService("SPANC", "Assainissement non collectif", "R.423-59", _UN),
    LigneService("ASSAINISSEMENT", "Gestionnaire du réseau d'assainissement", "R.423-59", _UN),
    LigneService("AUTRE", "Autre service", "R.423-59", _UN),
)


def ligne_du_service(code: str, type_: TypeDelai, contextes: Iterable[Contexte] = ()) -> LigneService:
    """The longest row that fits a service, a type and what is known of the land; default: one month."""
    presents = set(contextes)
    lignes = [
        ligne
        for ligne in SERVICES
        if ligne.code == code
        and type_ in ligne.types
        and (ligne.contexte is None or ligne.contexte in presents)
    ]
    if not lignes:
        return ligne_du_service("AUTRE", type_)
    return max(lignes, key=lambda ligne: ligne.delai.valeur)

"""Tariffs, fee lines and contracts made through the services, in one line."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from assainissement import tarifs
from assainissement.models import Controle, DeliberationTarif, LigneRedevance
from tests.personnes import INSEE

LIGNES = (
    {"nature": "periodique", "eh_max": Decimal(20), "montant_ht": Decimal("120"), "taux_tva": Decimal("10")},
    {"nature": "periodique", "eh_min": Decimal(20), "montant_ht": Decimal("300"), "taux_tva": Decimal("10")},
    {"nature": "vente", "montant_ht": Decimal("150.50")},
    {"nature": "entretien", "montant_ht": Decimal("80"), "unite": "an"},
)


def deliberation(
    insee: str = INSEE, du: date = date(2025, 1, 1), au: date | None = None, **champs: Any
) -> DeliberationTarif:
    """Fees of the SPANC as voted."""
    champs.setdefault("lignes", LIGNES)
    objet = champs.pop("objet", "redevance_anc")
    return tarifs.enregistrer(insee, objet, f"Délibération {du.year}-12", du, au, **champs)


def majoration(taux: str = "100", **champs: Any) -> DeliberationTarif:
    """The surcharge as voted."""
    return deliberation(objet="majoration", regles={"taux": taux}, lignes=(), **champs)


def ligne(c: Controle, genre: str = "redevance") -> LigneRedevance:
    """The living line of a control."""
    return LigneRedevance.objects.exclude(etat="annulee").get(controle=c, genre=genre)

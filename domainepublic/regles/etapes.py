"""Result of a fee computation: amounts and the ordered detail that screen, PDF and export all show."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any


@dataclass(frozen=True)
class Etape:
    """One step; ``montant`` is that of the group, or the running amount after the subtotal."""

    etape: str
    champs: dict[str, Any]
    montant: Decimal | None
    libelle: str

    def en_json(self) -> dict[str, Any]:
        """JSON form: name, own fields, amount when there is one, sentence for humans."""
        montant = {} if self.montant is None else {"montant": str(self.montant)}
        return {"etape": self.etape, **self.champs, **montant, "libelle": self.libelle}


@dataclass(frozen=True)
class Remboursement:
    """Refund at an early withdrawal: ``base`` is what was paid less the file costs; days are calendar days.

    ``libelle`` is for screens and letters: the JSON contract has five keys only.
    """

    montant: Decimal
    base: Decimal
    motif: str
    jours_restants: int
    jours_total: int
    libelle: str

    def en_json(self) -> dict[str, Any]:
        """JSON form."""
        return {
            "montant": str(self.montant),
            "base": str(self.base),
            "motif": self.motif,
            "jours_restants": self.jours_restants,
            "jours_total": self.jours_total,
        }


@dataclass(frozen=True)
class Resultat:
    """Answer of a computation, in euros; ``solde`` is negative when a credit note is due."""

    montant_du: Decimal
    montant_theorique: Decimal
    mise_en_recouvrement: bool
    solde: Decimal | None
    remboursement: Remboursement | None
    detail: tuple[Etape, ...]

    def en_json(self) -> dict[str, Any]:
        """JSON form of the contract, amounts as text."""
        return {
            "montant_du": str(self.montant_du),
            "montant_theorique": str(self.montant_theorique),
            "mise_en_recouvrement": self.mise_en_recouvrement,
            "solde": None if self.solde is None else str(self.solde),
            "remboursement": None if self.remboursement is None else self.remboursement.en_json(),
            "detail": [etape.en_json() for etape in self.detail],
        }


def en_recouvrement(montant: Decimal, seuil: Decimal) -> bool:
    """Whether the claim is put into recovery: not nil and at least the threshold (CGCT D1611-1)."""
    return montant > 0 and montant >= seuil

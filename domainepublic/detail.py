"""Detail of a fee as people read it: the same lines on screen, on paper and in the export."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.formats import number_format


@dataclass(frozen=True)
class LigneDetail:
    """One step in words; ``calcul``: « 12,5 × 8/12 »; ``montant``: null where the step has none. Euros."""

    libelle: str
    calcul: str
    montant: Decimal | None
    total: bool

    @property
    def montant_lisible(self) -> str:
        """« 1 126,60 € », empty without amount."""
        return euros(self.montant) if self.montant is not None else ""


def lignes_du_detail(etapes: Iterable[Mapping[str, Any]]) -> list[LigneDetail]:
    """Steps of the engine, in their order."""
    return [
        LigneDetail(
            str(e["libelle"]),
            f"{e['quantite']} × {e['periodes']}".replace(".", ",") if e.get("periodes") else "",
            Decimal(str(e["montant"])) if e.get("montant") not in (None, "") else None,
            e["etape"] == "total",
        )
        for e in etapes
    ]


def euros(montant: Decimal) -> str:
    """« 1 126,60 € », to the cent."""
    return f"{number_format(montant, decimal_pos=2, use_l10n=True, force_grouping=True)}\u00a0€"

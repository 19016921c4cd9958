"""Fee of a control or of a contract: the row voted for a nature and a capacity, its amounts. Euros.

Sources: CGCT L2224-12-2, R2224-19-5; CSP L1331-8 for the surcharge.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from mairie.montants import arrondi


@dataclass(frozen=True)
class LigneVotee:
    """A row of a deliberation: more than ``eh_min`` EH, up to ``eh_max`` included; null: no bound.

    ``taux_tva`` in percent, null: not subject to VAT.
    """

    nature: str
    montant_ht: Decimal
    taux_tva: Decimal | None = None
    eh_min: Decimal | None = None
    eh_max: Decimal | None = None
    unite: str = ""

    def couvre(self, eh: Decimal | None) -> bool:
        """Whether the row holds for that capacity; a row without bounds holds for all."""
        if self.eh_min is None and self.eh_max is None:
            return True
        if eh is None:
            return False
        return (self.eh_min is None or eh > self.eh_min) and (self.eh_max is None or eh <= self.eh_max)


@dataclass(frozen=True)
class Montants:
    """Amounts to the cent; ``tva`` 0 without VAT."""

    ht: Decimal
    tva: Decimal
    ttc: Decimal


class TarifInconnu(ValueError):
    """The fee is voted but cannot be chosen; the message, in French, says what to do."""


def choisir(lignes: Sequence[LigneVotee], nature: str, eh: Decimal | None) -> LigneVotee | None:
    """The row that holds; null when the deliberation asks nothing for that nature, or that capacity.

    ``TarifInconnu`` when the row depends on a capacity that is not known.
    """
    siennes = [x for x in lignes if x.nature == nature]
    trouvee = next((x for x in siennes if x.couvre(eh)), None)
    if trouvee is None and siennes and eh is None:
        raise TarifInconnu(
            "La redevance dépend de la capacité de l'installation : renseignez-la, en équivalents-habitants."
        )
    return trouvee


def montants(ht: Decimal, taux_tva: Decimal | None) -> Montants:
    """Price without tax, tax and total, each rounded half up to the cent."""
    net = arrondi(Fraction(ht))
    tva = arrondi(Fraction(net) * Fraction(taux_tva or 0) / 100)
    return Montants(net, tva, net + tva)


def majorer(ht: Decimal, taux: Decimal) -> Decimal:
    """What a surcharge of ``taux`` percent adds to a fee (CSP L1331-8)."""
    return arrondi(Fraction(ht) * Fraction(taux) / 100)


def avertir_majoration(taux: Decimal, plafond: Decimal | None, plafond_a_confirmer: Decimal) -> str:
    """What to say of a rate voted; empty: nothing. ``plafond``: the ceiling once it is confirmed."""
    if plafond is None and taux > plafond_a_confirmer:
        return (
            f"La majoration votée dépasse {plafond_a_confirmer:f} % : le plafond de l'article L1331-8 du"
            " code de la santé publique n'est pas encore confirmé, vérifiez la délibération."
        )
    return ""

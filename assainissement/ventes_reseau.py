"""What a sale must know of the sewer: connections of what is sold, last control, whether one is due."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from assainissement.circuits.etats_ac import OUVERTS
from assainissement.models import Branchement, ControleAC, DeclarationVente, ReglementService


@dataclass(frozen=True)
class CoteReseau:
    """``controle``: the last one concluded, valid that day or not; ``ouvert``: one under way."""

    branchements: Sequence[Branchement]
    controle: ControleAC | None
    valable: bool
    exige: bool
    ouvert: ControleAC | None

    @property
    def a_demander(self) -> bool:
        """The règlement wants a control before the sale, none is valid, none is under way."""
        return self.exige and not self.valable and self.ouvert is None

    @property
    def peut_se_demander(self) -> bool:
        """None is valid nor under way: one may be asked, even where the règlement does not want it."""
        return not self.valable and self.ouvert is None

    @property
    def ou(self) -> str:
        """Where a new control is asked, as the query of its form."""
        if self.branchements:
            return f"branchement={self.branchements[0].pk}"
        dernier = self.controle or self.ouvert
        if dernier is not None and dernier.branchement_id:
            return f"branchement={dernier.branchement_id}"
        return f"parcelle={dernier.reference}" if dernier is not None else ""


def cote_reseau(v: DeclarationVente, jour: date) -> CoteReseau | None:
    """Null where what is sold has neither connection nor control of connection."""
    parcelles = list(v.parcelles)
    ici, siens = Q(parcelles__reference__in=parcelles), Q(reference__in=parcelles)
    if v.adresse_id:
        ici, siens = ici | Q(adresse=v.adresse_id), siens | Q(adresse=v.adresse_id)
    branchements = list(Branchement.objects.filter(ici, insee=v.insee).distinct())
    controles = ControleAC.objects.filter(siens | Q(branchement__in=branchements), insee=v.insee)
    dernier = controles.filter(valide_le__isnull=False).order_by("-visite_le", "-pk").first()
    ouvert = controles.filter(etat__in=OUVERTS).order_by("-pk").first()
    if not branchements and dernier is None and ouvert is None:
        return None
    reglement = ReglementService.objects.en_vigueur(v.insee, jour)
    return CoteReseau(
        branchements,
        dernier,
        dernier is not None and dernier.fin_validite is not None and dernier.fin_validite >= jour,
        reglement is not None and reglement.controle_ac_vente_obligatoire,
        ouvert,
    )

"""Fields of a free title or a reduction, within the facts of a file (spec §5.4)."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from typing import Any

from django import forms

from domainepublic import exonerations


class ChampsExoneration(forms.Form):
    """Motive, rate, reference, and whether the costs of the file stay due."""

    exo_motif = forms.ChoiceField(
        label="Exonération",
        choices=exonerations.CHOIX,
        required=False,
        help_text="Elle tient au titre : une occupation sans titre n'en a jamais.",
    )
    exo_taux = forms.DecimalField(
        label="Taux de la réduction (%)",
        required=False,
        min_value=Decimal("0.01"),
        max_value=100,
        max_digits=5,
        decimal_places=2,
        help_text="Pour une délibération seulement. Vide : 100 %.",
    )
    exo_reference = forms.CharField(
        label="Délibération qui l'accorde",
        max_length=120,
        required=False,
        help_text="Son numéro et sa date. Pour une délibération seulement.",
    )
    exo_hors_frais = forms.BooleanField(label="Les frais de dossier restent dus", required=False)

    def clean(self) -> dict[str, Any]:
        """A rate and a reference go with a deliberation, and with it alone."""
        donnees = super().clean() or {}
        motif = donnees.get("exo_motif", "")
        if motif == "deliberation":
            if not donnees.get("exo_reference") and "exo_reference" not in self.errors:
                self.add_error("exo_reference", "Donnez la délibération qui accorde cette exonération.")
            return donnees
        for champ in ("exo_taux", "exo_reference"):
            if donnees.get(champ):
                suite = "ce motif exonère en totalité, par la loi" if motif else "choisissez-la d'abord"
                self.add_error(champ, f"Pour une exonération par délibération seulement : {suite}.")
        if donnees.get("exo_hors_frais") and not motif:
            self.add_error("exo_hors_frais", "Choisissez d'abord l'exonération.")
        return donnees

    def convient(self, beneficiaire: str, types: Collection[str]) -> bool:
        """Whether the exoneration suits who asks and what is taken; says why under its field."""
        if raison := exonerations.faute(self.cleaned_data["exo_motif"], beneficiaire, types):
            self.add_error("exo_motif", raison)
        return not raison

    def exoneration(self) -> dict[str, Any]:
        """As the file keeps it."""
        d = self.cleaned_data
        return exonerations.composer(
            d["exo_motif"], d["exo_taux"], d["exo_reference"], hors_frais=d["exo_hors_frais"]
        )

"""Forms of what the street is, typed and drawn or read from a file: the same checks by both doors."""

from __future__ import annotations

from typing import Any

from django import forms

from domainepublic import voirie
from domainepublic.models import GestionVoirie, LigneBus, PointEau, RevetementVoie, TransfertPolice
from gis_data.dessin.champ import ChampDessin
from mairie.calendrier import jma
from mairie.ecrans.formulaires import habiller


class _Formulaire(forms.ModelForm[Any]):
    """The commune among those of the person; dates in order."""

    insee = forms.CharField(label="Commune", max_length=5)

    def offrir(self, communes: dict[str, str]) -> None:
        """Choices of the page; a file names its commune by its code."""
        champ = forms.ChoiceField(label="Commune", choices=list(communes.items()))
        self.fields = {"insee": champ, **{n: f for n, f in self.fields.items() if n != "insee"}}
        habiller(self)

    def clean(self) -> dict[str, Any]:
        """An end after the beginning."""
        d = super().clean() or {}
        du, au = d.get("du"), d.get("au")
        if du and au and au < du:
            self.add_error("au", f"La fin ({jma(au)}) précède le début ({jma(du)}).")
        return d


class FormulaireRevetement(_Formulaire):
    """A surface laid on a day."""

    geom = ChampDessin(label="Sol", genres=("surface",), plusieurs=True, reparer=True)

    class Meta:
        model = RevetementVoie
        fields = ("insee", "reference", "pose_le", "nature", "source", "geom")


class FormulaireGestion(_Formulaire):
    """A road and its manager: no other manager on the same ground the same day."""

    geom = ChampDessin(label="Sol", genres=("surface",), plusieurs=True, reparer=True)

    class Meta:
        model = GestionVoirie
        fields = (
            "insee", "reference", "domaine", "gestionnaire", "en_agglomeration", "grande_circulation",
            "du", "au", "source", "geom",
        )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """One manager a place and day."""
        d = super().clean()
        if d.get("geom") and d.get("insee") and not self.errors:
            trouves = voirie.recouvrements(
                d["insee"], d["geom"], d.get("du"), d.get("au"), sauf=self.instance.pk
            )
            for autre, aire in trouves[:3]:
                self.add_error(
                    "geom",
                    f"Ce sol recouvre {aire:.0f} m² de « {autre} » aux mêmes dates : corrigez l'un des deux.",
                )
        return d


class FormulaireTransfert(_Formulaire):
    """Police given to an intercommunality."""

    class Meta:
        model = TransfertPolice
        fields = ("insee", "epci", "circulation", "taxis", "acte", "du", "au")


class FormulairePei(_Formulaire):
    """A hydrant."""

    geom = ChampDessin(label="Position", genres=("point",))

    class Meta:
        model = PointEau
        fields = ("insee", "numero", "nature", "source", "geom")


class FormulaireBus(_Formulaire):
    """A bus line."""

    geom = ChampDessin(label="Tracé", genres=("ligne",), plusieurs=True)

    class Meta:
        model = LigneBus
        fields = ("insee", "code", "libelle", "largeur", "source", "geom")

"""« Mesurer sur la carte »: the drawing tools of a request, for a price; nothing of it is kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils import timezone

from domainepublic.mesure import LARGEUR_M, RAYON_M, communes_tarifees
from domainepublic.models import TypeOccupation
from domainepublic.regles.tables.types import TYPES
from domainepublic.usager.formulaires import EtapeOu, Genres
from mairie.ecrans.formulaires import habiller
from mairie.models import Voie

PREFIXE = "occupation-"
# Answers of the simulator that the measure does not touch: given back with it.
GARDES = (f"{PREFIXE}fin", f"{PREFIXE}beneficiaire")
TOUS = Genres(("point", "ligne", "polygone"))


def types_mesurables() -> Any:
    """Types that a fee may price."""
    return TypeOccupation.objects.filter(code__in=[c for c, t in TYPES.items() if t.unites], actif=True)


class FormulaireMesure(EtapeOu):
    """What, on which day, and the drawing; by the simulator's names where it has the same question."""

    situer = False

    type = forms.ChoiceField(label="Que voulez-vous installer ?")
    debut = forms.DateField(label="Du", required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        code = (args[0] or {}).get("type", "") if args else ""
        choisi = types_mesurables().filter(code=code).first()
        communes = communes_tarifees()
        super().__init__(*args, type_=choisi or TOUS, insee=communes[0] if communes else "", **options)
        for nom in ("adresse", "reparer", "confirmee"):
            del self.fields[nom]
        voie, type_ = self.fields["voie"], self.fields["type"]
        assert isinstance(voie, forms.ModelChoiceField)  # noqa: S101
        assert isinstance(type_, forms.ChoiceField)  # noqa: S101
        voie.queryset = Voie.objects.filter(insee__in=communes, active=True).order_by("nom")
        # The map alone: no file, no note, nothing to read before the first gesture.
        self.fields["geom"].widget.simple = True
        type_.choices = [("", "Choisissez…"), *((t.code, t.libelle_public) for t in types_mesurables())]
        for nom, metres in (("largeur", LARGEUR_M), ("rayon", RAYON_M)):
            if nom in self.fields and not self.initial.get(nom):
                self.initial[nom] = metres
        habiller(self)

    def clean(self) -> dict[str, Any]:
        """The day of the tariffs: the first one, else today."""
        donnees = super().clean()
        donnees["debut"] = donnees.get("debut") or timezone.localdate()
        return donnees


def genres_par_type() -> dict[str, list[str]]:
    """Kinds of drawing of each type, for the tools of the map."""
    return {t.code: list(t.genres) for t in types_mesurables()}


def contexte(reponses: Mapping[str, str]) -> Mapping[str, Any] | None:
    """The block below the simulator; null where no commune has voted tariffs."""
    if not communes_tarifees():
        return None
    initial = {n: reponses.get(f"{PREFIXE}{n}", "") for n in ("type", "debut")}
    return {
        "formulaire": FormulaireMesure(initial=initial),
        "genres": genres_par_type(),
        "gardes": {n: reponses[n] for n in GARDES if reponses.get(n)},
    }

"""Forms of installations, of controls and of their events."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.utils import timezone

from assainissement.circuits import etats
from assainissement.circuits.controle import PRESENCES
from assainissement.circuits.redevance import MOYENS
from assainissement.installations import NouvelElement
from assainissement.models import Element, Installation
from assainissement.regles.tables import filiere, natures
from assainissement.regles.tables.projets import SENS
from assainissement.saisies import lire_adresse, lire_idus
from gis_data.dessin.champ import ChampDessin
from mairie.ecrans.formulaires import habiller
from mairie.models import DossierSuivi, Tiers, Utilisateur
from mairie.workflow import Champ, TypeEvenement

# Written by the services, never by a person.
CALCULES = (
    "resultat", "faits", "parametres", "projet", "controle", "reponses", "duree_mois", "entrees",
    "facturable", "travaux", "avant", "dossier",
)  # fmt: skip
LONGS = ("motif", "commentaire", "raison", "precision")
CHOIX = {**etats.MOTIFS_DESACTIVATION, **PRESENCES, **SENS, **MOYENS}


class FormulaireInstallation(forms.ModelForm[Installation]):
    """What an installation is."""

    geom = ChampDessin(
        label="Emplacement", required=False, genres=("point",), help_text="Un point, au milieu de la filière."
    )

    class Meta:
        model = Installation
        fields = (
            "geom", "type_immeuble", "pieces_principales", "eh", "date_creation", "electromecanique",
            "ancien_numero", "notes",
        )  # fmt: skip

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        habiller(self)

    def clean_eh(self) -> Any:
        """Not negative."""
        eh = self.cleaned_data["eh"]
        if eh is not None and eh < 0:
            raise forms.ValidationError("La capacité ne peut être négative.")
        return eh


class FormulaireNouvelle(FormulaireInstallation):
    """A new one: its places, its owner, its filière."""

    insee = forms.ChoiceField(label="Commune")
    parcelles = forms.CharField(
        label="Parcelles",
        required=False,
        help_text="Identifiants de 14 caractères, séparés par des virgules.",
    )
    adresse = forms.CharField(label="Adresse desservie", required=False, help_text="12 rue de l'Essai")
    connu = forms.ModelChoiceField(
        label="Propriétaire déjà connu", queryset=Tiers.objects.none(), required=False
    )
    nom = forms.CharField(label="Sinon, son nom", max_length=150, required=False)
    prenoms = forms.CharField(label="Prénoms", max_length=150, required=False)
    projet = forms.BooleanField(label="Installation en projet, pas encore posée", required=False)
    pre = forms.ChoiceField(label="Prétraitement", required=False)
    volume = forms.DecimalField(
        label="Volume de la fosse (m³)", required=False, min_value=0, max_digits=7, decimal_places=2
    )
    trait = forms.ChoiceField(label="Traitement", required=False)
    rejet = forms.ChoiceField(label="Rejet", required=False)
    client_uuid = forms.UUIDField(widget=forms.HiddenInput(), required=False)

    def __init__(self, *args: Any, communes: Mapping[str, str], tiers: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        insee, connu = self.fields["insee"], self.fields["connu"]
        assert isinstance(insee, forms.ChoiceField)  # noqa: S101
        assert isinstance(connu, forms.ModelChoiceField)  # noqa: S101
        insee.choices = list(communes.items())
        connu.queryset = tiers
        for nom, famille in (("pre", "PRE"), ("trait", "TRAIT"), ("rejet", "REJET")):
            champ = self.fields[nom]
            assert isinstance(champ, forms.ChoiceField)  # noqa: S101
            champ.choices = [("", "non renseigné"), *filiere.TYPES[famille].items()]
        self.fields["client_uuid"].initial = uuid4
        habiller(self)

    def clean_parcelles(self) -> list[str]:
        """Identifiers, as the plan writes them."""
        return lire_idus(self.cleaned_data["parcelles"])

    def clean(self) -> dict[str, Any]:
        """One address of the commune; a date of laying that is not ahead."""
        donnees = super().clean() or {}
        if donnees.get("adresse"):
            self._adresse(donnees)
        pose = donnees.get("date_creation")
        if pose and pose > timezone.localdate() and not donnees.get("projet"):
            self.add_error("date_creation", "Cette date est dans l'avenir : cochez « en projet ».")
        return donnees

    def _adresse(self, donnees: dict[str, Any]) -> None:
        try:
            donnees["adresses"] = [lire_adresse(donnees.get("insee", ""), donnees["adresse"])]
        except forms.ValidationError as e:
            self.add_error("adresse", e)

    def elements(self) -> list[NouvelElement]:
        """The filière as typed."""
        d = self.cleaned_data
        sortie = []
        for nom, famille in (("pre", "PRE"), ("trait", "TRAIT"), ("rejet", "REJET")):
            if d[nom]:
                champs = {"volume_m3": d["volume"]} if nom == "pre" and d["volume"] else {}
                sortie.append(NouvelElement(famille, d[nom], champs))
        return sortie


class FormulaireElement(forms.ModelForm[Element]):
    """One element of the filière."""

    genre = forms.ChoiceField(
        label="Élément",
        choices=[
            (filiere.FAMILLES[f].capitalize(), [(f"{f}:{code}", mot) for code, mot in types.items()])
            for f, types in filiere.TYPES.items()
        ],
    )
    geom = ChampDessin(
        label="Emplacement",
        required=False,
        genres=("point", "surface"),
        help_text="Un point pour une fosse, une surface pour un épandage ; vide : non dessiné.",
    )

    class Meta:
        model = Element
        fields = ("volume_m3", "surface_m2", "modele_agree", "numero_agrement", "date_pose", "geom")

    field_order: tuple[str, ...] = (
        "genre",
        "volume_m3",
        "surface_m2",
        "modele_agree",
        "numero_agrement",
        "date_pose",
        "geom",
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        habiller(self)

    def genre_lu(self) -> tuple[str, str]:
        """Family and type."""
        famille, _, code = self.cleaned_data["genre"].partition(":")
        return famille, code

    def clean(self) -> dict[str, Any]:
        """Measures are above zero."""
        donnees = super().clean() or {}
        for nom in ("volume_m3", "surface_m2"):
            if donnees.get(nom) is not None and donnees[nom] <= 0:
                self.add_error(nom, "Une mesure est supérieure à zéro.")
        return donnees

    def element(self) -> NouvelElement:
        """As the service wants it."""
        famille, code = self.genre_lu()
        champs = {n: self.cleaned_data[n] for n in self.Meta.fields if self.cleaned_data.get(n)}
        return NouvelElement(famille, code, champs)


class FormulaireElementCorrige(FormulaireElement):
    """An element on record, and the day it was taken out."""

    class Meta(FormulaireElement.Meta):
        fields = (*FormulaireElement.Meta.fields[:-1], "retire_le", "geom")  # type: ignore[assignment]
        help_texts = {"retire_le": "Remplacé ou enlevé : il reste à l'histoire de l'installation."}  # noqa: RUF012

    field_order = (*FormulaireElement.field_order[:-1], "retire_le", "geom")

    def champs(self) -> dict[str, Any]:
        """All that the form says, emptied fields included."""
        famille, code = self.genre_lu()
        return {"famille": famille, "type": code, **{n: self.cleaned_data[n] for n in self.Meta.fields}}


class FormulairePlanifier(forms.Form):
    """A control to open."""

    nature = forms.ChoiceField(label="Nature", choices=list(natures.NATURES.items()))
    agent = forms.ModelChoiceField(label="Contrôleur", queryset=Utilisateur.objects.none(), required=False)
    vente = forms.BooleanField(label="L'immeuble est en vente", required=False)
    motif = forms.CharField(label="Motif", max_length=200, required=False)
    client_uuid = forms.UUIDField(widget=forms.HiddenInput(), required=False)

    def __init__(self, *args: Any, agents: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        agent = self.fields["agent"]
        assert isinstance(agent, forms.ModelChoiceField)  # noqa: S101
        agent.queryset = agents
        self.fields["client_uuid"].initial = uuid4
        habiller(self)


class FormulaireEvenement(forms.Form):
    """Fields of one event as the circuit declares them, its day, the version seen, the key of the sending."""

    date_effet = forms.DateField(label="Date")
    version = forms.IntegerField(widget=forms.HiddenInput())
    cle = forms.UUIDField(widget=forms.HiddenInput())

    def __init__(self, type_: TypeEvenement, dossier: DossierSuivi, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.type_ = type_
        self.fields["date_effet"].initial = timezone.localdate()
        self.fields["version"].initial = dossier.version
        self.fields["cle"].initial = uuid4
        self.champs = [c for c in type_.champs if c.code not in CALCULES]
        for champ in self.champs:
            self.fields[champ.code] = _champ(champ)
        self.order_fields(["date_effet", *(c.code for c in self.champs), "version", "cle"])
        habiller(self)

    def donnees(self) -> dict[str, Any]:
        """Values as the event wants them."""
        lues = {c.code: self.cleaned_data.get(c.code) for c in self.champs}
        return {code: v for code, v in lues.items() if v not in (None, "")}

    @property
    def cle_saisie(self) -> UUID:
        """Key that makes a double sending one event."""
        valeur: UUID = self.cleaned_data["cle"]
        return valeur


def _champ(champ: Champ) -> forms.Field:
    match champ.genre:
        case "date":
            return forms.DateField(label=champ.libelle, required=champ.obligatoire)
        case "entier":
            return forms.IntegerField(label=champ.libelle, required=champ.obligatoire, min_value=1)
        case "booleen":
            return forms.BooleanField(label=champ.libelle, required=False)
        case "choix":
            choix = [(c, CHOIX.get(c, c)) for c in champ.choix]
            return forms.ChoiceField(label=champ.libelle, choices=choix, required=champ.obligatoire)
    zone = forms.Textarea() if champ.code in LONGS else forms.TextInput()
    return forms.CharField(label=champ.libelle, required=champ.obligatoire, widget=zone, max_length=2000)

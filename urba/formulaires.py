"""Forms of the deposit and of the events: fields made of what the circuit declares."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.utils import timezone

from gis_data.dessin.champ import ChampDessin
from gis_data.dessin.saisie import Dessin
from mairie.habilitations import agents_du_droit
from mairie.models import Tiers
from mairie.workflow import Champ, TypeEvenement
from urba import perms, pieces
from urba.instruction import lecture
from urba.instruction.etats import type_delai
from urba.models import DossierInstruction
from urba.regles.majorations import effet_texte
from urba.regles.nomenclature import AUTRE, FAMILLES, LignePiece, est_exigible, pieces_du_type
from urba.regles.numeros import LETTRES_DES_TYPES
from urba.regles.tables_delais import REGLES_LIVREES, LigneDelai
from urba.regles.types import LIBELLES_DETAIL, Nature

# Said by a mapping of their own, not by the form of an event.
PAR_CONSULTATION = frozenset({"consulter", "avis_recu", "avis_tacite"})


# Codes of a choice whose words are not the code itself.
MOTS_CHOIX = {
    "accord": "Accord, ou non-opposition",
    "accord_prescriptions": "Accord avec prescriptions",
    "refus": "Refus, ou opposition",
    "sursis": "Sursis à statuer",
    "electronique": "Électronique",
    "sve": "En ligne",
    "gracieux": "Recours gracieux, devant l'auteur de la décision",
    "hierarchique": "Recours hiérarchique, devant son supérieur",
    "contentieux": "Recours contentieux",
    "defere": "Déféré du préfet",
    "rejet": "Rejet du recours",
    "annulation": "Annulation de la décision",
    "desistement": "Désistement",
}
# Persons listed without typing.
RECENTS = 50


def pieces_remises(type_detail: str) -> list[LignePiece]:
    """Pieces that a counter may tick when it takes a file of this kind."""
    if type_detail not in FAMILLES:
        return []
    return [p for p in pieces_du_type(type_detail) if p.code != AUTRE.code]


class DateFr(forms.DateInput):
    """The browser's own calendar."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class FormulaireDepot(forms.Form):
    """A new request in one screen: kind, day, petitioner, land, object."""

    type_detail = forms.ChoiceField(label="Type de dossier", choices=list(LIBELLES_DETAIL.items()))
    insee = forms.ChoiceField(label="Commune")
    depose_le = forms.DateField(label="Reçu en mairie le", widget=DateFr())
    canal = forms.ChoiceField(
        label="Reçu", choices=[c for c in DossierInstruction.Canal.choices if c[0] != "sve"]
    )
    petitionnaire = forms.ModelChoiceField(
        label="Pétitionnaire déjà connu", queryset=Tiers.objects.none(), required=False
    )
    nature_tiers = forms.ChoiceField(
        label="Nouveau pétitionnaire", choices=Tiers.Nature.choices, required=False
    )
    nom = forms.CharField(
        label="Nom ou raison sociale",
        max_length=150,
        required=False,
        # Names of the fiches are proposed; the browser's own memory would cover them.
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    prenoms = forms.CharField(label="Prénoms", max_length=150, required=False)
    adresse_tiers = forms.CharField(label="Numéro et voie", max_length=200, required=False)
    code_postal = forms.CharField(label="Code postal", max_length=10, required=False)
    ville = forms.CharField(label="Commune du pétitionnaire", max_length=120, required=False)
    courriel = forms.EmailField(label="Courriel", required=False)
    references = forms.CharField(
        label="Parcelles",
        max_length=2000,
        help_text="Une ou plusieurs, dans l'écriture habituelle : AB 12, AB 13.",
    )
    emprise = ChampDessin(
        label="Emprise dessinée",
        plusieurs=True,
        reparer=True,
        required=False,
        widget=Dessin({"data-situer": "references"}),
        help_text="Facultative : sans dessin, le terrain est l'union des parcelles écrites ci-dessus.",
    )
    adresse = forms.CharField(label="Adresse du terrain", max_length=200, required=False)
    superficie_declaree = forms.IntegerField(
        label="Superficie déclarée (m²)", min_value=1, max_value=100_000_000, required=False
    )
    objet = forms.CharField(label="Projet", max_length=200)
    objet_public = forms.CharField(
        label="Projet, tel que le public le lira",
        max_length=200,
        required=False,
        help_text="Sans nom de personne. Vide : rien n'est montré.",
    )
    client_uuid = forms.UUIDField(widget=forms.HiddenInput(), required=False)

    def __init__(self, *args: Any, communes: Mapping[str, str], tiers: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        insee, petitionnaire = self.fields["insee"], self.fields["petitionnaire"]
        assert isinstance(insee, forms.ChoiceField)  # noqa: S101
        assert isinstance(petitionnaire, forms.ModelChoiceField)  # noqa: S101
        insee.choices = list(communes.items())
        if len(communes) == 1:
            # Known: nothing to choose.
            insee.widget = forms.HiddenInput()
            insee.initial = next(iter(communes))
        petitionnaire.queryset = tiers
        # All may be named, the last ones are listed; the others are found by typing.
        choisi = self.data.get("petitionnaire", "")
        listes = list(tiers.order_by("-modifie_le")[:RECENTS])
        if choisi.isdecimal() and int(choisi) not in {t.pk for t in listes}:
            listes += tiers.filter(pk=int(choisi))
        petitionnaire.choices = [("", "Nouvelle personne"), *((t.pk, str(t)) for t in listes)]
        self.fields["depose_le"].initial = timezone.localdate()
        self.fields["client_uuid"].initial = uuid4

    def clean_depose_le(self) -> date:
        """Not ahead."""
        jour: date = self.cleaned_data["depose_le"]
        if jour > timezone.localdate():
            raise forms.ValidationError("La date de réception ne peut être dans l'avenir.")
        return jour

    def clean(self) -> dict[str, Any]:
        """One petitioner, known or new."""
        donnees = super().clean() or {}
        if not donnees.get("petitionnaire") and not donnees.get("nom"):
            self.add_error("nom", "Choisissez un pétitionnaire connu, ou écrivez son nom.")
        donnees["pieces"] = self.pieces_cochees()
        return donnees

    def pieces_cochees(self) -> list[str]:
        """Codes ticked, of the nomenclature of the kind chosen; the others are ignored."""
        cochees = self.data.getlist("pieces") if hasattr(self.data, "getlist") else []
        connues = {p.code for p in pieces_remises(self.data.get("type_detail", ""))}
        return [c for c in dict.fromkeys(cochees) if c in connues]


class FormulaireEvenement(forms.Form):
    """Fields of one event, its effective day, the reason that forces a guard, the version seen."""

    date_effet = forms.DateField(label="Date", widget=DateFr())
    version = forms.IntegerField(widget=forms.HiddenInput())
    cle = forms.UUIDField(widget=forms.HiddenInput())
    forcer = forms.CharField(
        label="Motif pour passer outre", required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(
        self,
        type_: TypeEvenement,
        dossier: DossierInstruction,
        *args: Any,
        faits: list[lecture.Fait],
        forcable: bool = False,
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        self.type_ = type_
        self.dossier = dossier
        self.fields["date_effet"].initial = _date_proposee(type_, dossier)
        self.fields["version"].initial = dossier.version
        self.fields["cle"].initial = uuid4
        for champ in type_.champs:
            if (fait := _champ(champ, type_, dossier, faits)) is not None:
                self.fields[champ.code] = fait
        if not forcable:
            del self.fields["forcer"]
        # The hidden ones last, the day first.
        self.order_fields(["date_effet", *(c.code for c in type_.champs), "forcer", "version", "cle"])

    def donnees(self) -> dict[str, Any]:
        """Values as the event wants them."""
        sortie: dict[str, Any] = {}
        for champ in self.type_.champs:
            valeur = self.cleaned_data.get(champ.code)
            if valeur in (None, "", []):
                continue
            if champ.code == "majorations":
                valeur = [{"code": code, "fondee": True} for code in valeur]
            elif champ.code == "pieces" and self.type_.code != "depot_pieces":
                detail = self.dossier.type_detail
                valeur = [{"code": code, "exigible": est_exigible(detail, code)} for code in valeur]
            elif champ.code == "instructeur":
                valeur = valeur.pk
            sortie[champ.code] = valeur
        return sortie

    @property
    def cle_saisie(self) -> UUID:
        """Key that makes a double sending one event."""
        valeur: UUID = self.cleaned_data["cle"]
        return valeur


def _date_proposee(type_: TypeEvenement, dossier: DossierInstruction) -> date:
    if type_.code in ("constat_tacite", "constat_rejet") and dossier.date_decision_implicite:
        return dossier.date_decision_implicite
    return timezone.localdate()


def _champ(
    champ: Champ, type_: TypeEvenement, dossier: DossierInstruction, faits: list[lecture.Fait]
) -> forms.Field | None:
    """The form field of a declared field; null where an agent has nothing to say."""
    obligatoire = champ.obligatoire
    match champ.code:
        case "type_detail":
            lettres = dossier.da.lettres
            choix = [
                (c, t) for c, t in LIBELLES_DETAIL.items() if LETTRES_DES_TYPES[type_delai(c)] == lettres
            ]
            return forms.ChoiceField(label=champ.libelle, choices=choix, initial=dossier.type_detail)
        case "majorations":
            return _cases(champ, _majorations(dossier), [m.code for m in _declarees(faits, dossier)])
        case "drapeaux":
            return _cases(champ, _drapeaux())
        case "pieces" if type_.code == "depot":
            return None  # ticked with the deposit itself
        case "pieces":
            proposees = pieces.arrivees if type_.code == "depot_pieces" else pieces.a_demander
            return _cases(champ, _pieces(type_, dossier, faits), proposees(dossier, faits))
        case "code" if type_.code == "notification_prolongation":
            lignes = {
                x.code: f"{x.libelle} ({effet_texte(x)}, {x.article})" for x in REGLES_LIVREES.prolongations
            }
            return forms.ChoiceField(label=champ.libelle, choices=list(lignes.items()))
        case "instructeur":
            agents = agents_du_droit(perms.INSTRUIRE, dossier.insee)
            return forms.ModelChoiceField(label=champ.libelle, queryset=agents, required=False)
        case "redacteur" | "consultation" | "controle":
            return None
    match champ.genre:
        case "date":
            return forms.DateField(label=champ.libelle, required=obligatoire, widget=DateFr())
        case "booleen":
            return forms.BooleanField(label=champ.libelle, required=False)
        case "choix":
            choix = [(c, MOTS_CHOIX.get(c) or c.replace("_", " ").capitalize()) for c in champ.choix]
            return forms.ChoiceField(
                label=champ.libelle,
                choices=choix if obligatoire else [("", "—"), *choix],
                required=obligatoire,
            )
        case "entier":
            return forms.IntegerField(label=champ.libelle, required=obligatoire)
    long = champ.code in ("motifs", "prescriptions", "motif")
    zone = forms.Textarea(attrs={"rows": 6}) if long else forms.TextInput()
    return forms.CharField(label=champ.libelle, required=obligatoire, widget=zone, max_length=20_000)


def _ligne(ligne: LigneDelai) -> str:
    return f"{ligne.libelle} ({effet_texte(ligne)}, {ligne.article})"


def _cases(champ: Champ, choix: list[tuple[str, str]], coches: list[str] | None = None) -> forms.Field:
    return forms.MultipleChoiceField(
        label=champ.libelle,
        choices=choix,
        initial=coches,
        required=champ.obligatoire,
        widget=forms.CheckboxSelectMultiple(),
    )


def _declarees(faits: list[lecture.Fait], dossier: DossierInstruction) -> list[Any]:
    demande = lecture.demande_delai(faits, dossier.contexte_regles)
    return list(demande.majorations) if demande else []


def _majorations(dossier: DossierInstruction) -> list[tuple[str, str]]:
    """Rows open to this kind of dossier, with what they do."""
    nature = dossier.contexte_regles.nature
    type_ = type_delai(dossier.type_detail)
    return [
        (x.code, _ligne(x)) for x in REGLES_LIVREES.majorations if x.vise(type_, Nature(nature)) and x.actif
    ]


def _drapeaux() -> list[tuple[str, str]]:
    return list({x.code: f"{x.libelle} ({x.article})" for x in REGLES_LIVREES.silences if x.actif}.items())


def _pieces(
    type_: TypeEvenement, dossier: DossierInstruction, faits: list[lecture.Fait]
) -> list[tuple[str, str]]:
    detail = dossier.type_detail if dossier.type_detail in FAMILLES else "PC"
    libelles = {p.code: f"{p.code} – {p.libelle}" for p in pieces_du_type(detail)}
    if type_.code == "depot_pieces":
        lots = lecture.lots_pieces(faits)
        attendues = lots[-1].manquantes if lots else frozenset()
        return [(c, libelles.get(c, c)) for c in sorted(attendues)]
    return list(libelles.items())

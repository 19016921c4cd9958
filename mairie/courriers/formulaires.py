"""Forms of letters, templates, phrases and letterheads."""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms.widgets import Script
from django.utils import timezone

from mairie.courriers import numeros
from mairie.courriers.erreurs import CourrierRefuse
from mairie.courriers.logo import LogoRefuse, preparer_logo
from mairie.courriers.modeles import verifier_texte
from mairie.courriers.texte import TEXTE_MAX, depuis_texte
from mairie.delegations import signataires, types_actes
from mairie.models import (
    Collectivite,
    Courrier,
    Delegation,
    EnTete,
    ModeCourrier,
    ModeleCourrier,
    Phrase,
    VersionModele,
)

# Beyond this a file is refused before it is read.
LOGO_MAX = 2 * 1024**2


class Editeur(forms.Textarea):
    """A text area that ``editeur.js`` turns into a rich-text editor; it works as it is without JavaScript."""

    class Media:
        css = {"all": ("css/courriers.css",)}  # noqa: RUF012 Django's way
        js = (Script("js/courriers/editeur.js", type="module"),)

    def __init__(self, rows: int = 18) -> None:
        super().__init__({"rows": rows, "data-editeur": "", "spellcheck": "true", "maxlength": TEXTE_MAX})


def _corps(etiquette: str, rows: int = 18) -> forms.CharField:
    return forms.CharField(label=etiquette, widget=Editeur(rows), max_length=TEXTE_MAX)


class JourCharger(forms.DateInput):
    """A date as browsers enter it."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class LettreForm(forms.ModelForm):
    """A draft: what ``services.modifier`` takes, and the version that was opened."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    corps = _corps("Texte", 20)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        courrier = self.instance
        if not courrier.type_acte:
            del self.fields["delegation"]
            return
        titres = signataires(courrier.emetteur, courrier.type_acte, timezone.localdate())
        champ = self.fields["delegation"]
        assert isinstance(champ, forms.ModelChoiceField)  # noqa: S101
        champ.queryset = Delegation.objects.filter(pk__in=[t.pk for t in titres])
        champ.required, champ.label, champ.empty_label = False, "Signataire", "à choisir"
        champ.help_text = "Son nom et sa qualité s'impriment au bas de l'acte, que lui seul pourra signer."

    class Meta:
        model = Courrier
        fields = (
            "objet",
            "corps",
            "mode",
            "destinataire",
            "destinataire_adresse",
            "destinataire_courriel",
            "copies",
            "delegation",
        )
        widgets = {"destinataire_adresse": forms.Textarea({"rows": 3, "autocomplete": "off"})}  # noqa: RUF012
        labels = {"objet": "Objet", "mode": "Mode d'envoi", "destinataire": "Destinataire"}  # noqa: RUF012

    def clean_corps(self) -> str:
        """What was typed without JavaScript becomes paragraphs."""
        return depuis_texte(str(self.cleaned_data["corps"]))


class PreparerForm(forms.Form):
    """Start a letter: which template, to whom."""

    modele = forms.ChoiceField(label="Modèle", widget=forms.RadioSelect)
    destinataire = forms.ChoiceField(label="Destinataire", required=False)

    def __init__(self, *args: Any, modeles: list[Any], destinataires: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["modele"].choices = modeles  # type: ignore[attr-defined]
        self.fields["destinataire"].choices = destinataires  # type: ignore[attr-defined]
        if len(destinataires) < 2:
            del self.fields["destinataire"]


class SignatureForm(forms.Form):
    """Who signed, when, and the signed file if there is one."""

    le = forms.DateField(label="Signée le", widget=JourCharger)
    delegation = forms.ChoiceField(label="Signataire", required=False)
    signataire = forms.CharField(label="Nom et qualité du signataire", max_length=200, required=False)
    fichier = forms.FileField(
        label="PDF signé",
        required=False,
        help_text="Le fichier qui revient du parapheur, ou le courrier signé puis numérisé.",
    )

    def __init__(self, *args: Any, delegations: list[Any], delegue: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if delegue:
            del self.fields["signataire"]
            self.fields["delegation"].choices = delegations  # type: ignore[attr-defined]
        else:
            del self.fields["delegation"]


class EnvoiForm(forms.Form):
    """How and when it leaves."""

    mode = forms.ChoiceField(label="Mode d'envoi", choices=ModeCourrier.choices)
    le = forms.DateField(label="Envoyée le", widget=JourCharger, help_text="Sans effet pour un courriel.")
    numero_recommande = forms.CharField(label="Numéro du recommandé", max_length=40, required=False)
    courriel = forms.EmailField(label="Adresse électronique", required=False)


class SuiviForm(forms.Form):
    """What became of it."""

    fait = forms.ChoiceField(label="Ce qui s'est passé")
    le = forms.DateField(label="Le", widget=JourCharger)
    motif = forms.CharField(
        label="Raison, si une date est corrigée", max_length=300, required=False, empty_value=""
    )

    def __init__(self, *args: Any, faits: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["fait"].choices = faits  # type: ignore[attr-defined]


class AbandonForm(forms.Form):
    """Why a letter is given up."""

    motif = forms.CharField(label="Pourquoi l'abandonner ?", max_length=300)


class ModeleForm(forms.ModelForm):
    """What a template is, apart from its text."""

    class Meta:
        model = ModeleCourrier
        fields = ("metier", "collectivite", "libelle", "code", "etape", "serie", "type_acte", "actif")
        labels = {"libelle": "Nom du modèle", "collectivite": "Collectivité", "etape": "Étape"}  # noqa: RUF012
        help_texts = {  # noqa: RUF012
            "code": "Sert à reconnaître le modèle : lettres sans accent, chiffres et tirets.",
            "etape": "Regroupe les modèles sur la page du dossier : « dépôt », « décision ».",
            "type_acte": "Si cet acte se signe par délégation : sa nature.",
        }

    def __init__(self, *args: Any, metiers: list[Any], collectivites: list[Any], commun: bool, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["metier"] = forms.ChoiceField(label="Métier", choices=metiers)
        self.fields["collectivite"] = forms.ModelChoiceField(
            label="Collectivité",
            queryset=Collectivite.objects.filter(pk__in=[c.pk for c in collectivites]),
            required=not commun,
            empty_label="Toutes (modèle commun)" if commun else None,
        )
        self.fields["serie"] = forms.ChoiceField(label="Numéros pris dans", choices=numeros.series())
        actes = [("", "aucune délégation exigée"), *((t.code, t.libelle) for t in types_actes().values())]
        self.fields["type_acte"] = forms.ChoiceField(
            label="Délégation de signature", choices=actes, required=False
        )


class VersionForm(forms.ModelForm):
    """The draft of a template, and the edition that was opened."""

    jeton = forms.IntegerField(widget=forms.HiddenInput)
    corps = _corps("Texte du modèle", 20)

    class Meta:
        model = VersionModele
        fields = ("objet", "corps", "forme", "mode", "a_signer", "public", "note")
        labels = {"objet": "Objet", "note": "Ce qui change dans cette version"}  # noqa: RUF012
        help_texts = {  # noqa: RUF012
            "public": "Chacun pourra vérifier l'acte par son code QR : numéro, date, empreinte, pas le texte."
        }

    def clean_corps(self) -> str:
        """What was typed without JavaScript becomes paragraphs."""
        return depuis_texte(str(self.cleaned_data["corps"]))


class PhraseForm(forms.ModelForm):
    """A phrase, checked against the fields of its trade."""

    texte = _corps("Texte", 8)
    filtres = forms.CharField(
        label="Proposée d'abord pour",
        required=False,
        help_text="Des mots du dossier séparés par des virgules : zone:UA, type:PC. Vide : partout.",
    )

    class Meta:
        model = Phrase
        fields = ("metier", "collectivite", "categorie", "libelle", "texte", "filtres", "actif")
        labels = {"libelle": "Nom de la phrase", "collectivite": "Collectivité"}  # noqa: RUF012

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["filtres"] = ", ".join(self.instance.filtres or [])

    def clean_filtres(self) -> list[str]:
        """Words, without doubles."""
        mots = (m.strip() for m in str(self.cleaned_data["filtres"]).split(","))
        return list(dict.fromkeys(m for m in mots if m))

    def clean(self) -> dict[str, Any]:
        """The text, cleaned; its faults stand at the field."""
        donnees: dict[str, Any] = super().clean() or {}
        if donnees.get("texte") and donnees.get("metier"):
            try:
                donnees["texte"] = verifier_texte(donnees["metier"], "", depuis_texte(donnees["texte"]))
            except CourrierRefuse as e:
                for raison in e.raisons:
                    self.add_error("texte", raison)
        return donnees


class EnTeteForm(forms.ModelForm):
    """A letterhead, with its picture checked."""

    fichier = forms.FileField(
        label="Logo ou armes",
        required=False,
        help_text="PNG, JPEG ou SVG, 2 Mo au plus. Fond blanc ou transparent.",
    )
    sans_logo = forms.BooleanField(label="Retirer le logo actuel", required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)

    class Meta:
        model = EnTete
        fields = (
            "nom",
            "sous_titre",
            "adresse",
            "pied",
            "lieu",
            "signataire_nom",
            "signataire_qualite",
            "signataire_delegation",
        )
        widgets = {  # noqa: RUF012
            "adresse": forms.Textarea({"rows": 5}),
            "pied": forms.Textarea({"rows": 2}),
        }

    def clean_fichier(self) -> tuple[str, bytes] | None:
        """Type and bytes of the picture, checked and made again."""
        fichier = self.cleaned_data.get("fichier")
        if not fichier:
            return None
        if fichier.size > LOGO_MAX:
            raise forms.ValidationError(f"Cette image dépasse {LOGO_MAX // 1024**2} Mo.")
        try:
            return preparer_logo(fichier.read())
        except LogoRefuse as e:
            raise forms.ValidationError(str(e)) from e

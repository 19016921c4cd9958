"""The phone form of one control: its questions, figures, photos, sketch, signature (spec §9.1)."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any, ClassVar

from django import forms
from django.utils import timezone

from assainissement import observations, zonage
from assainissement.circuits.controle import PRESENCES
from assainissement.models import Controle
from assainissement.nombres import lire_nombre
from assainissement.regles.tables.natures import CONFORME, NON_CONFORME
from assainissement.regles.tables.points import REPONSES
from mairie.ecrans.formulaires import habiller

PHOTOS_MAX = 6
MO = 1024**2
# All photos of one sending; each is 1600 pixels at most once resized on the phone, far below.
POIDS_MAX = 40 * MO
TRAIT_MAX = MO
_PNG = "data:image/png;base64,"
FAITE = "visite_faite"
ISSUES = (
    (FAITE, "La visite est faite"),
    ("constater_absence", "Personne n'était là"),
    ("constater_refus", "La visite est refusée"),
    ("constater_report", "Encore un report, abusif"),
)
PAS_ENCORE = ""


class Photos(forms.ClearableFileInput):
    """Several photos in one field."""

    allow_multiple_selected = True


class ChampPhotos(forms.FileField):
    """Photos of the visit: six at most, 40 Mo in all."""

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        """All that came, or what is too many or too heavy, in words."""
        recues = [f for f in (data if isinstance(data, list | tuple) else [data]) if f]
        if len(recues) > PHOTOS_MAX:
            raise forms.ValidationError(
                f"{len(recues)} photos sont choisies : {PHOTOS_MAX} au plus par contrôle. Ôtez-en."
            )
        poids = sum(f.size for f in recues)
        if poids > POIDS_MAX:
            raise forms.ValidationError(
                f"Les photos pèsent {poids / MO:.0f} Mo : {POIDS_MAX // MO} Mo au plus en une fois. Ôtez-en,"
                " ou réduisez-les."
            )
        return recues


class ChampTrait(forms.CharField):
    """A drawing of the finger, as the canvas writes it: bytes of a PNG; null when nothing was drawn."""

    def clean(self, value: Any) -> bytes | None:
        """Bytes."""
        texte = super().clean(value)
        if not texte:
            return None
        if not texte.startswith(_PNG) or len(texte) > TRAIT_MAX:
            raise forms.ValidationError("Ce dessin n'est pas lisible : effacez-le et refaites-le.")
        try:
            return base64.b64decode(texte.removeprefix(_PNG), validate=True)
        except (binascii.Error, ValueError):
            raise forms.ValidationError("Ce dessin n'est pas lisible : effacez-le et refaites-le.") from None


class FormulaireTerrain(forms.Form):
    """Fields common to all controls; ``classe_pour`` adds the questions of one."""

    controle: ClassVar[Controle | None] = None

    issue = forms.ChoiceField(label="La visite", choices=ISSUES, initial=FAITE, widget=forms.RadioSelect())
    date_visite = forms.DateField(
        label="Jour de la visite", widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )
    present = forms.CharField(label="Personne présente", max_length=120, required=False)
    observations_libres = forms.CharField(
        label="Observations et recommandations",
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    photos = ChampPhotos(
        label="Photos",
        required=False,
        widget=Photos(attrs={"accept": "image/*", "capture": "environment"}),
        help_text="Six au plus. Ne photographiez pas de visages.",
    )
    legendes = forms.CharField(required=False, max_length=4000, widget=forms.HiddenInput())
    croquis = ChampTrait(required=False, widget=forms.HiddenInput())
    signature = ChampTrait(required=False, widget=forms.HiddenInput())
    presence = forms.ChoiceField(
        label="Signature de la présence",
        required=False,
        choices=((PAS_ENCORE, "je finirai le rapport au bureau"), *PRESENCES.items()),
        widget=forms.RadioSelect(),
    )
    raison = forms.CharField(label="Sans signature, pourquoi", max_length=500, required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.ecrans: list[dict[str, Any]] = []
        if self.controle is not None:
            self._questions(self.controle)
        habiller(self)

    def _questions(self, c: Controle) -> None:
        for ecran in observations.ecrans(c):
            for p in ecran.points:
                self.fields[f"r_{p.code}"] = forms.ChoiceField(
                    label=p.libelle,
                    required=False,
                    choices=tuple((code, mot.capitalize()) for code, mot in REPONSES.items()),
                    widget=forms.RadioSelect(),
                )
                self.fields[f"c_{p.code}"] = forms.CharField(
                    label=f"Commentaire : {p.libelle}",
                    required=False,
                    max_length=500,
                    widget=forms.TextInput(attrs={"placeholder": "Commentaire"}),
                )
            for n in ecran.nombres:
                self.fields[f"n_{n.code}"] = forms.CharField(
                    label=f"{n.libelle} ({n.unite})",
                    required=False,
                    max_length=20,
                    widget=forms.TextInput(attrs={"inputmode": "decimal", "data-nombre": n.code}),
                )
            self.ecrans.append({"ecran": ecran, "points": ecran.points, "nombres": ecran.nombres})
        if not c.existant:
            self.fields["conclusion_travaux"] = forms.ChoiceField(
                label="Conclusion",
                required=False,
                choices=((CONFORME, "Conforme"), (NON_CONFORME, "Non conforme")),
                widget=forms.RadioSelect(),
            )

    def groupes(self) -> list[dict[str, Any]]:
        """Screens of the form with their bound fields, for the template."""
        return [
            {
                "code": e["ecran"].code,
                "titre": e["ecran"].titre,
                "points": [(p, self[f"r_{p.code}"], self[f"c_{p.code}"]) for p in e["points"]],
                "nombres": [self[f"n_{n.code}"] for n in e["nombres"]],
            }
            for e in self.ecrans
        ]

    def clean_date_visite(self) -> Any:
        """Not ahead."""
        jour = self.cleaned_data["date_visite"]
        if jour > timezone.localdate():
            raise forms.ValidationError("La visite ne peut pas être dans l'avenir : corrigez son jour.")
        return jour

    def clean_legendes(self) -> list[dict[str, str]]:
        """One legend a photo, with the question that it shows."""
        try:
            lues = json.loads(self.cleaned_data["legendes"] or "[]")
        except ValueError:
            lues = []
        if not isinstance(lues, list):
            return []
        return [
            {nom: _lisible(x.get(nom, "")) for nom in ("legende", "point")} if isinstance(x, dict) else {}
            for x in lues[:PHOTOS_MAX]
        ]

    def clean(self) -> dict[str, Any]:
        """Figures as the rules read them; a signature said is a signature drawn, or its reason."""
        d = super().clean() or {}
        for e in self.ecrans:
            for n in e["nombres"]:
                d[f"n_{n.code}"], faute = lire_nombre(n, d.get(f"n_{n.code}") or "")
                if faute:
                    self.add_error(f"n_{n.code}", faute)
        presence = d.get("presence")
        if d.get("issue") != FAITE or not presence:
            return d
        if presence == "signee" and d.get("signature") is None and "signature" not in self.errors:
            self.add_error(
                "presence", "Faites signer sur l'écran, ou dites pourquoi il n'y a pas de signature."
            )
        if presence != "signee" and not d.get("raison", "").strip():
            self.add_error("raison", "Sans signature, dites pourquoi.")
        return d

    def reponses(self) -> dict[str, tuple[str, str]]:
        """Answers as the service wants them."""
        d = self.cleaned_data
        return {
            p.code: (d[f"r_{p.code}"], d[f"c_{p.code}"].strip()) for e in self.ecrans for p in e["points"]
        }


def _lisible(texte: Any) -> str:
    """What a JSON text can bear and no table: neither null characters nor halves of a character."""
    return str(texte).replace("\0", "").encode("utf-8", "replace").decode()[:200]


def classe_pour(c: Controle | None) -> type[FormulaireTerrain]:
    """The form of one control."""
    return type("FormulaireControle", (FormulaireTerrain,), {"controle": c})


def valeurs(c: Controle) -> dict[str, Any]:
    """What is stored now, by field: begins the form, and stands beside an entry in conflict."""
    gardees = observations.reponses_de(c)
    jour = c.date_visite or timezone.localdate()
    zones = zonage.propositions(c.installation, jour)
    sortie: dict[str, Any] = {
        "issue": FAITE,
        "date_visite": jour,
        "present": "",
        "observations_libres": c.observations_libres,
        "presence": "",
        "raison": "",
        "conclusion_travaux": c.conclusion_travaux,
    }
    for e in observations.ecrans(c):
        for p in e.points:
            o, zone = gardees.get(p.code), zones.get(p.fait) if p.fait else None
            sortie[f"r_{p.code}"] = o.reponse if o else zone.reponse if zone else ""
            sortie[f"c_{p.code}"] = o.commentaire if o else ""
        for n in e.nombres:
            sortie[f"n_{n.code}"] = c.nombres.get(n.code, "")
    return sortie

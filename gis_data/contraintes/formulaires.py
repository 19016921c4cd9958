"""Forms of the technician: a package to import, a layer to declare, its fields and its drawing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.conf import settings

from gis_data.contraintes.models import CoucheDeclaree

# Projections that a French file without .prj may be in: legal ones, conical conformal ones, degrees.
PROJECTIONS: dict[int, str] = {
    2154: "Lambert 93 (EPSG:2154)",
    **{3900 + n: f"Conique conforme {n} (EPSG:{3900 + n})" for n in range(42, 51)},
    5490: "RGAF09 UTM 20 N, Antilles (EPSG:5490)",
    2972: "RGFG95 UTM 22 N, Guyane (EPSG:2972)",
    2975: "RGR92 UTM 40 S, La Réunion (EPSG:2975)",
    4471: "RGM04 UTM 38 S, Mayotte (EPSG:4471)",
    4467: "RGSPM06 UTM 21 N, Saint-Pierre-et-Miquelon (EPSG:4467)",
    4326: "Degrés WGS 84 (EPSG:4326)",
}
MOTIFS = (("", "aplat seul"), ("lignes", "hachures"), ("croise", "hachures croisées"), ("points", "points"))
COULEURS = (
    ("#b4611a", "ocre"),
    ("#1f5fa8", "bleu"),
    ("#b3261e", "rouge"),
    ("#1f6f5c", "vert"),
    ("#5b4b8a", "violet"),
    ("#8a6d00", "jaune foncé"),
    ("#47586b", "gris"),
    ("#a8447f", "rose"),
)


def _projection() -> forms.TypedChoiceField:
    choix = [("", "celle que dit le fichier"), *PROJECTIONS.items()]
    return forms.TypedChoiceField(
        label="Projection, si le fichier n'en dit pas",
        choices=choix,
        coerce=int,
        empty_value=None,
        required=False,
        help_text=f"Un Shapefile la dit par son .prj. Ici, la légale est EPSG:{settings.TERRITOIRE_SRID}.",
    )


class PaquetForm(forms.Form):
    """A CNIG package."""

    fichier = forms.FileField(
        label="Paquet au standard CNIG",
        help_text="Un zip (Shapefile ou GeoPackage) ou un GeoPackage, 200 Mo au plus.",
        widget=forms.ClearableFileInput(attrs={"accept": ".zip,.gpkg"}),
    )
    territoire = forms.RegexField(
        r"^[0-9A-Za-z]{2,9}$",
        label="Code du territoire, si le paquet ne le dit pas",
        required=False,
        help_text="Code INSEE de la commune, SIREN de l'intercommunalité ou numéro du département.",
    )
    jour = forms.DateField(
        label="Date d'approbation, si le paquet ne la dit pas",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["srid"] = _projection()


class CoucheForm(forms.ModelForm):
    """What is said of a declared layer; ``siennes``: communes that the person may declare it for."""

    communes = forms.MultipleChoiceField(
        label="Communes concernées",
        widget=forms.CheckboxSelectMultiple,
        help_text="Elle n'est cherchée que sous leurs terrains. Seuls leurs techniciens la changent ;"
        " interne, seuls leurs agents la voient.",
        error_messages={"required": "Cochez au moins une commune."},
    )

    class Meta:
        model = CoucheDeclaree
        fields = (
            "libelle",
            "theme",
            "description",
            "source",
            "millesime",
            "contrainte",
            "publique",
            "zoom_min",
        )
        widgets: ClassVar = {
            "millesime": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "description": forms.Textarea(attrs={"rows": 2}),
        }
        labels: ClassVar = {
            "libelle": "Nom de la couche",
            "contrainte": "Compte parmi les contraintes d'un terrain",
            "publique": "Visible de tous, habitants compris",
            "zoom_min": "Visible dès le zoom",
        }
        help_texts: ClassVar = {
            "source": "Qui a fait ces données : « BRGM, Géorisques ».",
            "contrainte": "Elle est alors cherchée sous chaque parcelle et chaque forme dessinée.",
            "publique": "Sans quoi seuls les agents habilités la voient.",
            "zoom_min": "De 8 (le département) à 18 (la parcelle).",
        }

    def __init__(self, *args: Any, siennes: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # One commune only: nothing to choose.
        if len(siennes) < 2:
            del self.fields["communes"]
            return
        champ = self.fields["communes"]
        assert isinstance(champ, forms.MultipleChoiceField)  # noqa: S101
        champ.choices = list(siennes.items())
        self.initial["communes"] = self.instance.communes or list(siennes)

    def clean_zoom_min(self) -> int:
        """Between the zooms of the map."""
        zoom = int(self.cleaned_data["zoom_min"])
        if not 8 <= zoom <= 18:
            raise forms.ValidationError("Un zoom de 8 à 18.")
        return zoom


class FichierForm(forms.Form):
    """A file for a declared layer."""

    fichier = forms.FileField(
        label="Fichier",
        required=False,
        help_text="GeoPackage, GeoJSON, ou Shapefile dans un zip ; 200 Mo au plus.",
        widget=forms.ClearableFileInput(attrs={"accept": ".zip,.gpkg,.geojson,.json"}),
    )
    couche = forms.CharField(
        label="Couche à prendre, si le fichier en contient plusieurs", required=False, max_length=100
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["srid"] = _projection()


class StyleForm(forms.Form):
    """How a declared layer is drawn."""

    couleur = forms.ChoiceField(label="Couleur", choices=COULEURS)
    motif = forms.ChoiceField(label="Remplissage", choices=MOTIFS, required=False)
    opacite = forms.FloatField(label="Opacité de l'aplat", min_value=0, max_value=1, help_text="De 0 à 1.")
    epaisseur = forms.FloatField(label="Épaisseur du trait (pixels)", min_value=0.5, max_value=8)
    tirets = forms.BooleanField(label="Trait en tirets", required=False)

    DEFAUTS: ClassVar = {"couleur": "#b4611a", "motif": "", "opacite": 0.2, "epaisseur": 1.2, "tirets": False}

    @classmethod
    def de(cls, couche: CoucheDeclaree, donnees: Any = None) -> StyleForm:
        """The form of a layer, as it is drawn now."""
        return cls(donnees, initial={**cls.DEFAUTS, **(couche.style or {})}, prefix="style")


class ChampForm(forms.Form):
    """One field of the file: kept or not, and under what words."""

    garder = forms.BooleanField(label="Garder", required=False)
    libelle = forms.CharField(label="Nom montré", max_length=80, required=False)

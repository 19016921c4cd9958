"""How streets and numbers are entered."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.gis.geos import Point

from mairie.adresses import parcelles, service
from mairie.communes import offertes
from mairie.ecrans.formulaires import habiller
from mairie.habilitations import portee
from mairie.models import Adresse, BaseAdresses, Collectivite, Utilisateur, Voie
from mairie.perms import GERER_ADRESSES
from mairie.regles.adresses import NUMERO_MAX, code_voie, motif_suffixe

_IDU = re.compile(r"[0-9][0-9AB][0-9]{3}[0-9]{3}[0-9A-Z]{2}[0-9]{4}")


class FormulaireVoie(forms.ModelForm):
    """A street or a named place."""

    class Meta:
        model = Voie
        fields = ("insee", "nature", "nom", "code", "deleguee_insee", "deleguee_nom", "active")
        widgets = {"nature": forms.RadioSelect}  # noqa: RUF012

    def clean_code(self) -> str:
        """Four characters, however the code was copied."""
        saisi = self.cleaned_data["code"]
        if saisi and not code_voie(saisi):
            raise forms.ValidationError("Un code de voie compte quatre caractères : 0050, A123.")
        return code_voie(saisi)


def preparer_voie(forme: Any, utilisateur: Any) -> None:
    """Communes where the person may write; a street does not change commune."""
    forme.fields["code"].max_length = 12
    forme.fields["code"].validators = []
    forme.fields["code"].widget.attrs.pop("maxlength", None)
    p = portee(utilisateur, GERER_ADRESSES)
    communes = Collectivite.objects.filter(nature=Collectivite.Nature.COMMUNE, active=True)
    if not p.totale:
        communes = communes.filter(code__in=p.codes)
    choix = list(communes.values_list("code", "nom"))
    if forme.instance.pk or not choix:
        del forme.fields["insee"]
    else:
        ici = [c for c, _ in offertes(utilisateur) if c in dict(choix)]
        forme.fields["insee"] = forms.ChoiceField(
            label="Commune", choices=choix, initial=ici[0] if ici else choix[0][0],
            widget=forms.HiddenInput if len(choix) == 1 else forms.Select,
        )  # fmt: skip
    if not forme.instance.pk:
        del forme.fields["active"]


def enregistrer_voie(forme: Any, utilisateur: Any) -> Voie:
    """Save through the service."""
    voie = forme.instance
    voie = Voie.objects.get(pk=voie.pk) if voie.pk else Voie(insee=forme.cleaned_data["insee"])
    donnees = {c: v for c, v in forme.cleaned_data.items() if c != "insee"}
    return service.enregistrer_voie(voie, donnees, par=utilisateur)


class FormulaireBase(forms.ModelForm):
    """What the base of a commune needs to be published."""

    class Meta:
        model = BaseAdresses
        fields = ("code_postal", "id_ban_commune")
        help_texts = {  # noqa: RUF012
            "id_ban_commune": "Donné par la Base Adresse Nationale. Sans lui, l'export laisse vides les"
            " identifiants des voies et des adresses.",
        }


class FormulaireAdresse(forms.ModelForm):
    """A number of a street: its place in degrees, as maps give it."""

    longitude = forms.FloatField(label="Longitude (degrés)", required=False, min_value=-180, max_value=180)
    latitude = forms.FloatField(label="Latitude (degrés)", required=False, min_value=-90, max_value=90)
    idus = forms.CharField(
        label="Parcelles", required=False, max_length=2000,
        help_text="14 caractères chacune, séparées par une virgule ; vide : celle qui est sous le point.",
    )  # fmt: skip
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Adresse
        fields = ("numero", "suffixe", "complement", "type_position", "certifiee", "active")

    field_order = (
        "numero", "suffixe", "longitude", "latitude", "type_position", "complement", "idus", "certifiee",
        "active",
    )  # fmt: skip

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        adresse = self.instance
        if adresse.pk:
            self.initial["version"] = adresse.version
            self.initial["idus"] = ", ".join(adresse.parcelles)
        else:
            del self.fields["active"]
        if adresse.position:
            degres = adresse.position.transform(4326, clone=True)
            self.initial.setdefault("longitude", round(degres.x, 7))
            self.initial.setdefault("latitude", round(degres.y, 7))
        self.fields["suffixe"].widget.attrs["placeholder"] = "bis, ter, a, b…"
        habiller(self)

    def clean_numero(self) -> int:
        """Four figures at most, as the national format."""
        numero = int(self.cleaned_data["numero"])
        if numero > NUMERO_MAX:
            raise forms.ValidationError(f"Un numéro va de 0 à {NUMERO_MAX}.")
        return numero

    def clean_suffixe(self) -> str:
        """Small letters."""
        suffixe = str(self.cleaned_data["suffixe"]).strip().lower()
        if motif := motif_suffixe(suffixe):
            raise forms.ValidationError(motif)
        return suffixe

    def clean_idus(self) -> list[str]:
        """Identifiers of parcels, in order, once each."""
        saisis = [m for m in re.split(r"[\s,;|]+", self.cleaned_data["idus"].upper()) if m]
        if faux := next((m for m in saisis if not _IDU.fullmatch(m)), None):
            raise forms.ValidationError(
                f"« {faux[:20]} » n'est pas un identifiant de parcelle : 14 caractères, ex. 259990000AB0012."
            )
        return list(dict.fromkeys(saisis))

    def clean(self) -> dict[str, Any]:
        """Both coordinates or none, on the ground of the territory."""
        propres: dict[str, Any] = super().clean() or {}
        lon, lat = propres.get("longitude"), propres.get("latitude")
        propres["position"] = None
        if (lon is None) != (lat is None) and not {"longitude", "latitude"} & set(self.errors):
            self.add_error(
                "latitude" if lat is None else "longitude", "Donnez les deux coordonnées, ou aucune."
            )
        elif lon is not None and lat is not None:
            propres["position"] = placer(lon, lat)
            if propres["position"] is None:
                self.add_error("latitude", "Ce point est hors du territoire.")
        return propres


def placer(lon: float, lat: float) -> Point | None:
    """A place in degrees, as a point of the territory's projection; null outside its domain."""
    point = Point(lon, lat, srid=4326)
    point.transform(settings.TERRITOIRE_SRID)
    return point if abs(point.x) < 1e8 and abs(point.y) < 1e8 else None


def enregistrer_adresse(forme: FormulaireAdresse, utilisateur: Utilisateur) -> Adresse:
    """Save through the service; the parcel under the point where none was said."""
    propres = forme.cleaned_data
    donnees = {c: propres[c] for c in FormulaireAdresse.Meta.fields if c in propres}
    position = propres["position"]
    adresse = forme.instance
    if adresse.pk:
        actuelle = Adresse.objects.get(pk=adresse.pk)
        # What was not touched keeps its last millimetre.
        if position and actuelle.position and actuelle.position.distance(position) < 0.02:
            position = actuelle.position
    donnees["position"] = position
    donnees["parcelles"] = propres["idus"] or sous_le_point(position)
    return service.enregistrer_adresse(adresse, donnees, par=utilisateur, version=propres.get("version"))


def sous_le_point(position: Point | None) -> list[str]:
    """The parcel that lies under a point, if it is known."""
    idu = parcelles.au_point(position.x, position.y) if position else None
    return [idu] if idu else []

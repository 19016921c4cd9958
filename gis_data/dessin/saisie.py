"""The widget of a drawing, and what it brings: a text, or a file, or references of parcels."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.urls import NoReverseMatch, reverse
from shapely.geometry.base import BaseGeometry

from gis_data.carte.reperes import systemes
from gis_data.dessin.lecture import DessinRefuse, en_geojson, lire_dessin, reunir
from gis_data.dessin.operations import TAMPON_MAX_M
from gis_data.dessin.parcelles import contour
from gis_data.emprise import emprise_lonlat
from gis_data.ouverture import LIMITES_DESSIN, FichierRefuse, lire_pour_dessin

# Where the map looks when nothing is loaded.
FRANCE = (-5.2, 41.3, 9.6, 51.1)
FICHIER_MAX = LIMITES_DESSIN.octets
FORMATS_ACCEPTES = ".geojson,.json,.dxf,.gpx,.gpkg,.zip"


def _note() -> str | None:
    """Where a shape becomes a note of information; null where the house prints none."""
    try:
        return reverse("carte_note")
    except NoReverseMatch:
        return None


@dataclass
class Saisie:
    """What a form without script sends: the file wins over the references, they over the text."""

    texte: str = ""
    fichier: UploadedFile | None = None
    references: str = ""
    _lue: BaseGeometry | None = field(default=None, repr=False)

    def __str__(self) -> str:
        return self.texte

    def __bool__(self) -> bool:
        return bool(self.texte.strip() or self.fichier or self.references.strip())

    def lire(self) -> BaseGeometry:
        """The shape in the legal projection, not repaired; ``DessinRefuse`` with words."""
        if self._lue is None:
            if self.fichier:
                self._lue = lire_fichier(self.fichier)
            elif self.references.strip():
                self._lue = contour(self.references)
            else:
                self._lue = lire_dessin(self.texte)
        return self._lue

    def a_remontrer(self) -> str:
        """Text to show again in the form: what was read, else what was typed."""
        if not (self.fichier or self.references.strip()):
            return self.texte
        try:
            return json.dumps(en_geojson(self.lire()))
        except DessinRefuse:
            return self.texte


def lire_fichier(fichier: UploadedFile) -> BaseGeometry:
    """Shapes of an uploaded file as one shape in the legal projection."""
    taille = fichier.size or 0
    if taille > FICHIER_MAX:
        raise DessinRefuse(
            f"Ce fichier est trop lourd pour un dessin : {taille / 1e6:.0f} Mo,"
            f" {FICHIER_MAX / 1e6:.0f} au plus. Importez-le comme une couche."
        )
    try:
        lu = lire_pour_dessin(fichier, fichier.name or "")
    except FichierRefuse as refus:
        raise DessinRefuse(str(refus)) from None
    formes = [lire_dessin(json.dumps(objet["geometry"])) for objet in lu.geojson["features"]]
    return formes[0] if len(formes) == 1 else reunir(formes)


class Dessin(forms.Textarea):
    """Map to draw on over a text area; without script: the text, a file, or references of parcels.

    The form needs ``enctype="multipart/form-data"`` and ``request.FILES`` for the file, and the page the
    two includes ``gis_data/dessin/_tete.html`` and ``_scripts.html``.
    """

    template_name = "gis_data/dessin/champ.html"
    use_fieldset = True
    needs_multipart_form = True

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"rows": 4, "spellcheck": "false", **(attrs or {})})
        self.genres: tuple[str, ...] = ("surface",)
        self.plusieurs = False
        self.simple = False
        # Without the button of the note of information.
        self.sans_note = False

    def use_required_attribute(self, initial: Any) -> bool:
        """Never: the browser would refuse in silence a text that the map hides."""
        return False

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """What the browser must know besides the text."""
        contexte: dict[str, Any] = super().get_context(name, value, attrs)
        contexte["widget"]["formats"] = FORMATS_ACCEPTES
        contexte["widget"]["simple"] = self.simple
        contexte["widget"]["reglages"] = {
            "genres": self.genres,
            "plusieurs": self.plusieurs,
            "emprise": emprise_lonlat() or FRANCE,
            "systeme": systemes(settings.TERRITOIRE_SRID)[0].en_json(),
            "fichierMax": FICHIER_MAX,
            "metresMax": TAMPON_MAX_M,
            "note": None if self.simple or self.sans_note else _note(),
        }
        return contexte

    def value_from_datadict(self, data: Mapping[str, Any], files: Mapping[str, Any], name: str) -> Any:
        """The text alone where nothing else came."""
        texte = str(data.get(name) or "")
        saisie = Saisie(texte, files.get(f"{name}-fichier"), str(data.get(f"{name}-parcelles") or ""))
        return saisie if saisie.fichier or saisie.references.strip() else texte

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Mapping[str, Any], name: str) -> bool:
        """Absent when none of its three inputs came."""
        return name not in data and f"{name}-fichier" not in files and f"{name}-parcelles" not in data

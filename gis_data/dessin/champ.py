"""Form field of a drawn shape: text in (GeoJSON, WKT, coordinates), geometry in the legal projection out."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import shapely
from django import forms
from django.conf import settings
from django.contrib.gis.geos import GEOSGeometry
from django.core.exceptions import ValidationError

from gis_data.dessin.lecture import DessinRefuse, en_geojson, lire_dessin
from gis_data.dessin.operations import defaut, fusionner, reparer
from gis_data.dessin.saisie import Dessin, Saisie

GENRES = {"point": "Point", "ligne": "LineString", "surface": "Polygon"}
_NOMS = {"point": "un point", "ligne": "une ligne", "surface": "une surface"}


class ChampDessin(forms.Field):
    """``genres``: kinds accepted among point, ligne, surface. ``plusieurs``: several, a Multi…; else one
    simple shape. ``reparer``: cross-overs are repaired instead of refused. ``simple``: the map alone, for a
    citizen who shows a place: no file, no references, no snapping, no note."""

    widget = Dessin

    def __init__(
        self,
        *,
        genres: Iterable[str] = ("surface",),
        plusieurs: bool = False,
        reparer: bool = False,
        simple: bool = False,
        **kwargs: Any,
    ) -> None:
        self.genres = tuple(genres)
        self.plusieurs = plusieurs
        self.reparer = reparer
        super().__init__(**kwargs)
        if isinstance(self.widget, Dessin):
            self.widget.genres, self.widget.plusieurs = self.genres, self.plusieurs
            self.widget.simple = simple

    def bound_data(self, data: Any, initial: Any) -> Any:
        """A file and references come back as the shape that was read of them."""
        return data.a_remontrer() if isinstance(data, Saisie) else super().bound_data(data, initial)

    def prepare_value(self, value: Any) -> Any:
        """A stored geometry as GeoJSON in degrees; what was typed as it was typed."""
        if isinstance(value, GEOSGeometry):
            if value.srid not in (None, settings.TERRITOIRE_SRID):
                value = value.transform(settings.TERRITOIRE_SRID, clone=True)
            return json.dumps(en_geojson(shapely.from_wkb(bytes(value.wkb))))
        return value

    def to_python(self, value: Any) -> GEOSGeometry | None:
        """The geometry; ``ValidationError`` says what is wrong and what to do."""
        if value in self.empty_values or not (value if isinstance(value, Saisie) else str(value).strip()):
            return None
        try:
            forme = value.lire() if isinstance(value, Saisie) else lire_dessin(str(value))
            if raison := defaut(forme):
                if not self.reparer:
                    raise DessinRefuse(f"{raison} Corrigez le tracé.")
                forme = reparer(forme)
            forme = fusionner(forme)
        except DessinRefuse as refus:
            raise ValidationError(str(refus), code="dessin") from None
        self._accepter(forme)
        parties = list(shapely.get_parts(forme))
        if self.plusieurs:
            forme = {"Point": shapely.MultiPoint, "LineString": shapely.MultiLineString}.get(
                parties[0].geom_type, shapely.MultiPolygon
            )(parties)
        elif len(parties) > 1:
            raise ValidationError(
                f"Une seule forme est attendue, le dessin en a {len(parties)}.", code="dessin"
            )
        else:
            forme = parties[0]
        return GEOSGeometry(memoryview(shapely.to_wkb(forme)), srid=settings.TERRITOIRE_SRID)

    def _accepter(self, forme: Any) -> None:
        genre = forme.geom_type.removeprefix("Multi")
        if genre not in {GENRES[g] for g in self.genres}:
            attendus = " ou ".join(_NOMS[g] for g in self.genres)
            raise ValidationError(f"Ce dessin doit être {attendus}.", code="genre")

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether the ground differs, not the writing."""
        try:
            nouvelle = self.to_python(data)
        except ValidationError:
            return True
        if initial is None or nouvelle is None:
            return initial is not nouvelle
        return not (isinstance(initial, GEOSGeometry) and initial.equals_exact(nouvelle, 0.001))

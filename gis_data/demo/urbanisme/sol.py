"""What the planning documents are drawn on: the ground of the fictional commune."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import shapely
from shapely.geometry import MultiPolygon, Point, Polygon

from gis_data.demo.objets import Commune


@dataclass
class Sol:
    """Shapes in the legal projection (m). ``lieux``: (name, area); ``rues``: (name, lines)."""

    insee: str
    nom: str
    srid: int
    commune: Polygon
    parcelles: list[Polygon]
    batiments: list[tuple[str, Polygon]]
    eau: MultiPolygon
    lieux: list[tuple[str, Polygon]] = field(default_factory=list)
    rues: list[tuple[str, Any]] = field(default_factory=list)

    @property
    def eglise(self) -> Polygon:
        """The church, else the largest building."""
        for nom, forme in self.batiments:
            if "église" in nom.lower() or "eglise" in nom.lower():
                return forme
        return max((forme for _, forme in self.batiments), key=lambda f: float(f.area))

    @property
    def coeur(self) -> Point:
        """Middle of the village."""
        return self.eglise.centroid


def _texte(attributs: dict[str, str]) -> str:
    cles = ["TEX", *(f"TEX{i}" for i in range(2, 11))]
    return " ".join(filter(None, (attributs.get(c, "") for c in cles)))


def du_generateur(commune: Commune, srid: int) -> Sol:
    """The ground of a commune just generated, in its own projection."""
    par_type: dict[str, list[Any]] = {}
    for objet in commune.objets:
        if objet.geom is not None:
            par_type.setdefault(objet.type, []).append(objet)
    return composer(
        commune.insee,
        commune.nom,
        srid,
        commune.geom,
        [o.geom for o in par_type.get("PARCELLE", [])],
        [(_texte(o.attributs), o.geom) for o in par_type.get("BATIMENT", [])],
        [o.geom for o in par_type.get("TRONFLUV", [])],
        [(_texte(o.attributs), o.geom) for o in par_type.get("LIEUDIT", [])],
        [(_texte(o.attributs), o.geom) for o in par_type.get("ZONCOMMUNI", [])],
    )


def composer(
    insee: str,
    nom: str,
    srid: int,
    commune: Any,
    parcelles: Iterable[Any],
    batiments: Iterable[tuple[str, Any]],
    eau: Iterable[Any],
    lieux: Iterable[tuple[str, Any]],
    rues: Iterable[tuple[str, Any]],
) -> Sol:
    """A ground from shapes of any source; multiple shapes are taken apart."""
    return Sol(
        insee,
        nom,
        srid,
        max(shapely.get_parts(commune), key=lambda f: float(f.area)),
        [p for forme in parcelles for p in shapely.get_parts(forme)],
        [(texte, p) for texte, forme in batiments for p in shapely.get_parts(forme)],
        shapely.MultiPolygon([p for p in shapely.get_parts(shapely.union_all(list(eau))) if p.area > 0]),
        [(texte, p) for texte, forme in lieux for p in shapely.get_parts(forme)],
        list(rues),
    )

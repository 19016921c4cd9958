"""Checks of a sheet as a whole: overlapping parcels, ground that is not cadastred, projection."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from cadastre.imports.parcelles import Parcelles
from gis_data.formats.edigeo.modele import AVERTISSEMENT, INFORMATION, Anomalie
from gis_data.formats.edigeo.projections import CODES_APPROCHES, EPSG_AVEC_GRILLE
from gis_data.projections import grille_ntf_presente

RECOUVREMENT_MIN_M2 = 1.0


def nombre_francais(valeur: float, decimales: int = 0) -> str:
    """``12 345,6``."""
    return f"{valeur:,.{decimales}f}".replace(",", "\u202f").replace(".", ",")


def recouvrements(parcelles: Parcelles, geom: npt.NDArray[Any]) -> list[Anomalie]:
    """Pairs of parcels with more than 1 m² in common (``geom``: delivered projection)."""
    presentes = np.flatnonzero(~shapely.is_missing(geom))
    surfaces = geom[presentes]
    # A sheet drawn by topology is a valid coverage: one linear check spares all the overlays.
    if len(surfaces) < 2 or shapely.coverage_is_valid(surfaces):
        return []
    suspectes = np.flatnonzero(~shapely.is_empty(shapely.coverage_invalid_edges(surfaces)))
    a, b = shapely.STRtree(surfaces).query(surfaces[suspectes])
    a = suspectes[a]
    paires = np.unique(np.sort(np.stack([a, b], axis=1)[a != b], axis=1), axis=0)
    communes = shapely.intersection(surfaces[paires[:, 0]], surfaces[paires[:, 1]])
    aires = shapely.area(communes)
    anomalies = []
    for i in np.flatnonzero(aires > RECOUVREMENT_MIN_M2).tolist():
        une, autre = (int(presentes[k]) for k in paires[i])
        point = communes[i].representative_point()
        anomalies.append(
            Anomalie(
                "RECOUVREMENT",
                AVERTISSEMENT,
                "PARCELLE",
                parcelles.nom(une),
                f"Parcelles {parcelles.nom(une)} et {parcelles.nom(autre)} : elles se recouvrent sur"
                f" {nombre_francais(aires[i], 1)} m² dans le plan ; les deux sont gardées telles quelles.",
                point=(point.x, point.y),
            )
        )
    return anomalies


def domaine_non_cadastre(id12: str, emprise: Any, surfaces: list[float | None]) -> list[Anomalie]:
    """Area of the sheet that no parcel covers: streets, rivers."""
    if emprise is None:
        return []
    total = shapely.area(emprise)
    reste = total - sum(surface or 0.0 for surface in surfaces)
    detail = (
        f"Feuille {id12} : {nombre_francais(reste)} m² de domaine non cadastré (rues, cours d'eau)"
        f" sur {nombre_francais(total)} m²."
    )
    return [Anomalie("DOMAINE_NON_CADASTRE", INFORMATION, "SUBDSECT", id12, detail)]


def projection(id12: str, crs: str, epsg: int, srid: int) -> list[Anomalie]:
    """What the change of projection costs in precision."""
    if crs in CODES_APPROCHES and epsg != srid:
        detail = (
            f"Feuille {id12} : la projection {crs} n'est reliée à celle du territoire qu'à 0,3–0,4 m près."
        )
        return [Anomalie("CRS_APPROCHE", AVERTISSEMENT, "SUBDSECT", id12, detail)]
    if epsg in EPSG_AVEC_GRILLE and not grille_ntf_presente():
        detail = (
            f"Feuille {id12} : livrée en {crs} et transformée sans la grille ntf_r93, jusqu'à 1 m d'écart."
            " Installez le paquet proj-data puis importez-la de nouveau avec --forcer."
        )
        return [Anomalie("CRS_SANS_GRILLE", AVERTISSEMENT, "SUBDSECT", id12, detail)]
    return []

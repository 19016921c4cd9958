"""What stands on parcels: buildings and tax subdivisions with their common area, street numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from gis_data.formats.edigeo.modele import Feuille

Entiers = npt.NDArray[np.int64]
VIDE = np.empty((0, 2), dtype=np.int64)


@dataclass(eq=False)
class Liens:
    """Pairs of object numbers (object, parcel), each once, with what is known of them."""

    numeros: Entiers
    batiments: Entiers
    aires: npt.NDArray[np.float64]  # m² in common
    parts: npt.NDArray[np.float64]  # of the building, 0–1
    subdivisions: Entiers
    par_geometrie: npt.NDArray[np.bool_]


def relier(feuille: Feuille, debuts: dict[str, int], geom: npt.NDArray[Any]) -> Liens:
    """Links of a sheet; ``geom`` = geometries in the delivered projection by object number."""
    batiments = _paires(feuille, "BATIMENT_PARCELLE")
    aires = _aires_communes(geom[batiments[:, 0]], geom[batiments[:, 1]])
    surfaces = shapely.area(geom[batiments[:, 0]])
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = np.where(surfaces > 0, aires / surfaces, 0.0)
    subdivisions = _paires(feuille, "SUBDFISC_PARCELLE")
    devinees = _subdivisions_sans_lien(feuille, debuts, geom, subdivisions)
    return Liens(
        numeros=_paires(feuille, "NUMVOIE_PARCELLE"),
        batiments=batiments,
        aires=aires,
        parts=np.minimum(parts, 1.0),
        subdivisions=np.concatenate([subdivisions, devinees]),
        par_geometrie=np.repeat([False, True], [len(subdivisions), len(devinees)]),
    )


def _paires(feuille: Feuille, nom: str) -> Entiers:
    relations = feuille.relations.get(nom)
    if relations is None or not len(relations.membres):
        return VIDE
    return np.unique(relations.membres.astype(np.int64), axis=0)


def _aires_communes(a: npt.NDArray[Any], b: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Common areas; 0 without geometry. What lies wholly inside needs no overlay."""
    aires = np.zeros(len(a))
    utiles = ~(shapely.is_missing(a) | shapely.is_missing(b))
    if not utiles.any():
        return aires
    a, b = a[utiles], b[utiles]
    shapely.prepare(b)
    dedans = shapely.contains_properly(b, a)
    communes = np.zeros(len(a))
    communes[dedans] = shapely.area(a[dedans])
    reste = ~dedans
    communes[reste] = shapely.area(shapely.intersection(a[reste], b[reste]))
    aires[utiles] = communes
    return aires


def _subdivisions_sans_lien(
    feuille: Feuille, debuts: dict[str, int], geom: npt.NDArray[Any], liees: Entiers
) -> Entiers:
    """Each tax subdivision that no relation names, with the parcel of largest overlap."""
    if "SUBDFISC" not in feuille.objets or "PARCELLE" not in feuille.objets:
        return VIDE
    debut = debuts["SUBDFISC"]
    numeros = np.arange(debut, debut + len(feuille.objets["SUBDFISC"]))
    orphelines = numeros[~np.isin(numeros, liees[:, 0]) & ~shapely.is_missing(geom[numeros])]
    if not len(orphelines):
        return VIDE
    premiere = debuts["PARCELLE"]
    parcelles = geom[premiere : premiere + len(feuille.objets["PARCELLE"])]
    rangs, candidates = shapely.STRtree(parcelles).query(geom[orphelines], predicate="intersects")
    aires = shapely.area(shapely.intersection(geom[orphelines[rangs]], parcelles[candidates]))
    trouvees = []
    for rang in np.unique(rangs[aires > 0]).tolist():
        choix = np.flatnonzero(rangs == rang)
        meilleure = choix[np.argmax(aires[choix])]
        trouvees.append((orphelines[rang], premiere + candidates[meilleure]))
    return np.array(trouvees, dtype=np.int64).reshape(-1, 2)

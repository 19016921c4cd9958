"""Packages with one fault each, made from a sound plan: what the importer must refuse or report."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path

import shapely

from gis_data.demo.urbanisme.paquet import ecrire_plu
from gis_data.demo.urbanisme.zonage import Entite, Plan

_PRJ_CC47 = (
    'PROJCS["RGF93_CC47",GEOGCS["GCS_RGF_1993",DATUM["D_RGF_1993",SPHEROID["GRS_1980",6378137,298.257222101]],'
    'PRIMEM["Greenwich",0],UNIT["Degree",0.017453292519943295]],PROJECTION["Lambert_Conformal_Conic"],'
    'PARAMETER["standard_parallel_1",46.25],PARAMETER["standard_parallel_2",47.75],'
    'PARAMETER["latitude_of_origin",47],PARAMETER["central_meridian",3],PARAMETER["false_easting",1700000],'
    'PARAMETER["false_northing",6200000],UNIT["Meter",1]]'
)


def _fichiers(racine: Path, motif: str) -> list[Path]:
    return sorted(racine.rglob(motif))


def _projection_fausse(racine: Path) -> None:
    """Lambert 93 coordinates announced as CC47."""
    for prj in _fichiers(racine, "*.prj"):
        prj.write_text(_PRJ_CC47)


def _projection_inconnue(racine: Path) -> None:
    for prj in _fichiers(racine, "*.prj"):
        prj.write_text('LOCAL_CS["Plan local de chantier",UNIT["Meter",1]]')


def _sans_prj(racine: Path) -> None:
    for prj in _fichiers(racine, "*.prj"):
        prj.unlink()


def _sans_dbf(racine: Path) -> None:
    for dbf in _fichiers(racine, "*_ZONE_URBA_*.dbf"):
        dbf.unlink()


def _sans_shx(racine: Path) -> None:
    for shx in _fichiers(racine, "*_ZONE_URBA_*.shx"):
        shx.unlink()


def _sans_zones(racine: Path) -> None:
    for fichier in _fichiers(racine, "*_ZONE_URBA_*"):
        fichier.unlink()


def _sans_doc_urba(racine: Path) -> None:
    for fichier in _fichiers(racine, "*_DOC_URBA*"):
        fichier.unlink()


def _sans_reglement(racine: Path) -> None:
    for fichier in _fichiers(racine, "*.pdf"):
        fichier.unlink()


def _cpg_menteur(racine: Path) -> None:
    """CP1252 texts announced as UTF-8."""
    for cpg in _fichiers(racine, "*.cpg"):
        cpg.write_text("UTF-8")


RETOUCHES: dict[str, Callable[[Path], None]] = {
    "projection-fausse": _projection_fausse,
    "projection-inconnue": _projection_inconnue,
    "sans-prj": _sans_prj,
    "sans-dbf": _sans_dbf,
    "sans-shx": _sans_shx,
    "sans-zones": _sans_zones,
    "sans-doc-urba": _sans_doc_urba,
    "sans-reglement": _sans_reglement,
    "cpg-menteur": _cpg_menteur,
}


def _contour_croise(plan: Plan) -> None:
    """The first zone as a bow tie."""
    zone = plan.couches["ZONE_URBA"][0]
    x0, y0, x1, y1 = zone.forme.bounds
    zone.forme = shapely.MultiPolygon([shapely.Polygon([(x0, y0), (x1, y1), (x1, y0), (x0, y1)])])


def _superposees(plan: Plan) -> None:
    """The second zone spreads ten metres over its neighbours."""
    zone = plan.couches["ZONE_URBA"][1]
    zone.forme = shapely.MultiPolygon(list(shapely.get_parts(shapely.buffer(zone.forme, 10))))


def _codes_inconnus(plan: Plan) -> None:
    plan.couches["ZONE_URBA"][0].attributs["TYPEZONE"] = "ZZ"
    plan.couches["PRESCRIPTION_SURF"][0].attributs |= {"TYPEPSC": "88", "STYPEPSC": "00"}


def _sans_geometrie(plan: Plan) -> None:
    """A zone whose area is empty."""
    plan.couches["ZONE_URBA"].append(
        Entite(
            shapely.MultiPolygon(),
            {**plan.couches["ZONE_URBA"][0].attributs, "numero": 99, "LIBELLE": "VIDE"},
        )
    )


def _projet(plan: Plan) -> None:
    """A plan not yet in force."""
    plan.couches["DOC_URBA"][0].attributs["ETAT"] = "02"


PLANS: dict[str, Callable[[Plan], None]] = {
    "contour-croise": _contour_croise,
    "zones-superposees": _superposees,
    "codes-inconnus": _codes_inconnus,
    "sans-geometrie": _sans_geometrie,
    "projet": _projet,
}
CODES = (*RETOUCHES, *PLANS)


def ecrire(code: str, plan: Plan, sortie: Path) -> Path:
    """The package with this fault; ``KeyError`` for an unknown code."""
    fautif = Plan(plan.insee, plan.srid, plan.jour, copy.deepcopy(plan.couches))
    if code in PLANS:
        PLANS[code](fautif)
        return ecrire_plu(fautif, sortie)
    encodage = "CP1252" if code == "cpg-menteur" else "UTF-8"
    return ecrire_plu(fautif, sortie, retoucher=RETOUCHES[code], encodage=encodage)

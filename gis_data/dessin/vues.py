"""What a drawing asks of the server: read, measure, repair, widen, move aside, cut, import a file.

They write nothing; the forms' own token is asked all the same, so that no other site uses this server.
"""

from __future__ import annotations

import json
import math
from typing import Any

import shapely
from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_POST, require_safe
from shapely.geometry.base import BaseGeometry

from gis_data.acces import public
from gis_data.dessin import parcelles
from gis_data.dessin.accroches import accroches, lire_boite
from gis_data.dessin.lecture import DEGRES, TEXTE_MAX, DessinRefuse, en_geojson, lire_dessin
from gis_data.dessin.operations import (
    bande,
    couper,
    decaler,
    defaut,
    fusionner,
    mesurer,
    rectangle,
    reparer,
    tampon,
)
from gis_data.ouverture import LIMITES_DESSIN, FichierRefuse, lire_pour_dessin
from gis_data.projections import transformateur
from gis_data.tuiles.intergiciel import refus

# A file is received whole before it is looked at: what says to be larger is not received.
FICHIER_MAX = LIMITES_DESSIN.octets


def _trop_lourd(request: HttpRequest, maximum: int, quoi: str) -> JsonResponse | None:
    recus = int(request.META.get("CONTENT_LENGTH") or 0)
    if recus <= maximum:
        return None
    return refus(f"{quoi} : {recus / 1e6:.0f} Mo, {maximum / 1e6:.0f} au plus.".replace(".0", ""), 413)


def _repondre(forme: BaseGeometry) -> JsonResponse:
    mesure = mesurer(forme)
    contenu: dict[str, Any] = {
        "dessin": en_geojson(forme),
        "aire": None if mesure.aire is None else round(mesure.aire, 2),
        "longueur": None if mesure.longueur is None else round(mesure.longueur, 2),
        "formes": mesure.formes,
        "sommets": mesure.sommets,
        "defaut": defaut(forme),
        # The field keeps the ground covered, whatever its parts.
        "fusion": fusionner(forme) is not forme,
    }
    reponse = JsonResponse(contenu, json_dumps_params={"ensure_ascii": False})
    reponse["Cache-Control"] = "no-store"
    return reponse


def _metres(demande: dict[str, Any], nom: str = "metres", dit: str = "La largeur") -> float:
    try:
        lu = float(str(demande.get(nom, "")).replace(",", "."))
    except ValueError:
        lu = math.nan
    if not math.isfinite(lu):
        raise DessinRefuse(f"{dit} doit être un nombre de mètres.")
    return lu


def _degres(demande: dict[str, Any]) -> float:
    try:
        lu = float(str(demande.get("angle") or 0).replace(",", "."))
    except ValueError:
        lu = math.nan
    if not math.isfinite(lu):
        raise DessinRefuse("L'orientation doit être un nombre de degrés.")
    return lu


def _operer(nom: str, forme: BaseGeometry, demande: dict[str, Any]) -> BaseGeometry:
    match nom:
        case "lire":
            return forme
        case "reparer":
            return reparer(forme)
        case "tampon":
            return tampon(forme, _metres(demande))
        case "decaler":
            return decaler(forme, _metres(demande))
        case "bande":
            return bande(forme, _metres(demande))
        case "rectangle":
            longueur = _metres(demande, "longueur", "La longueur")
            return rectangle(forme, longueur, _metres(demande, "largeur"), _degres(demande))
        case "couper":
            return couper(forme, lire_dessin(str(demande.get("lame", ""))))
    raise DessinRefuse(f"Opération « {nom[:40]} » inconnue.")


@public
@require_POST
def operation(request: HttpRequest) -> JsonResponse:
    """JSON ``{operation, dessin, metres?, lame?, longueur?, largeur?, angle?}`` → the shape in degrees with
    its figures and its fault.
    """
    # Twice: a text of 2 MB may be written with escapes.
    if trop := _trop_lourd(request, 2 * TEXTE_MAX, "Ce dessin est trop lourd"):
        return trop
    try:
        demande = json.loads(request.body)
        if not isinstance(demande, dict):
            raise ValueError
    except (ValueError, RecursionError):
        return refus("La demande doit être un objet JSON.", 400)
    try:
        forme = lire_dessin(str(demande.get("dessin", "")))
        return _repondre(_operer(str(demande.get("operation", "lire")), forme, demande))
    except DessinRefuse as erreur:
        return refus(str(erreur), 400)


@public
@require_POST
def importer(request: HttpRequest) -> JsonResponse:
    """File ``fichier`` (GeoJSON, DXF, GPX, GeoPackage, zipped Shapefile) → its shapes, and remarks."""
    if trop := _trop_lourd(request, FICHIER_MAX + 10_000, "Ce fichier est trop lourd pour un dessin"):
        return trop
    fichier = request.FILES.get("fichier")
    if fichier is None or not fichier.name:
        return refus("Choisissez un fichier.", 400)
    try:
        lu = lire_pour_dessin(fichier, fichier.name)
    except FichierRefuse as erreur:
        return refus(str(erreur), 400)
    reponse = JsonResponse(
        {"geojson": lu.geojson, "remarques": lu.remarques}, json_dumps_params={"ensure_ascii": False}
    )
    reponse["Cache-Control"] = "no-store"
    return reponse


def _lire(contenu: dict[str, Any]) -> JsonResponse:
    reponse = JsonResponse(contenu, json_dumps_params={"ensure_ascii": False})
    reponse["Cache-Control"] = "no-cache"
    return reponse


@public
@require_safe
def vue_accroches(request: HttpRequest) -> JsonResponse:
    """``?bbox=ouest,sud,est,nord``: outlines of the public plan to snap to."""
    try:
        return _lire(accroches(lire_boite(request.GET.get("bbox", ""))))
    except ValueError as erreur:
        return refus(str(erreur), 400)


@public
@require_safe
def vue_parcelles(request: HttpRequest) -> JsonResponse:
    """``?lon=&lat=`` or ``?references=``: outlines of parcels in force, and what was not found."""
    try:
        if "references" in request.GET:
            trouvees = parcelles.par_references(request.GET["references"].replace("\0", " "))
        else:
            trouvees = _au_point(request.GET.get("lon", ""), request.GET.get("lat", ""))
    except ValueError as erreur:
        return refus(str(erreur), 400)
    contours = [
        {"idu": p.idu, "libelle": p.libelle, "dessin": en_geojson(shapely.from_wkb(p.wkb))}
        for p in trouvees.parcelles
    ]
    return _lire({"parcelles": contours, "remarques": trouvees.remarques})


def _au_point(lon: str, lat: str) -> parcelles.Trouvees:
    try:
        x, y = transformateur(DEGRES, settings.TERRITOIRE_SRID).transform(float(lon), float(lat))
    except ValueError:
        raise DessinRefuse("« lon » et « lat » doivent être des degrés.") from None
    return parcelles.au_point(x, y) if math.isfinite(x + y) else parcelles.Trouvees()

"""A public layer as a file, by its address: GeoJSON, GeoPackage or CSV, within the filters of the map."""

from __future__ import annotations

import os
import tempfile
import threading
from pathlib import Path
from typing import Any, BinaryIO, cast

from django.conf import settings
from django.contrib.gis.geos import Polygon
from django.db.models import QuerySet
from django.http import FileResponse, HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from gis_data.acces import public
from gis_data.carte.choix import PUBLIQUE, objets_du_jour
from gis_data.carte.filtres import lire_filtres
from gis_data.carte.vues import lire_boite, lire_jour
from gis_data.couches import Couche, CoucheInconnue, couche
from gis_data.exports import FORMATS, Demande, ExportImpossible, exporter
from gis_data.tuiles.intergiciel import refus

TYPES = {
    "geojson": "application/geo+json",
    "gpkg": "application/geopackage+sqlite3",
    "csv": "text/csv; charset=utf-8",
}
# Larger ones are read by pages (OGC API Features) or written by the command.
OBJETS_MAX = 50_000
# A file holds a process for seconds: the others stay for the map.
_PLACES = threading.BoundedSemaphore(2)


@public
@require_safe
def vue_export(request: HttpRequest, nom: str, format_: str) -> HttpResponseBase:
    """``?filtres=&jour=&bbox=&srid=``: the objects of a public layer; internal ones are nobody's here."""
    try:
        choisie = couche(nom)
    except CoucheInconnue:
        choisie = None
    if choisie is None or not choisie.publique:
        return refus(f"La couche « {nom} » n'existe pas, ou n'est pas publique.", 404)
    if format_ not in FORMATS:
        return refus(f"Format « {format_} » inconnu. Formats : {', '.join(FORMATS)}.", 404)
    try:
        objets = _objets(request, choisie)
        srid = _srid(request, format_)
    except ValueError as erreur:
        return refus(str(erreur), 400)
    if (nombre := objets[: OBJETS_MAX + 1].count()) > OBJETS_MAX:
        return refus(
            f"Plus de {OBJETS_MAX} objets : filtrez, donnez un cadre (bbox), ou lisez-les par pages dans"
            f" /ogc/collections/{nom}/items.",
            413,
        )
    if not _PLACES.acquire(blocking=False):
        reponse = refus("D'autres fichiers se préparent : réessayez dans quelques secondes.", 503)
        reponse["Retry-After"] = "5"
        return reponse
    try:
        flux = _ecrire(Demande(choisie, format_, srid=srid, objets=objets))
    except ExportImpossible as erreur:
        return refus(str(erreur), 400)
    finally:
        _PLACES.release()
    fichier = FileResponse(flux, as_attachment=True, filename=f"{nom}.{format_}", content_type=TYPES[format_])
    fichier["Cache-Control"] = PUBLIQUE
    fichier["X-Objets"] = str(nombre)
    return fichier


def _objets(request: HttpRequest, choisie: Couche) -> QuerySet[Any]:
    filtres = lire_filtres(request.GET.get("filtres", ""))
    objets = objets_du_jour(choisie, None, lire_jour(request), filtres)
    if "bbox" not in request.GET:
        return objets
    cadre = Polygon.from_bbox(lire_boite(request))
    cadre.srid = 4326
    cadre.transform(settings.TERRITOIRE_SRID)
    return objets.filter(**{f"{choisie.geometrie}__intersects": cadre})


def _srid(request: HttpRequest, format_: str) -> int:
    """Degrees for GeoJSON, as its readers expect; else the legal projection, unless asked."""
    permis = {4326, settings.TERRITOIRE_SRID}
    brut = request.GET.get("srid", "")
    if not brut:
        return 4326 if format_ == "geojson" else settings.TERRITOIRE_SRID
    if not (brut.isascii() and brut.isdecimal() and int(brut[:9]) in permis):
        raise ValueError(f"Le paramètre « srid » vaut {' ou '.join(map(str, sorted(permis)))}.")
    return int(brut)


def _ecrire(demande: Demande) -> BinaryIO:
    """The whole file, without a name any more: it goes with the answer that reads it."""
    with tempfile.TemporaryDirectory() as dossier:
        chemin = Path(dossier) / f"{demande.couche.nom}.{demande.format}"
        exporter(demande, chemin)
        return cast(BinaryIO, os.fdopen(os.open(chemin, os.O_RDONLY), "rb"))

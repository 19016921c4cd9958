"""A zoning brought in by a file: read through the guarded door, checked zone by zone, then confirmed."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from typing import IO, Any

import numpy as np
import pyproj
import shapely
from django.conf import settings
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from assainissement.models import ImportZonage, ZonageAssainissement
from assainissement.zonage import RECOUVREMENT_M2
from cadastre.models import Commune
from gis_data.ouverture import FichierRefuse, Limites, ouvrir
from gis_data.projections import transformer
from mairie.models import Utilisateur
from mairie.workflow import Refus

MIO = 1024**2
LIMITES = Limites(
    octets=30 * MIO, decompresse=120 * MIO, membres=200, objets=3000, sommets=500_000, couches=10,
    memoire=1024 * MIO, cpu_s=30, duree_s=60,
)  # fmt: skip
FORMATS = ("shp", "dbf", "gpkg", "geojson")
VIDE = shapely.to_wkb(shapely.MultiPolygon())
LU_DANS_LE_FICHIER = ""
COLONNES = ("type", "zone", "zonage", "typezone", "type_zone", "libelle", "nom")
EP = ZonageAssainissement.Type.EP
_VERROU = "SELECT pg_advisory_xact_lock(hashtext('assainissement.zonage'), hashtext(%s))"
_TYPES = {
    "ac": "AC", "collectif": "AC", "assainissement collectif": "AC", "aci": "AC",
    "ac futur": "AC_futur", "acfutur": "AC_futur", "collectif futur": "AC_futur",
    "collectif a venir": "AC_futur", "assainissement collectif a venir": "AC_futur", "acf": "AC_futur",
    "anc": "ANC", "non collectif": "ANC", "assainissement non collectif": "ANC", "individuel": "ANC",
    "autonome": "ANC", "ep": "EP", "eaux pluviales": "EP", "pluvial": "EP",
}  # fmt: skip


def lire_type(valeur: Any) -> str:
    """The kind of a zone by its usual writings; empty when unknown."""
    from assainissement.reprise import _nu

    return _TYPES.get(_nu(re.sub(r"_", " ", str(valeur or ""))), "")


def _type_de(attributs: dict[str, Any], impose: str) -> str:
    if impose:
        return impose
    bas = {c.lower(): v for c, v in attributs.items()}
    return next((t for c in COLONNES if (t := lire_type(bas.get(c)))), "")


def lire(
    fichier: IO[bytes], nom: str, *, insee: str, acte: str, du: date, annexe_plu: bool, remplace: bool,
    type_: str, par: Utilisateur,
) -> ImportZonage:  # fmt: skip
    """Read and check a file: the zoning does not change yet. ``FichierRefuse`` for no such file."""
    objets: list[dict[str, Any]] = []
    formes: list[Any] = []
    with ouvrir(fichier, nom, limites=LIMITES, formats=FORMATS) as contenu:
        for couche in contenu.couches:
            if couche.epsg is None:
                raise FichierRefuse(
                    f"La projection de « {couche.nom} » n'est pas reconnue ({couche.crs or 'non dite'}) :"
                    " enregistrez le fichier dans la projection légale ou en WGS 84."
                )
            # Objects without a shape are read too: a count that does not add up is a lie.
            lus = list(couche.objets())
            if not lus:
                continue
            brutes = np.array(shapely.from_wkb([o.wkb or VIDE for o in lus]), dtype=object)
            try:
                places = transformer(brutes, couche.epsg, settings.TERRITOIRE_SRID)
            except pyproj.exceptions.ProjError as erreur:
                raise FichierRefuse(f"La projection EPSG:{couche.epsg} est inconnue.") from erreur
            for objet, forme in zip(lus, places, strict=True):
                objets.append(_objet(len(objets) + 1, objet.attributs, forme, type_))
                formes.append(_surface(forme))
    if not any(not forme.is_empty for forme in formes):
        raise FichierRefuse(f"Le fichier « {nom} » ne contient aucune forme.")
    _verifier(objets, formes, insee, du, remplace)
    cree: ImportZonage = ImportZonage.objects.create(
        insee=insee, nom_fichier=nom[-200:], acte=acte, du=du, annexe_plu=annexe_plu, remplace=remplace,
        objets=objets, cree_par=par,
    )  # fmt: skip
    return cree


def _surface(forme: Any) -> Any:
    """The polygons of a shape, repaired; empty when it has none."""
    if not shapely.is_valid(forme):
        forme = shapely.make_valid(forme)
    parties = [p for p in shapely.get_parts(forme) if p.geom_type in ("Polygon", "MultiPolygon")]
    return shapely.MultiPolygon([q for p in parties for q in shapely.get_parts(p)])


def _objet(rang: int, attributs: dict[str, Any], forme: Any, impose: str) -> dict[str, Any]:
    surface = _surface(forme)
    return {
        "rang": rang,
        "type": _type_de(attributs, impose),
        "attributs": {c: v for c, v in attributs.items() if isinstance(v, str | int | float | bool)},
        "surface_m2": round(surface.area),
        "wkt": shapely.to_wkt(surface, rounding_precision=3),
        "fautes": [],
    }


def _verifier(objets: list[dict[str, Any]], formes: list[Any], insee: str, du: date, remplace: bool) -> None:
    """Write on each zone what is wrong with it."""
    commune = Commune.objects.filter(insee=insee).values_list("geom", flat=True).first()
    sol = shapely.from_wkb(bytes(commune.wkb)) if commune is not None else None
    presentes = _demeurent(insee, du, remplace)
    voisines = _voisines(formes)
    autres = shapely.STRtree([forme for _, forme in presentes])
    for rang, (o, forme) in enumerate(zip(objets, formes, strict=True)):
        if forme.is_empty:
            o["fautes"].append("Ce n'est pas une surface.")
            continue
        if not o["type"]:
            o["fautes"].append("Type de zone inconnu : AC, AC futur, ANC ou EP.")
        if sol is not None and not sol.intersects(forme):
            o["fautes"].append("Hors de la commune.")
        if o["type"] == EP:
            continue
        for autre in voisines.get(rang, ()):
            if objets[autre]["type"] != EP and not objets[autre]["fautes"]:
                commun = forme.intersection(formes[autre]).area
                if commun > RECOUVREMENT_M2:
                    o["fautes"].append(f"Recouvre {commun:.0f} m² de l'objet {objets[autre]['rang']}.")
        for autre in sorted(autres.query(forme, predicate="intersects").tolist()):
            nom, avant = presentes[autre]
            commun = forme.intersection(avant).area
            if commun > RECOUVREMENT_M2:
                o["fautes"].append(f"Recouvre {commun:.0f} m² de « {nom} », en vigueur.")


def _demeurent(insee: str, du: date, remplace: bool) -> list[tuple[str, Any]]:
    """Zones that will still stand once the file is in force, now or later: those that none may overlap.

    A zoning that is replaced ends the day before; what began that very day, or comes later, does not.
    """
    restent = ZonageAssainissement.objects.filter(Q(au__isnull=True) | Q(au__gte=du), insee=insee)
    if remplace:
        restent = restent.filter(du__gte=du)
    return [(str(z), shapely.from_wkb(bytes(z.geom.wkb))) for z in restent.exclude(type=EP).order_by("pk")]


def _voisines(formes: list[Any]) -> dict[int, list[int]]:
    """For each shape, those before it in the file that touch it."""
    sortie: dict[int, list[int]] = {}
    for un, autre in shapely.STRtree(formes).query(formes, predicate="intersects").T.tolist():
        if autre < un:
            sortie.setdefault(un, []).append(autre)
    return {un: sorted(liste) for un, liste in sortie.items()}


def appliquer(ligne: ImportZonage, *, par: Utilisateur) -> int:
    """Write the zones without fault in one transaction; how many. ``Refus`` twice, or without any."""
    with transaction.atomic():
        tenu: ImportZonage = ImportZonage.objects.select_for_update(of=("self",)).get(pk=ligne.pk)
        if tenu.etat == ImportZonage.Etat.APPLIQUE:
            raise Refus("Ce fichier est déjà importé.")
        valides = tenu.valides
        if not valides:
            raise Refus("Aucune zone du fichier n'est sans faute : corrigez-le et donnez-le de nouveau.")
        with connection.cursor() as curseur:
            # Two files of one commune confirmed at once: the second sees what the first wrote.
            curseur.execute(_VERROU, [tenu.insee])
        # The zoning may have changed since the file was read.
        controles = [{**o, "fautes": []} for o in valides]
        _verifier(
            controles, [shapely.from_wkt(o["wkt"]) for o in valides], tenu.insee, tenu.du, tenu.remplace
        )
        if faute := next((o for o in controles if o["fautes"]), None):
            raise Refus(f"Objet {faute['rang']} : {faute['fautes'][0]} Redonnez le fichier.")
        if tenu.remplace:
            ZonageAssainissement.objects.en_vigueur(tenu.du).filter(insee=tenu.insee, du__lt=tenu.du).update(
                au=tenu.du - timedelta(days=1)
            )
        ZonageAssainissement.objects.bulk_create(
            ZonageAssainissement(
                insee=tenu.insee, type=o["type"], acte=tenu.acte, du=tenu.du, annexe_plu=tenu.annexe_plu,
                geom=_multiple(o["wkt"]), cree_par=par,
            )
            for o in valides
        )  # fmt: skip
        tenu.etat, tenu.applique_le = ImportZonage.Etat.APPLIQUE, timezone.now()
        tenu.save(update_fields=["etat", "applique_le"])
    return len(valides)


def _multiple(wkt: str) -> MultiPolygon:
    """Ground kept as text, as the table wants it."""
    sol = GEOSGeometry(wkt, srid=settings.TERRITOIRE_SRID)
    assert isinstance(sol, MultiPolygon)  # noqa: S101 - made so when read
    return sol


def rejets(ligne: ImportZonage) -> str:
    """The refused zones as GeoJSON in degrees, with their own attributes and the reasons; replayable."""
    objets = ligne.rejetes
    formes = transformer(
        np.array([shapely.from_wkt(o["wkt"]) for o in objets], dtype=object), settings.TERRITOIRE_SRID, 4326
    )
    return json.dumps(
        {
            "type": "FeatureCollection",
            "features": [
                {
                    "type": "Feature",
                    "properties": {**o["attributs"], "motif": " ".join(o["fautes"])},
                    "geometry": shapely.geometry.mapping(f) if not f.is_empty else None,
                }
                for o, f in zip(objets, formes, strict=True)
            ],
        },
        ensure_ascii=False,
    )

"""Pages and answers of the map."""

from __future__ import annotations

from typing import Any

from csp.decorators import csp_replace
from django.conf import settings
from django.contrib.gis.db.models import Extent
from django.contrib.gis.geos import Polygon
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from gis_data.acces import public
from gis_data.carte.comptes import comptes, vides
from gis_data.carte.identifier import identifier, objet_par_cle
from gis_data.carte.legende import Ligne, legende
from gis_data.couches import Couche, CoucheInconnue, couche, couches
from gis_data.emprise import emprise_lonlat, emprises_lonlat
from gis_data.tuiles.intergiciel import refus

# proj4 text of each legal projection, for the coordinates shown under the pointer.
PROJECTIONS: dict[int, tuple[str, str]] = {
    2154: (
        "Lambert 93",
        "+proj=lcc +lat_0=46.5 +lon_0=3 +lat_1=49 +lat_2=44 +x_0=700000 +y_0=6600000 +ellps=GRS80 +units=m",
    ),
    5490: ("RGAF09 UTM 20 N", "+proj=utm +zone=20 +ellps=GRS80 +units=m"),
    2972: ("RGFG95 UTM 22 N", "+proj=utm +zone=22 +ellps=GRS80 +units=m"),
    2975: ("RGR92 UTM 40 S", "+proj=utm +zone=40 +south +ellps=GRS80 +units=m"),
    4471: ("RGM04 UTM 38 S", "+proj=utm +zone=38 +south +ellps=GRS80 +units=m"),
    4467: ("RGSPM06 UTM 21 N", "+proj=utm +zone=21 +ellps=GRS80 +units=m"),
}
# Where the map looks when nothing is loaded.
FRANCE = (-5.2, 41.3, 9.6, 51.1)
FOND_IGN = (
    "?SERVICE=WMTS&VERSION=1.0.0&REQUEST=GetTile&STYLE=normal&TILEMATRIXSET=PM"
    "&TILEMATRIX={z}&TILEROW={y}&TILECOL={x}"
)


def fonds_de_carte() -> list[dict[str, Any]]:
    """Base maps offered besides the plan alone; none unless the settings allow the IGN's."""
    if not settings.FONDS_DE_CARTE_IGN:
        return []
    adresse = settings.IGN_WMTS_URL + FOND_IGN
    return [
        {
            "nom": "photo",
            "libelle": "Photographies aériennes (IGN)",
            "url": f"{adresse}&LAYER=ORTHOIMAGERY.ORTHOPHOTOS&FORMAT=image/jpeg",
            "theme": "photo",
            "zoom_max": 19,
            "attribution": "© IGN",
        },
        {
            "nom": "plan-ign",
            "libelle": "Plan IGN",
            "url": f"{adresse}&LAYER=GEOGRAPHICALGRIDSYSTEMS.PLANIGNV2&FORMAT=image/png",
            "theme": "clair",
            "zoom_max": 19,
            "attribution": "© IGN",
        },
    ]


def _themes(choisies: list[Couche]) -> list[dict[str, Any]]:
    """Layers by theme, each with the lines of its legend."""
    lignes: dict[str, list[Ligne]] = {}
    for ligne in legende(choisies):
        lignes.setdefault(ligne.couche, []).append(ligne)
    themes: dict[str, list[dict[str, Any]]] = {}
    for c in choisies:
        themes.setdefault(c.theme, []).append({"couche": c, "lignes": lignes.get(c.nom, [])})
    return [{"nom": nom, "couches": contenu} for nom, contenu in themes.items()]


def _page(request: HttpRequest, gabarit: str, integree: bool) -> HttpResponse:
    choisies = [c for c in couches() if c.publique]
    emprise = emprise_lonlat()
    nom_projection, proj4 = PROJECTIONS[settings.TERRITOIRE_SRID]
    reglages = {
        "emprise": emprise or FRANCE,
        # Communes far apart: the map opens on the first, for none is drawn from so high.
        "premiere": next(iter(emprises_lonlat()), None),
        "vide": emprise is None,
        "projection": {"srid": settings.TERRITOIRE_SRID, "nom": nom_projection, "proj4": proj4},
        "fonds": fonds_de_carte(),
        "integree": integree,
        "couches": [
            {"nom": c.nom, "libelle": c.libelle, "zoom_min": c.zoom_min, "visible": c.visible}
            for c in choisies
        ],
    }
    return render(
        request,
        gabarit,
        {
            "reglages": reglages,
            "themes": _themes(choisies),
            "vide": emprise is None,
            "fonds": reglages["fonds"],
        },
    )


@public
@require_safe
def carte(request: HttpRequest) -> HttpResponse:
    """The map."""
    return _page(request, "gis_data/carte.html", integree=False)


@public
@require_safe
@xframe_options_exempt
@csp_replace({"frame-ancestors": ["*"]})
def carte_integree(request: HttpRequest) -> HttpResponse:
    """The map alone, the only page that another site may frame."""
    return _page(request, "gis_data/carte_integree.html", integree=True)


def _nombre(request: HttpRequest, nom: str, bas: float, haut: float) -> float:
    brut = request.GET.get(nom, "")
    try:
        valeur = float(brut.replace(",", "."))
    except ValueError:
        raise ValueError(f"Le paramètre « {nom} » doit être un nombre.") from None
    if not bas <= valeur <= haut:
        raise ValueError(f"Le paramètre « {nom} » doit être compris entre {bas:g} et {haut:g}.")
    return valeur


def _couche_publique(nom: str) -> Couche:
    """The layer; ``CoucheInconnue`` for an internal one too, which the public must not guess."""
    trouvee = couche(nom)
    if not trouvee.publique:
        raise CoucheInconnue(nom)
    return trouvee


@public
@require_safe
def vue_identifier(request: HttpRequest) -> JsonResponse:
    """``?lon=&lat=&zoom=``: objects of the public layers under the point, and layers not loaded."""
    try:
        lon, lat = _nombre(request, "lon", -180, 180), _nombre(request, "lat", -85, 85)
        zoom = _nombre(request, "zoom", 0, 24)
        demandees = list(filter(None, request.GET.get("couches", "").split(",")))
        choisies = [_couche_publique(nom) for nom in demandees] or [
            c for c in couches() if c.visible and c.publique
        ]
    except ValueError as erreur:
        return refus(str(erreur), 400)
    except CoucheInconnue as erreur:
        return refus(f"La couche « {erreur} » n'existe pas.", 404)
    trouves = identifier(choisies, None, lon, lat, zoom)
    reponse = JsonResponse(
        {
            "lon": lon,
            "lat": lat,
            "objets": [objet.en_json() for objet in trouves],
            # « Nothing here » and « not loaded » are two answers.
            "non_chargees": vides(choisies),
        },
        json_dumps_params={"ensure_ascii": False},
    )
    reponse["Cache-Control"] = "no-cache"
    return reponse


@public
@require_safe
def vue_objet(request: HttpRequest, nom: str, cle: str) -> JsonResponse:
    """One object of a public layer by its key, with its extent in degrees."""
    try:
        demandee = _couche_publique(nom)
    except CoucheInconnue:
        return refus(f"La couche « {nom} » n'existe pas.", 404)
    if not demandee.cle:
        return refus(f"La couche « {nom} » n'a pas d'objets à ouvrir par leur identifiant.", 404)
    # PostgreSQL refuses a text that holds a NUL.
    objets = demandee.objets(None).filter(**{demandee.cle: cle.replace("\0", " ")})
    trouve = objet_par_cle(demandee, objets)
    if trouve is None:
        return refus(f"« {cle[:40]} » : aucun objet de ce nom dans la couche « {demandee.libelle} ».", 404)
    boite = objets.aggregate(boite=Extent(demandee.geometrie))["boite"]
    emprise = None
    if boite:
        cadre = Polygon.from_bbox(boite)
        cadre.srid = settings.TERRITOIRE_SRID
        emprise = cadre.transform(4326, clone=True).extent
    return JsonResponse({**trouve.en_json(), "bbox": emprise}, json_dumps_params={"ensure_ascii": False})


@public
@require_safe
def vue_couches(request: HttpRequest) -> JsonResponse:
    """Public layers: label, zooms, number of objects, legend."""
    choisies = [c for c in couches() if c.publique]
    nombres = comptes()
    lignes: dict[str, list[dict[str, Any]]] = {}
    for ligne in legende(choisies):
        lignes.setdefault(ligne.couche, []).append(
            {
                "libelle": ligne.libelle,
                "svg": str(ligne.svg),
                "zoom_min": ligne.zoom_min,
                "zoom_max": ligne.zoom_max,
            }
        )
    reponse = JsonResponse(
        {
            "couches": [
                {
                    "nom": c.nom,
                    "libelle": c.libelle,
                    "theme": c.theme,
                    "zoom_min": c.zoom_min,
                    "zoom_max": c.zoom_max,
                    "visible": c.visible,
                    "objets": nombres[c.nom],
                    "tilejson": f"/tuiles/{c.nom}.json",
                    "attributs": {a.nom: a.libelle for a in c.attributs},
                    "legende": lignes.get(c.nom, []),
                }
                for c in choisies
            ]
        },
        json_dumps_params={"ensure_ascii": False},
    )
    reponse["Cache-Control"] = "no-cache"
    return reponse

"""Style, TileJSON and internal tiles; public tiles are answered earlier, by ``intergiciel``."""

from __future__ import annotations

import json
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.http import require_safe

from gis_data.acces import public
from gis_data.couches import Couche, CoucheInconnue, couche, couches, groupes
from gis_data.couches.style import CALCAIRE, THEMES, calques_fixes, calques_publics, images, nom_source
from gis_data.emprise import emprise_lonlat
from gis_data.tuiles.intergiciel import REVALIDER, empreinte_de, gzip, refus, repondre_tuile
from gis_data.tuiles.service import TuileInvalide, membres, tuile_interne, version

# Above, the browser stretches the tiles of this zoom: their grid is under four centimetres.
ZOOM_SOURCE_MAX = 18


def _json(request: HttpRequest, contenu: dict[str, Any], politique: str = REVALIDER) -> HttpResponse:
    octets = json.dumps(contenu, ensure_ascii=False, separators=(",", ":")).encode()
    empreinte = empreinte_de(octets)
    if empreinte in request.headers.get("If-None-Match", ""):
        reponse = HttpResponse(status=304)
    elif "gzip" in request.META.get("HTTP_ACCEPT_ENCODING", ""):
        # Nothing secret is in it: compression gives nothing away.
        reponse = HttpResponse(gzip(octets), content_type="application/json")
        reponse["Content-Encoding"] = "gzip"
    else:
        reponse = HttpResponse(octets, content_type="application/json")
    reponse["Vary"] = "Accept-Encoding"
    reponse["ETag"] = empreinte
    reponse["Cache-Control"] = politique
    return reponse


def _source(request: HttpRequest, nom: str, membres_: tuple[Couche, ...], en_groupe: bool) -> dict[str, Any]:
    """What TileJSON and the style both say of a source."""
    elements = [(c, e) for c in membres_ for e in c.elements if e.dans_groupe or not en_groupe]
    zoom_min = min((e.zoom_min for _, e in elements), default=0)
    zoom_max = max((e.zoom_max for _, e in elements), default=ZOOM_SOURCE_MAX)
    racine = request.build_absolute_uri("/tuiles/").rstrip("/")
    source: dict[str, Any] = {
        "tiles": [f"{racine}/{nom}/{{z}}/{{x}}/{{y}}.pbf?v={version(nom)}"],
        "minzoom": zoom_min,
        "maxzoom": max(zoom_min, min(zoom_max, ZOOM_SOURCE_MAX)),
        "attribution": ", ".join(dict.fromkeys(c.source for c in membres_ if c.source)),
    }
    if emprise := emprise_lonlat():
        source["bounds"] = list(emprise)
    return source


@public
@require_safe
def tilejson(request: HttpRequest, nom: str) -> HttpResponseBase:
    """TileJSON 3 of a public layer or group; the version of its data is in the tiles' address."""
    try:
        choisies, en_groupe = membres(nom)
    except CoucheInconnue:
        return refus(f"La couche « {nom} » n'existe pas.", 404)
    description = {
        "tilejson": "3.0.0",
        "name": nom,
        "description": ", ".join(c.libelle for c in choisies),
        "scheme": "xyz",
        **_source(request, nom, choisies, en_groupe),
        "vector_layers": [
            {
                "id": e.nom,
                "description": c.libelle,
                "minzoom": e.zoom_min,
                "maxzoom": e.zoom_max,
                "fields": {a.nom: a.libelle for a in c.attributs_tuile(e, e.zoom_max)},
            }
            for c in choisies
            for e in c.elements
            if e.dans_groupe or not en_groupe
        ],
    }
    return _json(request, description)


@public
@require_safe
def style(request: HttpRequest) -> HttpResponseBase:
    """MapLibre style of all public layers; ``?theme=photo`` for use over an aerial photograph.

    ``?sig=1`` leaves out what follows the pointer, which desktop GIS draw as plain black.
    """
    theme = request.GET.get("theme", "clair")
    if theme not in THEMES:
        return refus(f"Thème « {theme} » inconnu. Thèmes : {', '.join(THEMES)}.", 404)
    publiques = [c for c in couches() if c.publique]
    noms = dict.fromkeys(nom_source(c) for c in publiques)
    regroupees = {g.nom for g in groupes()}
    sources: dict[str, Any] = {}
    for nom in noms:
        choisies, en_groupe = membres(nom)
        sources[nom] = {"type": "vector", **_source(request, nom, choisies, en_groupe)}
        cles = {e.nom: c.cle for c in choisies for e in c.elements if c.cle and c.nom == e.nom}
        if cles:
            sources[nom]["promoteId"] = cles
    fond = (
        []
        if theme == "photo"
        else [{"id": "fond", "type": "background", "paint": {"background-color": CALCAIRE}}]
    )
    return _json(
        request,
        {
            "version": 8,
            "name": "Plan cadastral",
            "metadata": {"images": images(publiques), "groupes": sorted(regroupees)},
            "sources": sources,
            "layers": [*fond, *(calques_fixes(theme) if request.GET.get("sig") else calques_publics(theme))],
        },
    )


@public
@require_safe
def tuile(request: HttpRequest, nom: str, z: int, x: int, y: int) -> HttpResponseBase:
    """Tile of an internal layer, for those who may see it; to others it does not exist."""
    try:
        demandee = couche(nom)
    except CoucheInconnue:
        raise Http404 from None
    if not demandee.visible_par(request.user):
        return refus(f"La couche « {nom} » n'existe pas.", 404)
    try:
        octets = tuile_interne(demandee, request.user, z, x, y)
    except TuileInvalide as erreur:
        return refus(f"La tuile {erreur} n'existe pas.", 404)
    return repondre_tuile(octets, "private, no-store", request)

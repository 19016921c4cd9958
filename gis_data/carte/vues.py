"""JSON answers of the map: identify, one object, objects in view, layers, days, measures, coordinates."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.contrib.gis.db.models import Extent
from django.contrib.gis.geos import Polygon
from django.db.models import Max, Min
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from gis_data.acces import connecte, public
from gis_data.carte.choix import (
    INTERNE,
    PUBLIQUE,
    couche_de,
    couches_de,
    couches_demandees,
    expression,
    objets_du_jour,
    politique,
)
from gis_data.carte.comptes import comptes, vides
from gis_data.carte.filtres import lire_filtres, valeurs
from gis_data.carte.identifier import identifier, objet_par_cle
from gis_data.carte.legende import legende
from gis_data.carte.liste import PAR_COUCHE, lister
from gis_data.carte.mesure import MesureImpossible, lire_points, mesurer
from gis_data.carte.reperes import CoordonneesIllisibles, lire_coordonnees, systemes
from gis_data.couches import Couche, CoucheInconnue, couches
from gis_data.couches.style import THEMES, calques, images
from gis_data.tuiles.intergiciel import refus
from gis_data.tuiles.vues import ZOOM_SOURCE_MAX

# An internal layer is counted anew at each demand.
COMPTE_INTERNE_MAX = 10_000


def _reponse(contenu: dict[str, Any], garde: str = PUBLIQUE) -> JsonResponse:
    reponse = JsonResponse(contenu, json_dumps_params={"ensure_ascii": False})
    reponse["Cache-Control"] = garde
    return reponse


def _nombre(request: HttpRequest, nom: str, bas: float, haut: float) -> float:
    brut = request.GET.get(nom, "")
    try:
        valeur = float(brut.replace(",", "."))
    except ValueError:
        raise ValueError(f"Le paramètre « {nom} » doit être un nombre.") from None
    if not bas <= valeur <= haut:
        raise ValueError(f"Le paramètre « {nom} » doit être compris entre {bas:g} et {haut:g}.")
    return valeur


def lire_jour(request: HttpRequest) -> datetime.date | None:
    """``?jour=AAAA-MM-JJ``, null without; ``ValueError`` with words."""
    brut = request.GET.get("jour", "")
    if not brut:
        return None
    try:
        return datetime.date.fromisoformat(brut)
    except ValueError:
        raise ValueError("Le paramètre « jour » doit être une date AAAA-MM-JJ.") from None


def lire_boite(request: HttpRequest) -> tuple[float, float, float, float]:
    """``?bbox=`` in degrees, in order and in the world; ``ValueError`` with words."""
    brut = request.GET.get("bbox", "").split(",")
    try:
        ouest, sud, est, nord = map(float, brut)
    except ValueError:
        raise ValueError("Le paramètre « bbox » doit être « ouest,sud,est,nord » en degrés.") from None
    if not (-180 <= ouest <= est <= 180 and -85 <= sud <= nord <= 85):
        raise ValueError("Le paramètre « bbox » doit aller d'ouest en est et du sud au nord, dans le monde.")
    return ouest, sud, est, nord


def _inconnue(erreur: CoucheInconnue) -> JsonResponse:
    return refus(f"La couche « {erreur} » n'existe pas.", 404)


def _non_chargees(choisies: Iterable[Couche]) -> list[str]:
    """« Nothing here » and « not loaded » are two answers; an internal layer may well be empty."""
    return vides(c for c in choisies if c.publique)


@public
@require_safe
def vue_identifier(request: HttpRequest) -> JsonResponse:
    """``?lon=&lat=&zoom=&couches=&jour=&filtres=``: objects under the point, and layers not loaded."""
    try:
        lon, lat = _nombre(request, "lon", -180, 180), _nombre(request, "lat", -85, 85)
        zoom, jour = _nombre(request, "zoom", 0, 24), lire_jour(request)
        choisies = couches_demandees(request)
    except ValueError as erreur:
        return refus(str(erreur), 400)
    except CoucheInconnue as erreur:
        return _inconnue(erreur)
    garde = politique(choisies)
    lecteur = None if garde == PUBLIQUE else request.user
    filtres = lire_filtres(request.GET.get("filtres", ""))
    trouves = identifier(choisies, lecteur, lon, lat, zoom, jour, filtres)
    contenu = {"lon": lon, "lat": lat, "objets": [o.en_json() for o in trouves]}
    return _reponse({**contenu, "non_chargees": _non_chargees(choisies)}, garde)


@public
@require_safe
def vue_liste(request: HttpRequest) -> JsonResponse:
    """``?bbox=&zoom=&couches=&jour=&filtres=&depart=``: objects in view, ``PAR_COUCHE`` a layer."""
    try:
        boite, zoom, jour = lire_boite(request), _nombre(request, "zoom", 0, 24), lire_jour(request)
        depart = int(_nombre(request, "depart", 0, 1000)) if "depart" in request.GET else 0
        choisies = couches_demandees(request)
    except ValueError as erreur:
        return refus(str(erreur), 400)
    except CoucheInconnue as erreur:
        return _inconnue(erreur)
    garde = politique(choisies)
    lecteur = None if garde == PUBLIQUE else request.user
    filtres = lire_filtres(request.GET.get("filtres", ""))
    rubriques = lister(choisies, lecteur, boite, zoom, jour=jour, filtres=filtres, depart=depart)
    contenu = {"rubriques": [r.en_json() for r in rubriques], "pas": PAR_COUCHE}
    return _reponse({**contenu, "non_chargees": _non_chargees(choisies)}, garde)


@public
@require_safe
def vue_objet(request: HttpRequest, nom: str, cle: str) -> JsonResponse:
    """One object of a layer by its key, with its extent in degrees."""
    try:
        demandee = couche_de(request, nom)
    except CoucheInconnue as erreur:
        return _inconnue(erreur)
    if not demandee.cle:
        return refus(f"La couche « {nom} » n'a pas d'objets à ouvrir par leur identifiant.", 404)
    # PostgreSQL refuses a text that holds a NUL.
    objets = demandee.objets(None if demandee.publique else request.user)
    objets = objets.filter(**{demandee.cle: cle.replace("\0", " ")})
    trouve = objet_par_cle(demandee, objets)
    if trouve is None:
        return refus(f"« {cle[:40]} » : aucun objet de ce nom dans la couche « {demandee.libelle} ».", 404)
    boite = objets.aggregate(boite=Extent(demandee.geometrie))["boite"]
    emprise = None
    if boite:
        cadre = Polygon.from_bbox(boite)
        cadre.srid = settings.TERRITOIRE_SRID
        emprise = cadre.transform(4326, clone=True).extent
    return _reponse({**trouve.en_json(), "bbox": emprise}, politique([demandee]))


def _decrire(c: Couche, lignes: list[dict[str, Any]], nombre: int) -> dict[str, Any]:
    return {
        "nom": c.nom,
        "libelle": c.libelle,
        "theme": c.theme,
        "publique": c.publique,
        "zoom_min": c.zoom_min,
        "zoom_max": c.zoom_max,
        "visible": c.visible,
        "objets": nombre,
        "tilejson": f"/tuiles/{c.nom}.json" if c.publique else None,
        "attributs": {a.nom: a.libelle for a in c.attributs},
        "legende": lignes,
    }


@public
@require_safe
def vue_couches(request: HttpRequest) -> JsonResponse:
    """Layers with their label, zooms, number of objects, legend; ``?internes=1`` adds the reader's own."""
    choisies = [c for c in couches() if c.publique]
    if request.GET.get("internes"):
        choisies = couches_de(request.user)
    nombres = comptes()
    for c in choisies:
        if not c.publique:
            nombres[c.nom] = c.objets(request.user)[: COMPTE_INTERNE_MAX + 1].count()
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
    decrites = [_decrire(c, lignes.get(c.nom, []), nombres[c.nom]) for c in choisies]
    return _reponse({"couches": decrites}, politique(choisies))


@public
@require_safe
def vue_filtres(request: HttpRequest, nom: str) -> JsonResponse:
    """Values that the filters of a layer offer, with the number of objects of each."""
    try:
        choisie = couche_de(request, nom)
    except CoucheInconnue as erreur:
        return _inconnue(erreur)
    offerts = valeurs(choisie, choisie.objets(None if choisie.publique else request.user))
    return _reponse({"couche": nom, "filtres": offerts}, politique([choisie]))


@public
@require_safe
def vue_jours(request: HttpRequest) -> JsonResponse:
    """First and last day said by the layers that have dates (``?couches=``); nulls without any."""
    try:
        choisies = [c for c in couches_demandees(request) if c.dates]
    except CoucheInconnue as erreur:
        return _inconnue(erreur)
    garde = politique(choisies)
    jours: list[datetime.date] = []
    for c in choisies:
        debut, fin = (expression(c.attribut(nom)) for nom in c.dates or ())
        objets = objets_du_jour(c, None if c.publique else request.user)
        bornes = objets.annotate(j_debut=debut, j_fin=fin).aggregate(
            a=Min("j_debut"), b=Max("j_debut"), c=Max("j_fin")
        )
        jours += [jour for jour in bornes.values() if jour]
    contenu = {"debut": min(jours, default=None), "fin": max(jours, default=None)}
    return _reponse(contenu, garde)


@public
@require_safe
def vue_mesure(request: HttpRequest) -> JsonResponse:
    """``?genre=ligne|surface&points=lon,lat;…``: lengths and area in the legal projection."""
    genre = request.GET.get("genre", "ligne")
    if genre not in ("ligne", "surface"):
        return refus("Le paramètre « genre » doit être « ligne » ou « surface ».", 400)
    try:
        mesure = mesurer(lire_points(request.GET.get("points", "")), surface=genre == "surface")
    except MesureImpossible as erreur:
        return refus(str(erreur), 400)
    return _reponse(
        {
            "longueur": round(mesure.longueur, 3),
            "aire": None if mesure.aire is None else round(mesure.aire, 3),
            "troncons": [round(t, 3) for t in mesure.troncons],
            "croisee": mesure.croisee,
            "projection": systemes(settings.TERRITOIRE_SRID)[0].nom,
        }
    )


@public
@require_safe
def vue_coordonnees(request: HttpRequest) -> JsonResponse:
    """``?texte=&systeme=``: places that a text of coordinates may mean."""
    try:
        lectures = lire_coordonnees(
            request.GET.get("texte", ""), settings.TERRITOIRE_SRID, request.GET.get("systeme", "")
        )
    except CoordonneesIllisibles as erreur:
        return refus(str(erreur), 400)
    return _reponse({"lieux": [lecture.en_json() for lecture in lectures]})


@connecte
@require_safe
def vue_style_interne(request: HttpRequest) -> HttpResponse:
    """Sources, drawings and images of the reader's internal layers, to lay over the public style."""
    theme = request.GET.get("theme", "clair")
    if theme not in THEMES:
        return refus(f"Thème « {theme} » inconnu. Thèmes : {', '.join(THEMES)}.", 404)
    choisies = [c for c in couches_de(request.user) if not c.publique]
    sources: dict[str, Any] = {}
    for c in choisies:
        racine = request.build_absolute_uri(f"/tuiles/{c.nom}/")
        sources[c.nom] = {
            "type": "vector",
            "tiles": [racine + "{z}/{x}/{y}.pbf"],
            "minzoom": min(e.zoom_min for e in c.elements),
            "maxzoom": max(min(e.zoom_max, ZOOM_SOURCE_MAX) for e in c.elements),
            "attribution": c.source,
        }
        if c.cle and any(e.nom == c.nom for e in c.elements):
            sources[c.nom]["promoteId"] = {c.nom: c.cle}
    contenu = {"sources": sources, "layers": calques(choisies, theme), "images": images(choisies)}
    return _reponse(contenu, INTERNE)

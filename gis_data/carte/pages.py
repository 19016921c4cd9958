"""The map page and the map that other sites may frame."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from gis_data.acces import public
from gis_data.carte import extensions, reperes
from gis_data.carte.choix import INTERNE, couches_de
from gis_data.carte.fonds import fonds_de_carte
from gis_data.carte.integration import encadrable
from gis_data.carte.legende import Ligne, legende
from gis_data.couches import Couche, Genre, couches
from gis_data.couches.style import nom_source
from gis_data.emprise import emprise_lonlat, emprises_lonlat

# Where the map looks when nothing is loaded.
FRANCE = (-5.2, 41.3, 9.6, 51.1)
# Shown last and folded where a trade has something to show: it is the ground under the rest.
THEME_DU_PLAN = "Plan cadastral"


def _themes(choisies: list[Couche]) -> list[dict[str, Any]]:
    """Layers by theme, each with the lines of its legend; the plan under the trades."""
    lignes: dict[str, list[Ligne]] = {}
    for ligne in legende(choisies):
        lignes.setdefault(ligne.couche, []).append(ligne)
    themes: dict[str, list[dict[str, Any]]] = {}
    for c in choisies:
        themes.setdefault(c.theme, []).append({"couche": c, "lignes": lignes.get(c.nom, [])})
    ordonnes = sorted(themes.items(), key=lambda t: t[0] == THEME_DU_PLAN)
    return [
        {"nom": nom, "couches": contenu, "ouvert": nom != THEME_DU_PLAN or len(themes) == 1}
        for nom, contenu in ordonnes
    ]


def _description(c: Couche) -> dict[str, Any]:
    """What the browser must know of a layer besides its style."""
    propre = next((e for e in c.elements if e.nom == c.nom), None)
    return {
        "nom": c.nom,
        "libelle": c.libelle,
        "theme": c.theme,
        "zoom_min": c.zoom_min,
        "visible": c.visible,
        "publique": c.publique,
        "identifiable": c.identifiable,
        "source": nom_source(c),
        # Only a layer with a key in its own element can be marked on the map.
        "cle": c.cle if propre else None,
        "dates": list(c.dates) if c.dates else None,
        "survol": list(c.survol),
        "filtres": {nom: c.attribut(nom).genre is Genre.DATE for nom in c.filtres},
    }


def _adresse(nom: str) -> str | None:
    try:
        return reverse(nom)
    except NoReverseMatch:
        return None


def _page(request: HttpRequest, gabarit: str, choisies: list[Couche], *, integree: bool) -> HttpResponse:
    emprise = emprise_lonlat()
    srid = settings.TERRITOIRE_SRID
    reglages = {
        "emprise": emprise or FRANCE,
        # Communes far apart: the map opens on the first, for none is drawn from so high.
        "premiere": next(iter(emprises_lonlat()), None),
        "vide": emprise is None,
        "systemes": [s.en_json() for s in reperes.systemes(srid)],
        "fonds": fonds_de_carte(),
        "integree": integree,
        "couches": [_description(c) for c in choisies],
        "internes": any(not c.publique for c in choisies),
        # The print page is another part of the house: without it the browser prints what it shows.
        "impression": None if integree else _adresse("carte_impression"),
        **({} if integree else extensions.reglages(request)),
    }
    contexte = {
        "reglages": reglages,
        "themes": _themes(choisies),
        "vide": emprise is None,
        "fonds": reglages["fonds"],
        "integree": integree,
    }
    reponse = render(request, gabarit, contexte)
    if reglages["internes"]:
        reponse["Cache-Control"] = INTERNE
    return reponse


@public
@require_safe
def carte(request: HttpRequest) -> HttpResponse:
    """The map, with the internal layers of the reader."""
    return _page(request, "gis_data/carte.html", couches_de(request.user), integree=False)


@public
@require_safe
@xframe_options_exempt
@encadrable
def carte_integree(request: HttpRequest) -> HttpResponse:
    """The public map alone, the only page that another site may frame, where the administrator lists it."""
    return _page(request, "gis_data/carte_integree.html", [c for c in couches() if c.publique], integree=True)

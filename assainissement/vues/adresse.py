"""Public page « Mon adresse »: which zone, what applies, what it costs. Nothing typed is kept."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.gis.geos import GEOSGeometry, Point
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from assainissement import adresse
from assainissement.saisies import est_idu
from gis_data.acces import public
from gis_data.dessin.champ import ChampDessin
from mairie.recherche import Demande, Resultat, chercher

CHOIX_MAX = 10


class FormulairePoint(forms.Form):
    """A click on the map."""

    geom = ChampDessin(
        label="Ou montrez le lieu sur la carte", required=False, genres=("point",), simple=True
    )


@public
@require_safe
def mon_adresse(request: HttpRequest) -> HttpResponse:
    """An address, a parcel or a click; several answers are offered, none is guessed."""
    texte = " ".join(request.GET.get("q", "").split())[:120]
    formulaire = FormulairePoint(request.GET if request.GET.get("geom") else None)
    erreur, nom = "", request.GET.get("nom", "")[:120]
    lieu: GEOSGeometry | None = None
    choix: list[tuple[str, str, str]] = []
    if formulaire.is_bound:
        if formulaire.is_valid():
            lieu = formulaire.cleaned_data["geom"]
            nom = "le point montré sur la carte"
    elif "lon" in request.GET or "lat" in request.GET:
        lieu = _point(request)
        if lieu is None:
            erreur = "Ces coordonnées ne sont pas lisibles : cherchez plutôt une adresse."
    elif idu := request.GET.get("parcelle", "").strip().upper():
        p = adresse.parcelle(idu) if est_idu(idu) else None
        if p is None:
            erreur = "Cette parcelle n'est pas au plan d'aujourd'hui : cherchez plutôt une adresse."
        else:
            lieu, nom = p.geom, f"la parcelle {idu}"
    elif texte:
        choix = _chercher(request, texte)
        if not choix:
            erreur = (
                "Aucune adresse ni parcelle ne répond : vérifiez l'orthographe, ou montrez le lieu sur la"
                " carte."
            )
    contexte: dict[str, Any] = {
        "q": texte,
        "nom": nom,
        "choix": choix,
        "erreur": erreur,
        "formulaire": formulaire,
        "lieu": adresse.situer(lieu, timezone.localdate()) if lieu is not None else None,
    }
    statut = 404 if erreur and not texte else 200
    return render(request, "assainissement/mon_adresse.html", contexte, status=statut)


def _point(request: HttpRequest) -> Point | None:
    try:
        lon, lat = float(request.GET.get("lon", "")), float(request.GET.get("lat", ""))
    except ValueError:
        return None
    if not (-180 <= lon <= 180 and -85 <= lat <= 85):
        return None
    p = Point(lon, lat, srid=4326)
    p.transform(settings.TERRITOIRE_SRID)
    return p if p.valid and not p.empty else None


def _chercher(request: HttpRequest, texte: str) -> list[tuple[str, str, str]]:
    """What the public search box finds here: words, more words, address of the answer."""
    from django.contrib.auth.models import AnonymousUser

    trouves = chercher(Demande(texte, AnonymousUser(), limite=CHOIX_MAX)).resultats
    return [(r.titre, r.sous_titre, lien) for r in trouves if (lien := _adresse(r))][:CHOIX_MAX]


def _adresse(r: Resultat) -> str:
    page = reverse("ass_mon_adresse")
    if r.idu and r.type == "parcelle":
        return f"{page}?{urlencode({'parcelle': r.idu})}"
    if r.point and r.type in ("numero", "voie"):
        return f"{page}?{urlencode({'lon': f'{r.point[0]:.6f}', 'lat': f'{r.point[1]:.6f}', 'nom': r.titre})}"
    return ""

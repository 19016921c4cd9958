"""Views of ``/ogc/``: negotiation of the form, refusals in words, cache policy by layer."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from gis_data.acces import public
from gis_data.carte.choix import INTERNE, PUBLIQUE, couche_de, couches_de, politique
from gis_data.carte.identifier import MUETS, en_mots
from gis_data.couches import Couche, CoucheInconnue
from gis_data.ogc import documents, openapi
from gis_data.ogc.documents import GEOJSON, HTML, JSON, OPENAPI, SCHEMA, Adresses
from gis_data.ogc.lecture import Objet, Page, en_geojson, lire_objet, lire_page
from gis_data.ogc.parametres import (
    D_UN_OBJET,
    Demande,
    ParametreRefuse,
    lire,
    lire_repere,
    refuser_inconnus,
)
from gis_data.tuiles.intergiciel import empreinte_de, gzip

Vue = Callable[..., HttpResponse]
# Columns of a page of features beside their name; all are on the feature's own page.
COLONNES = 6


def _en_html(request: HttpRequest) -> bool:
    """Whether the caller wants a page: said by ``f``, else by the Accept header."""
    choisi = request.GET.get("f")
    if choisi is not None:
        if choisi not in ("json", "html"):
            raise ParametreRefuse(
                f"« f » : « {choisi[:20]} » n'est pas offert. Formes offertes : json, html."
            )
        return choisi == "html"
    poids = {HTML: 0.0, JSON: 0.0}
    for morceau in request.headers.get("Accept", "").lower().split(","):
        genre, *options = (m.strip() for m in morceau.split(";"))
        q = next((o[2:] for o in options if o.startswith("q=")), "1")
        valeur = float(q) if re.fullmatch(r"[01](\.\d{0,3})?", q) else 0.0
        if genre in ("text/html", "application/xhtml+xml"):
            poids[HTML] = max(poids[HTML], valeur)
        elif genre in ("*/*", JSON, GEOJSON, SCHEMA) or genre.startswith("application/vnd.oai.openapi"):
            # « */* » alone comes from programs; browsers name HTML first.
            poids[JSON] = max(poids[JSON], valeur)
    return poids[HTML] > 0 and poids[HTML] >= poids[JSON]


def _finir(request: HttpRequest, reponse: HttpResponse, garde: str) -> HttpResponse:
    """Headers of the cache; a public document says its tag and is sent compressed."""
    reponse["Cache-Control"] = garde
    reponse["Vary"] = "Accept, Accept-Encoding"
    if garde == INTERNE or reponse.status_code != 200:
        return reponse
    if reponse["Content-Type"].startswith(HTML):
        # Its head says who reads it.
        reponse["Cache-Control"] = "private, no-cache"
        reponse["Vary"] = "Accept, Cookie"
        return reponse
    empreinte = empreinte_de(reponse.content)
    reponse["ETag"] = empreinte
    if empreinte in request.headers.get("If-None-Match", ""):
        reponse.status_code = 304
        reponse.content = b""
    elif "gzip" in request.headers.get("Accept-Encoding", ""):
        reponse.content = gzip(reponse.content)
        reponse["Content-Encoding"] = "gzip"
    return reponse


def _json(contenu: Any, genre: str = JSON, statut: int = 200) -> HttpResponse:
    texte = contenu if isinstance(contenu, str) else json.dumps(contenu, ensure_ascii=False)
    return HttpResponse(texte, content_type=genre, status=statut)


def _refus(request: HttpRequest, statut: int, phrase: str) -> HttpResponse:
    try:
        html = _en_html(request)
    except ParametreRefuse:
        html = False
    if html:
        contexte = {"titre": "Demande refusée" if statut == 400 else "Introuvable", "phrase": phrase}
        reponse = render(request, "gis_data/ogc/refus.html", contexte, status=statut)
    else:
        code = "InvalidParameterValue" if statut == 400 else "NotFound"
        reponse = _json({"code": code, "description": phrase}, statut=statut)
    return _finir(request, reponse, "no-store")


def ressource(vue: Vue) -> Vue:
    """Mark as open to all, read only; say refusals as the standard wants, in the caller's form."""

    @public
    @require_safe
    @wraps(vue)
    def gardee(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return vue(request, *args, **kwargs)
        except ParametreRefuse as erreur:
            return _refus(request, 400, str(erreur))
        except CoucheInconnue as erreur:
            return _refus(request, 404, f"La couche « {str(erreur)[:60]} » n'existe pas.")

    return gardee


def _document(
    request: HttpRequest,
    gabarit: str,
    garde: str,
    faire: Callable[[Adresses, str], dict[str, Any]],
    **autres: Any,
) -> HttpResponse:
    """A document of the service in the form asked; it takes no parameter but that."""
    refuser_inconnus(request.GET, ("f",))
    html = _en_html(request)
    contenu = faire(Adresses(request), HTML if html else JSON)
    if html:
        contexte = {"document": contenu, "json": Adresses(request).avec(f="json"), **autres}
        return _finir(request, render(request, f"gis_data/ogc/{gabarit}.html", contexte), garde)
    return _finir(request, _json(contenu), garde)


@ressource
def accueil(request: HttpRequest) -> HttpResponse:
    """Landing page."""
    return _document(request, "accueil", PUBLIQUE, documents.accueil)


@ressource
def conformite(request: HttpRequest) -> HttpResponse:
    """Conformance classes."""
    return _document(request, "conformite", PUBLIQUE, documents.conformite)


def _lisibles(request: HttpRequest) -> tuple[list[Couche], str]:
    """Layers that the caller may read, and the policy of an answer about them.

    The list depends on who asks even where it holds public layers only.
    """
    choisies = couches_de(request.user)
    return choisies, INTERNE if request.user.is_authenticated else politique(choisies)


@ressource
def collections(request: HttpRequest) -> HttpResponse:
    """Layers."""
    choisies, garde = _lisibles(request)
    themes: dict[str, list[Couche]] = {}
    for couche in choisies:
        themes.setdefault(couche.theme, []).append(couche)

    def faire(a: Adresses, genre: str) -> dict[str, Any]:
        # The page names the layers alone.
        return {} if genre == HTML else documents.collections(a, choisies, request.user, genre)

    return _document(request, "collections", garde, faire, themes=themes)


@ressource
def collection(request: HttpRequest, nom: str) -> HttpResponse:
    """One layer."""
    couche = couche_de(request, nom)
    return _document(
        request,
        "collection",
        politique([couche]),
        lambda a, genre: documents.decrite(a, couche, request.user, genre),
        couche=couche,
    )


@ressource
def proprietes(request: HttpRequest, nom: str) -> HttpResponse:
    """Properties that filter a layer."""
    couche = couche_de(request, nom)
    reponse = _document(
        request,
        "collection",
        politique([couche]),
        lambda a, _: documents.proprietes(a, couche),
        couche=couche,
    )
    if reponse["Content-Type"] == JSON:
        reponse["Content-Type"] = SCHEMA
    return reponse


@ressource
def api(request: HttpRequest) -> HttpResponse:
    """OpenAPI description, or its manual."""
    choisies, garde = _lisibles(request)
    reponse = _document(
        request,
        "api",
        garde,
        lambda a, _: openapi.description(a, choisies),
        exemple=choisies[0] if choisies else None,
    )
    if reponse["Content-Type"] == JSON:
        reponse["Content-Type"] = OPENAPI
    return reponse


@ressource
def objets(request: HttpRequest, nom: str) -> HttpResponse:
    """Features of a layer, page by page."""
    couche = couche_de(request, nom)
    demande = lire(request.GET.dict(), couche)
    html = _en_html(request)
    page = lire_page(demande, request.user)
    a = Adresses(request)
    liens = documents.liens_de_page(a, demande, page, HTML if html else GEOJSON)
    if html:
        reponse = _page_html(request, a, demande, page, liens)
    else:
        suite = json.dumps({"links": liens}, ensure_ascii=False)[1:]
        texte = (
            f'{{"type":"FeatureCollection","numberMatched":{page.total},"numberReturned":{len(page.objets)},'
            f'"features":[{",".join(en_geojson(couche, page.objets))}],{suite}'
        )
        reponse = _json(texte, GEOJSON)
    reponse["Content-Crs"] = f"<{demande.repere.uri}>"
    return _finir(request, reponse, politique([couche]))


def _titre(couche: Couche, objet: Objet) -> str:
    return couche.titre(documents.valeurs(couche, objet)) or f"{couche.libelle}, n° {objet.identifiant}"


def _page_html(
    request: HttpRequest, a: Adresses, demande: Demande, page: Page, liens: list[dict[str, str]]
) -> HttpResponse:
    couche = demande.couche
    montres = [x for x in couche.attributs if x.nom not in MUETS][:COLONNES]
    rangs = {x.nom: i for i, x in enumerate(couche.attributs)}
    lignes = [
        (
            f"{documents.RACINE}collections/{couche.nom}/items/{objet.identifiant}?f=html",
            _titre(couche, objet),
            [(x.libelle, en_mots(x, objet.valeurs[rangs[x.nom]])) for x in montres],
        )
        for objet in page.objets
    ]
    voisines = {lien["rel"]: lien["href"] for lien in liens if lien["rel"] in ("next", "prev")}
    contexte = {
        "couche": couche,
        "total": page.total,
        "nombre": len(page.objets),
        "colonnes": montres,
        "lignes": lignes,
        "suivante": voisines.get("next"),
        "precedente": voisines.get("prev"),
        "json": a.avec(f="json"),
        "filtres": [(couche.attribut(nom).libelle, valeur) for nom, valeur in demande.filtres.items()],
        "bornee": demande.bornee,
    }
    return render(request, "gis_data/ogc/objets.html", contexte)


@ressource
def objet(request: HttpRequest, nom: str, identifiant: str) -> HttpResponse:
    """One feature."""
    couche = couche_de(request, nom)
    donnes = request.GET.dict()
    refuser_inconnus(donnes, D_UN_OBJET)
    repere = lire_repere(donnes, "crs")
    html = _en_html(request)
    trouve = lire_objet(couche, request.user, identifiant, repere)
    if trouve is None:
        return _refus(
            request, 404, f"« {identifiant[:40]} » : aucun objet de ce nom dans « {couche.libelle} »."
        )
    a = Adresses(request)
    if html:
        attributs = documents.valeurs(couche, trouve)
        mots = [(x.libelle, en_mots(x, attributs[x.nom])) for x in couche.attributs if x.nom not in MUETS]
        contexte = {
            "couche": couche,
            "titre": _titre(couche, trouve),
            "fiche": couche.adresse(attributs),
            "lignes": [(libelle, mot) for libelle, mot in mots if mot],
            "json": a.avec(f="json"),
        }
        reponse = render(request, "gis_data/ogc/objet.html", contexte)
    else:
        (texte,) = en_geojson(couche, [trouve])
        liens = documents.liens_d_objet(a, couche, trouve, GEOJSON)
        reponse = _json(f'{texte[:-1]},"links":{json.dumps(liens, ensure_ascii=False)}}}', GEOJSON)
    reponse["Content-Crs"] = f"<{repere.uri}>"
    return _finir(request, reponse, politique([couche]))

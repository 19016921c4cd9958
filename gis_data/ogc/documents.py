"""Landing page, conformance, collections: what the service says of itself (OGC 17-069r4 §7.2 to 7.14)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest

from gis_data.couches import Attribut, Couche, Genre
from gis_data.ogc import reperes
from gis_data.ogc.lecture import Objet, Page, emprise_de
from gis_data.ogc.parametres import Demande

RACINE = "/ogc/"
GEOJSON = "application/geo+json"
JSON = "application/json"
HTML = "text/html"
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
SCHEMA = "application/schema+json"
QUERYABLES = "http://www.opengis.net/def/rel/ogc/1.0/queryables"
LICENCE = "https://www.etalab.gouv.fr/licence-ouverte-open-licence/"
CONFORMITE = (
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/html",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
    "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs",
)
TITRE = "Données géographiques de l'urbanisme"
DESCRIPTION = (
    "Toutes les couches de la carte, objet par objet, selon le standard OGC API Features : plan cadastral, "
    "document d'urbanisme, servitudes, risques et données des services."
)
NOMS_DE_GENRES = {
    Genre.TEXTE: "string",
    Genre.ENTIER: "integer",
    Genre.REEL: "number",
    Genre.BOOLEEN: "boolean",
    Genre.DATE: "string",
}


def lien(href: str, rel: str, genre: str, titre: str) -> dict[str, str]:
    """A link, as the standard wants them."""
    return {"href": href, "rel": rel, "type": genre, "title": titre, "hreflang": "fr"}


class Adresses:
    """Absolute addresses of the service, as the caller reaches it."""

    def __init__(self, request: HttpRequest) -> None:
        self.site = request.build_absolute_uri("/").rstrip("/")
        self.ici = request.build_absolute_uri(request.path)
        self.parametres: dict[str, str] = request.GET.dict()

    def de(self, suite: str = "", **parametres: str) -> str:
        """Address of a resource of the service."""
        suite_ = f"?{urlencode(parametres)}" if parametres else ""
        return f"{self.site}{RACINE}{suite}{suite_}"

    def avec(self, retirer: Iterable[str] = (), **autres: str | int) -> str:
        """This very address with other parameters."""
        gardes = {nom: valeur for nom, valeur in self.parametres.items() if nom not in retirer}
        suite = urlencode({**gardes, **autres}, safe=",/:")
        return f"{self.ici}?{suite}" if suite else self.ici

    def formes(self, genre: str, propre: str = JSON) -> list[dict[str, str]]:
        """This document, and the same in the other form."""
        autres = {propre: ("json", "Ce document en JSON"), HTML: ("html", "Cette page")}
        liens = []
        for forme, (code, titre) in autres.items():
            rel = "self" if forme == genre else "alternate"
            liens.append(lien(self.avec(f=code), rel, forme, titre))
        return sorted(liens, key=lambda ecrit: ecrit["rel"], reverse=True)


def accueil(a: Adresses, genre: str) -> dict[str, Any]:
    """Landing page."""
    return {
        "title": TITRE,
        "description": DESCRIPTION,
        "links": [
            *a.formes(genre),
            lien(a.de("api", f="json"), "service-desc", OPENAPI, "Description OpenAPI 3.0"),
            lien(a.de("api", f="html"), "service-doc", HTML, "Mode d'emploi"),
            lien(a.de("conformance"), "conformance", JSON, "Parties du standard respectées"),
            lien(a.de("collections"), "data", JSON, "Couches"),
            lien(f"{a.site}/tuiles/style.json", "related", JSON, "Style MapLibre des tuiles vectorielles"),
        ],
    }


def conformite(a: Adresses, genre: str) -> dict[str, Any]:
    """Conformance classes."""
    return {"conformsTo": list(CONFORMITE), "links": a.formes(genre)}


def collection(a: Adresses, couche: Couche, utilisateur: Any) -> dict[str, Any]:
    """What is said of a layer. Its links come with it."""
    chemin = f"collections/{couche.nom}"
    tilejson = f"{a.site}/tuiles/{couche.nom}.json"
    liens = [
        lien(a.de(f"{chemin}/items", f="json"), "items", GEOJSON, f"{couche.libelle} en GeoJSON"),
        lien(a.de(f"{chemin}/items", f="html"), "items", HTML, f"{couche.libelle}, page à page"),
        lien(a.de(f"{chemin}/queryables"), QUERYABLES, SCHEMA, "Propriétés qui filtrent"),
    ]
    if couche.publique:
        liens.append(lien(tilejson, "related", JSON, "Tuiles vectorielles (TileJSON)"))
        liens.append(lien(LICENCE, "license", HTML, "Licence Ouverte 2.0"))
    etendue: dict[str, Any] = {
        "spatial": {"bbox": [list(emprise_de(couche, utilisateur))], "crs": reperes.CRS84}
    }
    if couche.dates:
        etendue["temporal"] = {
            "interval": [[None, None]],
            "trs": "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian",
        }
    return {
        "id": couche.nom,
        "title": couche.libelle,
        "description": f"{couche.theme}. Source : {couche.source}.",
        "attribution": couche.source,
        "extent": etendue,
        "itemType": "feature",
        "crs": list(reperes.tous()),
        "storageCrs": reperes.de_stockage().uri,
        "links": liens,
    }


def decrite(a: Adresses, couche: Couche, utilisateur: Any, genre: str) -> dict[str, Any]:
    """A layer, as a document of its own."""
    contenu = collection(a, couche, utilisateur)
    contenu["links"] = [*a.formes(genre), *contenu["links"]]
    return contenu


def collections(a: Adresses, choisies: Iterable[Couche], utilisateur: Any, genre: str) -> dict[str, Any]:
    """All layers that the caller may read."""
    decrites = []
    for couche in choisies:
        contenu = collection(a, couche, utilisateur)
        chemin = a.de(f"collections/{couche.nom}")
        contenu["links"] = [
            lien(f"{chemin}?f=json", "self", JSON, couche.libelle),
            lien(f"{chemin}?f=html", "alternate", HTML, couche.libelle),
            *contenu["links"],
        ]
        decrites.append(contenu)
    return {"links": a.formes(genre), "crs": list(reperes.tous()), "collections": decrites}


def propriete(attribut: Attribut) -> dict[str, Any]:
    """JSON schema of an attribute."""
    schema: dict[str, Any] = {"type": NOMS_DE_GENRES[attribut.genre], "title": attribut.libelle}
    if attribut.genre is Genre.DATE:
        schema["format"] = "date"
    if attribut.valeurs:
        mots = ", ".join(f"{code} = {mot}" for code, mot in list(attribut.valeurs.items())[:12])
        schema["description"] = f"Codes : {mots}" + (", …" if len(attribut.valeurs) > 12 else ".")
    return schema


def proprietes(a: Adresses, couche: Couche) -> dict[str, Any]:
    """JSON schema of what filters a layer."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": a.de(f"collections/{couche.nom}/queryables"),
        "type": "object",
        "title": couche.libelle,
        "properties": {attribut.nom: propriete(attribut) for attribut in couche.attributs},
        "additionalProperties": False,
    }


def liens_de_page(a: Adresses, demande: Demande, page: Page, genre: str) -> list[dict[str, str]]:
    """Links of a page of features: both forms, the page after, the page before."""
    couche = demande.couche
    liens = a.formes(genre, GEOJSON)
    code = "html" if genre == HTML else "json"
    rangs = ("offset", "apres", "avant")
    if page.suivi and page.objets:
        suite = a.avec(rangs, apres=page.objets[-1].rang, f=code)
        liens.append(lien(suite, "next", genre, "Page suivante"))
    if page.precede and page.objets:
        avant = a.avec(rangs, avant=page.objets[0].rang, f=code)
        liens.append(lien(avant, "prev", genre, "Page précédente"))
    liens.append(lien(a.de(f"collections/{couche.nom}"), "collection", JSON, couche.libelle))
    return liens


def liens_d_objet(a: Adresses, couche: Couche, objet: Objet, genre: str) -> list[dict[str, str]]:
    """Links of one feature."""
    return [
        *a.formes(genre, GEOJSON),
        lien(a.de(f"collections/{couche.nom}"), "collection", JSON, couche.libelle),
    ]


def valeurs(couche: Couche, objet: Objet) -> Mapping[str, Any]:
    """Attributes of a feature by name."""
    return dict(zip((a.nom for a in couche.attributs), objet.valeurs, strict=True))

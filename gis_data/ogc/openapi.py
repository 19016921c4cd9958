"""OpenAPI 3.0 description of the service, one path a layer: each has properties of its own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from gis_data.couches import Attribut, Couche
from gis_data.ogc import reperes
from gis_data.ogc.documents import (
    DESCRIPTION,
    GEOJSON,
    HTML,
    JSON,
    SCHEMA,
    TITRE,
    Adresses,
    propriete,
)
from gis_data.ogc.parametres import DECALAGE_MAX, ENTIER_MAX, LIMITE, LIMITE_MAX

_REFUS = {"$ref": "#/components/responses/Refus"}


def _parametre(nom: str, description: str, schema: dict[str, Any], **autres: Any) -> dict[str, Any]:
    return {
        "name": nom,
        "in": "query",
        "required": False,
        "description": description,
        "schema": schema,
        **autres,
    }


def _ref(nom: str) -> dict[str, str]:
    return {"$ref": f"#/components/parameters/{nom}"}


def _parametres() -> dict[str, Any]:
    systemes = list(reperes.tous())
    rang = {"type": "integer", "minimum": 0, "maximum": ENTIER_MAX}
    return {
        "f": _parametre(
            "f",
            "forme de la réponse ; sans lui, l'en-tête Accept décide",
            {"type": "string", "enum": ["json", "html"]},
        ),
        "bbox": _parametre(
            "bbox",
            "quatre nombres (six avec les altitudes), dans l'ordre des axes de bbox-crs",
            {
                "type": "array",
                "oneOf": [{"minItems": 4, "maxItems": 4}, {"minItems": 6, "maxItems": 6}],
                "items": {"type": "number"},
            },
            style="form",
            explode=False,
        ),
        "bbox-crs": _parametre(
            "bbox-crs",
            "système de coordonnées de bbox",
            {"type": "string", "format": "uri", "enum": systemes, "default": reperes.CRS84},
        ),
        "crs": _parametre(
            "crs",
            "système de coordonnées de la réponse",
            {"type": "string", "format": "uri", "enum": systemes, "default": reperes.CRS84},
        ),
        "datetime": _parametre(
            "datetime",
            "jour, instant ou intervalle ; les couches sans dates répondent comme sans lui",
            {"type": "string"},
        ),
        "limit": _parametre(
            "limit",
            f"objets par page ; au-delà de {LIMITE_MAX}, {LIMITE_MAX}",
            {"type": "integer", "minimum": 1, "maximum": LIMITE_MAX, "default": LIMITE},
        ),
        "offset": _parametre(
            "offset",
            "objets à passer",
            {"type": "integer", "minimum": 0, "maximum": DECALAGE_MAX, "default": 0},
        ),
        "apres": _parametre("apres", "rang qui précède la page : suivez le lien « next »", rang),
        "avant": _parametre("avant", "rang qui suit la page : suivez le lien « prev »", rang),
        "objet": {
            "name": "featureId",
            "in": "path",
            "required": True,
            "description": "identifiant de l'objet",
            "schema": {"type": "string"},
        },
    }


def _filtre(attribut: Attribut) -> dict[str, Any]:
    schema = {cle: v for cle, v in propriete(attribut).items() if cle in ("type", "format")}
    return _parametre(attribut.nom, attribut.libelle, schema, style="form", explode=False)


def _reponses(genre: str, schema: str, description: str, *, introuvable: bool = False) -> dict[str, Any]:
    contenu = {
        genre: {"schema": {"$ref": f"#/components/schemas/{schema}"}},
        HTML: {"schema": {"type": "string"}},
    }
    reponses = {"200": {"description": description, "content": contenu}, "400": _REFUS}
    if introuvable:
        reponses["404"] = _REFUS
    return reponses


def _lecture(
    identifiant: str, resume: str, etiquette: str, reponses: Any, parametres: list[Any]
) -> dict[str, Any]:
    return {
        "get": {
            "operationId": identifiant,
            "summary": resume,
            "tags": [etiquette],
            "parameters": parametres,
            "responses": reponses,
        }
    }


def _chemins(couche: Couche) -> dict[str, Any]:
    racine, nom, titre = f"/collections/{couche.nom}", couche.nom, couche.libelle
    communs = [
        _ref(p) for p in ("bbox", "bbox-crs", "crs", "datetime", "limit", "offset", "apres", "avant", "f")
    ]
    page = _reponses(GEOJSON, "Collection", f"{titre}, une page")
    objet = _reponses(GEOJSON, "Objet", "l'objet", introuvable=True)
    return {
        racine: _lecture(
            f"decrire_{nom}",
            f"{titre} : description",
            "Couches",
            _reponses(JSON, "Couche", "la couche"),
            [_ref("f")],
        ),
        f"{racine}/queryables": _lecture(
            f"proprietes_{nom}",
            f"{titre} : propriétés qui filtrent",
            "Couches",
            {
                "200": {
                    "description": "schéma des propriétés",
                    "content": {SCHEMA: {"schema": {"type": "object"}}, HTML: {"schema": {"type": "string"}}},
                },
                "400": _REFUS,
            },
            [_ref("f")],
        ),
        f"{racine}/items": _lecture(
            f"objets_{nom}", f"{titre} : objets", "Objets", page, [*communs, *map(_filtre, couche.attributs)]
        ),
        f"{racine}/items/{{featureId}}": _lecture(
            f"objet_{nom}", f"{titre} : un objet", "Objets", objet, [_ref("objet"), _ref("crs"), _ref("f")]
        ),
    }


def _schemas() -> dict[str, Any]:
    lien = {
        "type": "object",
        "required": ["href"],
        "properties": {cle: {"type": "string"} for cle in ("href", "rel", "type", "title", "hreflang")},
    }
    liens = {"type": "array", "items": {"$ref": "#/components/schemas/Lien"}}
    couche = {
        "type": "object",
        "required": ["id", "links"],
        "properties": {
            "id": {"type": "string"},
            "title": {"type": "string"},
            "description": {"type": "string"},
            "attribution": {"type": "string"},
            "extent": {"type": "object"},
            "itemType": {"type": "string"},
            "crs": {"type": "array", "items": {"type": "string"}},
            "storageCrs": {"type": "string"},
            "links": liens,
        },
    }
    geometrie = {
        "type": "object",
        "nullable": True,
        "required": ["type"],
        "properties": {"type": {"type": "string"}},
    }
    objet = {
        "type": "object",
        "required": ["type", "geometry", "properties"],
        "properties": {
            "type": {"type": "string", "enum": ["Feature"]},
            "id": {"oneOf": [{"type": "string"}, {"type": "integer"}]},
            "geometry": geometrie,
            "properties": {"type": "object", "nullable": True},
            "links": liens,
        },
    }
    page = {
        "type": "object",
        "required": ["type", "features"],
        "properties": {
            "type": {"type": "string", "enum": ["FeatureCollection"]},
            "features": {"type": "array", "items": {"$ref": "#/components/schemas/Objet"}},
            "links": liens,
            "numberMatched": {"type": "integer", "minimum": 0},
            "numberReturned": {"type": "integer", "minimum": 0},
        },
    }
    return {
        "Lien": lien,
        "Couche": couche,
        "Objet": objet,
        "Collection": page,
        "Accueil": {
            "type": "object",
            "required": ["links"],
            "properties": {"title": {"type": "string"}, "description": {"type": "string"}, "links": liens},
        },
        "Conformite": {
            "type": "object",
            "required": ["conformsTo"],
            "properties": {"conformsTo": {"type": "array", "items": {"type": "string"}}},
        },
        "Couches": {
            "type": "object",
            "required": ["links", "collections"],
            "properties": {
                "links": liens,
                "collections": {"type": "array", "items": {"$ref": "#/components/schemas/Couche"}},
            },
        },
        "Erreur": {
            "type": "object",
            "required": ["code"],
            "properties": {"code": {"type": "string"}, "description": {"type": "string"}},
        },
    }


def description(a: Adresses, choisies: Iterable[Couche]) -> dict[str, Any]:
    """The whole document, for the layers that the caller may read."""
    f = [_ref("f")]
    chemins = {
        "/": _lecture(
            "accueil", "Page d'accueil du service", "Service", _reponses(JSON, "Accueil", "l'accueil"), f
        ),
        "/conformance": _lecture(
            "conformite", "Parties du standard", "Service", _reponses(JSON, "Conformite", "les parties"), f
        ),
        "/collections": _lecture(
            "couches", "Couches", "Couches", _reponses(JSON, "Couches", "les couches"), f
        ),
    }
    for couche in choisies:
        chemins |= _chemins(couche)
    return {
        "openapi": "3.0.3",
        "info": {
            "title": TITRE,
            "version": "1.0.0",
            "description": DESCRIPTION,
            "license": {"name": "Licence Ouverte 2.0"},
        },
        "servers": [{"url": a.de().rstrip("/"), "description": "ce site"}],
        "tags": [{"name": "Service"}, {"name": "Couches"}, {"name": "Objets"}],
        "paths": chemins,
        "components": {
            "parameters": _parametres(),
            "schemas": _schemas(),
            "responses": {
                "Refus": {
                    "description": "demande refusée, avec la raison en français",
                    "content": {
                        JSON: {"schema": {"$ref": "#/components/schemas/Erreur"}},
                        HTML: {"schema": {"type": "string"}},
                    },
                }
            },
        },
    }

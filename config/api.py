"""The open API: one document for all apps, at ``/api/docs`` and ``/api/openapi.json``."""

from __future__ import annotations

import math
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import Throttled, ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.throttling import AnonRateThrottle

from cadastre.api.reponses import marquer
from cadastre.api.routes import routeur as routeur_cadastre
from gis_data.contraintes.api import routeur as routeur_contraintes
from mairie.api_recherche import routeur as routeur_recherche

REFUS = {
    400: "paramètre impossible, avec la raison",
    404: "rien sous ce nom dans le plan chargé",
    422: "paramètre manquant ou d'un autre genre",
    429: "trop d'appels depuis cette adresse ; l'en-tête Retry-After dit quand recommencer",
}
_REFUS = {
    "application/json": {
        "schema": {
            "type": "object",
            "required": ["detail"],
            "properties": {"detail": {"type": "string", "description": "la raison, en français"}},
        }
    }
}


class Api(NinjaAPI):
    """Adds the plan's tag to typed answers."""

    def create_response(self, request: HttpRequest, data: Any, **options: Any) -> HttpResponse:
        """The answer with its tag, where the operation computed one."""
        return marquer(request, super().create_response(request, data, **options))

    def get_openapi_schema(self, *arguments: Any, **options: Any) -> OpenAPISchema:
        """The document, with the refusals that any operation may answer."""
        document = super().get_openapi_schema(*arguments, **options)
        for operations in document["paths"].values():
            for operation in operations.values():
                if any(p["name"] == "format" for p in operation.get("parameters", ())):
                    # The same objects, as a map reads them.
                    operation["responses"][200]["content"]["application/geo+json"] = {
                        "schema": {"type": "object", "required": ["type"]}
                    }
                for statut, mots in REFUS.items():
                    operation["responses"].setdefault(statut, {"description": mots, "content": _REFUS})
        return document


api = Api(
    title="Urbanisme : données ouvertes",
    version="1",
    description=(
        "Plan cadastral, recherche, contraintes d'un terrain. "
        "Plan de la DGFiP tel qu'il est chargé ici, sous Licence Ouverte 2.0 "
        "(source : DGFiP – Cadastre, millésime de chaque feuille). "
        "La contenance est la seule surface légale ; le plan ne prouve pas les limites. "
        "Chaque réponse porte un ETag qui change avec le plan."
    ),
    urls_namespace="api",
    throttle=[AnonRateThrottle(settings.API_DEBIT)],
)
api.add_router("/cadastre", routeur_cadastre)
api.add_router("/contraintes", routeur_contraintes)
api.add_router("/recherche", routeur_recherche)


@api.exception_handler(ValidationError)
def parametre_invalide(request: HttpRequest, erreur: ValidationError) -> HttpResponse:
    """Parameters refused by their type: named, in French."""
    noms = dict.fromkeys(str(e["loc"][-1]) for e in erreur.errors)
    detail = f"Valeur refusée pour : {', '.join(f'« {n} »' for n in noms)}. Voyez /api/docs."
    return api.create_response(request, {"detail": detail}, status=422)


@api.exception_handler(Throttled)
def trop_de_demandes(request: HttpRequest, erreur: Throttled) -> HttpResponse:
    """Too many calls from one address."""
    attente = math.ceil(erreur.wait or 1)
    detail = f"Trop de demandes depuis votre adresse : réessayez dans {attente} s."
    reponse = api.create_response(request, {"detail": detail}, status=429)
    reponse["Retry-After"] = str(attente)
    return reponse

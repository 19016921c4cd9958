"""The open API: one document for all apps, at ``/api/docs`` and ``/api/openapi.json``."""

from __future__ import annotations

import math
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import Throttled, ValidationError
from ninja.throttling import AnonRateThrottle

from cadastre.api.reponses import marquer
from cadastre.api.routes import routeur as routeur_cadastre
from gis_data.contraintes.api import routeur as routeur_contraintes


class Api(NinjaAPI):
    """Adds the plan's tag to typed answers."""

    def create_response(self, request: HttpRequest, data: Any, **options: Any) -> HttpResponse:
        """The answer with its tag, where the operation computed one."""
        return marquer(request, super().create_response(request, data, **options))


api = Api(
    title="Urbanisme : données ouvertes",
    version="1",
    description=(
        "Plan cadastral de la DGFiP tel qu'il est chargé ici, sous Licence Ouverte 2.0 "
        "(source : DGFiP – Cadastre, millésime de chaque feuille). "
        "La contenance est la seule surface légale ; le plan ne prouve pas les limites. "
        "Chaque réponse porte un ETag qui change avec le plan."
    ),
    urls_namespace="api",
    throttle=[AnonRateThrottle(settings.API_DEBIT)],
)
api.add_router("/cadastre", routeur_cadastre)
api.add_router("/contraintes", routeur_contraintes)


@api.exception_handler(ValidationError)
def parametre_invalide(request: HttpRequest, erreur: ValidationError) -> HttpResponse:
    """Parameters refused by their type: named, in French."""
    noms = dict.fromkeys(str(e["loc"][-1]) for e in erreur.errors)
    detail = f"Valeur refusée pour : {', '.join(f'« {n} »' for n in noms)}. Voyez /api/docs."
    return api.create_response(request, {"detail": detail}, status=422)


@api.exception_handler(Throttled)
def trop_de_demandes(request: HttpRequest, erreur: Throttled) -> HttpResponse:
    """Too many calls from one address."""
    detail = f"Trop de demandes depuis votre adresse : réessayez dans {math.ceil(erreur.wait or 1)} s."
    return api.create_response(request, {"detail": detail}, status=429)

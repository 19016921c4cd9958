"""Operations of ``/api/contraintes``: what the PLU, the servitudes and the risks say of a ground.

Annotations are real objects here, not texts: the API reads them through the decorators.
"""

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from ninja.errors import HttpError

from gis_data.acces import public
from gis_data.contraintes import schemas
from gis_data.contraintes.formes import FormeRefusee, pour_la_forme

routeur = Router(tags=["Urbanisme"])
LON: Any = Query(..., ge=-180, le=180, description="longitude en degrés")
LAT: Any = Query(..., ge=-85, le=85, description="latitude en degrés")
JOUR: Any = Query(None, alias="date", description="état à cette date ; aujourd'hui sinon")


def _repondre(request: HttpRequest, reponse: HttpResponse, forme: Any, jour: date | None) -> dict[str, Any]:
    # An agent's answer holds the internal layers that she may see.
    reponse["Cache-Control"] = "private, no-store"
    try:
        return pour_la_forme(forme, jour, request.user).en_json()
    except FormeRefusee as erreur:
        raise HttpError(400, str(erreur)) from erreur


@routeur.post(
    "",
    response=schemas.Contraintes,
    summary="Contraintes d'un terrain dessiné",
    operation_id="contraintes_terrain",
)
@public
def d_un_terrain(request: HttpRequest, response: HttpResponse, terrain: schemas.Terrain) -> Any:
    """Zones, prescriptions, servitudes et risques d'un terrain, avec l'état de chaque couche."""
    return _repondre(request, response, terrain.geometrie, terrain.jour)


@routeur.get(
    "", response=schemas.Contraintes, summary="Contraintes en un point", operation_id="contraintes_point"
)
@public
def en_un_point(
    request: HttpRequest, response: HttpResponse, lon: float = LON, lat: float = LAT, jour: date | None = JOUR
) -> Any:
    """Zones, prescriptions, servitudes et risques en un point, avec l'état de chaque couche."""
    return _repondre(request, response, {"type": "Point", "coordinates": [lon, lat]}, jour)

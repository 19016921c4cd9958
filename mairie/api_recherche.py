"""Operation of ``/api/recherche``: the search box, for programs. Public things alone, whoever asks.

Annotations are real objects here, not texts: the API reads them through the decorators.
"""

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from ninja import Field, Query, Router, Schema

from gis_data.acces import public
from mairie.recherche import Demande, chercher

LIMITE_MAX = 100
TEXTE: Any = Query(..., min_length=1, max_length=1_000, description="référence, adresse, nom d'un lieu")
COMMUNE: Any = Query(
    None, pattern=r"^(\d{5}|2[AB]\d{3})$", description="code INSEE de la commune cherchée d'abord"
)
LIMITE: Any = Query(30, ge=1, le=LIMITE_MAX, description="réponses au plus")

routeur = Router(tags=["Recherche"])


class Trouve(Schema):
    """One thing found."""

    type: str
    titre: str
    sous_titre: str
    url: str = Field(description="page de ce qui est trouvé")
    bbox: list[float] | None = Field(description="ouest, sud, est, nord en degrés")
    point: list[float] | None = Field(description="longitude, latitude en degrés")
    idu: str | None = Field(description="identifiant de la parcelle")


class Trouvailles(Schema):
    """What was found, the closest first."""

    resultats: list[Trouve]
    erreurs: list[str] = Field(description="ce qui n'a pas été compris, en français")


@routeur.get("", response=Trouvailles, summary="Chercher", operation_id="recherche")
@public
def recherche(
    request: HttpRequest,
    response: HttpResponse,
    q: str = TEXTE,
    commune: str | None = COMMUNE,
    limite: int = LIMITE,
) -> Any:
    """Parcelles, sections, adresses et lieux, dans toutes les écritures de la page de recherche."""
    response["Cache-Control"] = "public, no-cache"
    texte = q.replace("\0", " ")
    trouve = chercher(Demande(texte, AnonymousUser(), commune, limite))
    return {"resultats": [r.en_json() for r in trouve.resultats[:limite]], "erreurs": trouve.erreurs}

"""Pages of objects as JSON or GeoJSON, with a tag that changes with the plan."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.contrib.gis.db.models.functions import AsGeoJSON, Transform
from django.db import connection
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.http import parse_etags, quote_etag

DECIMALES = 9
M = TypeVar("M", bound=Model)
Vue = TypeVar("Vue", bound=Callable[..., Any])


def etat_du_plan() -> str:
    """Text that changes whenever an import changes the plan."""
    with connection.cursor() as curseur:
        curseur.execute(
            """
            SELECT (SELECT max(id) FROM cadastre_versionfeuille),
                   (SELECT max(importee_le) FROM cadastre_versionfeuille),
                   (SELECT count(*) FROM cadastre_feuille), (SELECT max(id) FROM cadastre_filiation)
            """
        )
        return repr(curseur.fetchone())


def cachee(vue: Vue) -> Vue:
    """Answer 304 when the caller already holds the answer of this plan; mark the others for it."""

    @wraps(vue)
    def avec_etiquette(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        empreinte = "\n".join((request.get_full_path(), request.headers.get("Accept", ""), etat_du_plan()))
        etiquette = quote_etag(hashlib.sha256(empreinte.encode()).hexdigest()[:32])
        if etiquette in parse_etags(request.headers.get("If-None-Match", "")):
            return _marquer(HttpResponse(status=304), etiquette)
        reponse = vue(request, *args, **kwargs)
        if isinstance(reponse, HttpResponse):
            return _marquer(reponse, etiquette)
        # Typed answers are written later, by the API itself.
        request.etiquette_du_plan = etiquette  # type: ignore[attr-defined]
        return reponse

    return avec_etiquette  # type: ignore[return-value]


def _marquer(reponse: HttpResponse, etiquette: str) -> HttpResponse:
    reponse["ETag"] = etiquette
    reponse["Cache-Control"] = "public, no-cache"
    reponse["Vary"] = "Accept"
    return reponse


def marquer(request: HttpRequest, reponse: HttpResponse) -> HttpResponse:
    """Put on a typed answer the tag that ``cachee`` computed."""
    etiquette = getattr(request, "etiquette_du_plan", None)
    return _marquer(reponse, etiquette) if etiquette and reponse.status_code == 200 else reponse


def veut_geojson(request: HttpRequest, format_: str | None) -> bool:
    """Asked by ``?format=geojson`` or by the Accept header."""
    if format_:
        return format_ == "geojson"
    return "application/geo+json" in request.headers.get("Accept", "")


def page(
    request: HttpRequest,
    lignes: QuerySet[M],
    proprietes: Callable[[M], dict[str, Any]],
    *,
    limite: int,
    debut: int,
    format_: str | None,
    identifiant: Callable[[M], Any],
) -> dict[str, Any] | HttpResponse:
    """One page of ``lignes``: a dict for the typed answer, or the GeoJSON collection."""
    total = lignes.count()
    if not veut_geojson(request, format_):
        objets = lignes.defer("geom", "geom_3857")[debut : debut + limite]
        return {
            "total": total,
            "limite": limite,
            "debut": debut,
            "resultats": [proprietes(o) for o in objets],
        }
    avec_contour = lignes.defer("geom", "geom_3857").annotate(
        contour_json=AsGeoJSON(Transform("geom", 4326), precision=DECIMALES)
    )
    entites = []
    for objet in avec_contour[debut : debut + limite]:
        contour = objet.contour_json  # type: ignore[attr-defined]
        entites.append(
            {
                "type": "Feature",
                "id": identifiant(objet),
                "geometry": json.loads(contour) if contour else None,
                "properties": proprietes(objet),
            }
        )
    collection = {
        "type": "FeatureCollection",
        "features": entites,
        "numberMatched": total,
        "numberReturned": len(entites),
    }
    return reponse_geojson(collection)


def reponse_geojson(contenu: dict[str, Any]) -> HttpResponse:
    """A GeoJSON document; dates as ISO texts."""
    return HttpResponse(
        json.dumps(contenu, ensure_ascii=False, default=str), content_type="application/geo+json"
    )

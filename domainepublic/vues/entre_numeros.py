"""The line between two numbers, for the drawing tools; addresses are public."""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation

import shapely
from django.contrib.gis.db.models import Extent
from django.contrib.gis.db.models.functions import Transform
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from domainepublic.entre_numeros import tracer_entre
from domainepublic.regles.trace import TraceImpossible
from gis_data.acces import public
from gis_data.dessin.lecture import en_geojson
from mairie.models import Adresse, Voie


@public
@require_safe
def rue(request: HttpRequest, pk: int) -> HttpResponse:
    """Where a street lies, as bounds in degrees: its axis, else its numbers; 404 where neither is known."""
    voie = get_object_or_404(Voie, pk=pk, active=True)
    axes = Voie.objects.filter(pk=voie.pk).aggregate(boite=Extent(Transform("axe", 4326)))["boite"]
    numeros = Adresse.objects.filter(voie=voie, active=True)
    boite = axes or numeros.aggregate(boite=Extent(Transform("position", 4326)))["boite"]
    if boite is None:
        raise Http404
    return JsonResponse({"bornes": [round(x, 7) for x in boite]})


@public
@require_safe
def entre_numeros(request: HttpRequest) -> HttpResponse:
    """GeoJSON in degrees, or the reason in French (422)."""
    cle = request.GET.get("voie", "")
    if not cle:
        return JsonResponse({"erreur": "Choisissez d'abord la rue."}, status=422)
    if not cle.isdecimal() or len(cle) > 17:
        raise Http404
    voie = get_object_or_404(Voie, pk=int(cle), active=True)
    brut = request.GET.get("longueur", "").strip().replace(",", ".")
    try:
        longueur = Decimal(brut) if brut else None
        if longueur is not None and not longueur.is_finite():
            raise InvalidOperation
        geom = tracer_entre(voie, request.GET.get("du", ""), request.GET.get("au", ""), longueur)
    except InvalidOperation:
        return JsonResponse({"erreur": "La longueur est un nombre de mètres, comme 12."}, status=422)
    except TraceImpossible as e:
        return JsonResponse({"erreur": str(e)}, status=422)
    forme = shapely.from_wkb(bytes(geom.wkb))
    return JsonResponse({"geojson": json.dumps(en_geojson(forme)), "longueur": round(forme.length, 1)})

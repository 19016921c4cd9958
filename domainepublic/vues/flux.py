"""Public feeds of what takes the street: GeoJSON, iCal and RSS of a street; never a name (spec §7.22)."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_safe

from domainepublic import fil_publicites, fils_de_rue, travaux_publics
from domainepublic.regles.effets import EFFETS
from gis_data.acces import public
from mairie.calendrier import jma
from mairie.models import Voie

CACHE_S = 600


def _repondre(request: HttpRequest, corps: bytes, type_: str) -> HttpResponse:
    """The feed, or nothing new; anyone may keep it ten minutes.

    A proxy that compresses makes the mark weak (« W/"…" ») and readers may send several: all are understood.
    """
    reponse = HttpResponse(corps, content_type=type_)
    etag = f'"{hashlib.sha256(corps).hexdigest()[:32]}"'
    reponse["ETag"] = etag
    reponse["Cache-Control"] = f"public, max-age={CACHE_S}"
    lue = get_conditional_response(request, etag=etag, response=reponse)
    rendue = lue if isinstance(lue, HttpResponse) else reponse
    rendue["Access-Control-Allow-Origin"] = "*"
    return rendue


def _jour(request: HttpRequest, nom: str) -> date | None:
    """A day of the address; ``ValueError`` when it is written otherwise."""
    brut = request.GET.get(nom, "")
    if not brut:
        return None
    try:
        jour = parse_date(brut)
    except ValueError:  # well written, but no day of the calendar
        jour = None
    if jour is None:
        raise ValueError(nom)
    return jour


@public
@require_safe
def chantiers(request: HttpRequest) -> HttpResponse:
    """Occupations of the days asked (today by default), in degrees; closed list of attributes."""
    try:
        du, au = _jour(request, "du"), _jour(request, "au")
    except ValueError as e:
        return JsonResponse({"detail": f"« {e} » attend une date, écrite AAAA-MM-JJ."}, status=400)
    du = du or timezone.localdate()
    au = au or du
    if au < du:
        detail = f"« au » ({jma(au)}) précède « du » ({jma(du)})."
        return JsonResponse({"detail": detail}, status=400, json_dumps_params={"ensure_ascii": False})
    effet = request.GET.get("effet", "")
    if effet and effet not in EFFETS:
        return JsonResponse({"detail": f"« effet » attend : {', '.join(EFFETS)}."}, status=400)
    code = request.GET.get("voie")
    trouves = travaux_publics.entre(du, au, trouver_voie(code) if code else None)
    gene = {c.emprise.pk: c.effets() for c in trouves}
    traits = [
        {
            "type": "Feature",
            "id": x["id"],
            "geometry": x["geometrie"],
            "properties": {
                **{n: x[n] for n in ("libelle", "voie", "du", "au")},
                "effets": list(gene[x["id"]]),
                "lien": request.build_absolute_uri(x["lien"]),
            },
        }
        for x in travaux_publics.en_json(trouves)
        if not effet or effet in gene[x["id"]]
    ]
    corps = json.dumps({"type": "FeatureCollection", "features": traits}, ensure_ascii=False)
    return _repondre(request, corps.encode(), "application/geo+json")


def trouver_voie(code: str) -> Voie:
    """A street by commune and FANTOIR code, together (« 259990050 »), or by its identifier of the BAN."""
    voies = Voie.objects.filter(active=True)
    try:
        voie = voies.filter(id_ban=UUID(code)).first()
    except ValueError:
        voie = voies.filter(insee=code[:5], code=code[5:]).exclude(code="").first()
    if voie is None:
        raise Http404
    return voie


@public
@require_safe
def voie(request: HttpRequest, code: str, genre: str) -> HttpResponse:
    """The street's feed for a calendar (``ics``) or a reader (``rss``)."""
    if genre not in ("ics", "rss"):
        raise Http404
    v = trouver_voie(code)
    fils = fils_de_rue.de_la_voie(v)
    racine = request.build_absolute_uri("/").rstrip("/")
    if genre == "ics":
        return _repondre(request, fils_de_rue.agenda(v, fils, racine), "text/calendar; charset=utf-8")
    page = f"{racine}{reverse('odp_travaux')}?voie={v.id_ban}"
    soi = f"{racine}{reverse('odp_flux_voie', args=[v.id_ban, 'rss'])}"
    corps = fils_de_rue.nouvelles(v, fils, racine, page=page, soi=soi)
    return _repondre(request, corps, "application/rss+xml; charset=utf-8")


@public
@require_safe
def publicites(request: HttpRequest) -> HttpResponse:
    """Announcements open, what came of the others, titles given without competition, and why."""
    racine = request.build_absolute_uri("/").rstrip("/")
    corps = fil_publicites.nouvelles(
        timezone.localdate(),
        f"{racine}{reverse('odp_annonces')}",
        f"{racine}{reverse('odp_flux_publicites')}",
    )
    return _repondre(request, corps, "application/rss+xml; charset=utf-8")

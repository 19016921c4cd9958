"""Public feeds of what takes the street: GeoJSON, iCal and RSS of a street; never a name (spec §7.22)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from xml.sax.saxutils import escape

import icalendar
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.http import http_date
from django.views.decorators.http import require_safe

from domainepublic import travaux_publics
from domainepublic.models import Emprise
from domainepublic.publication import emprises_publiques
from domainepublic.regles.effets import EFFETS
from gis_data.acces import public
from mairie.calendrier import jma
from mairie.models import Voie

CACHE_S = 600
MAXIMUM = 5_000


def _repondre(request: HttpRequest, corps: bytes, type_: str) -> HttpResponse:
    """The feed, or nothing new; anyone may keep it ten minutes."""
    etag = f'"{hashlib.sha256(corps).hexdigest()[:32]}"'
    if request.headers.get("If-None-Match") == etag:
        reponse = HttpResponse(status=304)
    else:
        reponse = HttpResponse(corps, content_type=type_)
    reponse["ETag"] = etag
    reponse["Cache-Control"] = f"public, max-age={CACHE_S}"
    reponse["Access-Control-Allow-Origin"] = "*"
    return reponse


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


def _de_la_voie(voie: Voie) -> QuerySet[Emprise]:
    requete: QuerySet[Emprise] = (
        emprises_publiques()
        .filter(Q(fin__isnull=True) | Q(fin__gte=timezone.localdate()), dossier__voie=voie)
        .select_related("type", "dossier")
        .order_by("debut", "pk")[:MAXIMUM]
    )
    return requete


@public
@require_safe
def voie(request: HttpRequest, code: str, genre: str) -> HttpResponse:
    """The street's feed for a calendar (``ics``) or a reader (``rss``)."""
    ecrire: Callable[[HttpRequest, Voie], tuple[bytes, str]] | None = {"ics": _ics, "rss": _rss}.get(genre)
    if ecrire is None:
        raise Http404
    return _repondre(request, *ecrire(request, trouver_voie(code)))


def _ics(request: HttpRequest, v: Voie) -> tuple[bytes, str]:
    agenda = icalendar.Calendar()
    agenda.add("prodid", "-//Domaine public//FR")
    agenda.add("version", "2.0")
    agenda.add("x-wr-calname", f"Occupations : {v.nom}")
    for e in _de_la_voie(v):
        evenement = icalendar.Event()
        evenement.add("uid", f"odp-{e.pk}@{request.get_host()}")
        # The file must not change while nothing does.
        evenement.add("dtstamp", timezone.make_aware(datetime.combine(e.debut, time())))
        evenement.add("dtstart", e.debut)
        if e.fin:
            evenement.add("dtend", e.fin + timedelta(days=1))
        evenement.add("summary", f"{e.type.libelle_public}, {v.nom}")
        agenda.add_component(evenement)
    return agenda.to_ical(), "text/calendar; charset=utf-8"


def _rss(request: HttpRequest, v: Voie) -> tuple[bytes, str]:
    adresse = request.build_absolute_uri(f"{reverse('odp_travaux')}?voie={v.id_ban}")
    elements = "".join(
        f"<item><title>{escape(f'{e.type.libelle_public}, {v.nom}')}</title>"
        f"<description>{escape(_periode(e))}</description>"
        f"<link>{escape(request.build_absolute_uri(reverse('odp_chantier', args=[e.pk])))}</link>"
        f'<guid isPermaLink="false">odp-{e.pk}</guid><pubDate>{_date_rss(_publiee_le(e))}</pubDate></item>'
        for e in _de_la_voie(v)
    )
    titre = escape(f"Occupations : {v.nom}")
    corps = (
        f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>{titre}</title>'
        f"<link>{escape(adresse)}</link><description>{titre}</description><language>fr</language>"
        f"{elements}</channel></rss>"
    )
    return corps.encode(), "application/rss+xml; charset=utf-8"


def _periode(e: Any) -> str:
    return f"Du {jma(e.debut)}" + (f" au {jma(e.fin)}." if e.fin else ".")


def _publiee_le(e: Emprise) -> date:
    """Day on which the street learnt of it: a reader hides what it is told will come out later."""
    return min(e.dossier.date_decision or e.debut, e.debut)


def _date_rss(jour: date) -> str:
    return http_date(timezone.make_aware(datetime.combine(jour, time(12))).timestamp())

"""What takes one street, for a calendar (RFC 5545) and for a reader (RSS 2.0); never a name."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

import icalendar
from django.conf import settings
from django.db.models import Count, Max, Min, Q
from django.utils import timezone
from django.utils.http import http_date

from domainepublic.instruction.gardes import SIGNATURES
from domainepublic.models import Emprise
from domainepublic.publication import emprises_publiques
from domainepublic.regles.creneaux import JOURS, MINUIT, Creneau
from domainepublic.regles.effets import EFFETS
from domainepublic.travaux_publics import Chantier, en_chantier
from mairie.calendrier import jma
from mairie.models import Evenement, Voie

MAXIMUM = 5_000
JOURS_ICS = dict(zip(JOURS, ("MO", "TU", "WE", "TH", "FR", "SA", "SU"), strict=True))
# What has no end is shown until the last day of the next year: readers draw nothing endless.
ANNEES_SANS_FIN = 1
# Not allowed in XML 1.0, even escaped.
_INTERDITS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


@dataclass(frozen=True)
class Fil:
    """One occupation of the street: ``publie_le`` and ``change_le`` never move while its file does not."""

    chantier: Chantier
    publie_le: datetime
    change_le: datetime
    version: int

    @property
    def emprise(self) -> Emprise:
        """Its ground."""
        return self.chantier.emprise

    @property
    def dates(self) -> str:
        """Days in words."""
        e = self.emprise
        jours = _jours(e.debut, e.fin)
        return f"{jours[:1].upper()}{jours[1:]}" if e.fin else f"Depuis le {jma(e.debut)}, sans date de fin"

    def phrases(self) -> list[str]:
        """Days, hours, then what it hinders."""
        siens = (self.emprise.debut, self.emprise.fin)
        heures = [f"{x[:1].upper()}{x[1:]}" for x in self.chantier.heures]
        genes = [
            EFFETS[code] + ("" if (du, au) == siens else f" {_jours(du, au)}")
            for code, du, au in self.chantier.gene
        ]
        return [f"{x}." for x in (self.dates, *heures, *dict.fromkeys(genes))]


def _jours(du: date, au: date | None) -> str:
    if du == au:
        return f"le {jma(du)}"
    return f"du {jma(du)} au {jma(au)}" if au else f"depuis le {jma(du)}"


def de_la_voie(voie: Voie) -> list[Fil]:
    """Public occupations of a street that are not over, the first to begin first."""
    hier = timezone.localdate() - timedelta(days=1)
    emprises = (
        emprises_publiques()
        .filter(Q(fin__isnull=True) | Q(fin__gte=hier), dossier__voie=voie)
        .select_related("type", "dossier", "dossier__voie")
        .prefetch_related("dossier__mesures")
        .order_by("debut", "pk")[:MAXIMUM]
    )
    chantiers = [en_chantier(e) for e in emprises]
    ici = [c for c in chantiers if c.rencontre(hier + timedelta(days=1), date.max - timedelta(days=9))]
    journaux = _journaux({c.emprise.dossier_id for c in ici})
    return [_fil(c, journaux.get(c.emprise.dossier_id, {})) for c in ici]


def _journaux(dossiers: set[int]) -> dict[int, Mapping[str, Any]]:
    """When each file was signed, when it last changed, and how many times."""
    lignes = (
        Evenement.objects.filter(workflow="domainepublic.dossier", dossier_id__in=dossiers)
        .values("dossier_id")
        .annotate(
            change=Max("saisi_le"),
            signe=Min("saisi_le", filter=Q(type__in=SIGNATURES, annule_par__isnull=True)),
            nombre=Count("pk"),
        )
        .order_by()
    )
    return {x["dossier_id"]: x for x in lignes}


def _fil(c: Chantier, journal: Mapping[str, Any]) -> Fil:
    # A title whose log is gone: the day of its decision, never a day to come.
    decide = c.emprise.dossier.date_decision or c.emprise.debut
    defaut = timezone.make_aware(datetime.combine(min(decide, c.emprise.debut), time()))
    publie = journal.get("signe") or defaut
    return Fil(c, publie, journal.get("change") or publie, journal.get("nombre") or 0)


# --- calendar ---------------------------------------------------------------------------------------


def agenda(voie: Voie, fils: Sequence[Fil], racine: str) -> bytes:
    """The street's calendar. ``racine``: address of the site, without a last slash."""
    fuseau = timezone.get_current_timezone_name()
    sortie = icalendar.Calendar()
    sortie.add("prodid", "-//Domaine public//FR")
    sortie.add("version", "2.0")
    sortie.add("method", "PUBLISH")
    sortie.add("x-wr-calname", f"Occupations : {voie.nom}")
    sortie.add("x-wr-timezone", fuseau)
    # A calendar holds at least one component (RFC 5545 §3.6): the zone, whose hours the events need anyway.
    sortie.add_component(_fuseau(fuseau, fils))
    for fil in fils:
        for evenement in _evenements(fil, voie, racine):
            sortie.add_component(evenement)
    contenu: bytes = sortie.to_ical()
    return contenu


def _fuseau(nom: str, fils: Sequence[Fil]) -> icalendar.Timezone:
    """The zone over the years of the events, and no more."""
    annees = [a for f in fils for a in (f.emprise.debut.year, _fin(f.emprise).year)]
    annees = annees or [timezone.localdate().year]
    return icalendar.Timezone.from_tzid(
        nom, first_date=date(min(annees) - 1, 1, 1), last_date=date(max(annees) + 1, 12, 31)
    )


def _evenements(fil: Fil, voie: Voie, racine: str) -> list[icalendar.Event]:
    e = fil.emprise
    # The same whatever name the site is called by: a reader must find its events again.
    hote = urlsplit(settings.ADRESSE_DU_SITE).hostname or "localhost"
    if not e.creneaux:
        evenement = _evenement(fil, voie, racine, f"odp-{e.pk}@{hote}")
        evenement.add("dtstart", e.debut)
        evenement.add("dtend", _fin(e) + timedelta(days=1))
        return [evenement]
    sortie = []
    for rang, (creneau, dit) in enumerate(zip(fil.chantier.creneaux, e.creneaux, strict=True), 1):
        if (premier := _premier_jour(creneau, e)) is None:
            continue
        evenement = _evenement(fil, voie, racine, f"odp-{e.pk}-{rang}@{hote}")
        evenement.add("dtstart", _instant(premier, creneau.de))
        evenement.add("dtend", _instant(premier, creneau.a + (MINUIT if creneau.a < creneau.de else 0)))
        if premier < _fin(e):
            regle: dict[str, Any] = {"freq": "DAILY", "until": _instant(_fin(e), creneau.de, utc=True)}
            if dit.get("jours"):
                regle |= {"freq": "WEEKLY", "byday": [JOURS_ICS[j] for j in JOURS if j in dit["jours"]]}
            evenement.add("rrule", regle)
        sortie.append(evenement)
    return sortie


def _evenement(fil: Fil, voie: Voie, racine: str, uid: str) -> icalendar.Event:
    evenement = icalendar.Event()
    evenement.add("uid", uid)
    # The file does not change while nothing does: no clock in it.
    evenement.add("dtstamp", fil.change_le)
    evenement.add("last-modified", fil.change_le)
    evenement.add("sequence", fil.version)
    evenement.add("summary", f"{fil.chantier.libelle}, {voie.nom}")
    evenement.add("description", "\n".join(fil.phrases()))
    evenement.add("location", voie.nom)
    evenement.add("url", f"{racine}{fil.chantier.adresse}")
    evenement.add("status", "CONFIRMED")
    # It does not make its reader busy.
    evenement.add("transp", "TRANSPARENT")
    return evenement


def _fin(e: Emprise) -> date:
    return e.fin or date(max(timezone.localdate(), e.debut).year + ANNEES_SANS_FIN, 12, 31)


def _premier_jour(creneau: Creneau, e: Emprise) -> date | None:
    """First day of the slot; null when the days asked never come."""
    jours = (e.debut + timedelta(days=n) for n in range(7))
    return next((j for j in jours if j.weekday() in creneau.jours and j <= _fin(e)), None)


def _instant(jour: date, minutes: int, *, utc: bool = False) -> datetime:
    """A local hour of a day, its own offset of summer or winter; ``minutes`` may pass midnight."""
    jours, reste = divmod(minutes, MINUIT)
    local = datetime.combine(
        jour + timedelta(days=jours), time(reste // 60, reste % 60), timezone.get_current_timezone()
    )
    return local.astimezone(UTC) if utc else local


# --- reader ------------------------------------------------------------------------------------------


def nouvelles(voie: Voie, fils: Sequence[Fil], racine: str, *, page: str, soi: str) -> bytes:
    """The street's news, the last published first. ``page``: of the street; ``soi``: this feed."""
    dernieres = sorted(fils, key=lambda f: (f.publie_le, f.emprise.pk), reverse=True)
    elements = "".join(
        element(
            f"odp-{f.emprise.pk}", f"{f.chantier.libelle}, {voie.nom}", " ".join(f.phrases()),
            racine + f.chantier.adresse, f.publie_le,
        )
        for f in dernieres
    )  # fmt: skip
    change = max((f.change_le for f in fils), default=None)
    return canal(f"Occupations : {voie.nom}", elements, page=page, soi=soi, change=change)


def element(cle: str, titre: str, texte: str, lien: str, publie_le: datetime) -> str:
    """One piece of news; ``cle`` never changes."""
    return (
        f"<item><title>{_xml(titre)}</title><description>{_xml(texte)}</description>"
        f"<link>{_xml(lien)}</link>"
        f'<guid isPermaLink="false">{_xml(cle)}</guid><pubDate>{_date(publie_le)}</pubDate></item>'
    )


def canal(titre: str, elements: str, *, page: str, soi: str, change: datetime | None = None) -> bytes:
    """A feed. ``page``: what it follows; ``soi``: its own address; ``change``: its last change."""
    dit = f"<lastBuildDate>{_date(change)}</lastBuildDate>" if change else ""
    corps = (
        '<?xml version="1.0" encoding="utf-8"?>'
        '<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel>'
        f"<title>{_xml(titre)}</title><link>{_xml(page)}</link><description>{_xml(titre)}</description>"
        f"<language>fr</language>{dit}<ttl>10</ttl>"
        f'<atom:link href="{_xml(soi)}" rel="self" type="application/rss+xml"/>'
        f"{elements}</channel></rss>"
    )
    return corps.encode()


def _xml(texte: str) -> str:
    return escape(_INTERDITS.sub(" ", texte), {'"': "&quot;"})


def _date(instant: datetime) -> str:
    return http_date(instant.timestamp())

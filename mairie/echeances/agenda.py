"""The deadlines as a calendar that other programs subscribe to (iCalendar, RFC 5545), by a secret address."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from icalendar import Calendar, Event, vDuration

from mairie import liens
from mairie.echeances.lecture import habiller
from mairie.models import Echeance, LienSecret, UsageLien, Utilisateur

USAGE = "mairie.agenda"
# Long enough to forget it, short enough that a lost address does not live for ever.
DUREE = timedelta(days=730)
# What a calendar shows: some past months, and all that lies ahead.
PASSE = timedelta(days=90)
MAX = 2000
# Readings kept, so that a stolen address can be seen at work.
GARDE_USAGES = timedelta(days=30)


def declarer() -> None:
    """The purpose of these links."""
    liens.declarer_usage(
        liens.UsageDeLien(USAGE, "Agenda des échéances", DUREE, lambda jeton: f"/bureau/agenda/{jeton}.ics")
    )


def lien_de(utilisateur: Utilisateur) -> LienSecret | None:
    """The live link of this person; its secret is not kept, only that it exists."""
    return liens.liens_de(utilisateur, USAGE).filter(revoque_le__isnull=True).first()


def creer(utilisateur: Utilisateur) -> str:
    """A new secret address, shown this once; the former one opens no more."""
    with transaction.atomic():
        liens.revoquer_tous(utilisateur, USAGE)
        _, jeton = liens.creer(utilisateur, USAGE, par=utilisateur)
    return liens.adresse(USAGE, jeton)


def revoquer(utilisateur: Utilisateur) -> int:
    """The address opens no more; how many were live."""
    return liens.revoquer_tous(utilisateur, USAGE)


def purger(maintenant: datetime) -> int:
    """Forget the readings of the calendars older than shown; how many. Programs ask every few hours."""
    anciens = UsageLien.objects.filter(lien__usage=USAGE, le__lt=maintenant - GARDE_USAGES)
    return int(anciens.delete()[0])


def calendrier(utilisateur: Any, aujourdhui: date, maintenant: datetime) -> bytes:
    """The whole-day events of what this person sees today; no name of any person in it."""
    sortie = Calendar()
    sortie.add("prodid", "-//Urbanisme//Échéances//FR")
    sortie.add("version", "2.0")
    sortie.add("x-wr-calname", "Échéances d'urbanisme")
    sortie.add("refresh-interval", vDuration(timedelta(hours=4)), parameters={"VALUE": "DURATION"})
    hote = urlsplit(settings.ADRESSE_DU_SITE).hostname or "localhost"
    lignes = Echeance.objects.visibles_par(utilisateur).filter(date__gte=aujourdhui - PASSE)[:MAX]
    for e in habiller(lignes, aujourdhui):
        evenement = Event()
        evenement.add("uid", f"echeance-{e.pk}@{hote}")
        evenement.add("dtstamp", maintenant.astimezone(UTC))
        evenement.add("last-modified", e.publiee_le.astimezone(UTC))
        evenement.add("dtstart", e.date)
        evenement.add("dtend", e.date + timedelta(days=1))
        evenement.add("transp", "TRANSPARENT")
        evenement.add("summary", f"{e.reference} : {e.libelle}")
        if e.consequence:
            evenement.add("description", e.consequence)
        if e.adresse:
            evenement.add("url", settings.ADRESSE_DU_SITE.rstrip("/") + e.adresse)
        evenement.add("categories", [e.genre.libelle])
        sortie.add_component(evenement)
    return bytes(sortie.to_ical())

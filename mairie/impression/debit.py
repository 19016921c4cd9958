"""How much visitors may print: a number each quarter of an hour, and few sheets at once for all of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.conf import settings
from django.db import connection
from django.http import HttpRequest
from django.utils import timezone

from mairie.liens import origine
from mairie.models import Impression

FENETRE = timedelta(minutes=15)
# Key of the advisory locks of this module.
VERROU = 0x1437


class TropDImpressions(Exception):
    """Too many sheets from one address, or too many at once; the French message says when to come back."""


def compter(request: HttpRequest) -> None:
    """Note a visitor's sheet; ``TropDImpressions`` beyond ``IMPRESSIONS_VISITEUR`` a quarter of an hour."""
    cle = origine(request)
    depuis = timezone.now() - FENETRE
    if Impression.objects.filter(origine=cle, cree_le__gt=depuis).count() >= settings.IMPRESSIONS_VISITEUR:
        raise TropDImpressions(
            f"{settings.IMPRESSIONS_VISITEUR} feuilles ont été imprimées depuis votre adresse en un quart"
            " d'heure : réessayez dans quelques minutes."
        )
    Impression.objects.create(origine=cle)


@contextmanager
def place() -> Iterator[None]:
    """One of the ``IMPRESSIONS_SIMULTANEES`` places of visitors, over all processes."""
    with connection.cursor() as curseur:
        for numero in range(settings.IMPRESSIONS_SIMULTANEES):
            curseur.execute("SELECT pg_try_advisory_lock(%s, %s)", [VERROU, numero])
            if curseur.fetchone()[0]:
                break
        else:
            raise TropDImpressions("Plusieurs feuilles s'impriment déjà : réessayez dans un instant.")
    try:
        yield
    finally:
        with connection.cursor() as curseur:
            curseur.execute("SELECT pg_advisory_unlock(%s, %s)", [VERROU, numero])

"""How often one caller may do something without an account: counted by origin, forgotten after a day."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest
from django.utils import timezone

from mairie.liens import origine
from mairie.models import EssaiLien

HEURE = timedelta(hours=1)


class TropDeDemandes(Exception):
    """Too many from one address; the French message says when to come back."""


def compter(request: HttpRequest, quoi: str, maximum: int, fenetre: timedelta = HEURE) -> None:
    """Note one more; ``TropDeDemandes`` beyond ``maximum`` within ``fenetre``. ``quoi``: 40 characters."""
    cle = f"debit:{quoi}:{origine(request)}"
    depuis = timezone.now() - fenetre
    if EssaiLien.objects.filter(origine=cle, le__gt=depuis).count() >= maximum:
        raise TropDeDemandes(
            f"{maximum} envois ont été faits depuis votre adresse en peu de temps : réessayez dans une"
            " heure, ou appelez la mairie."
        )
    EssaiLien.objects.create(origine=cle)

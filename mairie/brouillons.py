"""Public drafts: a form begun without an account, kept a month, resumed by a secret link on any device."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from mairie import liens
from mairie.models import Brouillon, LienSecret

# Typed values only; files are pieces of their own.
TAILLE_MAX = 256 * 1024


class BrouillonTropGros(ValueError):
    """More was typed than a form can hold."""


class BrouillonPerime(Exception):
    """The draft was saved elsewhere since this page was opened; ``actuel`` holds what is there now."""

    def __init__(self, actuel: Brouillon) -> None:
        self.actuel = actuel
        super().__init__("Ce brouillon a été modifié depuis une autre page : rechargez avant de continuer.")


def duree() -> timedelta:
    """How long a draft is kept after its last change."""
    return timedelta(days=settings.REPRISE_BROUILLON_JOURS)


def commencer(
    genre: str, *, insee: str = "", etape: str = "", donnees: dict[str, Any] | None = None
) -> tuple[Brouillon, str]:
    """A new draft and the secret that resumes it."""
    valeurs = donnees or {}
    _mesurer(valeurs)
    maintenant = timezone.now()
    with transaction.atomic():
        brouillon = Brouillon.objects.create(
            genre=genre, insee=insee, etape=etape, donnees=valeurs, expire_le=maintenant + duree()
        )
        _, jeton = liens.creer(brouillon, Brouillon.USAGE_LIEN, insee=insee, expire_le=brouillon.expire_le)
    return brouillon, jeton


def reprendre(jeton: str, genre: str, request: HttpRequest | None = None) -> Brouillon:
    """The draft of this secret; ``LienRefuse`` when it is unknown, over, or of another form."""
    lien = liens.ouvrir(jeton, Brouillon.USAGE_LIEN, request, "reprise")
    brouillon = Brouillon.objects.filter(pk=lien.objet_id, genre=genre).first()
    if brouillon is None:
        raise liens.LienRefuse(liens.Motif.EXPIRE, lien)
    return brouillon


def enregistrer(brouillon: Brouillon, etape: str, donnees: dict[str, Any], *, version: int) -> Brouillon:
    """Save one step over the values already there; ``BrouillonPerime`` when another page saved meanwhile."""
    with transaction.atomic():
        actuel = Brouillon.objects.select_for_update(of=("self",)).get(pk=brouillon.pk)
        if actuel.version != version:
            raise BrouillonPerime(actuel)
        actuel.donnees = {**actuel.donnees, **donnees}
        _mesurer(actuel.donnees)
        maintenant = timezone.now()
        actuel.etape, actuel.version = etape, version + 1
        actuel.modifie_le, actuel.expire_le = maintenant, maintenant + duree()
        actuel.save()
        liens.liens_de(actuel, Brouillon.USAGE_LIEN).filter(revoque_le=None).update(
            expire_le=actuel.expire_le
        )
    return actuel


def clore(brouillon: Brouillon) -> None:
    """The form was sent: the draft and its link are erased, in the sender's transaction."""
    liens.liens_de(brouillon).delete()
    brouillon.delete()


def purger() -> int:
    """Erase drafts past their day, with their links; how many."""
    perimes = Brouillon.objects.filter(expire_le__lt=timezone.now())
    with transaction.atomic():
        cles = list(perimes.values_list("pk", flat=True))
        LienSecret.objects.filter(usage=Brouillon.USAGE_LIEN, objet_id__in=cles).delete()
        Brouillon.objects.filter(pk__in=cles).delete()
    return len(cles)


def _mesurer(valeurs: dict[str, Any]) -> None:
    if len(json.dumps(valeurs, ensure_ascii=False).encode()) > TAILLE_MAX:
        raise BrouillonTropGros("La saisie dépasse ce qu'un brouillon garde : raccourcissez les textes.")

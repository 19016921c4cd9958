"""A citizen follows a request with its number and key: each trade says how its numbers are found."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Model
from django.http import HttpRequest

from mairie.models import LienSecret

# Opened files stay open that long in the browser that gave the key.
DUREE_S = 2 * 3600
CLE_SESSION = "suivis"
CLE_RENOUVELEE = "mairie.cle_de_suivi_renouvelee"


@dataclass(frozen=True)
class SuiviUsager:
    """Files of one trade. ``usage``: purpose of their keys; ``trouver(number)``: the file, or null."""

    code: str
    libelle: str
    usage: str
    exemple: str
    trouver: Callable[[str], Model | None]
    adresse: Callable[[Any], str]


_suivis: dict[str, SuiviUsager] = {}


def declarer(suivi: SuiviUsager) -> None:
    """Add the files of a trade, from ``AppConfig.ready``, or replace them."""
    _suivis[suivi.code] = suivi


def suivis() -> list[SuiviUsager]:
    """All that may be followed."""
    return list(_suivis.values())


def trouver(numero: str) -> tuple[SuiviUsager, Model] | None:
    """The file of that number, whatever its trade."""
    for suivi in _suivis.values():
        objet = suivi.trouver(numero)
        if objet is not None:
            return suivi, objet
    return None


def ouvrir(request: HttpRequest, objet: Model, lien: LienSecret) -> None:
    """Remember in this browser that the key of that file was given."""
    connus = _vivants(request)
    request.session[CLE_SESSION] = {**connus, _nom(objet): [int(time.time()) + DUREE_S, lien.pk]}


def est_ouvert(request: HttpRequest, objet: Model) -> bool:
    """Whether its key was given in this browser less than two hours ago, and is still the one."""
    connu = _vivants(request).get(_nom(objet))
    return connu is not None and LienSecret.objects.filter(pk=connu[1], revoque_le__isnull=True).exists()


def fermer(request: HttpRequest) -> None:
    """Forget them all: a shared computer."""
    request.session.pop(CLE_SESSION, None)


def adresse() -> str:
    """Whole address of the page where number and key are typed."""
    return f"{settings.ADRESSE_DU_SITE.rstrip('/')}/suivi/"


def _nom(objet: Model) -> str:
    return f"{objet._meta.label_lower}:{objet.pk}"


def _vivants(request: HttpRequest) -> dict[str, list[int]]:
    maintenant = time.time()
    connus = request.session.get(CLE_SESSION) or {}
    return {nom: connu for nom, connu in connus.items() if isinstance(connu, list) and connu[0] > maintenant}

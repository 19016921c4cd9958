"""Around every request: its number, its line of log, a limit to what it sends, 503 with the database away."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable
from typing import Any, TypeVar
from uuid import uuid4

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from mairie import erreurs
from mairie.journaux import ACCES, REQUETE, chemin_sans_secret

acces = logging.getLogger(ACCES)
trace = logging.getLogger(__name__)

ENTETE = "X-Request-Id"
_NUMERO = re.compile(r"[0-9a-f]{32}")
Vue = TypeVar("Vue", bound=Callable[..., HttpResponseBase])


def envoi_max(octets: int) -> Callable[[Vue], Vue]:
    """Let a view receive more (or less) than ``ENVOI_MAX`` bytes."""

    def decorer(vue: Vue) -> Vue:
        vue.envoi_max = octets  # type: ignore[attr-defined]
        return vue

    return decorer


class Suivi:
    """First of the chain, after the public tiles; ``request.identifiant`` names the request in all logs."""

    def __init__(self, suite: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.suite = suite

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, then write the line of this access."""
        debut = time.perf_counter()
        request.identifiant = numero = _numero(request)  # type: ignore[attr-defined]
        jeton = REQUETE.set(numero)
        try:
            reponse = self.suite(request)
            reponse[ENTETE] = numero
            _noter(request, reponse.status_code, debut)
        finally:
            REQUETE.reset(jeton)
        return reponse

    def process_view(
        self, request: HttpRequest, vue: Callable[..., Any], _args: Any, _kwargs: Any
    ) -> HttpResponse | None:
        """Refuse what is announced too large before a byte of it is read."""
        limite = getattr(vue, "envoi_max", settings.ENVOI_MAX)
        try:
            annonce = int(request.META.get("CONTENT_LENGTH") or 0)
        except ValueError:
            annonce = 0
        return erreurs.trop_gros(request, limite) if annonce > limite else None

    def process_exception(self, request: HttpRequest, erreur: Exception) -> HttpResponse | None:
        """The database away, or a text that it cannot hold: said in a page, not shown as a fault of ours."""
        if isinstance(erreur, ValueError) and "NUL (0x00)" in str(erreur):
            # No person types it; PostgreSQL has no way to write it, wherever it came in.
            return erreurs.invalide(request, erreur)
        if not erreurs.base_absente(erreur):
            return None
        trace.warning("La base de données ne répond pas.", exc_info=erreur)
        return erreurs.indisponible(request)


def _numero(request: HttpRequest) -> str:
    """The number given by our own proxy, so that its log and ours can be joined; else a new one."""
    recu = request.headers.get(ENTETE, "") if settings.PROXYS_DE_CONFIANCE else ""
    return recu if _NUMERO.fullmatch(recu) else uuid4().hex


def _noter(request: HttpRequest, statut: int, debut: float) -> None:
    if not acces.isEnabledFor(logging.INFO):
        return
    # Only an account already read for the answer: the log asks nothing of the database.
    compte = getattr(request, "_cached_user", None)
    champs = {
        "methode": request.method if request.method and request.method.isupper() else "?",
        "chemin": chemin_sans_secret(request),
        "statut": statut,
        "duree_ms": round((time.perf_counter() - debut) * 1000, 1),
        "compte": getattr(compte, "pk", None),
    }
    acces.info("%(methode)s %(chemin)s %(statut)s", champs, extra={"champs": champs})

"""What happens around every request: its name, and a line of the log when somebody is refused."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

from django.db import DatabaseError, transaction
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from mairie import journal
from mairie.models import JournalActe

trace = logging.getLogger(__name__)

ACCES_REFUSE = "mairie.acces_refuse"
ACCES_INTROUVABLE = "mairie.acces_introuvable"
# A program that tries numbers one after the other must not fill the log.
REFUS_PAR_HEURE = 100


class JournalDesRefus:
    """Notes who was refused: a right that is not held (403), or an object that is not for them (404).

    A 404 counts only where the address names an object and its view asks for a right: a forged number of
    another commune looks there like one that does not exist, and the log keeps both.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, then write the line if there is one; a log that fails does not change the answer."""
        if not hasattr(request, "identifiant"):
            request.identifiant = uuid4().hex  # type: ignore[attr-defined]
        reponse = self.get_response(request)
        action = _refus(request, reponse.status_code)
        if action:
            try:
                with transaction.atomic():
                    _noter(request, action)
            except DatabaseError:
                trace.exception("Refus non noté au journal (requête %s)", request.identifiant)  # type: ignore[attr-defined]
        return reponse


def _refus(request: HttpRequest, statut: int) -> str:
    """Action to note; empty when there is none, or when nobody is logged in."""
    if statut not in (403, 404) or not getattr(request, "user", None) or not request.user.is_authenticated:
        return ""
    if statut == 403:
        return ACCES_REFUSE
    trouvee = request.resolver_match
    if trouvee is None or not trouvee.kwargs:
        return ""
    vue = trouvee.func
    acces = getattr(vue, "acces", None) or getattr(getattr(vue, "view_class", None), "acces", "")
    return "" if acces in ("", "public") else ACCES_INTROUVABLE


def _noter(request: HttpRequest, action: str) -> None:
    deja = JournalActe.objects.filter(
        utilisateur=request.user.pk,
        nature=JournalActe.Nature.REFUS,
        quand__gte=timezone.now() - timedelta(hours=1),
    )[:REFUS_PAR_HEURE].count()
    if deja >= REFUS_PAR_HEURE:
        return
    trouvee = request.resolver_match
    donnees: dict[str, object] = {"methode": request.method}
    if trouvee is not None:
        donnees |= {"vue": trouvee.view_name, **{k: str(v)[:64] for k, v in trouvee.kwargs.items()}}
    derniere = deja == REFUS_PAR_HEURE - 1
    journal.noter(
        request,
        action,
        donnees=donnees,
        resume="Trop de refus en une heure : les suivants ne sont pas notés." if derniere else "",
    )

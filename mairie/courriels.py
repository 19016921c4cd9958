"""Outgoing mail: a queue in the caller's transaction, sent later, tried again, with the proof of what left.

A process killed while sending leaves its mail « en cours »; the next run sees that nobody holds it any more
and sends it again under the same Message-ID, and says so (``interruptions``).
"""

from __future__ import annotations

import logging
import smtplib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parseaddr
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.validators import validate_email
from django.db import connection, models, transaction
from django.utils import timezone

from mairie.models import CourrielSortant, Utilisateur

trace = logging.getLogger(__name__)

Etat = CourrielSortant.Etat
# Waits before each new try after a refusal that may pass.
DELAIS = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 180, 360, 720))
# While the server itself is away: how often, and how long.
DELAI_PANNE = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(minutes=60))
PATIENCE = timedelta(days=5)
# Class of the advisory locks that say « a process is sending this mail ».
_VERROU = 0x434F5552
_PANNES = (smtplib.SMTPServerDisconnected, smtplib.SMTPConnectError, OSError)


class CourrielRefuse(ValueError):
    """The mail cannot be queued; the message is French."""


@dataclass(frozen=True)
class PieceJointe:
    """A file attached to a mail."""

    nom: str
    mime: str
    octets: bytes


@dataclass
class Bilan:
    """What one run did. ``panne``: the server was away, the rest waits."""

    envoyes: int = 0
    reportes: int = 0
    echecs: int = 0
    panne: str = ""


Source = Callable[[int], PieceJointe]
Suite = Callable[[CourrielSortant], None]
_sources: dict[str, Source] = {}
_suites: dict[str, Suite] = {}


def declarer_source(code: str, source: Source) -> None:
    """Say who gives the files that mails name by ``{"source": code, "id": …}``, from ``AppConfig.ready``."""
    _sources[code] = source


def declarer_suite(code: str, suite: Suite) -> None:
    """Call ``suite(courriel)`` once a mail that names it left or failed; it only writes in the database."""
    _suites[code] = suite


def mettre_en_file(
    cle: str,
    destinataire: str,
    objet: str,
    corps: str,
    *,
    corps_html: str = "",
    insee: str = "",
    lie: models.Model | None = None,
    pieces: Iterable[tuple[str, int]] = (),
    suite: str = "",
    conserver: bool = True,
    par: Utilisateur | None = None,
) -> CourrielSortant:
    """Queue a mail in the caller's transaction; the same ``cle`` gives back the mail already queued.

    ``pieces``: (source, id) pairs, read when the mail leaves. ``CourrielRefuse`` for a wrong address.
    """
    adresse = parseaddr(destinataire)[1] or destinataire.strip()
    try:
        validate_email(adresse)
    except ValidationError:
        raise CourrielRefuse(f"« {destinataire[:80]} » n'est pas une adresse électronique.") from None
    domaine = urlsplit(settings.ADRESSE_DU_SITE).hostname or "localhost"
    courriel, _ = CourrielSortant.objects.get_or_create(
        cle=cle,
        defaults={
            "destinataire": adresse,
            # One line: nothing of a subject may become another header.
            "objet": " ".join(objet.split())[:250],
            "corps": corps,
            "corps_html": corps_html,
            "insee": insee,
            "lie": lie,
            "pieces": [{"source": s, "id": n} for s, n in pieces],
            "suite": suite,
            "conserver": conserver,
            "cree_par": par,
            "message_id": f"<{uuid4()}@{domaine}>",
        },
    )
    return courriel


def envoyer_en_attente(limite: int | None = None, maintenant: datetime | None = None) -> Bilan:
    """Send what is due, oldest first. Any number of processes may run it; not inside a transaction.

    Stops at the first sign that the server is away: the others would wait for nothing.
    """
    _rattraper_suites()
    bilan = Bilan()
    sortie = get_connection(settings.COURRIEL_TRANSPORT)
    traites = 0
    try:
        while not bilan.panne and (limite is None or traites < limite):
            quand = maintenant or timezone.now()
            numero = _prendre(quand)
            if numero is None:
                break
            traites += 1
            try:
                _envoyer(numero, sortie, quand, bilan)
            finally:
                _rendre(numero)
    finally:
        sortie.close()
    return bilan


def relancer(courriel: CourrielSortant) -> bool:
    """Give a failed or waiting mail a new start now (administrator); false when it left or was given up."""
    return bool(
        CourrielSortant.objects.filter(pk=courriel.pk, etat__in=(Etat.ECHEC, Etat.EN_ATTENTE)).update(
            etat=Etat.EN_ATTENTE,
            essais=0,
            prochain_essai=timezone.now(),
            suite_le=None,
            tente_depuis=timezone.now(),
        )
    )


def annuler(courriel: CourrielSortant) -> bool:
    """Give up a mail that has not left; false when it left, or is leaving."""
    return bool(
        CourrielSortant.objects.filter(pk=courriel.pk, etat__in=(Etat.ECHEC, Etat.EN_ATTENTE)).update(
            etat=Etat.ANNULE, suite_le=None
        )
    )


# --- one mail ------------------------------------------------------------------------------------


def _prendre(quand: datetime) -> int | None:
    """Number of a due mail that no process holds; its lock is ours until ``_rendre``."""
    with connection.cursor() as curseur:
        curseur.execute(
            "SELECT id FROM mairie_courrielsortant WHERE etat IN ('en_attente', 'en_cours')"
            " AND prochain_essai <= %s ORDER BY prochain_essai, id LIMIT 200",
            [quand],
        )
        for (numero,) in curseur.fetchall():
            curseur.execute("SELECT pg_try_advisory_lock(%s, %s)", [_VERROU, numero % 2**31])
            if not curseur.fetchone()[0]:
                continue
            # Another process may have sent it between the two questions.
            curseur.execute(
                "UPDATE mairie_courrielsortant SET essais = essais + 1,"
                " interruptions = interruptions + (etat = 'en_cours')::int, etat = 'en_cours'"
                " WHERE id = %s AND etat IN ('en_attente', 'en_cours') AND prochain_essai <= %s",
                [numero, quand],
            )
            if curseur.rowcount:
                return int(numero)
            _rendre(numero)
    return None


def _rendre(numero: int) -> None:
    with connection.cursor() as curseur:
        curseur.execute("SELECT pg_advisory_unlock(%s, %s)", [_VERROU, numero % 2**31])


def _envoyer(numero: int, sortie: Any, quand: datetime, bilan: Bilan) -> None:
    courriel = CourrielSortant.objects.get(pk=numero)
    try:
        message = _message(courriel, sortie)
    except Exception as e:
        trace.exception("Courriel %s : pièces jointes", numero)
        _echouer(courriel, f"Pièce jointe illisible : {e}", bilan)
        return
    try:
        message.send()
    except Exception as e:
        sortie.close()
        _rater(courriel, e, quand, bilan)
        return
    courriel.etat, courriel.envoye_le, courriel.erreur = Etat.ENVOYE, timezone.now(), ""
    courriel.reponse = str(getattr(message, "reponse_smtp", ""))[:500]
    if not courriel.conserver:
        courriel.corps = courriel.corps_html = ""
    courriel.save(update_fields=["etat", "envoye_le", "erreur", "reponse", "corps", "corps_html"])
    bilan.envoyes += 1
    _suivre(courriel)


def _message(courriel: CourrielSortant, sortie: Any) -> EmailMultiAlternatives:
    message = EmailMultiAlternatives(
        courriel.objet,
        courriel.corps,
        settings.DEFAULT_FROM_EMAIL,
        [courriel.destinataire],
        headers={"Message-ID": courriel.message_id, "Auto-Submitted": "auto-generated"},
        connection=sortie,
    )
    if courriel.corps_html:
        message.attach_alternative(courriel.corps_html, "text/html")
    for piece in courriel.pieces:
        jointe = _sources[piece["source"]](piece["id"])
        message.attach(jointe.nom, jointe.octets, jointe.mime)
    return message


def _code(erreur: Exception) -> int:
    """SMTP code of a refusal; 0 when it has none."""
    if isinstance(erreur, smtplib.SMTPRecipientsRefused):
        return max((code for code, _ in erreur.recipients.values()), default=0)
    return erreur.smtp_code if isinstance(erreur, smtplib.SMTPResponseException) else 0


def _rater(courriel: CourrielSortant, erreur: Exception, quand: datetime, bilan: Bilan) -> None:
    """A try that failed: the server is away, refuses for now, or for good."""
    code = _code(erreur)
    panne = not code and isinstance(erreur, _PANNES)
    dit = f"{type(erreur).__name__} : {erreur}"[:1000]
    trace.warning("Courriel %s non parti : %s %s", courriel.pk, type(erreur).__name__, code or "")
    rang = courriel.essais - 1
    if panne and quand - courriel.tente_depuis < PATIENCE:
        attente = DELAI_PANNE[min(rang, len(DELAI_PANNE) - 1)]
        bilan.panne = dit
    elif panne or code >= 500 or rang >= len(DELAIS):
        _echouer(courriel, dit, bilan)
        bilan.panne = dit if panne else ""
        return
    else:
        attente = DELAIS[rang]
    courriel.etat, courriel.erreur, courriel.prochain_essai = Etat.EN_ATTENTE, dit, quand + attente
    courriel.save(update_fields=["etat", "erreur", "prochain_essai"])
    bilan.reportes += 1


def _echouer(courriel: CourrielSortant, dit: str, bilan: Bilan) -> None:
    courriel.etat, courriel.erreur = Etat.ECHEC, dit
    courriel.save(update_fields=["etat", "erreur"])
    bilan.echecs += 1
    _suivre(courriel)


def _suivre(courriel: CourrielSortant) -> None:
    """Tell who queued it, once; a failure is tried again at the next run."""
    suite = _suites.get(courriel.suite)
    if suite is None:
        return
    try:
        with transaction.atomic():
            tenu = CourrielSortant.objects.select_for_update(of=("self",)).get(pk=courriel.pk)
            if tenu.suite_le is None:
                suite(tenu)
                tenu.suite_le = timezone.now()
                tenu.save(update_fields=["suite_le"])
    except Exception:
        trace.exception("Suite du courriel %s", courriel.pk)


def _rattraper_suites() -> None:
    restants = CourrielSortant.objects.filter(
        etat__in=(Etat.ENVOYE, Etat.ECHEC, Etat.ANNULE), suite_le__isnull=True
    ).exclude(suite="")
    for courriel in restants.order_by("id")[:100]:
        _suivre(courriel)

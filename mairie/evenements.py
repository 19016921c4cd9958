"""Domain events between trades: written to the outbox with what emits them, then delivered one by one."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from mairie.models import EvenementDomaine, Livraison

trace = logging.getLogger(__name__)

Fonction = Callable[[EvenementDomaine], None]
# Waits before the second and the third try; after them the delivery is shown as failed.
DELAIS = (timedelta(minutes=1), timedelta(minutes=10))
_NOM = re.compile(r"[a-z_]+\.[a-z_]+")
_ABONNE = re.compile(r"[a-z]+\.[a-z0-9_]+")

# Event name → subscriber name → function.
_abonnes: dict[str, dict[str, Fonction]] = {}

# The oldest waiting delivery of each subscriber: the next ones wait for it, so that each reads in order.
# A head that another worker holds is skipped, and with it its subscriber.
_TETES = """
    SELECT l.id FROM mairie_livraison l
    WHERE l.etat = 'a_livrer' AND l.prochain_essai <= %s AND NOT EXISTS (
        SELECT FROM mairie_livraison p
        WHERE p.abonne = l.abonne AND p.etat = 'a_livrer' AND p.evenement_id < l.evenement_id
    )
    ORDER BY l.evenement_id, l.abonne LIMIT 1 FOR UPDATE OF l SKIP LOCKED
"""


def abonner(nom: str, fonction: Fonction, *, abonne: str) -> None:
    """Call ``fonction(evenement)`` for each event ``nom`` emitted from now on; from AppConfig.ready.

    ``abonne`` (``app.what_it_does``) names the subscriber in the database: renaming it loses its deliveries.
    ``ValueError`` when a name is malformed, or already taken by another function.
    """
    if not (_NOM.fullmatch(nom) and _ABONNE.fullmatch(abonne)):
        raise ValueError(f"Abonnement « {abonne} » à « {nom} » : noms « app.nom » attendus.")
    if _abonnes.setdefault(nom, {}).setdefault(abonne, fonction) is not fonction:
        raise ValueError(f"L'abonné « {abonne} » écoute déjà « {nom} » par une autre fonction.")


def emettre(nom: str, charge: dict[str, Any], *, insee: str = "") -> EvenementDomaine:
    """Write event ``nom`` (``trade.event``) with its JSON payload, and its deliveries, in the transaction."""
    with transaction.atomic():
        evenement = EvenementDomaine.objects.create(nom=nom, charge=charge, insee=insee)
        Livraison.objects.bulk_create(
            [Livraison(evenement=evenement, abonne=abonne) for abonne in _abonnes.get(nom, {})]
        )
    return evenement


def emettre_en_masse(nom: str, charges: Sequence[dict[str, Any]], *, insee: str = "") -> None:
    """The same event for many, in the order given: two queries."""
    with transaction.atomic():
        emis = EvenementDomaine.objects.bulk_create(
            [EvenementDomaine(nom=nom, charge=charge, insee=insee) for charge in charges]
        )
        Livraison.objects.bulk_create(
            [Livraison(evenement=e, abonne=abonne) for e in emis for abonne in _abonnes.get(nom, {})]
        )


def livrer(limite: int | None = None, maintenant: datetime | None = None) -> tuple[int, int]:
    """Deliver what waits, oldest first, until nothing is due; (delivered, failed tries).

    Any number of workers may run it. Not inside a transaction: each delivery commits on its own.
    """
    livrees = ratees = 0
    while limite is None or livrees + ratees < limite:
        reussie = _livrer_une(maintenant or timezone.now())
        if reussie is None:
            break
        livrees, ratees = livrees + reussie, ratees + (not reussie)
    return livrees, ratees


def relancer(livraison: Livraison) -> bool:
    """Give a failed delivery three new tries (administrator); false when it had not failed."""
    return bool(
        Livraison.objects.filter(pk=livraison.pk, etat=Livraison.Etat.ECHEC).update(
            etat=Livraison.Etat.A_LIVRER, essais=0, prochain_essai=timezone.now()
        )
    )


def rattraper(nom: str, abonne: str, depuis: datetime) -> int:
    """Make the deliveries of events emitted before their subscriber existed; how many. Safe to repeat."""
    if abonne not in _abonnes.get(nom, {}):
        raise ValueError(f"« {abonne} » n'écoute pas « {nom} ».")
    manquants = EvenementDomaine.objects.filter(nom=nom, emis_le__gte=depuis).exclude(
        livraisons__abonne=abonne
    )
    lot = [Livraison(evenement=e, abonne=abonne) for e in manquants.order_by("id")]
    return len(Livraison.objects.bulk_create(lot, ignore_conflicts=True))


def _livrer_une(maintenant: datetime) -> bool | None:
    """One delivery: true, false when the try failed, null when nothing is due."""
    with transaction.atomic(durable=True):
        with connection.cursor() as curseur:
            curseur.execute(_TETES, [maintenant])
            ligne = curseur.fetchone()
        if ligne is None:
            return None
        livraison = Livraison.objects.select_related("evenement").get(pk=ligne[0])
        livraison.essais += 1
        try:
            with transaction.atomic():
                _appeler(livraison)
                # A late foreign key fault must fail this try, not the commit that records it.
                connection.check_constraints()
        except Exception as e:
            if isinstance(e, DatabaseError) and not connection.is_usable():
                raise
            _rater(livraison, e, maintenant)
            return False
        livraison.etat, livraison.livree_le, livraison.erreur = Livraison.Etat.LIVREE, timezone.now(), ""
        livraison.save(update_fields=["etat", "livree_le", "erreur", "essais"])
        return True


def _appeler(livraison: Livraison) -> None:
    fonction = _abonnes.get(livraison.evenement.nom, {}).get(livraison.abonne)
    if fonction is None:
        raise LookupError(f"L'abonné « {livraison.abonne} » n'existe plus.")
    fonction(livraison.evenement)


def _rater(livraison: Livraison, erreur: Exception, maintenant: datetime) -> None:
    """Record a failed try: later again, or failed for good."""
    trace.error("Livraison %s : %s", livraison, type(erreur).__name__, exc_info=erreur)
    livraison.erreur = f"{type(erreur).__name__} : {erreur}"[:2000]
    if livraison.essais > len(DELAIS):
        livraison.etat = Livraison.Etat.ECHEC
    else:
        livraison.prochain_essai = maintenant + DELAIS[livraison.essais - 1]
    livraison.save(update_fields=["etat", "essais", "prochain_essai", "erreur"])

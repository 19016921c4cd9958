"""What the holder of a yearly title answers to its renewal, with his key: keep, change, stop (spec §7.10)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db import transaction

from domainepublic.instruction.etats import EN_ATTENTE
from domainepublic.models import DossierODP
from domainepublic.services import agir
from mairie.models import Evenement
from mairie.roles import systeme, usager
from mairie.workflow import journal

EVENEMENT = "repondre_renouvellement"
ACCEPTER, CHANGER, ARRETER = "accepter", "changer", "arreter"
REPONSES = {
    ACCEPTER: "Je garde la même place l'an prochain",
    CHANGER: "Je demande un changement",
    ARRETER: "Je ne renouvelle pas",
}
_EN_MOTS = {
    ACCEPTER: "confirmé par le titulaire",
    CHANGER: "le titulaire demande un changement",
    ARRETER: "le titulaire ne renouvelle pas",
}
PORTE = "Réponse en ligne du titulaire"
MOTIF_ARRET = "Le titulaire ne renouvelle pas son titre."


def en_mots(donnees: Mapping[str, Any]) -> str:
    """An answer as agents read it."""
    mots = _EN_MOTS.get(str(donnees.get("reponse")), "")
    quantite = donnees.get("quantite")
    return f"{mots} : {str(quantite).replace('.', ',')}" if quantite else mots


def attend_une_reponse(d: DossierODP) -> bool:
    """Whether its holder may still answer: a renewal that nobody has signed yet."""
    return d.annee_renouvelee is not None and d.etat in EN_ATTENTE


def derniere(d: DossierODP) -> Evenement | None:
    """The answer that stands; null before any."""
    return next((e for e in reversed(journal.lignes(d)) if e.type == EVENEMENT), None)


def repondre(d: DossierODP, reponse: str, quantite: Decimal | None = None, message: str = "") -> None:
    """Write the answer; who stops has his file closed at once. ``Refus`` once it is signed.

    A change takes the file back from the signatory to the agent.
    """
    donnees: dict[str, Any] = {"reponse": reponse, "message": message}
    if quantite is not None:
        donnees["quantite"] = str(quantite)
    with transaction.atomic():
        verrou = DossierODP.objects.select_for_update(of=("self",)).get(pk=d.pk)
        agir(verrou, EVENEMENT, par=usager(PORTE), version=verrou.version, donnees=donnees)
        if reponse == ARRETER:
            agir(
                verrou,
                "classer_sans_suite",
                par=systeme("renouvellement"),
                version=verrou.version,
                donnees={"motif": MOTIF_ARRET},
            )

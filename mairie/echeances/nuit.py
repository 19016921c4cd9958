"""Each night: every open dossier is brought to the new day, deadlines follow; in the morning, the digests."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import date, time
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from mairie.echeances import resume, service
from mairie.models import DossierSuivi
from mairie.taches import EchecDefinitif, Programme, Suivi, programmer, tache
from mairie.workflow import registre
from mairie.workflow.controle import modeles
from mairie.workflow.service import rafraichir

trace = logging.getLogger(__name__)

LOT = 50


@tache("mairie.echeances_de_nuit", "Situation des dossiers et échéances du jour", atomique=False)
def echeances_de_nuit(suivi: Suivi) -> dict[str, int]:
    """Safe to run again: a dossier already at today's date is passed over, one that fails leaves the rest."""
    from mairie import consultations

    jour = timezone.localdate()
    fait = {"dossiers": 0, "changes": 0, "erreurs": 0}
    total = sum(_a_refaire(m, jour).count() for m in _modeles())
    for dossier in _dossiers(jour):
        _un_dossier(dossier, jour, fait)
        if fait["dossiers"] % LOT == 0:
            suivi.avancer(90 * fait["dossiers"] / max(total, 1), f"{fait['dossiers']} dossiers sur {total}")
    suivi.avancer(90, "Consultations et échéances")
    fait |= consultations.travailler_de_nuit(jour)
    echecs: list[str] = []
    publiees = service.republier(jour, echecs)
    fait |= {"publiees": sum(publiees.values()), "balayees": service.balayer()}
    if fait["erreurs"] or echecs:
        raise EchecDefinitif(
            f"{fait['erreurs']} dossier(s) sur {fait['dossiers']} n'ont pas pu être recalculés ; les autres"
            " sont à jour. Le journal du service dit lesquels."
            + (f" Échéances incomplètes : {', '.join(echecs)}." if echecs else "")
        )
    return fait


@tache("mairie.resumes_du_matin", "Résumés des échéances par courriel", atomique=False)
def resumes_du_matin(suivi: Suivi) -> dict[str, int]:
    """One agent a transaction; after an interruption, the next one."""
    jour, envoyes = timezone.localdate(), 0
    for n, utilisateur in enumerate(resume.destinataires().filter(pk__gt=suivi.reprise.get("dernier", 0))):
        with transaction.atomic():
            envoyes += resume.envoyer_a(utilisateur, jour)
            suivi.marquer(dernier=utilisateur.pk)
        if n % LOT == 0:
            suivi.avancer(0, f"{envoyes} résumés")
    return {"resumes": envoyes}


def declarer() -> None:
    """Just after midnight, when the dates turn; the digest at seven (urba §9)."""
    programmer(
        Programme("mairie.echeances_de_nuit", echeances_de_nuit.libelle, echeances_de_nuit, time(0, 20)),
        Programme("mairie.resumes_du_matin", resumes_du_matin.libelle, resumes_du_matin, time(7, 0)),
    )


def _modeles() -> list[type[DossierSuivi]]:
    return [m for liste in modeles().values() for m in liste]


def _a_refaire(modele: type[DossierSuivi], jour: date) -> Any:
    """Open dossiers of a model whose figures are of another day."""
    finals = [e.code for e in registre.trouver(modele.WORKFLOW).etats if e.final]
    return modele._base_manager.filter(calcule_au__lt=jour).exclude(etat__in=finals).order_by("pk")


def _dossiers(jour: date) -> Iterator[DossierSuivi]:
    for modele in _modeles():
        yield from _a_refaire(modele, jour).iterator(chunk_size=LOT)


def _un_dossier(dossier: DossierSuivi, jour: date, fait: dict[str, int]) -> None:
    fait["dossiers"] += 1
    try:
        fait["changes"] += rafraichir(dossier, jour)
    except Exception as e:
        if isinstance(e, DatabaseError) and not connection.is_usable():
            raise
        fait["erreurs"] += 1
        trace.exception("Dossier %s n° %s non recalculé", dossier.WORKFLOW, dossier.pk)

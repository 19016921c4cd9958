"""Deadlines of sanitation on the agents' desk."""

from __future__ import annotations

from datetime import date
from typing import Any

from assainissement import perms
from assainissement.circuits.etats import MANQUES
from mairie.bureau import Dossier, MesDossiers, declarer_dossiers
from mairie.echeances import Fournisseur, fournir, publier, solder

RDV, RAPPORT = "assainissement.rdv", "assainissement.rapport"
RELANCE, TRAVAUX = "assainissement.relance", "assainissement.travaux"
SAISIES = ("a_planifier", "rdv_propose", "rdv_fixe", "visite_faite")


def declarer() -> None:
    """Kinds of deadlines, and own controls, from ``AppConfig.ready``."""
    fournir(
        Fournisseur(RDV, "assainissement", "Visite d'une installation", perms.SAISIR, "bi-calendar-check"),
        Fournisseur(
            RAPPORT, "assainissement", "Rapport de visite à rendre", perms.SAISIR, "bi-file-earmark-text"
        ),
        Fournisseur(
            RELANCE, "assainissement", "Visite manquée à relancer", perms.ENREGISTRER, "bi-arrow-repeat"
        ),
        Fournisseur(TRAVAUX, "assainissement", "Travaux dus par un propriétaire", perms.LIRE, "bi-tools"),
    )
    declarer_dossiers(
        MesDossiers(
            "assainissement",
            "Contrôles d'assainissement",
            perms.SAISIR,
            "bi-droplet",
            "/assainissement/controles/",
            mes_controles,
        )
    )


def mes_controles(utilisateur: Any, commune: str, limite: int) -> tuple[list[Dossier], int]:
    """Controls given to this person that are not concluded, the next visit first."""
    from assainissement.models import Controle

    lignes = Controle.objects.visibles_par(utilisateur).filter(
        agent=utilisateur, etat__in=(*SAISIES, "rapport_redige", *MANQUES)
    )
    if commune:
        lignes = lignes.filter(insee=commune)
    montres = lignes.select_related("installation").order_by("date_rdv", "id")[:limite]
    return [
        Dossier(
            str(c),
            c.libelle_etat,
            c.get_absolute_url(),
            c.date_rdv or c.relance_le,
            c.get_nature_display(),
            "info",
        )
        for c in montres
    ], lignes.count()


def publier_controle(c: Any, jour: date) -> None:
    """Visit fixed, report to write, missed visit to remind: in the transaction that wrote the figures."""
    jours = {
        RDV: c.date_rdv if c.etat == "rdv_fixe" else None,
        RAPPORT: c.date_visite if c.etat in ("visite_faite", "rapport_redige") else None,
        RELANCE: c.relance_le if c.etat in MANQUES and c.etat != "redevance_majoree" else None,
    }
    if not any(jours.values()):
        # Most controls have none: one query, not three.
        solder(c)
        return
    for code, le in jours.items():
        publier(c, code, le, reference=str(c), pourquoi=c.explication, responsable=c.agent, lieu=None)


def publier_obligation(o: Any) -> None:
    """Works due, until they are lifted."""
    if not o.vivante or o.echeance is None:
        solder(o)
        return
    publier(
        o,
        TRAVAUX,
        o.echeance,
        insee=o.insee,
        reference=str(o.controle),
        adresse=o.controle.installation.get_absolute_url(),
        pourquoi=o.explication,
        consequence="Passée l'échéance : mise en demeure possible",
    )

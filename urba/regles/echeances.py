"""Every term after the decision, and the state of the authorisation at a date (spec §5.8, §13.2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from mairie.calendrier import jma
from urba.regles.alertes import Alerte, triees
from urba.regles.decision import DossierDecide, Sens
from urba.regles.recours import calculer_controle, calculer_recours
from urba.regles.tables_echeances import RegleValidite
from urba.regles.travaux import Travaux, calculer_travaux
from urba.regles.types import LIBELLES_TYPES, Etape, Nature, TypeDelai
from urba.regles.validite import ResultatProrogation, Validite, calculer_validite, sans_validite


class EtatAutorisation(StrEnum):
    """State of a decided authorisation."""

    VALIDE = "valide"
    EXPIRE = "expire"
    SURSIS = "sursis"
    SANS_AUTORISATION = "sans_autorisation"
    EN_ATTENTE_NOTIFICATION = "en_attente_notification"
    CONFORME = "conforme"
    ACHEVE = "acheve"
    PERIME = "perime"
    SUSPENDU = "suspendu"
    CHANTIER_OUVERT = "chantier_ouvert"


LIBELLES_SENS = {
    Sens.ACCORD: "accord",
    Sens.ACCORD_PRESCRIPTIONS: "accord avec prescriptions",
    Sens.REFUS: "refus",
    Sens.SURSIS: "sursis à statuer",
}


@dataclass(frozen=True)
class ResultatEcheances:
    """Every term of a decided request, its state, the alerts and the explanation in order."""

    type: TypeDelai
    nature: Nature
    date_acte: date
    validite_fin: date | None
    validite_regle: RegleValidite | None
    prorogation_demande_limite: date | None
    prorogations_restantes: int | None
    prorogations: tuple[ResultatProrogation, ...]
    peremption_le: date | None
    retrait_limite: date | None
    transmission_limite: date | None
    executoire_le: date | None
    defere_limite: date | None
    affichage_mairie_limite: date | None
    affichage_mairie_fin: date | None
    recours_tiers_limite: date | None
    recours_tiers_limite_absolue: date | None
    recours_demandeur_limite: date | None
    recours_gracieux_limite: date | None
    recours_gracieux_rejet_implicite_le: date | None
    recours_gracieux_proroge: bool
    contestation_conformite_limite: date | None
    conformite_acquise_le: date | None
    attestation_limite: date | None
    taxe_declaration_limite: date | None
    etat: EtatAutorisation | None
    alertes: tuple[Alerte, ...]
    explication: tuple[Etape, ...]


def validite_du_dossier(dossier: DossierDecide) -> Validite:
    """Validity of every CU, and of a favourable INITIAL permit or DP that is notified or born."""
    decision = dossier.decision
    if dossier.certificat:
        depart: date | None = decision.date_acte
    else:
        depart = decision.date_opposable if dossier.autorisation_initiale else None
    if depart is None:
        return sans_validite(dossier.prorogations)
    return calculer_validite(
        certificat=dossier.certificat,
        date_acte=decision.date_acte,
        depart=depart,
        prorogations=dossier.prorogations,
        recours=dossier.recours_contentieux,
        a_la_date=dossier.a_la_date,
    )


def etat_a_la_date(dossier: DossierDecide, validite: Validite, travaux: Travaux) -> EtatAutorisation | None:
    """The first state that fits at ``dossier.a_la_date``; None without that date or when not INITIAL."""
    jour, decision = dossier.a_la_date, dossier.decision
    if jour is None or dossier.nature is not Nature.INITIAL:
        return None
    if dossier.certificat:
        expire = validite.fin is not None and jour > validite.fin
        return EtatAutorisation.EXPIRE if expire else EtatAutorisation.VALIDE
    if decision.sens is Sens.SURSIS:
        return EtatAutorisation.SURSIS
    if decision.sens is Sens.REFUS:
        return EtatAutorisation.SANS_AUTORISATION
    opposable = decision.date_opposable
    if opposable is None or opposable > jour:
        return EtatAutorisation.EN_ATTENTE_NOTIFICATION
    if travaux.conformite_acquise_le is not None and jour >= travaux.conformite_acquise_le:
        return EtatAutorisation.CONFORME
    if travaux.acheves_le is not None and jour >= travaux.acheves_le:
        return EtatAutorisation.ACHEVE
    if travaux.peremption_le is not None and jour >= travaux.peremption_le:
        return EtatAutorisation.PERIME
    if any(recours.en_cours(jour) for recours in validite.recours_a_temps):
        return EtatAutorisation.SUSPENDU
    if travaux.commences and dossier.doc_le is not None and jour >= dossier.doc_le:
        return EtatAutorisation.CHANTIER_OUVERT
    return EtatAutorisation.VALIDE


def _etape_decision(dossier: DossierDecide) -> Etape:
    decision = dossier.decision
    texte = f"{LIBELLES_TYPES[dossier.type]} : {LIBELLES_SENS[decision.sens]}"
    if decision.tacite:
        return Etape("DECISION", "R.424-1", f"{texte} tacite, né le {jma(decision.date_acte)}.")
    notifiee = f"notifié le {jma(decision.notifiee_le)}" if decision.notifiee_le else "pas encore notifié"
    return Etape("DECISION", "R.424-10", f"{texte} signé le {jma(decision.date_acte)}, {notifiee}.")


def calculer_echeances(dossier: DossierDecide) -> ResultatEcheances:
    """Terms, state and explanation of a decided request. Pure: today is ``dossier.a_la_date``."""
    validite = validite_du_dossier(dossier)
    travaux = calculer_travaux(dossier, validite)
    controle = calculer_controle(dossier)
    recours = calculer_recours(dossier)
    alertes = [*validite.alertes, *travaux.alertes, *controle.alertes, *recours.alertes]
    etapes = [_etape_decision(dossier), *validite.etapes]
    if dossier.decision.date_opposable is None:
        alertes.append(Alerte.DECISION_NON_NOTIFIEE)
    if dossier.favorable and dossier.nature is not Nature.INITIAL:
        alertes.append(Alerte.VALIDITE_DU_PERMIS_INITIAL)
        etapes.append(Etape("VALIDITE", "R.424-17", "La validité reste celle du permis initial."))
    return ResultatEcheances(
        type=dossier.type,
        nature=dossier.nature,
        date_acte=dossier.decision.date_acte,
        validite_fin=validite.fin,
        validite_regle=validite.regle,
        prorogation_demande_limite=validite.demande_limite,
        prorogations_restantes=validite.restantes,
        prorogations=validite.prorogations,
        peremption_le=travaux.peremption_le,
        retrait_limite=controle.retrait_limite,
        transmission_limite=controle.transmission_limite,
        executoire_le=controle.executoire_le,
        defere_limite=controle.defere_limite,
        affichage_mairie_limite=controle.affichage_mairie_limite,
        affichage_mairie_fin=controle.affichage_mairie_fin,
        recours_tiers_limite=recours.tiers_limite,
        recours_tiers_limite_absolue=recours.tiers_limite_absolue,
        recours_demandeur_limite=recours.demandeur_limite,
        recours_gracieux_limite=recours.gracieux_limite,
        recours_gracieux_rejet_implicite_le=recours.gracieux_rejet_implicite_le,
        recours_gracieux_proroge=recours.gracieux_proroge,
        contestation_conformite_limite=travaux.contestation_limite,
        conformite_acquise_le=travaux.conformite_acquise_le,
        attestation_limite=travaux.attestation_limite,
        taxe_declaration_limite=travaux.taxe_declaration_limite,
        etat=etat_a_la_date(dossier, validite, travaux),
        alertes=triees(alertes),
        explication=(*etapes, *travaux.etapes, *controle.etapes, *recours.etapes),
    )

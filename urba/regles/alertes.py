"""Alert codes of the rules, each with the sentence that a screen shows."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Alerte(StrEnum):
    """Code of an alert; the value is the name."""

    # Délai d'instruction
    MAJORATION_INAPPLICABLE = "MAJORATION_INAPPLICABLE"
    MAJORATION_INACTIVE = "MAJORATION_INACTIVE"
    MAJORATION_HORS_VIGUEUR = "MAJORATION_HORS_VIGUEUR"
    MAJORATION_NON_NOTIFIEE = "MAJORATION_NON_NOTIFIEE"
    MAJORATION_NON_FONDEE = "MAJORATION_NON_FONDEE"
    MAJORATION_TARDIVE = "MAJORATION_TARDIVE"
    ENQUETE_RAPPORT_ATTENDU = "ENQUETE_RAPPORT_ATTENDU"
    DEMANDE_PIECES_NON_NOTIFIEE = "DEMANDE_PIECES_NON_NOTIFIEE"
    DEMANDE_PIECES_TARDIVE = "DEMANDE_PIECES_TARDIVE"
    PIECE_NON_EXIGIBLE = "PIECE_NON_EXIGIBLE"
    DEMANDE_PIECES_REMPLACEE = "DEMANDE_PIECES_REMPLACEE"
    DEMANDE_PIECES_SANS_EFFET = "DEMANDE_PIECES_SANS_EFFET"
    PIECES_COMPLETEES_TARDIVEMENT = "PIECES_COMPLETEES_TARDIVEMENT"
    PROLONGATION_INAPPLICABLE = "PROLONGATION_INAPPLICABLE"
    PROLONGATION_INACTIVE = "PROLONGATION_INACTIVE"
    PROLONGATION_NON_NOTIFIEE = "PROLONGATION_NON_NOTIFIEE"
    PROLONGATION_TARDIVE = "PROLONGATION_TARDIVE"
    FICTION_ELECTRONIQUE = "FICTION_ELECTRONIQUE"
    DATES_DIVERGENTES = "DATES_DIVERGENTES"
    AVIS_ABF_TARDIF = "AVIS_ABF_TARDIF"
    DP_SILENCE_FAVORABLE = "DP_SILENCE_FAVORABLE"
    DP_ABF_SANS_EFFET_SUR_SILENCE = "DP_ABF_SANS_EFFET_SUR_SILENCE"
    CU_TACITE_EFFETS_LIMITES = "CU_TACITE_EFFETS_LIMITES"
    DECISION_APRES_DECISION_IMPLICITE = "DECISION_APRES_DECISION_IMPLICITE"
    ECHEANCE_PROCHE = "ECHEANCE_PROCHE"
    ECHEANCE_DEPASSEE = "ECHEANCE_DEPASSEE"
    # Suites de la décision
    DECISION_NON_NOTIFIEE = "DECISION_NON_NOTIFIEE"
    VALIDITE_DU_PERMIS_INITIAL = "VALIDITE_DU_PERMIS_INITIAL"
    RECOURS_APRES_PEREMPTION = "RECOURS_APRES_PEREMPTION"
    VALIDITE_SUSPENDUE = "VALIDITE_SUSPENDUE"
    PROROGATION_EXCLUE = "PROROGATION_EXCLUE"
    PROROGATION_NOMBRE_ATTEINT = "PROROGATION_NOMBRE_ATTEINT"
    PROROGATION_DEMANDE_TARDIVE = "PROROGATION_DEMANDE_TARDIVE"
    PROROGATION_DECISION_TARDIVE = "PROROGATION_DECISION_TARDIVE"
    PROROGATION_EN_ATTENTE = "PROROGATION_EN_ATTENTE"
    DOC_APRES_PEREMPTION = "DOC_APRES_PEREMPTION"
    DOC_AVANT_DECISION = "DOC_AVANT_DECISION"
    DAACT_SANS_OBJET = "DAACT_SANS_OBJET"
    DAACT_SANS_DOC = "DAACT_SANS_DOC"
    DAACT_AVANT_DOC = "DAACT_AVANT_DOC"
    ATTESTATION_PREMATUREE = "ATTESTATION_PREMATUREE"
    TRANSMISSION_TARDIVE = "TRANSMISSION_TARDIVE"
    AFFICHAGE_MAIRIE_TARDIF = "AFFICHAGE_MAIRIE_TARDIF"
    AFFICHAGE_TERRAIN_INTERROMPU = "AFFICHAGE_TERRAIN_INTERROMPU"
    RECOURS_GRACIEUX_TARDIF = "RECOURS_GRACIEUX_TARDIF"
    # Taxe d'aménagement
    PETITE_CONSTRUCTION = "PETITE_CONSTRUCTION"
    EXONERATION_PLAFONNEE = "EXONERATION_PLAFONNEE"
    ARCHEOLOGIE_NON_SIMULEE = "ARCHEOLOGIE_NON_SIMULEE"


LIBELLES_ALERTES = {
    Alerte.MAJORATION_INAPPLICABLE: (
        "Cette majoration n'existe pas pour ce type de demande : elle est sans effet."
    ),
    Alerte.MAJORATION_INACTIVE: (
        "Cette majoration est livrée éteinte (durée à confirmer) : elle est sans effet."
    ),
    Alerte.MAJORATION_HORS_VIGUEUR: (
        "Cette majoration n'était pas en vigueur le jour du dépôt : elle est sans effet."
    ),
    Alerte.MAJORATION_NON_NOTIFIEE: "Cette majoration n'a pas été notifiée : elle est sans effet.",
    Alerte.MAJORATION_NON_FONDEE: "Cette majoration n'est pas fondée : elle est sans effet, même notifiée.",
    Alerte.MAJORATION_TARDIVE: (
        "La lettre de majoration est arrivée après le premier mois : elle est sans effet."
    ),
    Alerte.ENQUETE_RAPPORT_ATTENDU: (
        "Le délai ne court pas : le rapport du commissaire enquêteur n'est pas reçu."
    ),
    Alerte.DEMANDE_PIECES_NON_NOTIFIEE: "Une demande de pièces n'a pas été notifiée : elle est sans effet.",
    Alerte.DEMANDE_PIECES_TARDIVE: (
        "Une demande de pièces est arrivée après le premier mois : elle est sans effet."
    ),
    Alerte.PIECE_NON_EXIGIBLE: "Une demande ne porte sur aucune pièce exigible : elle est sans effet.",
    Alerte.DEMANDE_PIECES_REMPLACEE: "Une demande de pièces plus récente remplace la précédente.",
    Alerte.DEMANDE_PIECES_SANS_EFFET: "Une demande de pièces n'a pas d'effet sur ce type de demande.",
    Alerte.PIECES_COMPLETEES_TARDIVEMENT: (
        "Les pièces sont arrivées après les trois mois : la demande est déjà rejetée."
    ),
    Alerte.PROLONGATION_INAPPLICABLE: (
        "Cette prolongation n'existe pas pour ce type de demande : elle est sans effet."
    ),
    Alerte.PROLONGATION_INACTIVE: (
        "Cette prolongation est livrée éteinte (durée à confirmer) : elle est sans effet."
    ),
    Alerte.PROLONGATION_NON_NOTIFIEE: "Cette prolongation n'a pas été notifiée : elle est sans effet.",
    Alerte.PROLONGATION_TARDIVE: "La prolongation est arrivée après la fin du délai : elle est sans effet.",
    Alerte.FICTION_ELECTRONIQUE: "Un envoi électronique n'a pas été consulté : il est réputé reçu.",
    Alerte.DATES_DIVERGENTES: "La date annoncée au demandeur n'est pas la date légale.",
    Alerte.AVIS_ABF_TARDIF: "L'ABF a répondu après son délai : son accord est réputé donné.",
    Alerte.DP_SILENCE_FAVORABLE: (
        "Le silence vaudra non-opposition : seule une opposition expresse protège la commune."
    ),
    Alerte.DP_ABF_SANS_EFFET_SUR_SILENCE: (
        "L'ABF s'oppose, mais le silence vaudra non-opposition : décision expresse nécessaire."
    ),
    Alerte.CU_TACITE_EFFETS_LIMITES: "Le certificat tacite ne vaut que certificat d'information.",
    Alerte.DECISION_APRES_DECISION_IMPLICITE: (
        "La décision arrive après la décision implicite : un retrait est requis."
    ),
    Alerte.ECHEANCE_PROCHE: "La prochaine échéance tombe dans quinze jours au plus.",
    Alerte.ECHEANCE_DEPASSEE: "La prochaine échéance est dépassée.",
    Alerte.DECISION_NON_NOTIFIEE: "La décision n'est pas notifiée : sa validité ne court pas.",
    Alerte.VALIDITE_DU_PERMIS_INITIAL: "La validité reste celle du permis initial.",
    Alerte.RECOURS_APRES_PEREMPTION: (
        "Un recours est introduit après la fin de validité : il ne suspend rien."
    ),
    Alerte.VALIDITE_SUSPENDUE: "Un recours est en cours : la fin de validité n'est pas connue.",
    Alerte.PROROGATION_EXCLUE: "Aucune prorogation n'est possible avec la validité de cinq ans.",
    Alerte.PROROGATION_NOMBRE_ATTEINT: "Deux prorogations ont déjà été acquises.",
    Alerte.PROROGATION_DEMANDE_TARDIVE: (
        "La prorogation est demandée moins de deux mois avant la fin de validité."
    ),
    Alerte.PROROGATION_DECISION_TARDIVE: (
        "Le refus de prorogation arrive après l'accord tacite : il est sans effet."
    ),
    Alerte.PROROGATION_EN_ATTENTE: (
        "Une prorogation est en attente : son accord tacite est compté par avance."
    ),
    Alerte.DOC_APRES_PEREMPTION: (
        "Le chantier est déclaré ouvert après la fin de validité : il est tenu pour non commencé."
    ),
    Alerte.DOC_AVANT_DECISION: "Le chantier est déclaré ouvert avant la notification de la décision.",
    Alerte.DAACT_SANS_OBJET: "Une DAACT n'a pas d'objet pour ce dossier : elle est sans effet.",
    Alerte.DAACT_SANS_DOC: "Les travaux sont déclarés achevés sans déclaration d'ouverture de chantier.",
    Alerte.DAACT_AVANT_DOC: "Les travaux sont déclarés achevés avant l'ouverture du chantier.",
    Alerte.ATTESTATION_PREMATUREE: "L'attestation est demandée avant la fin du délai de contestation.",
    Alerte.TRANSMISSION_TARDIVE: "La décision est transmise au contrôle de légalité après quinze jours.",
    Alerte.AFFICHAGE_MAIRIE_TARDIF: "La décision est affichée en mairie après huit jours.",
    Alerte.AFFICHAGE_TERRAIN_INTERROMPU: (
        "L'affichage sur le terrain a duré moins de deux mois : il ne fait courir aucun délai."
    ),
    Alerte.RECOURS_GRACIEUX_TARDIF: "Le recours gracieux arrive après son délai.",
    Alerte.PETITE_CONSTRUCTION: "Cinq mètres carrés au plus : les constructions sont exonérées.",
    Alerte.EXONERATION_PLAFONNEE: "Une exonération dépasse la part : la part est ramenée à zéro.",
    Alerte.ARCHEOLOGIE_NON_SIMULEE: "La taxe d'archéologie préventive n'est pas simulée.",
}


def triees(alertes: Iterable[Alerte]) -> tuple[Alerte, ...]:
    """Sorted by code, without repeats."""
    return tuple(sorted(set(alertes)))

"""Simulator of the dates after a control, on the contract of ``echeances_anc``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from assainissement.circuits.recalcul import POURQUOI, PROCHAIN
from assainissement.regles.echeances import echeances_anc
from assainissement.regles.tables import anc
from assainissement.regles.tables import echeances as table
from assainissement.simulateurs.classement import CONCLUSIONS, THEME
from mairie.simulateurs import Champ, Etape, Fait, Groupe, Resultat, Simulateur
from mairie.simulateurs.modele import Genre

ISSUES = {
    table.VISITE_FAITE: "faite",
    table.REFUS: "refusée",
    table.ABSENT: "occupant absent",
    table.REPORT_ABUSIF: "reportée sans raison",
}
GROUPES = (
    Groupe(
        "Le contrôle",
        (
            Champ("issue", "La visite", Genre.CHOIX, choix=tuple(ISSUES.items())),
            Champ("date_controle", "Date du contrôle", Genre.DATE, obligatoire=True),
            Champ(
                "regle",
                "Conclusion du rapport",
                Genre.CHOIX,
                choix=tuple((r, f"{r} : {CONCLUSIONS[r]}") for r in anc.CODES_REGLES),
            ),
            Champ("date_notification", "Rapport reçu le", Genre.DATE),
            Champ("electromecanique", "L'installation a un moteur ou une pompe", Genre.COCHE),
        ),
    ),
    Groupe(
        "Vente, travaux, relances",
        (
            Champ("date_acte", "Acte de vente signé le", Genre.DATE),
            Champ("date_levee", "Travaux constatés le", Genre.DATE),
            Champ("delai_maire_mois", "Délai raccourci par le maire (mois)", Genre.ENTIER),
            Champ("nb_relances", "Relances déjà reçues", Genre.ENTIER),
        ),
        replie=True,
    ),
    Groupe(
        "Règlement du service",
        (
            Champ("frequence_periodique_annees", "Contrôle périodique tous les (ans)", Genre.ENTIER),
            Champ("frequence_danger_annees", "En cas de danger, tous les (ans)", Genre.ENTIER),
            Champ("frequence_electromecanique_annees", "Avec un moteur, tous les (ans)", Genre.ENTIER),
        ),
        "reglement",
        replie=True,
        aide="Vide : les valeurs usuelles (dix ans).",
    ),
)


def presenter(cas: Mapping[str, Any], reponse: Mapping[str, Any]) -> Resultat:
    """Each date with the rule that gives it."""
    faits = []
    etapes = []
    phrase, article = POURQUOI[reponse["regle_echeance"]]
    if reponse["echeance_travaux"]:
        faits.append(Fait("Travaux avant le", date.fromisoformat(reponse["echeance_travaux"])))
    etapes.append(Etape("Travaux", article, phrase, True))
    if reponse["fin_validite_rapport"]:
        faits.append(
            Fait(
                "Rapport valable jusqu'au",
                date.fromisoformat(reponse["fin_validite_rapport"]),
                note="compris",
            )
        )
        etapes.append(Etape("Validité", "CSP L1331-11-1", "Trois ans à compter du contrôle."))
    prochain, article = PROCHAIN[reponse["motif_prochain_controle"]]
    faits.append(Fait("Prochain rendez-vous", date.fromisoformat(reponse["prochain_controle"])))
    etapes.append(Etape("Prochain rendez-vous", article, prochain))
    alertes = []
    if reponse["nouveau_controle_requis"]:
        alertes.append("Un nouveau contrôle est nécessaire avant la vente.")
    if reponse["majoration_due"]:
        alertes.append("La redevance peut être majorée (CSP L1331-8).")
    return Resultat(phrase, faits, etapes, alertes)


SIMULATEUR = Simulateur(
    "echeances-anc",
    "Après un contrôle d'assainissement, quelles dates ?",
    "Travaux, validité du rapport pour une vente, prochain contrôle : chaque date et sa raison.",
    "bi-calendar-check",
    THEME,
    210,
    GROUPES,
    echeances_anc,
    presenter,
    exemple="date_controle=2026-02-20&regle=R1&date_notification=2026-03-12&date_acte=2026-10-05",
)

"""State, dates, figures and explanation of a request, recomputed from its log. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import date
from typing import Any

from mairie.workflow.modele import Etape, Fait, Situation, Workflow, derouler
from urba.instruction import lecture
from urba.instruction.etats import CLOS
from urba.regles.delais import ResultatDelai
from urba.regles.echeances import ResultatEcheances, calculer_echeances
from urba.regles.types import Etape as EtapeRegle

DATES_DELAI = tuple(
    f.name
    for f in fields(ResultatDelai)
    if f.name
    in {
        "fin_fenetre_un_mois",
        "affichage_depot_limite",
        "transmission_copies_limite",
        "date_completude",
        "depart",
        "date_limite",
        "date_limite_notifiee",
        "date_limite_pieces",
        "date_decision_implicite",
    }
)
DATES_ECHEANCES = (
    "validite_fin",
    "prorogation_demande_limite",
    "peremption_le",
    "retrait_limite",
    "transmission_limite",
    "executoire_le",
    "defere_limite",
    "affichage_mairie_limite",
    "affichage_mairie_fin",
    "recours_tiers_limite",
    "recours_tiers_limite_absolue",
    "recours_demandeur_limite",
    "recours_gracieux_limite",
    "recours_gracieux_rejet_implicite_le",
    "contestation_conformite_limite",
    "conformite_acquise_le",
    "attestation_limite",
    "taxe_declaration_limite",
)


def recalculer(workflow: Workflow, faits: Sequence[Fait], contexte: Any, jour: date) -> Situation:
    """What the log means on a day: events effective later wait for theirs."""
    situation = derouler(workflow, faits, contexte, jour)
    passes = [f for f in faits if f.date_effet <= jour]
    delai = lecture.delai(passes, contexte, jour)
    if delai is None:
        return situation
    depot = lecture.depot(passes)
    decision = lecture.decision_de(passes, contexte)
    dates: dict[str, date | None] = {nom: getattr(delai, nom) for nom in DATES_DELAI}
    dates["date_depot"] = depot.date_effet if depot else None
    dates["date_decision"] = decision.date_acte if decision else None
    dates["date_notification"] = decision.date_opposable if decision else None
    alertes = set(delai.alertes)
    etapes = [_etape(e) for e in delai.explication]
    calculs: dict[str, Any] = {
        "type_detail": lecture.type_detail(passes),
        "delai_base_mois": delai.delai_base_mois,
        "delai_mois": delai.delai_mois,
        "decision_implicite": delai.decision_implicite,
        "jours_restants": delai.jours_restants,
        "retrait_requis": "DECISION_APRES_DECISION_IMPLICITE" in delai.alertes,
    }
    terme = None
    if situation.etat in CLOS or decision is not None:
        decide = lecture.dossier_decide(passes, contexte, jour)
        if decide is not None:
            terme = calculer_echeances(decide)
            dates.update({nom: getattr(terme, nom) for nom in DATES_ECHEANCES})
            alertes |= set(terme.alertes)
            etapes += [_etape(e) for e in terme.explication]
            calculs |= _figures(terme)
    if situation.etat in CLOS and "ECHEANCE_DEPASSEE" in alertes:
        # The day of the decision has passed: what counts now is in the terms.
        alertes -= {"ECHEANCE_DEPASSEE", "ECHEANCE_PROCHE"}
    calculs["alertes"] = sorted(alertes)
    return replace(situation, dates=dates, explication=tuple(etapes), calculs=calculs)


def _figures(terme: ResultatEcheances) -> dict[str, Any]:
    return {
        "etat_autorisation": terme.etat,
        "prorogations_restantes": terme.prorogations_restantes,
        "validite_regle": terme.validite_regle,
    }


def _etape(etape: EtapeRegle) -> Etape:
    return Etape(etape.regle, etape.detail, etape.article)

"""Circuit of a declared sale: answer to the notary, deed (spec §7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from assainissement.circuits import effets_projet as effets
from mairie.calendrier import jma
from mairie.workflow import DEBUT, Champ, Etat, Transition, TypeEvenement, Workflow
from mairie.workflow.modele import Demande, Etape, Fait, Garde, Situation, derouler

AGENT = ("technicien", "responsable", "gestionnaire")
VENTE_ETATS = {
    "": "à créer",
    "recue": "à répondre",
    "controle_a_faire": "contrôle à faire",
    "certificat_envoye": "certificat envoyé",
    "acte_signe": "acte signé",
    "sans_suite": "sans suite",
}
FINALS = ("acte_signe", "sans_suite")
A_REPONDRE = ("recue", "controle_a_faire")


def _rapport_valable(demande: Demande) -> str | None:
    from assainissement.ventes import CERTIFICAT, proposition
    from assainissement.ventes_choix import doute

    if dit := doute(demande.dossier, demande.aujourdhui):
        return dit
    if proposition(demande.dossier, demande.aujourdhui) != CERTIFICAT:
        return "Aucun rapport n'est valable aujourd'hui : un contrôle est à faire avant la vente."
    return None


def _sans_rapport(demande: Demande) -> str | None:
    from assainissement.ventes import controle_valable, rapport_valable
    from assainissement.ventes_choix import doute

    if dit := doute(demande.dossier, demande.aujourdhui):
        return dit
    raccordement = controle_valable(demande.dossier, demande.aujourdhui)
    if raccordement is not None and raccordement.fin_validite is not None:
        return (
            f"Le contrôle de raccordement {raccordement} est valable jusqu'au"
            f" {jma(raccordement.fin_validite)} : envoyez son certificat."
        )
    trouve = rapport_valable(demande.dossier, demande.aujourdhui)
    if trouve is not None:
        return (
            f"Le rapport du {jma(trouve.date_visite)} est valable jusqu'au"
            f" {jma(trouve.fin_validite_rapport)} : envoyez le certificat."
        )
    return None


def _acte_passe(demande: Demande) -> str | None:
    if str(demande.donnees.get("le") or "") > demande.aujourdhui.isoformat():
        return "L'acte n'est pas encore signé à cette date : enregistrez-le quand il le sera."
    return None


def recalculer(workflow: Workflow, faits: Sequence[Fait], contexte: Any, jour: date) -> Situation:
    """State, day of the answer, day of the deed."""
    base = derouler(workflow, faits, contexte, jour)
    connus = [f for f in faits if f.date_effet <= jour]
    acte = next((f for f in reversed(connus) if f.type == "signer_acte"), None)
    reponse = next(
        (f for f in reversed(connus) if f.type in ("envoyer_certificat", "demander_controle")), None
    )
    le = date.fromisoformat(acte.donnees["le"]) if acte else None
    dates = {
        "date_acte": le,
        "repondu_le": reponse.date_effet if reponse else None,
    }
    etapes = [Etape("Acte de vente", jma(le), "CSP L1331-11-1")] if le else []
    return replace(base, dates=dates, explication=tuple(etapes))


VENTE = Workflow(
    code="assainissement.vente",
    libelle="Vente d'un immeuble",
    metier="assainissement",
    etats=tuple(Etat(code, libelle, code in FINALS) for code, libelle in VENTE_ETATS.items() if code),
    evenements=(
        TypeEvenement("recevoir", "Vente déclarée", annulable=False),
        TypeEvenement(
            "envoyer_certificat",
            "Certificat envoyé",
            (Champ("controle", "Rapport", "texte", False),),
            ("certificat_vente",),
        ),
        TypeEvenement(
            "demander_controle",
            "Contrôle demandé au vendeur",
            (),
            ("controle_vente",),
            annulable=False,
            effet=effets.controle_demande,
        ),
        TypeEvenement(
            "signer_acte",
            "Acte signé",
            (Champ("le", "Date de l'acte", "date"),),
            effet=effets.acte_signe,
            defaire=effets.acte_retire,
        ),
        TypeEvenement("classer_sans_suite", "Sans suite", (Champ("motif", "Motif"),)),
    ),
    transitions=(
        Transition("recevoir", (DEBUT,), (*AGENT, "systeme"), ("recue",)),
        Transition(
            "envoyer_certificat", A_REPONDRE, AGENT, ("certificat_envoye",),
            (Garde("rapport", "Rapport valable", _rapport_valable),),
        ),
        Transition(
            "demander_controle", ("recue",), AGENT, ("controle_a_faire",),
            (Garde("sans_rapport", "Pas de rapport valable", _sans_rapport),),
        ),
        Transition(
            "signer_acte", (*A_REPONDRE, "certificat_envoye"), (*AGENT, "systeme"), ("acte_signe",),
            (Garde("passe", "Un acte déjà signé", _acte_passe, sur_saisie=True),),
        ),
        Transition("classer_sans_suite", (*A_REPONDRE, "certificat_envoye"), AGENT, ("sans_suite",)),
    ),
    roles_annulation=("responsable",),
    recalculer=recalculer,
    colonnes=("date_acte", "repondu_le"),
    suite=effets.suivre_vente,
)  # fmt: skip

"""Circuit of a fee line (spec §7): told before the visit, billed once the report is notified, never twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from mairie.calendrier import jma
from mairie.workflow import DEBUT, Champ, Etat, Transition, TypeEvenement, Workflow
from mairie.workflow.modele import Demande, Etape, Fait, Garde, Passage, Situation, derouler

LIBELLES = {
    "": "à créer",
    "a_annoncer": "à annoncer",
    "annoncee": "annoncée",
    "a_facturer": "à facturer",
    "exportee": "transmise aux finances",
    "payee": "payée",
    "annulee": "annulée",
}
FINALS = ("payee", "annulee")
LIBRES = ("a_annoncer", "annoncee", "a_facturer")
COMPTABLE = ("responsable", "gestionnaire")
AGENT = ("technicien", *COMPTABLE)
MOYENS = {"courrier": "par courrier", "courriel": "par courriel"}


def _avant_visite(demande: Demande) -> str | None:
    visite = demande.dossier.visite_le
    if visite is not None and demande.date_effet >= visite:
        return (
            f"La visite a eu lieu le {jma(visite)} : une redevance s'annonce avant elle. Facturez-la sans"
            " annonce, avec un motif écrit, ou annulez-la."
        )
    return None


def _notifie(demande: Demande) -> str | None:
    d = demande.dossier
    if d.genre == "redevance" and d.controle is not None and d.controle.date_notification is None:
        return "Le rapport du contrôle n'est pas encore reçu par le propriétaire : rien ne se facture avant."
    if d.controle_ac is not None and d.controle_ac.valide_le is None:
        return "Le contrôle de raccordement n'est pas encore validé : rien ne se facture avant."
    return None


def _paiement_a_soi(demande: Demande) -> str | None:
    """A line paid with its control is taken back with it, by whoever strikes out the payment there."""
    if demande.acteur.utilisateur is None:
        return None
    d = demande.dossier
    if d.genre == "redevance" and d.controle is not None:
        return "Elle se paie avec son contrôle : annulez « Réglé, contrôle clos » sur la page du contrôle."
    return None


def _motif_du_retrait(demande: Demande) -> str | None:
    if demande.acteur.utilisateur is not None and not str(demande.donnees.get("motif") or "").strip():
        return "Dites pourquoi ce paiement est retiré."
    return None


PAIEMENT_A_SOI = Garde("paiement_a_soi", "Paiement sans contrôle", _paiement_a_soi)
MOTIF_DU_RETRAIT = Garde("motif_du_retrait", "Motif du retrait", _motif_du_retrait, sur_saisie=True)
AVANT_VISITE = Garde("avant_visite", "Annonce avant la visite", _avant_visite, sur_saisie=True)
NOTIFIE = Garde("notifie", "Rapport reçu par le propriétaire", _notifie)


def _ouverture(passage: Passage) -> str:
    d = passage.fait.donnees
    return "a_facturer" if d.get("facturable") else "annoncee" if d.get("annoncee") else "a_annoncer"


def _retour(passage: Passage) -> str:
    """Where it stood before it could be billed."""
    dite = any(f.type == "annoncer" or f.donnees.get("annoncee") for f, _ in passage.precedents)
    return "annoncee" if dite else "a_annoncer"


def recalculer(workflow: Workflow, faits: Sequence[Fait], contexte: Any, jour: date) -> Situation:
    """State, and the days when it was told, sent and paid."""
    base = derouler(workflow, faits, contexte, jour)
    dates: dict[str, date | None] = {"annoncee_le": None, "exportee_le": None, "payee_le": None}
    calculs: dict[str, Any] = {"sans_annonce": ""}
    etapes: list[Etape] = []
    for f in (x for x in faits if x.date_effet <= jour):
        match f.type:
            case "annoncer":
                dates["annoncee_le"] = f.date_effet
                moyen = MOYENS.get(str(f.donnees.get("moyen")), "")
                etapes.append(Etape("Annonce", f"{jma(f.date_effet)} {moyen}".strip(), "CGCT R2224-19-5"))
            case "ouvrir" if f.donnees.get("annoncee"):
                dates["annoncee_le"] = date.fromisoformat(f.donnees["annoncee"])
            case "retirer_annonce":
                dates["annoncee_le"] = None
            case "facturer_sans_annonce":
                calculs["sans_annonce"] = f.donnees["motif"]
                etapes.append(Etape("Sans annonce", f.donnees["motif"]))
            case "exporter":
                dates["exportee_le"] = f.date_effet
            case "encaisser":
                dates["payee_le"] = f.date_effet
            case "retirer_paiement":
                dates["payee_le"] = None
    return replace(base, dates=dates, calculs=calculs, explication=tuple(etapes))


MOTIF = Champ("motif", "Motif")
REDEVANCE = Workflow(
    code="assainissement.redevance",
    libelle="Ligne de redevance",
    metier="assainissement",
    etats=tuple(Etat(code, libelle, code in FINALS) for code, libelle in LIBELLES.items() if code),
    evenements=(
        TypeEvenement(
            "ouvrir",
            "Ligne ouverte",
            (
                Champ("annoncee", "Annoncée le", "date", False),
                Champ("facturable", "À facturer", "booleen", False),
            ),
            annulable=False,
        ),
        TypeEvenement(
            "annoncer",
            "Redevance annoncée",
            (
                Champ("moyen", "Annoncée", "choix", True, tuple(MOYENS)),
                Champ("reference", "Référence de la lettre", obligatoire=False),
            ),
            ("avis_passage",),
        ),
        TypeEvenement("retirer_annonce", "Annonce retirée", annulable=False),
        TypeEvenement("rendre_facturable", "À facturer", annulable=False),
        TypeEvenement("facturer_sans_annonce", "À facturer sans annonce", (MOTIF,)),
        TypeEvenement("suspendre", "Facturation suspendue", annulable=False),
        TypeEvenement(
            "exporter", "Transmise aux finances", (Champ("reference", "Référence"),), annulable=False
        ),
        TypeEvenement("encaisser", "Payée", annulable=False),
        TypeEvenement(
            "retirer_paiement",
            "Paiement retiré",
            (Champ("motif", "Motif", obligatoire=False),),
            annulable=False,
        ),
        TypeEvenement("crediter", "Ligne annulée par un avoir", (MOTIF,), annulable=False),
        TypeEvenement("annuler", "Ligne annulée", (MOTIF,), annulable=False),
    ),
    transitions=(
        Transition(
            "ouvrir",
            (DEBUT,),
            (*AGENT, "systeme"),
            ("a_annoncer", "annoncee", "a_facturer"),
            choisir=_ouverture,
        ),
        Transition("annoncer", ("a_annoncer",), (*AGENT, "systeme"), ("annoncee",), (AVANT_VISITE,)),
        Transition("retirer_annonce", ("annoncee",), ("systeme",), ("a_annoncer",)),
        Transition("rendre_facturable", ("annoncee",), (*COMPTABLE, "systeme"), ("a_facturer",), (NOTIFIE,)),
        Transition(
            "facturer_sans_annonce", ("a_annoncer",), (*COMPTABLE, "systeme"), ("a_facturer",), (NOTIFIE,)
        ),
        Transition("suspendre", ("a_facturer",), ("systeme",), ("annoncee", "a_annoncer"), choisir=_retour),
        Transition("exporter", ("a_facturer",), (*COMPTABLE, "systeme"), ("exportee",)),
        Transition("encaisser", ("exportee",), (*COMPTABLE, "systeme"), ("payee",)),
        Transition(
            "retirer_paiement",
            ("payee",),
            (*COMPTABLE, "systeme"),
            ("exportee",),
            (PAIEMENT_A_SOI, MOTIF_DU_RETRAIT),
        ),
        Transition("crediter", ("exportee",), ("systeme",), ("annulee",)),
        Transition("annuler", LIBRES, (*COMPTABLE, "systeme"), ("annulee",)),
    ),
    roles_annulation=("responsable",),
    recalculer=recalculer,
    colonnes=("annoncee_le", "exportee_le", "payee_le"),
)

"""Circuit of a project: conception, then execution of a new or rebuilt installation (spec §7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from assainissement.circuits import effets_projet as effets
from assainissement.regles.tables.projets import AVIS_MOIS, DEFAVORABLE, FAVORABLE, FAVORABLES, SENS
from mairie.calendrier import jma, plus_mois
from mairie.workflow import DEBUT, Champ, Etat, Passage, Transition, TypeEvenement, Workflow
from mairie.workflow.modele import Demande, Etape, Fait, Garde, Situation, derouler

AGENT = ("technicien", "responsable", "gestionnaire")
TERRAIN = ("technicien", "responsable")
PROJET_ETATS = {
    "": "à créer",
    "demande": "à examiner",
    "incomplet": "incomplet",
    "avis_favorable": "avis favorable",
    "avis_defavorable": "avis défavorable",
    "visite_execution_planifiee": "visite de chantier à faire",
    "visite_execution": "chantier visité",
    "non_conforme": "travaux non conformes",
    "contre_visite": "contre-visite à faire",
    "conforme": "travaux conformes",
    "abandonne": "abandonné",
}
FINALS = ("conforme", "abandonne")
VIVANTS = tuple(c for c in PROJET_ETATS if c and c not in FINALS)
# The plan may still change: what was said of the former one falls.
MODIFIABLES = ("avis_favorable", "avis_defavorable", "visite_execution_planifiee", "non_conforme")
# Each asks for an opinion, until a day of its own.
DEMANDES = ("demander", "modifier_projet", "reprendre")
EN_VISITE = ("visite_execution_planifiee", "contre_visite")


def _apres_avis(passage: Passage) -> str:
    return "avis_favorable" if passage.fait.donnees.get("sens") in FAVORABLES else "avis_defavorable"


def _apres_visite(passage: Passage) -> str:
    return "conforme" if passage.fait.donnees.get("conclusion") == "conforme" else "non_conforme"


def _motive(demande: Demande) -> str | None:
    sens = demande.donnees.get("sens")
    if sens and sens != FAVORABLE and not str(demande.donnees.get("motif") or "").strip():
        return (
            "Un avis défavorable est motivé : dites pourquoi."
            if sens == DEFAVORABLE
            else "Des réserves s'énoncent : écrivez les conditions à respecter."
        )
    return None


def _sans_visite_ouverte(demande: Demande) -> str | None:
    c = demande.dossier.controle_execution
    if c is not None and c.etat == "rapport_valide":
        return f"Notifiez d'abord au propriétaire le rapport de {c}."
    if c is not None and c.ouvert:
        return f"Une visite est déjà à faire : {c}."
    return None


def recalculer(workflow: Workflow, faits: Sequence[Fait], contexte: Any, jour: date) -> Situation:
    """State, last day to answer while an answer is due, day and sense of the last opinion."""
    base = derouler(workflow, faits, contexte, jour)
    connus = [f for f in faits if f.date_effet <= jour]
    demande = next((f for f in reversed(connus) if f.type in DEMANDES), None)
    avis = next((f for f in reversed(connus) if f.type == "rendre_avis"), None)
    fini = next((f for f in reversed(connus) if f.type == "conclure_execution"), None)
    limite: date | None = None
    etapes: list[Etape] = []
    if demande is not None and base.etat in ("demande", "incomplet"):
        precisee = next((f for f in reversed(connus) if f.type == "preciser_limite"), None)
        suit = precisee is not None and precisee.id > demande.id
        dite = (precisee if suit and precisee is not None else demande).donnees.get("limite")
        limite = date.fromisoformat(dite) if dite else plus_mois(demande.date_effet, AVIS_MOIS.valeur)
        pourquoi = "demandée par l'urbanisme" if dite else f"{AVIS_MOIS.valeur} mois après la demande"
        etapes.append(Etape("Réponse attendue", f"{jma(limite)} : {pourquoi}", AVIS_MOIS.article))
    if avis is not None:
        etapes.append(
            Etape("Avis", f"{SENS[avis.donnees['sens']]}, le {jma(avis.date_effet)}", "CGCT L2224-8, III")
        )
    if fini is not None:
        etapes.append(
            Etape(
                "Exécution",
                f"{'conforme' if fini.donnees.get('conclusion') == 'conforme' else 'non conforme'},"
                f" visite du {jma(fini.date_effet)}",
                "arrêté du 27/04/2012, art. 3",
            )
        )
    dates = {
        "limite": limite,
        "avis_le": avis.date_effet if avis else None,
        "conforme_le": fini.date_effet if fini and base.etat == "conforme" else None,
    }
    calculs = {"sens": str(avis.donnees["sens"]) if avis else ""}
    return replace(base, dates=dates, calculs=calculs, explication=tuple(etapes))


MOTIF = Champ("motif", "Motif")
PROJET = Workflow(
    code="assainissement.projet",
    libelle="Projet d'installation d'assainissement",
    metier="assainissement",
    etats=tuple(Etat(code, libelle, code in FINALS) for code, libelle in PROJET_ETATS.items() if code),
    evenements=(
        TypeEvenement(
            "demander",
            "Avis demandé",
            (
                Champ("limite", "Réponse attendue le", "date", False),
                Champ("dossier", "Dossier", "texte", False),
            ),
            annulable=False,
            effet=effets.demande,
        ),
        TypeEvenement(
            "preciser_limite",
            "Échéance de l'urbanisme",
            (Champ("limite", "Réponse attendue le", "date"),),
            annulable=False,
        ),
        TypeEvenement("declarer_incomplet", "Dossier incomplet", (Champ("motif", "Ce qui manque"),)),
        TypeEvenement("completer", "Dossier complété", (Champ("pieces", "Pièces", "texte", False),)),
        TypeEvenement(
            "rendre_avis",
            "Avis rendu",
            (
                Champ("sens", "Avis", "choix", True, tuple(SENS)),
                Champ("filiere", "Filière projetée"),
                Champ("plan", "Référence du plan examiné", "texte", False),
                Champ("motif", "Motif, ou conditions à respecter", "texte", False),
            ),
            ("avis_conception", "attestation_conception"),
            annulable=False,
            effet=effets.avis_rendu,
        ),
        TypeEvenement(
            "modifier_projet",
            "Projet modifié",
            (MOTIF, Champ("limite", "Réponse attendue le", "date", False)),
            annulable=False,
            effet=effets.demande,
        ),
        TypeEvenement(
            "planifier_execution",
            "Visite de chantier demandée",
            (MOTIF,),
            annulable=False,
            effet=effets.visite_demandee,
        ),
        TypeEvenement("visiter", "Chantier visité", (Champ("controle", "Contrôle"),), annulable=False),
        TypeEvenement("annuler_visite", "Visite annulée", (Champ("controle", "Contrôle"),), annulable=False),
        TypeEvenement(
            "conclure_execution",
            "Visite de chantier conclue",
            (Champ("conclusion", "Conclusion"), Champ("controle", "Contrôle")),
            ("rapport_execution",),
            annulable=False,
        ),
        TypeEvenement(
            "planifier_contre_visite", "Contre-visite demandée", (MOTIF,), annulable=False,
            effet=effets.visite_demandee,
        ),
        TypeEvenement("abandonner", "Projet abandonné", (MOTIF,), annulable=False, effet=effets.abandon),
        TypeEvenement(
            "reprendre",
            "Projet repris",
            (
                MOTIF,
                Champ("limite", "Réponse attendue le", "date", False),
                Champ("dossier", "Dossier", "texte", False),
            ),
            annulable=False,
            effet=effets.demande,
        ),
    ),
    transitions=(
        Transition("demander", (DEBUT,), (*AGENT, "systeme"), ("demande",)),
        Transition("preciser_limite", ("demande", "incomplet"), ("systeme",)),
        Transition("declarer_incomplet", ("demande",), TERRAIN, ("incomplet",)),
        Transition("completer", ("incomplet",), (*AGENT, "systeme"), ("demande",)),
        Transition(
            "rendre_avis", ("demande",), ("responsable",), ("avis_favorable", "avis_defavorable"),
            (Garde("motive", "Avis motivé", _motive, sur_saisie=True),), choisir=_apres_avis,
        ),
        Transition("modifier_projet", MODIFIABLES, (*AGENT, "systeme"), ("demande",)),
        Transition(
            "planifier_execution", ("avis_favorable", "visite_execution_planifiee"), (*AGENT, "systeme"),
            ("visite_execution_planifiee",),
            (Garde("une_visite", "Une visite à la fois", _sans_visite_ouverte),),
        ),
        Transition("visiter", ("visite_execution_planifiee",), ("systeme",), ("visite_execution",)),
        Transition("annuler_visite", ("visite_execution",), ("systeme",), ("visite_execution_planifiee",)),
        Transition(
            "conclure_execution", ("visite_execution", *EN_VISITE), ("systeme",),
            ("conforme", "non_conforme"), choisir=_apres_visite,
        ),
        Transition(
            "planifier_contre_visite", ("non_conforme",), (*AGENT, "systeme"), ("contre_visite",),
            (Garde("une_visite", "Une visite à la fois", _sans_visite_ouverte),),
        ),
        Transition("abandonner", VIVANTS, (*AGENT, "systeme"), ("abandonne",)),
        # The owner, or a later request of the permit, takes up what was given up.
        Transition("reprendre", ("abandonne",), (*AGENT, "systeme"), ("demande",)),
    ),
    roles_annulation=("responsable",),
    recalculer=recalculer,
    colonnes=("limite", "avis_le", "conforme_le", "sens"),
    suite=effets.suivre_projet,
)  # fmt: skip

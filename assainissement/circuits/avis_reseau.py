"""Circuit of an opinion of the sewer service: asked by the permits, answered, asked again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from assainissement.circuits import effets_projet as effets
from assainissement.regles.tables.avis_reseau import BESOINS
from assainissement.regles.tables.projets import AVIS_MOIS, DEFAVORABLE, FAVORABLE, SENS
from mairie.calendrier import jma, plus_mois
from mairie.workflow import DEBUT, Champ, Etat, Transition, TypeEvenement, Workflow
from mairie.workflow.modele import Demande, Etape, Fait, Garde, Situation, derouler

AGENT = ("technicien", "responsable", "gestionnaire")
LIBELLES = {"": "à créer", "demande": "à répondre", "rendu": "avis rendu", "abandonne": "sans suite"}
FINALS = ("abandonne",)


def _motive(demande: Demande) -> str | None:
    sens = demande.donnees.get("sens")
    if sens and sens != FAVORABLE and not str(demande.donnees.get("motif") or "").strip():
        return (
            "Un avis défavorable est motivé : dites pourquoi."
            if sens == DEFAVORABLE
            else "Des réserves s'énoncent : écrivez les conditions à respecter."
        )
    return None


def recalculer(workflow: Workflow, faits: Sequence[Fait], contexte: Any, jour: date) -> Situation:
    """State, last day to answer while an answer is due, what the last answer says."""
    base = derouler(workflow, faits, contexte, jour)
    connus = [f for f in faits if f.date_effet <= jour]
    demande = next((f for f in reversed(connus) if f.type in ("demander", "redemander")), None)
    avis = next((f for f in reversed(connus) if f.type == "rendre_avis"), None)
    limite: date | None = None
    etapes: list[Etape] = []
    if demande is not None and base.etat == "demande":
        dite = demande.donnees.get("limite")
        limite = date.fromisoformat(dite) if dite else plus_mois(demande.date_effet, AVIS_MOIS.valeur)
        pourquoi = "demandée par l'urbanisme" if dite else f"{AVIS_MOIS.valeur} mois après la demande"
        etapes.append(Etape("Réponse attendue", f"{jma(limite)} : {pourquoi}", AVIS_MOIS.article))
    if avis is not None:
        dit = f"{SENS[avis.donnees['sens']]}, {BESOINS[avis.donnees['besoin']]}, le {jma(avis.date_effet)}"
        etapes.append(Etape("Avis", dit, "CSP L1331-1"))
    dates = {"limite": limite, "avis_le": avis.date_effet if avis else None}
    calculs = {
        "sens": str(avis.donnees["sens"]) if avis else "",
        "besoin": str(avis.donnees["besoin"]) if avis else "",
    }
    return replace(base, dates=dates, calculs=calculs, explication=tuple(etapes))


# Number of the request that asks: one authorisation has several, answered together.
_DOSSIER = Champ("dossier", "Demande d'urbanisme", obligatoire=False)
_LIMITE = Champ("limite", "Réponse attendue le", "date", False)
AVIS_RESEAU = Workflow(
    code="assainissement.avis_reseau",
    libelle="Avis du service sur le raccordement d'un projet",
    metier="assainissement",
    etats=tuple(Etat(code, libelle, code in FINALS) for code, libelle in LIBELLES.items() if code),
    evenements=(
        TypeEvenement("demander", "Avis demandé", (_LIMITE, _DOSSIER), annulable=False),
        TypeEvenement(
            "redemander", "Avis redemandé", (Champ("motif", "Motif"), _LIMITE, _DOSSIER), annulable=False
        ),
        TypeEvenement(
            "rendre_avis",
            "Avis rendu",
            (
                Champ("sens", "Avis", "choix", True, tuple(SENS)),
                Champ("besoin", "Branchement", "choix", True, tuple(BESOINS)),
                Champ("motif", "Motif, ou conditions à respecter", "texte", False),
            ),
            ("avis_reseau",),
            annulable=False,
        ),
        TypeEvenement("abandonner", "Sans suite", (Champ("motif", "Motif"),), annulable=False),
    ),
    transitions=(
        Transition("demander", (DEBUT,), (*AGENT, "systeme"), ("demande",)),
        Transition("redemander", ("demande", "rendu", "abandonne"), (*AGENT, "systeme"), ("demande",)),
        Transition(
            "rendre_avis", ("demande",), ("responsable",), ("rendu",),
            (Garde("motive", "Avis motivé", _motive, sur_saisie=True),),
        ),
        Transition("abandonner", ("demande", "rendu"), (*AGENT, "systeme"), ("abandonne",)),
    ),
    roles_annulation=("responsable",),
    recalculer=recalculer,
    colonnes=("limite", "avis_le", "sens", "besoin"),
    suite=effets.suivre_avis,
)  # fmt: skip

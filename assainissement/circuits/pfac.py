"""Circuit of a contribution to the sewer (spec §7): the connection creates the debt, not the permit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from assainissement.regles.tables import pfac as table
from assainissement.regles.tables.parametres import entier
from mairie.calendrier import jma, plus_mois
from mairie.workflow import DEBUT, Champ, Etat, Transition, TypeEvenement, Workflow
from mairie.workflow.modele import Demande, Etape, Fait, Garde, Situation, derouler

LIBELLES = {
    "": "à créer",
    "preparee": "préparée",
    "exigible": "exigible",
    "titree": "titrée",
    "soldee": "soldée",
    "annulee": "annulée",
}
FINALS = ("soldee", "annulee")
NON_TITREES = ("preparee", "exigible")
COMPTABLE = ("responsable", "gestionnaire")


def _calculee(demande: Demande) -> str | None:
    resultat = demande.donnees.get("resultat") or {}
    if not resultat:
        return "Le calcul n'est pas possible : complétez le projet (surface, logements)."
    if not resultat.get("exigible"):
        motif = table.MOTIFS.get(resultat.get("motif") or "", "Le montant est nul.")
        return f"Rien n'est dû : {motif[:1].lower()}{motif[1:]} Annulez la ligne avec ce motif."
    return None


CALCULEE = Garde("calculee", "Montant dû", _calculee, sur_saisie=True)


def recalculer(workflow: Workflow, faits: Sequence[Fait], contexte: Any, jour: date) -> Situation:
    """State and days; the calculation of the connection explains the amount."""
    base = derouler(workflow, faits, contexte, jour)
    dates: dict[str, date | None] = dict.fromkeys(
        ("date_raccordement", "titree_le", "limite_contestation", "soldee_le")
    )
    etapes: list[Etape] = []
    for f in (x for x in faits if x.date_effet <= jour):
        if f.type == "constater_raccordement":
            dit = (f.donnees.get("entrees") or {}).get("date_raccordement")
            dates["date_raccordement"] = date.fromisoformat(dit) if dit else f.date_effet
            etapes += [
                Etape("Calcul", phrase, f"CSP {f.donnees['resultat']['article']}")
                for phrase in f.donnees["resultat"]["explication"]
            ]
        elif f.type == "titrer":
            dates["titree_le"] = f.date_effet
            limite = plus_mois(f.date_effet, entier("PFAC_CONTESTATION"))
            dates["limite_contestation"] = limite
            etapes.append(
                Etape("Contestation", f"jusqu'au {jma(limite)} compris : deux mois", "CGCT L1617-5")
            )
        elif f.type == "solder":
            dates["soldee_le"] = f.date_effet
    return replace(base, dates=dates, explication=tuple(etapes))


PFAC = Workflow(
    code="assainissement.pfac",
    libelle="Participation au réseau (PFAC)",
    metier="assainissement",
    etats=tuple(Etat(code, libelle, code in FINALS) for code, libelle in LIBELLES.items() if code),
    evenements=(
        TypeEvenement("preparer", "Participation préparée", annulable=False),
        TypeEvenement(
            "constater_raccordement",
            "Raccordement constaté",
            (Champ("entrees", "Projet", "json"), Champ("resultat", "Calcul", "json")),
        ),
        TypeEvenement("titrer", "Titre notifié", (Champ("reference", "Numéro du titre"),)),
        TypeEvenement("solder", "Participation payée"),
        TypeEvenement("annuler", "Participation annulée", (Champ("motif", "Motif"),), annulable=False),
    ),
    transitions=(
        Transition("preparer", (DEBUT,), (*COMPTABLE, "systeme"), ("preparee",)),
        Transition(
            "constater_raccordement", ("preparee",), (*COMPTABLE, "systeme"), ("exigible",), (CALCULEE,)
        ),
        Transition("titrer", ("exigible",), COMPTABLE, ("titree",)),
        Transition("solder", ("titree",), COMPTABLE, ("soldee",)),
        Transition("annuler", ("preparee",), (*COMPTABLE, "systeme"), ("annulee",)),
    ),
    # The house strikes out a debt born of a day of connection that was wrong.
    roles_annulation=(*COMPTABLE, "systeme"),
    recalculer=recalculer,
    colonnes=("date_raccordement", "titree_le", "limite_contestation", "soldee_le"),
)

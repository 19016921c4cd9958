"""Circuit of an installation: projet, active, désactivée (spec §7)."""

from __future__ import annotations

from assainissement.circuits import effets
from assainissement.circuits.etats import INSTALLATION as LIBELLES
from assainissement.circuits.etats import MOTIFS_DESACTIVATION
from mairie.workflow import DEBUT, Champ, Etat, Passage, Transition, TypeEvenement, Workflow

AGENT = ("technicien", "responsable", "gestionnaire")


def _apres_creation(passage: Passage) -> str:
    return "projet" if passage.fait.donnees.get("projet") else "active"


INSTALLATION = Workflow(
    code="assainissement.installation",
    libelle="Installation d'assainissement non collectif",
    metier="assainissement",
    etats=tuple(Etat(code, libelle) for code, libelle in LIBELLES.items() if code),
    evenements=(
        TypeEvenement(
            "creer",
            "Enregistrement",
            (Champ("projet", "Installation en projet", "booleen", False),),
            annulable=False,
        ),
        TypeEvenement("mettre_en_service", "Mise en service"),
        TypeEvenement(
            "desactiver",
            "Désactivation",
            (
                Champ("motif", "Motif", "choix", True, tuple(MOTIFS_DESACTIVATION)),
                Champ("precision", "Précision", obligatoire=False),
            ),
            effet=effets.installation_fermee,
            defaire=effets.installation_rouverte,
        ),
        TypeEvenement(
            "reactiver",
            "Réactivation",
            (Champ("motif", "Motif"),),
            effet=effets.installation_rouverte,
            defaire=effets.installation_fermee,
        ),
    ),
    transitions=(
        Transition("creer", (DEBUT,), (*AGENT, "systeme"), ("active", "projet"), choisir=_apres_creation),
        Transition("mettre_en_service", ("projet",), ("technicien", "responsable", "systeme"), ("active",)),
        Transition("desactiver", ("projet", "active"), ("responsable",), ("desactivee",)),
        Transition("reactiver", ("desactivee",), ("responsable",), ("active",)),
    ),
    roles_annulation=("responsable",),
)

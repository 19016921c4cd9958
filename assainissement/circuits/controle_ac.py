"""Circuit of a control of connection to the sewer (spec §7), as data. Its dates come from the log. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from assainissement.circuits import effets_ac
from assainissement.circuits.etats_ac import CONTROLE_AC as LIBELLES
from assainissement.circuits.etats_ac import FINALS, SUR_DEMANDE, VALIDES
from assainissement.circuits.gardes import CONFIE
from assainissement.regles.raccordement import fin_validite_controle, remise_du_document
from mairie.calendrier import jma
from mairie.workflow import DEBUT, Champ, Etat, Passage, Transition, TypeEvenement, Workflow
from mairie.workflow.modele import Demande, Etape, Fait, Garde, Situation, derouler

AGENT = ("technicien", "responsable", "gestionnaire")
TERRAIN = ("technicien", "responsable")
# Whoever makes the visit: a firm where the control is entrusted to it (guard). It never validates.
SUR_PLACE = (*TERRAIN, "prestataire")
CALCULES = (
    Champ("resultat", "Conclusion", "json"),
    Champ("reponses", "Points contrôlés", "json"),
    Champ("duree_mois", "Durée du règlement (mois)", "entier", False),
)


def _conclu(passage: Passage) -> str:
    return f"valide_{(passage.fait.donnees.get('resultat') or {}).get('conclusion')}"


def _suivi(passage: Passage) -> str:
    return f"valide_{passage.fait.donnees.get('conclusion')}"


def _visite(demande: Demande) -> str | None:
    visite = demande.donnees.get("visite")
    debut = demande.situation.dates.get("demande_le")
    if visite and visite > demande.aujourdhui.isoformat():
        return "La visite ne peut être dans l'avenir."
    if visite and visite > demande.date_effet.isoformat():
        return "Le formulaire se reçoit le jour de la visite, ou après."
    if visite and debut and visite < debut.isoformat():
        return f"La visite précède la demande ({jma(debut)}) : corrigez l'une des deux dates."
    return None


def _points(demande: Demande) -> str | None:
    from assainissement.regles.controle_ac import manquants

    if manque := manquants(demande.dossier.points):
        return f"Répondez d'abord à : {', '.join(manque)}."
    return None


def _controleur(demande: Demande) -> str | None:
    c = demande.dossier
    return None if c.agent_id or c.prestataire_id else "Désignez d'abord le contrôleur."


def _contre_visite(demande: Demande) -> str | None:
    c = demande.dossier
    ouverte = c.suites.exclude(etat="annule").filter(valide_le__isnull=True).first()
    return f"Une contre-visite est déjà ouverte ({ouverte})." if ouverte is not None else None


VISITE = Garde("visite", "Visite faite", _visite, sur_saisie=True)
POINTS = Garde("points", "Points contrôlés", _points)
CONTROLEUR = Garde("controleur", "Contrôleur désigné", _controleur)
CONTRE_VISITE = Garde("contre_visite", "Une contre-visite à la fois", _contre_visite)


@dataclass(frozen=True)
class Contexte:
    """What no event changes."""

    motif: str
    logement: str


def recalculer(workflow: Workflow, faits: Sequence[Fait], contexte: Contexte, jour: date) -> Situation:
    """State, due date of the document, validity: each with its article."""
    base = derouler(workflow, faits, contexte, jour)
    connus = [f for f in faits if f.date_effet <= jour]
    demande = next((f for f in connus if f.type == "demander"), None)
    recu = next((f for f in reversed(connus) if f.type == "recevoir_formulaire"), None)
    valide = next((f for f in reversed(connus) if f.type == "valider"), None)
    visite = date.fromisoformat(recu.donnees["visite"]) if recu else None
    dates: dict[str, date | None] = {
        "demande_le": demande.date_effet if demande else None,
        "visite_le": visite,
        "valide_le": valide.date_effet if valide else None,
        "remise_avant": None,
        "fin_validite": None,
    }
    etapes: list[Etape] = []
    conclusion = ""
    if demande is not None and contexte.motif in SUR_DEMANDE and base.etat not in (*VALIDES, *FINALS):
        remise = remise_du_document(demande.date_effet)
        dates["remise_avant"] = remise
        etapes.append(
            Etape(
                "Remise du document",
                f"{jma(remise)}, six semaines après la demande.",
                "décret 2022-521",
            )
        )
    if valide is not None and visite is not None:
        duree = valide.donnees.get("duree_mois")
        resultat = valide.donnees["resultat"]
        conclusion = resultat["conclusion"]
        fin = fin_validite_controle(visite, contexte.motif, duree)
        dates["fin_validite"] = fin
        dix_ans = fin_validite_controle(visite, contexte.motif)
        court = duree is not None and fin < dix_ans
        etapes += [Etape("Cause", m) for m in resultat["motifs"]]
        etapes.append(
            Etape(
                "Validité",
                f"{jma(fin)}, " + (f"{duree} mois après la visite." if court else "dix ans après la visite."),
                "règlement de service" if court else "CGCT L2224-8, II",
            )
        )
    calculs = {"conclusion": conclusion, "resultat": dict(valide.donnees["resultat"]) if valide else {}}
    return replace(base, dates=dates, calculs=calculs, explication=tuple(etapes))


CONTROLE_AC = Workflow(
    code="assainissement.controle_ac",
    libelle="Contrôle d'un branchement",
    metier="assainissement",
    etats=tuple(Etat(code, libelle, code in FINALS) for code, libelle in LIBELLES.items() if code),
    evenements=(
        TypeEvenement("demander", "Contrôle demandé", annulable=False, effet=effets_ac.demande),
        TypeEvenement("affecter", "Contrôleur désigné"),
        TypeEvenement(
            "recevoir_formulaire", "Formulaire reçu", (Champ("visite", "Visite du", "date"),), ("rapport",)
        ),
        TypeEvenement("renvoyer", "Renvoi au contrôleur", (Champ("motif", "Ce qui est à corriger"),)),
        TypeEvenement(
            "valider",
            "Contrôle validé",
            CALCULES,
            ("certificat",),
            annulable=False,
            effet=effets_ac.valide,
        ),
        TypeEvenement(
            "annoncer_travaux", "Travaux annoncés", (Champ("pour", "Annoncés pour le", "date", False),)
        ),
        TypeEvenement("demander_contre_visite", "Contre-visite demandée", annulable=False),
        TypeEvenement(
            "conclure_contre_visite",
            "Contre-visite conclue",
            (
                Champ("conclusion", "Conclusion", "choix", True, ("conforme", "non_conforme")),
                Champ("controle", "Contre-visite"),
            ),
            annulable=False,
        ),
        TypeEvenement(
            "annuler", "Contrôle annulé", (Champ("motif", "Motif"),), annulable=False, effet=effets_ac.annule
        ),
    ),
    transitions=(
        Transition("demander", (DEBUT,), (*AGENT, "systeme"), ("demande",)),
        Transition("affecter", ("demande", "affecte", "a_corriger"), AGENT, ("affecte",), (CONTROLEUR,)),
        Transition(
            "recevoir_formulaire",
            ("affecte", "a_corriger"),
            SUR_PLACE,
            ("formulaire_recu",),
            (CONFIE, POINTS, VISITE),
        ),
        Transition("renvoyer", ("formulaire_recu",), ("responsable",), ("a_corriger",)),
        Transition(
            "valider",
            ("formulaire_recu",),
            ("responsable",),
            ("valide_conforme", "valide_non_conforme"),
            choisir=_conclu,
        ),
        Transition("annoncer_travaux", ("valide_non_conforme", "travaux"), AGENT, ("travaux",)),
        Transition(
            "demander_contre_visite", ("valide_non_conforme", "travaux", "contre_visite"), AGENT,
            ("contre_visite",), (CONTRE_VISITE,),
        ),
        Transition(
            "conclure_contre_visite",
            ("contre_visite",),
            ("systeme",),
            ("valide_conforme", "valide_non_conforme"),
            choisir=_suivi,
        ),
        Transition(
            "annuler", ("demande", "affecte", "formulaire_recu", "a_corriger"), ("responsable",), ("annule",)
        ),
    ),
    roles_annulation=("responsable",),
    recalculer=recalculer,
    contexte=lambda c: Contexte(c.motif, c.logement),
    colonnes=("demande_le", "visite_le", "valide_le", "remise_avant", "fin_validite", "conclusion"),
    suite=effets_ac.suivre,
)  # fmt: skip

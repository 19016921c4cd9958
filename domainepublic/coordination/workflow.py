"""Circuit of works to coordinate (spec §5.5): answered within two months, else accepted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from domainepublic.coordination.etats import FINALS, LIBELLES, PERMIS
from domainepublic.regles.echeances import DecisionTravaux, travaux_demandes
from domainepublic.regles.tables.delais import valeur
from mairie.calendrier import jma
from mairie.workflow.modele import (
    DEBUT,
    Demande,
    Etape,
    Etat,
    Fait,
    Garde,
    Incoherent,
    Passage,
    Situation,
    Transition,
    TypeEvenement,
    Workflow,
)
from mairie.workflow.saisie import Champ

COORDINATION = ("coordination",)
EN_ROUTE = (*PERMIS, "en_cours")
REPORT_APRES = "Un report donne une date après le début demandé"


@dataclass(frozen=True)
class Contexte:
    """What no event changes: the first day asked."""

    debut: date


def _avancer(etat: str, faits: Sequence[Fait], contexte: Contexte, jour: date) -> str:
    """What the calendar alone makes of a state on a day."""
    if etat == "deposee" and (limite := _limite(faits, contexte)) is not None and limite < jour:
        return "acceptee_tacite"
    if etat == "urgente" and (limite := _limite_urgence(faits)) is not None and limite < jour:
        return "urgence_non_motivee"
    return etat


def _limite(faits: Sequence[Fait], contexte: Contexte) -> date | None:
    depot = next((f for f in faits if f.type == "deposer"), None)
    return travaux_demandes(depot.date_effet, contexte.debut, None, None).reponse_avant if depot else None


def _limite_urgence(faits: Sequence[Fait]) -> date | None:
    fait = next((f for f in faits if f.type == "signaler_urgence"), None)
    if fait is None:
        return None
    instant = datetime.fromisoformat(fait.donnees["intervention_le"]) + timedelta(hours=valeur("urgence"))
    return instant.date()


def recalculer(workflow: Workflow, faits: Sequence[Fait], contexte: Contexte, jour: date) -> Situation:
    """State, last day to answer, first day allowed, and why; the same with or without a nightly task."""
    etat = DEBUT
    passes: list[tuple[Fait, str]] = []
    for fait in faits:
        if fait.date_effet > jour:
            continue
        etat = _avancer(etat, [f for f, _ in passes], contexte, fait.date_effet)
        transition = workflow.transition(etat, fait.type)
        if transition is None:
            raise Incoherent(fait, etat)
        if transition.vers:
            passage = Passage(etat, fait, tuple(passes), contexte)
            etat = transition.choisir(passage) if transition.choisir else transition.vers[0]
        passes.append((fait, etat))
    connus = [f for f, _ in passes]
    etat = _avancer(etat, connus, contexte, jour)
    dates, etapes = _dates(connus, contexte, jour)
    return Situation(etat, dates, tuple(etapes))


def _dates(
    faits: Sequence[Fait], contexte: Contexte, jour: date
) -> tuple[dict[str, date | None], list[Etape]]:
    par_type = {f.type: f for f in faits}
    dates: dict[str, date | None] = {"reponse_avant": None, "debut_autorise": None}
    if (depot := par_type.get("deposer")) is not None:
        decision = None
        if (accord := par_type.get("accorder")) is not None:
            decision = DecisionTravaux(accord.date_effet, "accord", None)
        elif (report := par_type.get("reporter")) is not None:
            nouveau = date.fromisoformat(report.donnees["debut"])
            decision = DecisionTravaux(report.date_effet, "report", nouveau)
        t = travaux_demandes(depot.date_effet, contexte.debut, decision, jour)
        dates["reponse_avant"], dates["debut_autorise"] = t.reponse_avant, t.debut_autorise
        assert t.reponse_avant is not None  # noqa: S101 - of a request, it is always known
        etapes = [
            Etape("Réponse avant le", f"{jma(t.reponse_avant)} : deux mois après le dépôt", "CVR L115-1")
        ]
        if t.debut_autorise is not None:
            comment = "sans réponse, accepté" if t.acceptation_tacite else "décision expresse"
            etapes.append(Etape("Peut commencer le", f"{jma(t.debut_autorise)} ({comment})", "CVR L115-1"))
        return dates, etapes
    if "inscrire" in par_type:
        dates["debut_autorise"] = contexte.debut
        return dates, [Etape("Inscrite au calendrier", f"commence le {jma(contexte.debut)}", "CVR L115-1")]
    if (urgence := par_type.get("signaler_urgence")) is not None:
        instant = datetime.fromisoformat(urgence.donnees["intervention_le"])
        dates["debut_autorise"] = instant.date()
        limite = instant + timedelta(hours=valeur("urgence"))
        return dates, [
            Etape("Urgence", f"motifs dus avant le {jma(limite.date())} à {limite:%H h %M}", "CVR L115-1")
        ]
    return dates, []


def _report(demande: Demande) -> str | None:
    debut, demande_le = demande.donnees.get("debut"), demande.dossier.debut
    if debut and date.fromisoformat(debut) <= demande_le:
        return f"{REPORT_APRES} ({jma(demande_le)})."
    return None


REPORT = Garde("report", "Une date plus tardive", _report, sur_saisie=True)


def _motif_refus(demande: Demande) -> str | None:
    from domainepublic.coordination.conflits import revetement_recent

    if str(demande.donnees.get("motif") or "").strip() or revetement_recent(demande.dossier) is not None:
        return None
    return "Un refus d'inscription se motive, sauf si le revêtement a moins de trois ans (CVR L115-1)."


MOTIF_REFUS = Garde("motif_refus", "Un motif", _motif_refus, sur_saisie=True)


def _intervention(demande: Demande) -> str | None:
    try:
        datetime.fromisoformat(str(demande.donnees.get("intervention_le") or ""))
    except ValueError:
        return "Donnez le jour et l'heure de l'intervention (AAAA-MM-JJTHH:MM)."
    return None


INTERVENTION = Garde("intervention", "Jour et heure", _intervention, sur_saisie=True)


def _d_ou_elle_vient(passage: Passage) -> str:
    """The state left by the suspension."""
    avant = DEBUT
    for fait, etat in passage.precedents:
        if fait.type == "suspendre":
            continue
        # A state of the calendar is not written in the log.
        avant = "acceptee_tacite" if etat == "deposee" else etat
    return avant if avant in EN_ROUTE else "en_cours"


def numeroter(travaux: Any, evenement: Any) -> None:
    """The number, once."""
    from domainepublic.numerotation import numero_travaux

    if travaux.numero is None:
        travaux.numero = numero_travaux(travaux.insee, evenement.date_effet)
        type(travaux)._base_manager.filter(pk=travaux.pk).update(numero=travaux.numero)


EVENEMENTS = (
    TypeEvenement("programmer", "Mise au programme", annulable=False, effet=numeroter),
    TypeEvenement("inscrire", "Inscription au calendrier", annulable=False),
    TypeEvenement("refuser_inscription", "Refus d'inscription", (Champ("motif", "Motif", obligatoire=False),),
                  annulable=False),
    TypeEvenement("deposer", "Demande hors calendrier", annulable=False, effet=numeroter),
    TypeEvenement("accorder", "Accord", annulable=False),
    TypeEvenement("reporter", "Report", (Champ("motif", "Motif"), Champ("debut", "Nouveau début", "date")),
                  annulable=False),
    TypeEvenement("signaler_urgence", "Intervention urgente",
                  (Champ("intervention_le", "Jour et heure de l'intervention"),), annulable=False,
                  effet=numeroter),
    TypeEvenement("motiver_urgence", "Motifs de l'urgence", (Champ("motif", "Motifs"),)),
    TypeEvenement("commencer", "Début des travaux"),
    TypeEvenement("terminer", "Fin des travaux"),
    TypeEvenement("controler_refection", "Réfection contrôlée",
                  (Champ("constat", "Constat", obligatoire=False),)),
    TypeEvenement("suspendre", "Suspension", (Champ("motif", "Motif"),), ("suspension",), False),
    TypeEvenement("reprendre", "Reprise"),
)  # fmt: skip
TRANSITIONS = (
    Transition("programmer", (DEBUT,), COORDINATION, ("programmee",)),
    Transition("inscrire", ("programmee",), COORDINATION, ("inscrite",)),
    Transition("refuser_inscription", ("programmee",), COORDINATION, ("refus_inscription",), (MOTIF_REFUS,)),
    Transition("deposer", (DEBUT,), COORDINATION, ("deposee",)),
    Transition("accorder", ("deposee",), COORDINATION, ("accordee",)),
    Transition("reporter", ("deposee",), COORDINATION, ("reportee",), (REPORT,)),
    Transition("signaler_urgence", (DEBUT,), COORDINATION, ("urgente",), (INTERVENTION,)),
    Transition(
        "motiver_urgence", ("urgente", "urgence_non_motivee"), COORDINATION, ("urgence_motivee",)
    ),
    Transition("commencer", PERMIS, COORDINATION, ("en_cours",)),
    Transition("terminer", ("en_cours",), COORDINATION, ("terminee",)),
    Transition("controler_refection", ("terminee",), COORDINATION, ("refection_controlee",)),
    Transition("suspendre", EN_ROUTE, COORDINATION, ("suspendue",)),
    Transition("reprendre", ("suspendue",), COORDINATION, EN_ROUTE, choisir=_d_ou_elle_vient),
)  # fmt: skip

TRAVAUX = Workflow(
    code="domainepublic.travaux",
    libelle="Travaux à coordonner",
    metier="domainepublic",
    etats=tuple(Etat(code, libelle, code in FINALS) for code, libelle in LIBELLES.items() if code),
    evenements=EVENEMENTS,
    transitions=TRANSITIONS,
    roles_annulation=COORDINATION,
    recalculer=recalculer,
    contexte=lambda t: t.contexte_regles,
    colonnes=("reponse_avant", "debut_autorise"),
)

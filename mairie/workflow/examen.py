"""Would this event be allowed, and what would it change? Writes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import timezone

from mairie.models import DossierSuivi, Evenement
from mairie.roles import Acteur, detient_un
from mairie.workflow import journal
from mairie.workflow.erreurs import Refus
from mairie.workflow.modele import (
    DEBUT,
    Demande,
    Fait,
    Garde,
    Incoherent,
    Situation,
    Transition,
    TypeEvenement,
    Workflow,
)
from mairie.workflow.saisie import verifier

# A fact not yet written comes last of its day.
_APRES_TOUS = 2**63 - 1


@dataclass(frozen=True)
class Apercu:
    """What an event would do: checked input, situation before and after, guards passed by force."""

    donnees: Mapping[str, Any]
    avant: Situation
    apres: Situation
    forcages: tuple[dict[str, str], ...] = ()


@dataclass(frozen=True)
class Action:
    """An event offered (or not) on a dossier today. ``ici``: the current state allows it.

    ``forcables``: codes of the guards that this person may pass with a written reason. ``gardes``: codes of
    the guards that refuse, in the order of ``raisons``; empty where the state or the role already does.
    """

    type: TypeEvenement
    ici: bool
    raisons: tuple[str, ...] = ()
    forcables: tuple[str, ...] = ()
    gardes: tuple[str, ...] = ()

    @property
    def possible(self) -> bool:
        """Nothing stands against it, as far as can be told before the input."""
        return self.ici and not self.raisons


def situer(workflow: Workflow, faits: Sequence[Fait], contexte: Any, jour: date) -> Situation:
    """Situation of a day, from the events effective that day or before."""
    return workflow.situation([f for f in faits if f.date_effet <= jour], contexte, jour)


def examiner(
    workflow: Workflow,
    dossier: DossierSuivi,
    lignes: Sequence[Evenement],
    evenement: str,
    acteur: Acteur,
    date_effet: date,
    donnees: Mapping[str, Any],
    aujourdhui: date,
    *,
    forcer: str = "",
    roles: Sequence[str] | None = None,
    remplace: Evenement | None = None,
) -> Apercu:
    """What the event would do at its effective date, or ``Refus``.

    ``lignes``: live rows. ``roles`` stands for the transition's; ``remplace``: the row that it corrects.
    """
    type_ = workflow.type(evenement)
    if date_effet > aujourdhui and not type_.futur:
        raise Refus(f"La date d'effet ({date_effet:%d/%m/%Y}) est dans l'avenir.")
    contexte = workflow.contexte(dossier)
    avant = workflow.situation([journal.fait(e) for e in lignes], contexte, aujourdhui)
    faits = [journal.fait(e) for e in lignes if remplace is None or e.pk != remplace.pk]
    ici = situer(workflow, faits, contexte, date_effet)
    transition = workflow.transition(ici.etat, evenement)
    if transition is None:
        raise Refus(hors_etat(workflow, type_, ici.etat, date_effet))
    voulus = transition.roles if roles is None else roles
    if not detient_un(acteur, workflow.metier, voulus, dossier):
        raise Refus(sans_role(type_, voulus))
    valeurs, fautes = verifier(type_.champs, donnees)
    if fautes:
        raise Refus(*fautes)
    passes = tuple(f for f in faits if f.date_effet <= date_effet)
    demande = Demande(dossier, ici, passes, acteur, date_effet, aujourdhui, valeurs)
    forcages = _garder(workflow, transition, demande, forcer)
    nouveau = Fait(_APRES_TOUS, evenement, date_effet, timezone.now(), valeurs)
    tous = [*passes, nouveau, *(f for f in faits if f.date_effet > date_effet)]
    try:
        # Up to the last event: one already entered for later must remain possible too.
        workflow.situation(tous, contexte, max(aujourdhui, tous[-1].date_effet))
        apres = workflow.situation(tous, contexte, aujourdhui)
    except Incoherent as e:
        raise Refus(
            f"Au {date_effet:%d/%m/%Y}, « {type_.libelle} » rendrait impossible l'événement"
            f" « {workflow.type(e.fait.type).libelle} » du {e.fait.date_effet:%d/%m/%Y}, déjà enregistré."
        ) from e
    return Apercu(valeurs, avant, apres, forcages)


def actions(
    workflow: Workflow, dossier: DossierSuivi, lignes: Sequence[Evenement], acteur: Acteur, aujourdhui: date
) -> list[Action]:
    """Every kind of event of the workflow, in the order of its declaration, with what stands against it."""
    faits = tuple(journal.fait(e) for e in lignes if e.date_effet <= aujourdhui)
    ici = workflow.situation(faits, workflow.contexte(dossier), aujourdhui)
    demande = Demande(dossier, ici, faits, acteur, aujourdhui, aujourdhui, {})
    offertes = []
    for type_ in workflow.evenements:
        transition = workflow.transition(ici.etat, type_.code)
        if transition is None:
            offertes.append(Action(type_, False, (hors_etat(workflow, type_, ici.etat),)))
        elif not detient_un(acteur, workflow.metier, transition.roles, dossier):
            offertes.append(Action(type_, True, (sans_role(type_, transition.roles),)))
        else:
            refus = [
                (g, raison)
                for g in transition.gardes
                if not g.sur_saisie and (raison := g.verifier(demande)) is not None
            ]
            forcables = tuple(g.code for g, _ in refus if _peut_forcer(workflow, g, demande))
            raisons, codes = tuple(raison for _, raison in refus), tuple(g.code for g, _ in refus)
            offertes.append(Action(type_, True, raisons, forcables, codes))
    return offertes


def hors_etat(workflow: Workflow, type_: TypeEvenement, etat: str, jour: date | None = None) -> str:
    """Why a state does not allow an event, and which do."""
    quand = f" au {jour:%d/%m/%Y}" if jour else ""
    departs = ", ".join(f"« {workflow.etat(e).libelle} »" for e in workflow.departs(type_.code))
    if etat == DEBUT:
        return f"« {type_.libelle} » est impossible{quand} : le dossier n'existe pas encore à cette date."
    return (
        f"« {type_.libelle} » est impossible{quand} dans l'état « {workflow.etat(etat).libelle} »"
        f" (possible dans : {departs})."
    )


def sans_role(type_: TypeEvenement, roles: Sequence[str]) -> str:
    """Which roles the event wants."""
    return f"« {type_.libelle} » est réservé à : {', '.join(roles)}."


def _peut_forcer(workflow: Workflow, garde: Garde, demande: Demande) -> bool:
    return detient_un(demande.acteur, workflow.metier, garde.forcable_par, demande.dossier)


def _garder(
    workflow: Workflow, transition: Transition, demande: Demande, forcer: str
) -> tuple[dict[str, str], ...]:
    """Ask all guards; those passed by force, or ``Refus`` with every reason left."""
    refus = [(g, raison) for g in transition.gardes if (raison := g.verifier(demande)) is not None]
    forcables = [g.code for g, _ in refus if _peut_forcer(workflow, g, demande)]
    passe = forcables if forcer.strip() else []
    if restent := [raison for g, raison in refus if g.code not in passe]:
        raise Refus(*restent, forcables=forcables)
    return tuple({"garde": g.code, "raison": raison} for g, raison in refus)

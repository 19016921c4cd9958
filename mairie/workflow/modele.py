"""What a workflow is made of, as data: states, event types, transitions, guards. Pure Python, no database."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any

from mairie.workflow.saisie import Champ

# State of a dossier whose log is empty.
DEBUT = ""
# Type of the rows that strike out another one; no trade may declare it.
ANNULATION = "annulation_evenement"


class WorkflowInvalide(ValueError):
    """A declaration that cannot run; ``fautes`` lists all that is wrong."""

    def __init__(self, code: str, fautes: Sequence[str]) -> None:
        self.fautes = tuple(fautes)
        super().__init__(f"Workflow « {code} » : " + " ; ".join(fautes))


class Incoherent(Exception):
    """An event of the log that its place in the log does not allow."""

    def __init__(self, fait: Fait, etat: str) -> None:
        self.fait, self.etat = fait, etat
        super().__init__(f"{fait.type} du {fait.date_effet} impossible dans l'état « {etat} »")


@dataclass(frozen=True)
class Fait:
    """An event as the rules see it: no author's rights, no database. ``donnees`` holds JSON values only."""

    id: int
    type: str
    date_effet: date
    saisi_le: datetime
    donnees: Mapping[str, Any]


@dataclass(frozen=True)
class Etape:
    """One line of an explanation: rule applied, its article, what it was given, what it gave."""

    regle: str
    resultat: str
    article: str = ""
    entree: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Situation:
    """What the log means on a day: state, dates by code (null: without object), and why.

    ``calculs``: other figures that the rules give (alerts, months, meaning of silence …), as JSON values.
    """

    etat: str
    dates: Mapping[str, date | None] = field(default_factory=dict)
    explication: tuple[Etape, ...] = ()
    calculs: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Passage:
    """What the choice among several next states may look at; the same at each replay.

    ``precedents``: events already passed, each with the state it led to. ``contexte``: see ``Workflow``.
    """

    etat: str
    fait: Fait
    precedents: tuple[tuple[Fait, str], ...]
    contexte: Any


@dataclass(frozen=True)
class Demande:
    """What a guard may look at. ``situation`` and ``faits`` are those of the event's effective date.

    ``acteur`` is a ``mairie.roles.Acteur``, ``dossier`` the locked row, ``donnees`` the checked input.
    """

    dossier: Any
    situation: Situation
    faits: tuple[Fait, ...]
    acteur: Any
    date_effet: date
    aujourdhui: date
    donnees: Mapping[str, Any]


@dataclass(frozen=True)
class Garde:
    """A condition: ``verifier`` returns null, or the reason of the refusal in French (what, and what to do).

    ``sur_saisie``: it needs the entered values or the effective date, so it is not asked when listing
    possible actions. ``forcable_par``: roles that may go past it with a written reason.
    """

    code: str
    libelle: str
    verifier: Callable[[Demande], str | None]
    sur_saisie: bool = False
    forcable_par: tuple[str, ...] = ()


@dataclass(frozen=True)
class Etat:
    """A state. ``final``: the dossier is closed, though later events may still reopen or change it."""

    code: str
    libelle: str
    final: bool = False


@dataclass(frozen=True)
class TypeEvenement:
    """A kind of event: entered fields, letters it makes, what it does besides changing the state.

    ``effet(dossier, evenement)`` runs in the same transaction once the state is stored (number, fee line,
    domain event …); ``defaire`` takes it back. ``annulable=False``: signed, notified, published or sent, it
    stays. ``futur``: its effective date may lie ahead. ``effet_masse([(dossier, evenement), …])``: the same
    effect on many files at once, see ``derouler_en_masse``.
    """

    code: str
    libelle: str
    champs: tuple[Champ, ...] = ()
    documents: tuple[str, ...] = ()
    annulable: bool = True
    futur: bool = False
    effet: Callable[[Any, Any], None] | None = None
    defaire: Callable[[Any, Any], None] | None = None
    effet_masse: Callable[[Sequence[tuple[Any, Any]]], None] | None = None


@dataclass(frozen=True)
class Transition:
    """An event allowed in some states to some roles. ``vers`` empty: the state stays the same.

    With several next states, ``choisir`` names one of them: a pure function, asked again at each replay.
    """

    evenement: str
    depuis: tuple[str, ...]
    roles: tuple[str, ...]
    vers: tuple[str, ...] = ()
    gardes: tuple[Garde, ...] = ()
    choisir: Callable[[Passage], str] | None = None


# (workflow, live events in order, context, day) → what they mean; pure.
Recalcul = Callable[["Workflow", Sequence[Fait], Any, date], Situation]


def _sans_contexte(dossier: Any) -> Any:
    return None


@dataclass(frozen=True)
class Workflow:
    """States, events and transitions of one kind of dossier; checked when made (``WorkflowInvalide``).

    ``metier``: app label, prefix of its roles. ``contexte(dossier)``: what the rules need besides the log.
    ``recalculer``: the trade's pure function (by default, the transitions alone). ``colonnes``: codes of
    dates or figures that are also fields of the dossier. ``roles_annulation``: who may strike out the last
    event. ``suite(dossier)``: called in the transaction each time the stored figures were written, to bring
    up to date what hangs on them (deadlines, parent); it must not change what the rules read;
    ``suite_masse([dossier, …])``: the same for many.
    """

    code: str
    libelle: str
    metier: str
    etats: tuple[Etat, ...]
    evenements: tuple[TypeEvenement, ...]
    transitions: tuple[Transition, ...]
    roles_annulation: tuple[str, ...]
    recalculer: Recalcul | None = None
    contexte: Callable[[Any], Any] = _sans_contexte
    colonnes: tuple[str, ...] = ()
    suite: Callable[[Any], None] | None = None
    suite_masse: Callable[[Sequence[Any]], None] | None = None

    def __post_init__(self) -> None:
        from mairie.workflow.validation import fautes

        if trouvees := fautes(self):
            raise WorkflowInvalide(self.code, trouvees)

    @cached_property
    def _etats(self) -> dict[str, Etat]:
        return {e.code: e for e in self.etats}

    @cached_property
    def _types(self) -> dict[str, TypeEvenement]:
        return {t.code: t for t in self.evenements}

    @cached_property
    def _table(self) -> dict[tuple[str, str], Transition]:
        return {(etat, t.evenement): t for t in self.transitions for etat in t.depuis}

    def etat(self, code: str) -> Etat:
        """A state by its code, the empty one included; ``KeyError`` when unknown."""
        return Etat(DEBUT, "à créer") if code == DEBUT else self._etats[code]

    def type(self, code: str) -> TypeEvenement:
        """A kind of event by its code; ``KeyError`` when unknown."""
        return self._types[code]

    def transition(self, etat: str, evenement: str) -> Transition | None:
        """The transition that an event takes from a state; null when that state does not allow it."""
        return self._table.get((etat, evenement))

    def departs(self, evenement: str) -> tuple[str, ...]:
        """States from which an event is allowed, in the order of the declaration."""
        return tuple(e for t in self.transitions if t.evenement == evenement for e in t.depuis)

    def situation(self, faits: Sequence[Fait], contexte: Any, jour: date) -> Situation:
        """What live events mean on a day; ``Incoherent`` where one is not allowed at its place."""
        return (self.recalculer or derouler)(self, faits, contexte, jour)


def derouler(workflow: Workflow, faits: Sequence[Fait], contexte: Any, jour: date) -> Situation:
    """Follow the transitions, event after event; those effective after ``jour`` wait for their day.

    No dates: a trade's function calls this for the state and adds its own with ``dataclasses.replace``.
    """
    etat = DEBUT
    passes: tuple[tuple[Fait, str], ...] = ()
    etapes = []
    for fait in faits:
        if fait.date_effet > jour:
            continue
        transition = workflow.transition(etat, fait.type)
        if transition is None:
            raise Incoherent(fait, etat)
        if transition.vers:
            etat = _suivant(transition, Passage(etat, fait, passes, contexte))
        passes = (*passes, (fait, etat))
        etapes.append(
            Etape(
                workflow.type(fait.type).libelle,
                workflow.etat(etat).libelle,
                entree={"date_effet": fait.date_effet.isoformat()},
            )
        )
    return Situation(etat, {}, tuple(etapes))


def _suivant(transition: Transition, passage: Passage) -> str:
    if transition.choisir is None:
        return transition.vers[0]
    choisi = transition.choisir(passage)
    if choisi not in transition.vers:
        raise ValueError(f"{transition.evenement} : « {choisi} » n'est pas un état d'arrivée déclaré.")
    return choisi

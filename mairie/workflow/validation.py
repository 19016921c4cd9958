"""What is wrong in a declaration of workflow, all at once."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator
from typing import TYPE_CHECKING, TypeVar

from mairie.workflow.saisie import GENRES

if TYPE_CHECKING:
    from mairie.workflow.modele import Workflow

T = TypeVar("T", bound=Hashable)
_CODE = re.compile(r"[a-z][a-z0-9_]*")


def fautes(workflow: Workflow) -> list[str]:
    """French sentences, empty for a workflow that can run."""
    return [*_codes_et_libelles(workflow), *_transitions(workflow), *_types(workflow), *_parcours(workflow)]


def _codes_et_libelles(w: Workflow) -> Iterator[str]:
    from mairie.workflow.modele import ANNULATION

    if not re.fullmatch(r"[a-z]+\.[a-z_]+", w.code) or w.code.split(".")[0] != w.metier:
        yield f"le code doit être « {w.metier or 'app'}.nom »"
    if not w.libelle.strip():
        yield "libellé du workflow manquant"
    if not w.roles_annulation:
        yield "aucun rôle ne peut annuler le dernier événement"
    etats = [("état", e.code, e.libelle) for e in w.etats]
    types = [("événement", t.code, t.libelle) for t in w.evenements]
    for quoi, code, libelle in (*etats, *types):
        if not _CODE.fullmatch(code) or code == ANNULATION:
            yield f"{quoi} « {code} » : code mal formé ou réservé"
        if not libelle.strip():
            yield f"{quoi} « {code} » : libellé manquant"
    for quoi, code in _doubles((quoi, code) for quoi, code, _ in (*etats, *types)):
        yield f"{quoi} « {code} » déclaré deux fois"


def _transitions(w: Workflow) -> Iterator[str]:
    from mairie.workflow.modele import DEBUT

    etats, types = {e.code for e in w.etats}, {t.code for t in w.evenements}
    for t in w.transitions:
        if t.evenement not in types:
            yield f"événement inconnu « {t.evenement} »"
        yield from (f"{t.evenement} : état inconnu « {e} »" for e in t.depuis if e not in etats | {DEBUT})
        yield from (f"{t.evenement} : état inconnu « {e} »" for e in t.vers if e not in etats)
        if not t.depuis:
            yield f"{t.evenement} : aucun état de départ"
        if not t.roles:
            yield f"{t.evenement} : aucun rôle"
        if DEBUT in t.depuis and not t.vers:
            yield f"{t.evenement} : un premier événement doit mener à un état"
        if (len(t.vers) > 1) != (t.choisir is not None):
            yield f"{t.evenement} : « choisir » va avec plusieurs états d'arrivée, et avec eux seuls"
        for g in t.gardes:
            if not (_CODE.fullmatch(g.code) and g.libelle.strip()):
                yield f"{t.evenement} : garde « {g.code} » sans code ou sans libellé"
        yield from (f"{t.evenement} : garde « {c} » en double" for c in _doubles(g.code for g in t.gardes))
    couples = _doubles((e, t.evenement) for t in w.transitions for e in t.depuis)
    yield from (f"deux transitions pour « {ev} » depuis « {etat} »" for etat, ev in couples)


def _types(w: Workflow) -> Iterator[str]:
    employes = {t.evenement for t in w.transitions}
    for t in w.evenements:
        if t.code not in employes:
            yield f"événement « {t.code} » : aucune transition ne l'emploie"
        if t.effet is not None and t.annulable and t.defaire is None:
            yield f"événement « {t.code} » : annulable, il doit dire comment défaire son effet"
        for c in t.champs:
            if not (_CODE.fullmatch(c.code) and c.libelle.strip()):
                yield f"événement « {t.code} » : champ « {c.code} » sans code ou sans libellé"
            if c.genre not in GENRES or (c.genre == "choix") != bool(c.choix):
                yield f"événement « {t.code} » : champ « {c.code} » de genre ou de choix faux"
        yield from (
            f"événement « {t.code} » : champ « {c} » en double" for c in _doubles(x.code for x in t.champs)
        )


def _parcours(w: Workflow) -> Iterator[str]:
    """Each state can be reached, and only final ones can be stayed in for ever."""
    from mairie.workflow.modele import DEBUT

    suites: dict[str, set[str]] = {}
    for t in w.transitions:
        for depart in t.depuis:
            suites.setdefault(depart, set()).update(t.vers)
    atteints, pile = {DEBUT}, [DEBUT]
    while pile:
        nouveaux = suites.get(pile.pop(), set()) - atteints
        atteints |= nouveaux
        pile += nouveaux
    for e in w.etats:
        if e.code not in atteints:
            yield f"état « {e.code} » : aucun chemin n'y mène"
        if not e.final and not suites.get(e.code, set()) - {e.code}:
            yield f"état « {e.code} » : ni final ni sortie"


def _doubles(valeurs: Iterable[T]) -> list[T]:
    return [v for v, n in Counter(valeurs).items() if n > 1]

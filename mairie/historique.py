"""History of rights and of people in words, from what the database's triggers keep."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import models
from django.db.models import Q

from mairie.models import Utilisateur

LIMITE = 200
_QUOI = {"insert": "création", "update": "modification", "delete": "suppression"}
# Who made a change outside any request: commands and tasks.
SANS_COMPTE = "ligne de commande ou tâche"
# Columns that say nothing to a reader.
_MUETS = frozenset({"id", "pgh_id", "pgh_created_at", "pgh_label", "pgh_obj", "pgh_context"})


@dataclass(frozen=True)
class Changement:
    """One column: its label, before and after, in words."""

    champ: str
    avant: str
    apres: str


@dataclass(frozen=True)
class Ligne:
    """One event: when (and in which order within one moment), who, on what, and what changed."""

    quand: datetime
    rang: int
    qui: str
    objet: str
    quoi: str
    changements: tuple[Changement, ...]


def modele_historique(modele: type[models.Model]) -> Any:
    """The model whose rows are the versions of ``modele``."""
    from django.apps import apps

    return apps.get_model("mairie", f"Historique{modele.__name__}")


def lignes(modele: type[models.Model], pks: Iterable[Any], objet: str = "") -> list[Ligne]:
    """What happened to these rows, the latest first; at most ``LIMITE``.

    ``objet``: name of what changes, shown where several histories are mixed.
    """
    evenements: list[Any] = list(
        modele_historique(modele)
        ._default_manager.filter(pgh_obj_id__in=list(pks))
        .select_related("pgh_context")
        .order_by("pgh_obj_id", "pgh_id")
    )
    personnes = _personnes(evenements)
    sortie: list[Ligne] = []
    precedent: Any = None
    for e in evenements:
        meme = precedent if precedent is not None and precedent.pgh_obj_id == e.pgh_obj_id else None
        precedent = e
        sortie.append(
            Ligne(
                e.pgh_created_at,
                e.pgh_id,
                _qui(e, personnes),
                objet,
                _QUOI.get(e.pgh_label, e.pgh_label),
                tuple(_changements(meme, e)),
            )
        )
    return meler(sortie)


def meler(*listes: list[Ligne]) -> list[Ligne]:
    """Several histories in one, the latest first."""
    toutes = (x for liste in listes for x in liste)
    return sorted(toutes, key=lambda x: (x.quand, x.rang), reverse=True)[:LIMITE]


def _personnes(evenements: list[Any]) -> dict[int, str]:
    numeros = {e.pgh_context.metadata.get("user") for e in evenements if e.pgh_context} - {None}
    return {u.pk: str(u) for u in Utilisateur.objects.filter(Q(pk__in=numeros))}


def _qui(evenement: Any, personnes: dict[int, str]) -> str:
    numero = evenement.pgh_context.metadata.get("user") if evenement.pgh_context else None
    return personnes.get(numero, SANS_COMPTE) if numero is not None else SANS_COMPTE


def _changements(avant: Any, apres: Any) -> Iterable[Changement]:
    if apres.pgh_label == "delete":
        return
    for champ in apres._meta.concrete_fields:
        if champ.name in _MUETS:
            continue
        ancien = getattr(avant, champ.attname) if avant is not None else None
        nouveau = getattr(apres, champ.attname)
        if ancien != nouveau and (avant is not None or nouveau not in (None, "", [], False)):
            libelle = str(champ.verbose_name)
            yield Changement(libelle, _mots(champ, ancien), _mots(champ, nouveau))


def _mots(champ: Any, valeur: Any) -> str:
    if not valeur and valeur is not False and valeur != 0:
        return "–"
    if isinstance(valeur, bool):
        return "oui" if valeur else "non"
    if isinstance(valeur, date):
        return valeur.strftime("%d/%m/%Y")
    if isinstance(valeur, list):
        return ", ".join(map(str, valeur))
    if champ.is_relation:
        lie = champ.related_model._default_manager.filter(pk=valeur).first()
        return str(lie) if lie is not None else f"n° {valeur} (effacé)"
    if hasattr(valeur, "geom_type"):
        return "tracé"
    if champ.choices:
        return str(dict(champ.flatchoices).get(valeur, valeur))
    return str(valeur)

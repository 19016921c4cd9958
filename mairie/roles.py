"""Roles as data: each trade declares its own, with the rights they give. And who acts.

What a person may do where is computed by ``mairie.habilitations`` from the rows that grant these roles.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from mairie.models import Utilisateur

# Roles that no account holds: tasks of the house, and citizens by a secret link.
SYSTEME = "systeme"
USAGER = "usager"

_CODE_DROIT = re.compile(r"^[a-z_]+\.[a-z_]+$")
_CODE_ROLE = re.compile(r"^[a-z_]+$")


@dataclass(frozen=True)
class Droit:
    """A right, ``metier.verbe_objet``, with what it allows in words."""

    code: str
    libelle: str


@dataclass(frozen=True)
class Role:
    """A role of a trade and its rights. ``signataire``: signs acts, never in a ready-made profile."""

    metier: str
    code: str
    libelle: str
    droits: frozenset[str]
    signataire: bool = False
    description: str = ""


_droits: dict[str, Droit] = {}
_roles: dict[tuple[str, str], Role] = {}
_metiers: dict[str, str] = {}


def declarer_metier(code: str, libelle: str) -> None:
    """Name a trade on screens."""
    _metiers[code] = libelle


def metiers() -> dict[str, str]:
    """Trades that declare roles: code → name."""
    return dict(_metiers)


def declarer_droits(*droits: Droit) -> None:
    """Add rights, from ``AppConfig.ready``; the same code twice must say the same."""
    for droit in droits:
        if not _CODE_DROIT.match(droit.code):
            raise ImproperlyConfigured(f"Code de droit invalide : {droit.code!r}")
        if _droits.get(droit.code, droit) != droit:
            raise ImproperlyConfigured(f"Droit {droit.code} déclaré deux fois")
        _droits[droit.code] = droit


def declarer_roles(*nouveaux: Role) -> None:
    """Add roles, after their rights; ``ImproperlyConfigured`` for an unknown right or a code taken."""
    for role in nouveaux:
        if not _CODE_ROLE.match(role.code) or role.code in (SYSTEME, USAGER):
            raise ImproperlyConfigured(f"Code de rôle invalide : {role.code!r}")
        if inconnus := role.droits - set(_droits):
            raise ImproperlyConfigured(f"Rôle {role.metier}.{role.code} : droits inconnus {sorted(inconnus)}")
        cle = (role.metier, role.code)
        if _roles.get(cle, role) != role:
            raise ImproperlyConfigured(f"Rôle {role.metier}.{role.code} déclaré deux fois")
        _roles[cle] = role


def droits() -> dict[str, Droit]:
    """All rights by code."""
    return dict(_droits)


def roles() -> tuple[Role, ...]:
    """All roles, by trade in the order of their declaration."""
    return tuple(_roles.values())


def role(metier: str, code: str) -> Role | None:
    """A role by its code; null when no trade declares it any more."""
    return _roles.get((metier, code))


@dataclass(frozen=True)
class Acteur:
    """An account, or who acts without one: ``qualite`` SYSTEME or USAGER, ``nom`` shown in the log."""

    utilisateur: Utilisateur | None = None
    qualite: str = ""
    nom: str = ""

    def __post_init__(self) -> None:
        if self.utilisateur is None and not (self.qualite in (SYSTEME, USAGER) and self.nom.strip()):
            raise ValueError("Un acteur sans compte dit sa qualité (système ou usager) et son nom.")


def systeme(nom: str) -> Acteur:
    """A task or a domain event that acts, named."""
    return Acteur(qualite=SYSTEME, nom=nom)


def usager(nom: str) -> Acteur:
    """A citizen without account, by a secret link; ``nom`` says by which door, never who."""
    return Acteur(qualite=USAGER, nom=nom)


def acteur_de(par: Utilisateur | Acteur) -> Acteur:
    """The actor behind an account."""
    return par if isinstance(par, Acteur) else Acteur(utilisateur=par)


def detient(acteur: Acteur, metier: str, role: str, dossier: Any = None) -> bool:
    """Whether the actor holds the role of the trade today, on this dossier's commune when one is given.

    The dossier says its commune by ``insee``; one that has no such attribute belongs to all. A role held only
    inside a perimeter counts on a dossier whose ``geom`` meets it, and on no other.
    """
    from mairie.habilitations import habilitations_de

    if acteur.utilisateur is None:
        return role == acteur.qualite
    if role in (SYSTEME, USAGER) or not acteur.utilisateur.is_active:
        return False
    if acteur.utilisateur.is_superuser:
        return True
    return any(
        h.metier == metier and h.role == role and h.couvre(dossier)
        for h in habilitations_de(acteur.utilisateur)
    )


def detient_un(acteur: Acteur, metier: str, roles: Iterable[str], dossier: Any = None) -> bool:
    """Whether the actor holds at least one of the roles."""
    return any(detient(acteur, metier, role, dossier) for role in roles)

"""Who acts, and whether a role of a trade is theirs: the one place where this is decided."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from mairie.models import Utilisateur

# Roles that no account holds: tasks of the house, and citizens by a secret link.
SYSTEME = "systeme"
USAGER = "usager"


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
    """Whether the actor holds the role of the trade on this dossier.

    By permissions ``app.role`` until habilitations (collectivités, dates, purposes) take this over.
    """
    if acteur.utilisateur is None:
        return role == acteur.qualite
    if role in (SYSTEME, USAGER) or not acteur.utilisateur.is_active:
        return False
    return acteur.utilisateur.is_superuser or acteur.utilisateur.has_perm(f"{metier}.{role}")


def detient_un(acteur: Acteur, metier: str, roles: Iterable[str], dossier: Any = None) -> bool:
    """Whether the actor holds at least one of the roles."""
    return any(detient(acteur, metier, role, dossier) for role in roles)

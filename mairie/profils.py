"""Ready-made sets of roles, so that a small commune habilitates a person in one gesture."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mairie import roles
from mairie.roles import Role


@dataclass(frozen=True)
class Profil:
    """A set of roles; ``choisir(role)`` is asked anew each time, so that a new trade's roles come in."""

    code: str
    libelle: str
    description: str
    choisir: Callable[[Role], bool]

    @property
    def roles(self) -> tuple[Role, ...]:
        """The roles it gives today."""
        return tuple(r for r in roles.roles() if self.choisir(r))


_profils: dict[str, Profil] = {}


def declarer(*nouveaux: Profil) -> None:
    """Add profiles, from ``AppConfig.ready``, or replace those of the same code."""
    for profil in nouveaux:
        _profils[profil.code] = profil


def profils() -> list[Profil]:
    """Profiles in the order of their declaration."""
    return list(_profils.values())


def profil(code: str) -> Profil | None:
    """A profile by its code."""
    return _profils.get(code)


declarer(
    Profil(
        "secretaire",
        "Secrétaire de mairie",
        "Tous les rôles de tous les métiers, sauf ceux qui signent.",
        lambda r: not r.signataire,
    ),
    Profil(
        "elu_signataire",
        "Élu signataire",
        "Consulte tout et signe les actes de tous les métiers.",
        lambda r: r.signataire or (r.metier, r.code) == ("mairie", "lecteur"),
    ),
    Profil(
        "lecture",
        "Consultation",
        "Consulte les données de la mairie sans rien modifier.",
        lambda r: (r.metier, r.code) == ("mairie", "lecteur"),
    ),
)

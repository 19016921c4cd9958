"""Habilitations in words, for the screens that show them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from mairie import roles
from mairie.finalites import finalites
from mairie.models import Habilitation


@dataclass(frozen=True)
class HabilitationPresentee:
    """One habilitation as read by a person; ``etat``: en cours, à venir, terminée, sans effet."""

    habilitation: Habilitation
    role: str
    metier: str
    signataire: bool
    collectivites: tuple[str, ...]
    codes: frozenset[str]
    service: str
    finalites: tuple[str, ...]
    etat: str
    ton: str

    @property
    def vivante(self) -> bool:
        """Whether it may still be ended."""
        return self.etat != "terminée"


def presenter(h: Habilitation, jour: date | None = None) -> HabilitationPresentee:
    """In words, on that day (today); ``collectivites`` should be prefetched."""
    quand = jour or timezone.localdate()
    role = roles.role(h.metier, h.role)
    if h.au is not None and h.au < quand:
        etat, ton = "terminée", "neutre"
    elif role is None or not any(c.active for c in h.collectivites.all()):
        etat, ton = "sans effet", "attention"
    elif h.du > quand:
        etat, ton = "à venir", "info"
    else:
        etat, ton = "en cours", "bien"
    return HabilitationPresentee(
        h,
        role.libelle if role else f"{h.role} (rôle supprimé)",
        roles.metiers().get(h.metier, h.metier),
        bool(role and role.signataire),
        tuple(str(c) for c in h.collectivites.all()),
        frozenset(c.code for c in h.collectivites.all()),
        str(h.service) if h.service else "",
        tuple(finalites().get(f, f) for f in h.finalites),
        etat,
        ton,
    )

"""Purposes for which an agent may see personal data (cadastre §9); a habilitation lists those allowed."""

from __future__ import annotations

_finalites: dict[str, str] = {}


def declarer(**libelles: str) -> None:
    """Add purposes, code → label, from ``AppConfig.ready``."""
    _finalites.update(libelles)


def finalites() -> dict[str, str]:
    """All purposes: code → label."""
    return dict(_finalites)


declarer(
    urbanisme="Instruction des autorisations d'urbanisme",
    foncier="Gestion foncière et acquisitions",
    voirie="Voirie et domaine public",
    assainissement="Assainissement",
    erp="Sécurité et accessibilité des établissements",
    fiscalite="Fiscalité locale",
    police="Pouvoirs de police du maire",
)

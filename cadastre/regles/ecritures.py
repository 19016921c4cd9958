"""A parcel's identifier of 14 characters, in each writing in use."""

from __future__ import annotations

import re
from dataclasses import dataclass

FORME_IDU = re.compile(
    r"(?P<insee>2[AB]\d{3}|\d{5})(?P<prefixe>\d{3})(?P<section>[0-9A-Z]{2})(?P<numero>\d{4})", re.ASCII
)


@dataclass(frozen=True)
class Parties:
    """The four parts of an ``idu``."""

    insee: str
    prefixe: str
    section: str
    numero: int

    @property
    def section_usuelle(self) -> str:
        """``A`` for ``0A``."""
        return self.section.lstrip("0") or self.section

    @property
    def libelle(self) -> str:
        """``AB 12``; a préfixe other than 000 comes first."""
        tete = "" if self.prefixe == "000" else f"{self.prefixe} "
        return f"{tete}{self.section_usuelle} {self.numero}"


def decouper(idu: str) -> Parties:
    """Parts of ``idu``; ``ValueError`` when it has not their form."""
    trouve = FORME_IDU.fullmatch(idu)
    if trouve is None:
        raise ValueError(f"identifiant de parcelle invalide : {idu!r}")
    return Parties(trouve["insee"], trouve["prefixe"], trouve["section"], int(trouve["numero"]))


def libelle(idu: str) -> str:
    """Usual writing of ``idu``, ``AB 12``."""
    return decouper(idu).libelle


def libelle_section(idu10: str) -> str:
    """``A`` or ``801 AB`` for a section's identifier of 10 characters."""
    prefixe, section = idu10[5:8], idu10[8:10]
    usuelle = section.lstrip("0") or section
    return usuelle if prefixe == "000" else f"{prefixe} {usuelle}"


def ecritures(idu: str, commune: str) -> list[tuple[str, str]]:
    """(what it is for, text) of each writing of the parcel ``idu`` of ``commune``, the usual one first."""
    p = decouper(idu)
    return [
        ("Usuelle", f"{commune} {p.libelle}"),
        ("Identifiant national (14 caractères)", idu),
        ("Par parties", f"{p.insee} {p.prefixe} {p.section} {p.numero:04d}"),
        ("Fichier du plan (12 caractères)", idu[2:]),
        ("En toutes lettres", f"section {p.section_usuelle} numéro {p.numero}"),
    ]


def enumerer(elements: list[str]) -> str:
    """« ZD 41, ZD 42 et ZD 43 »."""
    if len(elements) < 2:
        return "".join(elements)
    return f"{', '.join(elements[:-1])} et {elements[-1]}"

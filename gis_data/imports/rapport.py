"""Reconciliation of any import: what was read is written or named by an anomaly, nothing is lost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol


class Constat(Protocol):
    """The part of an anomaly that counts."""

    @property
    def type(self) -> str: ...
    @property
    def identifiant(self) -> str: ...
    @property
    def ecrit(self) -> bool: ...


def ecarts(lus: Mapping[str, int], ecrits: Mapping[str, int], anomalies: Iterable[Constat]) -> dict[str, int]:
    """Per type: read − written − distinct objects said not written; empty when all is accounted for."""
    perdus: dict[str, set[str]] = {}
    for anomalie in anomalies:
        if not anomalie.ecrit:
            perdus.setdefault(anomalie.type, set()).add(anomalie.identifiant)
    resultat = {}
    for type_ in {*lus, *ecrits}:
        ecart = lus.get(type_, 0) - ecrits.get(type_, 0) - len(perdus.get(type_, ()))
        if ecart:
            resultat[type_] = ecart
    return resultat

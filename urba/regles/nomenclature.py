"""Nomenclature of the pieces: what a file must hold, when, and by which article (spec §5.9)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Obligation(StrEnum):
    """When a piece is required."""

    TOUJOURS = "toujours"
    CONDITION = "condition"


@dataclass(frozen=True)
class LignePiece:
    """A piece of a family of forms; ``exigible``: the law lists it, so that asking it stops the clock."""

    famille: str
    code: str
    libelle: str
    obligation: Obligation
    article: str
    exigible: bool = True


_T, _C = Obligation.TOUJOURS, Obligation.CONDITION
_CONSTRUIRE = (
    ("1", "Plan de situation du terrain", "R.431-7"),
    ("2", "Plan de masse", "R.431-9"),
    ("3", "Plan en coupe", "R.431-10"),
    ("4", "Notice décrivant le terrain et le projet", "R.431-8"),
    ("5", "Plan des façades et des toitures", "R.431-10"),
    ("6", "Insertion du projet dans son environnement", "R.431-10"),
    ("7", "Photographie proche", "R.431-10"),
    ("8", "Photographie lointaine", "R.431-10"),
)


def _construire(famille: str) -> Iterable[LignePiece]:
    for rang, libelle, article in _CONSTRUIRE:
        yield LignePiece(famille, f"{famille}{rang}", libelle, _T, article)


PIECES: tuple[LignePiece, ...] = (
    *_construire("PCMI"),
    LignePiece("PCMI", "PCMI12-2", "Attestation de conformité de l'assainissement", _C, "R.431-16"),
    LignePiece("PCMI", "PCMI13", "Attestation d'étude des risques", _C, "R.431-16"),
    LignePiece("PCMI", "PCMI14-1", "Attestation de la réglementation thermique", _C, "R.431-16"),
    *_construire("PC"),
    LignePiece("PC", "PC11", "Étude d'impact", _C, "R.431-16"),
    LignePiece("PC", "PC16-1", "Attestation de la réglementation thermique", _C, "R.431-16"),
    LignePiece("PC", "PC39", "Dossier d'accessibilité", _C, "R.431-30"),
    LignePiece("PC", "PC40", "Dossier de sécurité incendie", _C, "R.431-30"),
    LignePiece("PA", "PA1", "Plan de situation du terrain", _T, "R.441-2"),
    LignePiece("PA", "PA2", "Notice décrivant le terrain et le projet", _T, "R.441-3"),
    LignePiece("PA", "PA3", "Plan de l'état actuel", _T, "R.441-4"),
    LignePiece("PA", "PA4", "Plan de composition d'ensemble", _T, "R.441-4"),
    LignePiece("PA", "PA5", "Vues et coupes du lotissement", _C, "R.442-5"),
    LignePiece("PA", "PA6", "Photographie proche du lotissement", _C, "R.442-5"),
    LignePiece("PA", "PA7", "Photographie lointaine du lotissement", _C, "R.442-5"),
    LignePiece("PA", "PA8", "Programme et plans des travaux du lotissement", _C, "R.442-5"),
    LignePiece("PA", "PA9", "Hypothèse d'implantation des bâtiments", _C, "R.442-5"),
    LignePiece("PA", "PA10", "Projet de règlement du lotissement", _C, "R.442-6"),
    LignePiece("PD", "PD1", "Plan de situation du terrain", _T, "R.451-2"),
    LignePiece("PD", "PD2", "Plan de masse des constructions", _T, "R.451-2"),
    LignePiece("PD", "PD3", "Photographie du bâtiment", _T, "R.451-2"),
    LignePiece("DP", "DP1", "Plan de situation du terrain", _T, "R.431-36"),
    LignePiece("DP", "DP2", "Plan de masse", _C, "R.431-36"),
    LignePiece("DP", "DP3", "Plan en coupe", _C, "R.431-36"),
    LignePiece("DP", "DP4", "Plan des façades et des toitures", _C, "R.431-36"),
    LignePiece("DP", "DP5", "Représentation de l'aspect extérieur", _C, "R.431-36"),
    LignePiece("DP", "DP6", "Insertion du projet dans son environnement", _C, "R.431-36"),
    LignePiece("DP", "DP7", "Photographie proche", _C, "R.431-36"),
    LignePiece("DP", "DP8", "Photographie lointaine", _C, "R.431-36"),
    LignePiece("DP", "DP9", "Plan sommaire des lieux (division)", _C, "R.441-10"),
    LignePiece("DP", "DP10", "Croquis et plan de la division", _C, "R.441-10"),
    LignePiece("DP", "DP11", "Notice des travaux près d'un monument", _C, "R.431-36"),
    LignePiece("CU", "CU1", "Plan de situation du terrain", _T, "R.410-1"),
)

AUTRE = LignePiece("", "AUTRE", "Autre pièce (pouvoir, formulaire d'architecte…)", _C, "", exigible=False)
"""Anything else, for every family: may be asked, never stops the clock."""

FAMILLES = {
    "PCMI": "PCMI",
    "PC": "PC",
    "PA": "PA",
    "PD": "PD",
    "DPMI": "DP",
    "DPC": "DP",
    "DPLT": "DP",
    "DP": "DP",
    "CUA": "CU",
    "CUB": "CU",
}
"""Family of pieces of each detailed type."""


def pieces_du_type(type_detail: str) -> tuple[LignePiece, ...]:
    """Pieces of a detailed type, those always required first, ``AUTRE`` last; KeyError if unknown."""
    famille = FAMILLES[type_detail]
    lignes = [ligne for ligne in PIECES if ligne.famille == famille]
    return (*sorted(lignes, key=lambda ligne: ligne.obligation is _C), AUTRE)


def est_exigible(type_detail: str, code: str) -> bool:
    """True when asking this piece can stop the clock (CE Sect. 9 Dec. 2022 n° 454521)."""
    return any(ligne.code == code and ligne.exigible for ligne in pieces_du_type(type_detail))

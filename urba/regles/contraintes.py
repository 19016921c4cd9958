"""What a constraint of the land may do to a request: candidates, each with its article, never applied alone.

Source: spec §5.3, §5.6, §5.8, §8; categories of servitudes are those of the CNIG's list.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from urba.regles.majorations import effet_texte
from urba.regles.tables_delais import REGLES_LIVREES, Ligne, Regles
from urba.regles.types import DP_ET_PERMIS, Nature, TypeDelai


class Genre(StrEnum):
    """What is proposed."""

    MAJORATION = "majoration"
    DRAPEAU = "drapeau"
    RECOLEMENT = "recolement"


@dataclass(frozen=True)
class Rencontre:
    """A constraint met by the ground: layer, category (servitude or zone), text, share of the ground in %."""

    couche: str
    categorie: str
    libelle: str
    pct: float | None = None


@dataclass(frozen=True)
class LigneCorrespondance:
    """A category → what it may mean. ``mot``: only where the text holds it, without case."""

    categories: tuple[str, ...]
    genre: Genre
    code: str
    raison: str
    article: str = ""
    mot: str = ""
    types: frozenset[TypeDelai] | None = None


_M, _D, _R = Genre.MAJORATION, Genre.DRAPEAU, Genre.RECOLEMENT
RECOLEMENT = "recolement_obligatoire"
CORRESPONDANCES: tuple[LigneCorrespondance, ...] = (
    LigneCorrespondance(("AC1",), _M, "ABF_ABORDS_SPR", "abords d'un monument historique"),
    LigneCorrespondance(("AC4", "AC4BIS"), _M, "ABF_ABORDS_SPR", "site patrimonial remarquable"),
    LigneCorrespondance(("AC2",), _M, "SITE_CLASSE", "site classé", mot="class"),
    LigneCorrespondance(("AC2",), _D, "SITE_CLASSE", "site classé", mot="class"),
    LigneCorrespondance(
        ("AC2",),
        _D,
        "DEMOLITION_SITE_INSCRIT",
        "démolition en site inscrit",
        mot="inscri",
        types=frozenset({TypeDelai.PD}),
    ),
    LigneCorrespondance(("AC3",), _M, "RESERVE_NAT", "réserve naturelle"),
    LigneCorrespondance(("AC3",), _D, "RESERVE_NAT", "réserve naturelle"),
    LigneCorrespondance(("EL10",), _M, "COEUR_PARC", "cœur de parc national"),
    LigneCorrespondance(("EL10",), _D, "COEUR_PARC", "cœur de parc national"),
    LigneCorrespondance(("AR3", "AR6"), _D, "DEFENSE", "ouvrage de la défense nationale"),
    LigneCorrespondance(("zone:A", "zone:N"), _M, "CDPENAF", "zone agricole ou naturelle"),
    LigneCorrespondance(
        ("AC1", "AC4", "AC4BIS"), _R, RECOLEMENT, "abords ou site patrimonial remarquable", "R.462-7 a"
    ),
    LigneCorrespondance(("AC2",), _R, RECOLEMENT, "site inscrit ou classé", "R.462-7 a"),
    LigneCorrespondance(("EL10", "AC3"), _R, RECOLEMENT, "parc national ou réserve naturelle", "R.462-7 c"),
    LigneCorrespondance(
        ("PM1", "PM3"), _R, RECOLEMENT, "secteur d'un plan de prévention des risques", "R.462-7 d"
    ),
)


@dataclass(frozen=True)
class Candidat:
    """What the officer confirms or sets aside: its effect in words, its article, the constraints behind."""

    genre: Genre
    code: str
    libelle: str
    article: str
    effet: str
    sources: tuple[str, ...]
    active: bool = True

    @property
    def cle(self) -> str:
        """Name of the candidate in a form and in the log."""
        return f"{self.genre}-{self.code}"


def _vise(ligne: LigneCorrespondance, rencontre: Rencontre) -> bool:
    if rencontre.categorie.upper() not in {c.upper() for c in ligne.categories}:
        return False
    return not ligne.mot or ligne.mot in rencontre.libelle.lower()


def _source(ligne: LigneCorrespondance, rencontre: Rencontre) -> str:
    part = "" if rencontre.pct is None else f", {rencontre.pct:.0f} % du terrain"
    return f"{rencontre.libelle} ({ligne.raison}{part})"


def proposer(
    rencontres: Iterable[Rencontre],
    type_: TypeDelai,
    nature: Nature,
    depot: date,
    regles: Regles = REGLES_LIVREES,
) -> tuple[Candidat, ...]:
    """Candidates for a request of that kind, in the order of the table; a code without row is left out."""
    rencontres = tuple(rencontres)
    sources: dict[tuple[Genre, str], tuple[LigneCorrespondance, list[str]]] = {}
    for ligne in CORRESPONDANCES:
        if ligne.types is not None and type_ not in ligne.types:
            continue
        for rencontre in rencontres:
            if _vise(ligne, rencontre):
                _, textes = sources.setdefault((ligne.genre, ligne.code), (ligne, []))
                textes.append(_source(ligne, rencontre))
    trouves = (
        _candidat(genre, code, ligne, textes, type_, nature, depot, regles)
        for (genre, code), (ligne, textes) in sources.items()
    )
    return tuple(c for c in trouves if c is not None)


def _candidat(
    genre: Genre,
    code: str,
    ligne: LigneCorrespondance,
    textes: Sequence[str],
    type_: TypeDelai,
    nature: Nature,
    depot: date,
    regles: Regles,
) -> Candidat | None:
    sources = tuple(dict.fromkeys(textes))
    if genre is Genre.RECOLEMENT:
        if type_ not in DP_ET_PERMIS:
            return None
        effet = "visite obligatoire après les travaux"
        return Candidat(genre, code, "Récolement obligatoire", ligne.article, effet, sources)

    def ouverte(x: Ligne) -> bool:
        return x.code == code and x.vise(type_, nature) and x.en_vigueur(depot)

    if genre is Genre.MAJORATION:
        majorations = [x for x in regles.majorations if ouverte(x)]
        if not majorations:
            return None
        x = next((y for y in majorations if y.actif), majorations[0])
        return Candidat(genre, code, x.libelle, x.article, effet_texte(x), sources, x.actif)
    silences = [x for x in regles.silences if ouverte(x)]
    if not silences:
        return None
    effet = "le silence de la mairie vaudra refus"
    return Candidat(genre, code, silences[0].libelle, silences[0].article, effet, sources)

"""Tables of the instruction delays: every row with its article, its types and its dates (spec §5.2 to §5.6).

The row in force on the day of deposit applies. A row ``a_confirmer`` ships ``actif=False``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from urba.regles.types import (
    CERTIFICATS,
    DP,
    DP_ET_PERMIS,
    INSTRUITES,
    PERMIS,
    Nature,
    Silence,
    TypeDelai,
)

DEBUT = date(2017, 4, 1)
"""First day of deposit that the engine accepts."""
DEBUT_R424_2_1 = date(2025, 12, 31)
DEBUT_PPVE_DP = date(2022, 3, 26)
FICTION_ELECTRONIQUE_JOURS = 15
"""Days after which an electronic letter is deemed read (R.423-48; to be confirmed)."""


class Effet(StrEnum):
    """What a majoration or a prolongation does to the delay."""

    AJOUT = "ajout"
    PORTE = "porte"
    ENQUETE = "enquete"


@dataclass(frozen=True, kw_only=True)
class Ligne:
    """What every row of law has: code, article, validity by day of deposit, switched on or not."""

    code: str
    article: str
    types: frozenset[TypeDelai]
    natures: frozenset[Nature] = INSTRUITES
    du: date = DEBUT
    au: date | None = None
    actif: bool = True
    a_confirmer: bool = False

    @property
    def cle(self) -> str:
        """Stable name of the row, for the switch of the rows to be confirmed."""
        types = "+".join(t for t in TypeDelai if t in self.types)
        return f"{self.code}/{types}/{'+'.join(n for n in Nature if n in self.natures)}/{self.du}"

    def vise(self, type_: TypeDelai, nature: Nature) -> bool:
        """True when the row exists for this type and nature, whatever its dates."""
        return type_ in self.types and nature in self.natures

    def en_vigueur(self, depot: date) -> bool:
        """True when the row is in force for a request deposited that day."""
        return self.du <= depot and (self.au is None or depot <= self.au)


@dataclass(frozen=True, kw_only=True)
class LigneBase(Ligne):
    """Base delay in months and meaning of silence."""

    mois: int
    silence: Silence
    article_silence: str


@dataclass(frozen=True, kw_only=True)
class LigneDelai(Ligne):
    """A majoration or a prolongation: its effect in months, its name for people."""

    effet: Effet
    mois: int
    libelle: str


@dataclass(frozen=True, kw_only=True)
class LigneSilence(Ligne):
    """A cause for which silence is a refusal (R.424-2, R.424-2-1)."""

    silence: Silence
    libelle: str


def _base(
    types: Iterable[TypeDelai],
    nature: Nature,
    mois: int,
    article: str,
    silence: Silence,
    article_silence: str,
    *,
    actif: bool = True,
) -> LigneBase:
    return LigneBase(
        code="BASE",
        types=frozenset(types),
        natures=frozenset({nature}),
        mois=mois,
        article=article,
        silence=silence,
        article_silence=article_silence,
        actif=actif,
        a_confirmer=not actif,
    )


_T, _N, _S = TypeDelai, Nature, Silence
_PRATIQUE = "pratique (notice du formulaire de transfert)"

BASES: tuple[LigneBase, ...] = (
    _base([_T.DP], _N.INITIAL, 1, "R.423-23 a", _S.NON_OPPOSITION, "R.424-1 a"),
    _base([_T.DP], _N.TRANSFERT, 1, _PRATIQUE, _S.TRANSFERT, _PRATIQUE, actif=False),
    _base([_T.DP], _N.PROROGATION, 2, "R.424-23", _S.PROROGATION, "R.424-23"),
    _base([_T.PD], _N.INITIAL, 2, "R.423-23 b", _S.PERMIS, "R.424-1 b"),
    _base([_T.PD], _N.MODIFICATIF, 2, "R.423-23 b", _S.PERMIS, "R.424-1 b", actif=False),
    _base([_T.PD], _N.TRANSFERT, 2, _PRATIQUE, _S.TRANSFERT, _PRATIQUE),
    _base([_T.PD], _N.PROROGATION, 2, "R.424-23", _S.PROROGATION, "R.424-23"),
    _base([_T.PCMI], _N.INITIAL, 2, "R.423-23 b", _S.PERMIS, "R.424-1 b"),
    _base([_T.PCMI], _N.MODIFICATIF, 2, "R.423-23 b", _S.PERMIS, "R.424-1 b"),
    _base([_T.PCMI], _N.TRANSFERT, 2, _PRATIQUE, _S.TRANSFERT, _PRATIQUE),
    _base([_T.PCMI], _N.PROROGATION, 2, "R.424-23", _S.PROROGATION, "R.424-23"),
    _base([_T.PC, _T.PA], _N.INITIAL, 3, "R.423-23 c", _S.PERMIS, "R.424-1 b"),
    _base([_T.PC, _T.PA], _N.MODIFICATIF, 3, "R.423-23 c", _S.PERMIS, "R.424-1 b"),
    _base([_T.PC, _T.PA], _N.TRANSFERT, 3, _PRATIQUE, _S.TRANSFERT, _PRATIQUE),
    _base([_T.PC, _T.PA], _N.PROROGATION, 2, "R.424-23", _S.PROROGATION, "R.424-23"),
    _base([_T.CUA], _N.INITIAL, 1, "R.410-9", _S.CU, "R.410-12"),
    _base([_T.CUB], _N.INITIAL, 2, "R.410-10", _S.CU, "R.410-12"),
    _base(CERTIFICATS, _N.PROROGATION, 2, "R.410-17-1", _S.PROROGATION, "R.410-17-1"),
)


def _maj(
    code: str,
    effet: Effet,
    mois: int,
    types: Iterable[TypeDelai],
    article: str,
    libelle: str,
    *,
    du: date = DEBUT,
    actif: bool = True,
) -> LigneDelai:
    return LigneDelai(
        code=code,
        effet=effet,
        mois=mois,
        types=frozenset(types),
        article=article,
        libelle=libelle,
        du=du,
        actif=actif,
        a_confirmer=not actif,
    )


_AJOUT, _PORTE, _ENQUETE = Effet.AJOUT, Effet.PORTE, Effet.ENQUETE
_PC_PCMI = frozenset({_T.PCMI, _T.PC})
_PC = frozenset({_T.PC})

MAJORATIONS: tuple[LigneDelai, ...] = (
    _maj("AUTRE_LEGISLATION", _AJOUT, 1, DP_ET_PERMIS, "R.423-24 a", "Autre législation"),
    _maj("DEROGATION_L152", _AJOUT, 1, DP_ET_PERMIS, "R.423-24 b", "Dérogation aux règles du plan"),
    _maj("ABF_ABORDS_SPR", _AJOUT, 1, DP_ET_PERMIS, "R.423-24 c", "Abords ou site patrimonial remarquable"),
    _maj("CDPENAF", _AJOUT, 1, DP_ET_PERMIS, "R.423-24 d", "Commission des espaces agricoles (CDPENAF)"),
    _maj("PARTICIPATION_L123_19_2", _AJOUT, 1, DP_ET_PERMIS, "R.423-24 e", "Participation du public"),
    _maj("COMMISSION_DEP_REG", _AJOUT, 2, PERMIS, "R.423-25 a", "Commission départementale ou régionale"),
    _maj("MIN_AGRI", _AJOUT, 2, PERMIS, "R.423-25 b", "Ministre chargé de l'agriculture"),
    _maj("RECIPROCITE_AGRICOLE", _AJOUT, 2, PERMIS, "R.423-25 c", "Réciprocité agricole"),
    _maj("DEROGATION_CCH", _AJOUT, 2, _PC_PCMI, "R.423-25 d", "Dérogation au code de la construction"),
    _maj("CDAC", _AJOUT, 2, _PC, "R.423-25 e", "Commission d'aménagement commercial (CDAC)"),
    _maj("PPVE_L123_19", _AJOUT, 2, PERMIS, "R.423-25 f", "Participation du public par voie électronique"),
    _maj(
        "PPVE_L123_19",
        _AJOUT,
        2,
        DP,
        "R.423-25 f",
        "Participation du public par voie électronique",
        du=DEBUT_PPVE_DP,
    ),
    _maj("COEUR_PARC", _PORTE, 5, PERMIS, "R.423-26", "Cœur de parc national"),
    _maj("COEUR_PARC", _PORTE, 2, DP, "R.423-26", "Cœur de parc national", actif=False),
    _maj("COMMISSION_NAT", _PORTE, 5, PERMIS, "R.423-27 a", "Commission nationale"),
    _maj("CORSE", _PORTE, 5, PERMIS, "R.423-27 b", "Assemblée de Corse"),
    _maj("RESERVE_NAT", _PORTE, 5, PERMIS, "R.423-27 c", "Réserve naturelle"),
    _maj("RESERVE_NAT", _PORTE, 2, DP, "R.423-27 c", "Réserve naturelle"),
    _maj(
        "MH_INSCRIT", _PORTE, 5, PERMIS, "R.423-28 a", "Immeuble inscrit au titre des monuments historiques"
    ),
    _maj("ERP_IGH", _PORTE, 5, _PC, "R.423-28 b", "Établissement recevant du public ou grande hauteur"),
    _maj("DEFRICHEMENT", _PORTE, 3, PERMIS, "R.423-29 c", "Défrichement"),
    _maj(
        "DEFRICHEMENT_RECONNAISSANCE",
        _PORTE,
        5,
        PERMIS,
        "R.423-29 a",
        "Défrichement avec reconnaissance des bois",
    ),
    _maj("DEFRICHEMENT_ENQUETE", _PORTE, 7, PERMIS, "R.423-29 b", "Défrichement avec enquête publique"),
    _maj("CINEMA", _PORTE, 7, _PC, "R.423-30", "Aménagement cinématographique", actif=False),
    _maj("SITE_CLASSE", _PORTE, 8, PERMIS, "R.423-31", "Site classé", actif=False),
    _maj("ENQUETE_PUBLIQUE", _ENQUETE, 2, PERMIS, "R.423-20, R.423-32", "Enquête publique"),
    _maj("ENQUETE_PUBLIQUE", _ENQUETE, 2, DP, "R.423-20, R.423-32", "Enquête publique", actif=False),
)

PROLONGATIONS: tuple[LigneDelai, ...] = (
    _maj("ABF_RECOURS", _AJOUT, 2, DP_ET_PERMIS, "R.423-35", "Recours contre l'avis de l'ABF"),
    _maj("EVOCATION", _PORTE, 8, PERMIS, "R.423-37", "Évocation par le ministre"),
    _maj("CNAC", _AJOUT, 5, _PC, "R.423-36-1", "Commission nationale d'aménagement commercial", actif=False),
)


def _rejet(code: str, article: str, libelle: str) -> LigneSilence:
    return LigneSilence(code=code, article=article, types=PERMIS, silence=_S.REJET, libelle=libelle)


SILENCES: tuple[LigneSilence, ...] = (
    _rejet("DEFENSE", "R.424-2 a", "Défense nationale"),
    _rejet("SITE_CLASSE", "R.424-2 a", "Site classé"),
    _rejet("RESERVE_NAT", "R.424-2 a", "Réserve naturelle"),
    _rejet("EVOCATION", "R.424-2 b", "Évocation par le ministre"),
    _rejet("MH_INSCRIT", "R.424-2 c", "Immeuble inscrit"),
    _rejet("ENQUETE_PUBLIQUE", "R.424-2 d", "Enquête publique"),
    _rejet("CORSE", "R.424-2 e", "Assemblée de Corse"),
    _rejet("COEUR_PARC", "R.424-2 f", "Cœur de parc national"),
    _rejet("CINEMA_REFUSE", "R.424-2 g", "Refus d'aménagement cinématographique"),
    _rejet("CDAC_DEFAVORABLE", "R.424-2 h", "Avis défavorable de la commission d'aménagement commercial"),
    _rejet("DEMOLITION_SITE_INSCRIT", "R.424-2 i", "Démolition en site inscrit"),
    LigneSilence(
        code="EVALUATION_ENVIRONNEMENTALE",
        article="R.424-2-1",
        types=PERMIS,
        silence=_S.REJET,
        libelle="Évaluation environnementale",
        du=DEBUT_R424_2_1,
    ),
    LigneSilence(
        code="EVALUATION_ENVIRONNEMENTALE",
        article="R.424-2-1",
        types=DP,
        silence=_S.OPPOSITION,
        libelle="Évaluation environnementale",
        du=DEBUT_R424_2_1,
    ),
)

CODES_MAJORATIONS = tuple(dict.fromkeys(ligne.code for ligne in MAJORATIONS))
CODES_PROLONGATIONS = tuple(dict.fromkeys(ligne.code for ligne in PROLONGATIONS))
CODES_SILENCE = tuple(dict.fromkeys(ligne.code for ligne in SILENCES))
CODES_R424_2 = frozenset(ligne.code for ligne in SILENCES if ligne.article.startswith("R.424-2 "))


@dataclass(frozen=True)
class Regles:
    """The tables that a computation reads, and the one legal value that is a parameter."""

    bases: tuple[LigneBase, ...] = BASES
    majorations: tuple[LigneDelai, ...] = MAJORATIONS
    prolongations: tuple[LigneDelai, ...] = PROLONGATIONS
    silences: tuple[LigneSilence, ...] = SILENCES
    fiction_electronique_jours: int = FICTION_ELECTRONIQUE_JOURS

    def avec_actives(self, cles: Iterable[str]) -> Regles:
        """The same rules with these rows to be confirmed switched on; KeyError for an unknown key."""
        demandees = set(cles)
        connues = {
            ligne.cle
            for table in (self.bases, self.majorations, self.prolongations)
            for ligne in table
            if ligne.a_confirmer
        }
        if demandees - connues:
            raise KeyError(sorted(demandees - connues)[0])
        return replace(
            self,
            bases=tuple(replace(x, actif=x.actif or x.cle in demandees) for x in self.bases),
            majorations=tuple(replace(x, actif=x.actif or x.cle in demandees) for x in self.majorations),
            prolongations=tuple(replace(x, actif=x.actif or x.cle in demandees) for x in self.prolongations),
        )

    def base(self, type_: TypeDelai, nature: Nature, depot: date | None = None) -> LigneBase | None:
        """The active base row of a type and nature (in force on ``depot`` if given); None: not open."""
        for ligne in self.bases:
            if ligne.vise(type_, nature) and ligne.actif and (depot is None or ligne.en_vigueur(depot)):
                return ligne
        return None


REGLES_LIVREES = Regles()
"""The rules as shipped: every row to be confirmed is off."""

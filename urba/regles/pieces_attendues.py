"""Which conditional pieces a project calls for, each with its reason; pure (spec §5.9)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from urba.regles.nomenclature import Obligation, pieces_du_type


@dataclass(frozen=True)
class FaitsProjet:
    """What is known of the project and of its land; surfaces in m²."""

    type_detail: str
    surface_creee: Decimal = Decimal(0)
    nouvelle_construction: bool = False
    lots: int = 0
    anc: bool = False
    erp: bool = False
    abords: bool = False
    risques: bool = False
    evaluation_environnementale: bool = False


def _construit(f: FaitsProjet) -> bool:
    return f.surface_creee > 0


def _lotissement(f: FaitsProjet) -> bool:
    return f.lots > 0


def _neuf(f: FaitsProjet) -> bool:
    return f.nouvelle_construction and f.surface_creee > 0


@dataclass(frozen=True)
class LigneCondition:
    """Pieces called for when ``vraie``."""

    codes: tuple[str, ...]
    vraie: Callable[[FaitsProjet], bool]
    raison: str


CONDITIONS: tuple[LigneCondition, ...] = (
    LigneCondition(("PCMI12-2",), lambda f: f.anc, "assainissement non collectif"),
    LigneCondition(("PCMI13",), lambda f: f.risques, "secteur d'un plan de prévention des risques"),
    LigneCondition(("PCMI14-1", "PC16-1"), _neuf, "construction nouvelle"),
    LigneCondition(("PC39", "PC40"), lambda f: f.erp, "établissement recevant du public"),
    LigneCondition(("PC11",), lambda f: f.evaluation_environnementale, "évaluation environnementale"),
    LigneCondition(("PA5", "PA6", "PA7", "PA8", "PA9", "PA10"), _lotissement, "lotissement"),
    LigneCondition(("DP2", "DP3", "DP4", "DP6", "DP7", "DP8"), _construit, "surface créée"),
    LigneCondition(("DP9", "DP10"), lambda f: f.type_detail == "DPLT", "division du terrain"),
    LigneCondition(("DP11",), lambda f: f.abords, "abords d'un monument"),
)


def attendues(faits: FaitsProjet) -> dict[str, str]:
    """Code → why it is expected: « toujours », or the condition met. ``KeyError`` for an unknown type."""
    raisons: dict[str, str] = {}
    for ligne in CONDITIONS:
        if ligne.vraie(faits):
            raisons.update(dict.fromkeys(ligne.codes, ligne.raison))
    return {
        p.code: "toujours" if p.obligation is Obligation.TOUJOURS else raisons[p.code]
        for p in pieces_du_type(faits.type_detail)
        if p.obligation is Obligation.TOUJOURS or p.code in raisons
    }

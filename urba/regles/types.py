"""Kinds of dossiers as the delays see them, and the steps of an explanation."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class TypeDelai(StrEnum):
    """Kind of request, as far as delays are concerned."""

    DP = "DP"
    PD = "PD"
    PCMI = "PCMI"
    PC = "PC"
    PA = "PA"
    CUA = "CUA"
    CUB = "CUB"


class Nature(StrEnum):
    """What is asked on the authorisation (natures that have an instruction delay)."""

    INITIAL = "INITIAL"
    MODIFICATIF = "MODIFICATIF"
    TRANSFERT = "TRANSFERT"
    PROROGATION = "PROROGATION"


class Silence(StrEnum):
    """Meaning of silence at the end of the delay."""

    NON_OPPOSITION = "non_opposition_tacite"
    OPPOSITION = "opposition_tacite"
    PERMIS = "permis_tacite"
    REJET = "rejet_tacite"
    CU = "cu_tacite"
    TRANSFERT = "transfert_tacite"
    PROROGATION = "prorogation_tacite"


DP = frozenset({TypeDelai.DP})
PERMIS = frozenset({TypeDelai.PD, TypeDelai.PCMI, TypeDelai.PC, TypeDelai.PA})
CERTIFICATS = frozenset({TypeDelai.CUA, TypeDelai.CUB})
DP_ET_PERMIS = DP | PERMIS
INSTRUITES = frozenset({Nature.INITIAL, Nature.MODIFICATIF})
"""Natures with letters of the first month, majorations, missing pieces and prolongations."""

ALIAS_TYPES = {"DPMI": TypeDelai.DP, "DPC": TypeDelai.DP, "DPLT": TypeDelai.DP}
"""Detailed types that count as a DP."""

LIBELLES_TYPES = {
    TypeDelai.DP: "Déclaration préalable",
    TypeDelai.PD: "Permis de démolir",
    TypeDelai.PCMI: "Maison individuelle",
    TypeDelai.PC: "Permis de construire",
    TypeDelai.PA: "Permis d'aménager",
    TypeDelai.CUA: "Certificat d'urbanisme d'information",
    TypeDelai.CUB: "Certificat d'urbanisme opérationnel",
}

LIBELLES_DETAIL = {
    "PCMI": "PCMI – maison individuelle ou ses annexes",
    "PC": "PC – autre permis de construire",
    "PA": "PA – permis d'aménager",
    "PD": "PD – permis de démolir",
    "DPMI": "DP – travaux sur une maison individuelle",
    "DPC": "DP – autres travaux",
    "DPLT": "DP – lotissement, division",
    "DP": "DP – déclaration préalable",
    "CUA": "CUa – certificat d'information",
    "CUB": "CUb – certificat opérationnel",
}

LIBELLES_SILENCE = {
    Silence.NON_OPPOSITION: "Non-opposition tacite",
    Silence.OPPOSITION: "Opposition tacite",
    Silence.PERMIS: "Permis tacite",
    Silence.REJET: "Rejet tacite",
    Silence.CU: "Certificat tacite",
    Silence.TRANSFERT: "Transfert tacite",
    Silence.PROROGATION: "Prorogation tacite",
}


@dataclass(frozen=True)
class Etape:
    """One step of an explanation: the rule, its article, what it did with these dates (French sentence)."""

    regle: str
    article: str
    detail: str

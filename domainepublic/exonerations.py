"""Free titles and reductions (CG3P L2125-1 and L2125-1-1, spec §5.4), as an agent says them of a file.

``DossierODP.exoneration``: empty, or ``motif``, ``taux`` (percent, text), ``reference``, ``hors_frais``, as
the engine reads them. Gratuity attaches to the title: an occupation without title never has it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

from domainepublic.regles.tables.redevance import GRATUITES
from mairie.montants import texte_francais

TOUT = Decimal(100)
# Whoever must be the holder, in words.
_BENEFICIAIRES = {"association": "une association"}
_TYPES = {"VEGET": "la végétalisation"}
CHOIX = [
    ("", "aucune : la redevance est due"),
    *((g.motif, f"{g.libelle} ({g.texte_reference})") for g in GRATUITES.values()),
]


def composer(motif: str, taux: Decimal | None, reference: str, *, hors_frais: bool) -> dict[str, Any]:
    """What a file keeps; empty without motive."""
    if not motif:
        return {}
    garde: dict[str, Any] = {"motif": motif, "hors_frais": hors_frais}
    if GRATUITES[motif].taux_libre:
        garde |= {"taux": str(taux if taux is not None else TOUT), "reference": reference}
    return garde


def faute(motif: str, beneficiaire: str, types: Collection[str]) -> str:
    """Why that motive does not suit the holder or the ground; empty when it does."""
    gratuite = GRATUITES.get(motif)
    if gratuite is None:
        return ""
    if gratuite.beneficiaire not in (None, beneficiaire):
        return f"Ce motif est réservé à {_BENEFICIAIRES[str(gratuite.beneficiaire)]}."
    if gratuite.type_occupation is not None and gratuite.type_occupation not in types:
        return f"Ce motif est réservé à {_TYPES[gratuite.type_occupation]} : aucune emprise n'en est."
    return ""


def pour(exoneration: Mapping[str, Any], code: str) -> dict[str, Any] | None:
    """What the engine reads for an emprise of that type; null where the motive is for another type."""
    if not exoneration:
        return None
    gratuite = GRATUITES[exoneration["motif"]]
    return dict(exoneration) if gratuite.type_occupation in (None, code) else None


def en_mots(exoneration: Mapping[str, Any]) -> str:
    """« association d'intérêt général… (CG3P L2125-1) », with the rate of a reduction; empty without any."""
    if not exoneration:
        return ""
    gratuite = GRATUITES[exoneration["motif"]]
    source = exoneration.get("reference") or gratuite.texte_reference
    taux = Decimal(str(exoneration.get("taux", TOUT)))
    part = f", {texte_francais(f'{taux.normalize():f}')} %" if taux != TOUT else ""
    frais = ", hors frais de dossier" if exoneration.get("hors_frais") else ""
    return f"{gratuite.libelle} ({source}){part}{frais}"

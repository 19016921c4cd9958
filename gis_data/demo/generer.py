"""The whole generator: sheets, expected figures and bad inputs written into a folder."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gis_data.demo import archives, attendu, defauts, feuilles, millesimes
from gis_data.demo.construction import construire
from gis_data.demo.placement import code_par_defaut
from gis_data.formats.edigeo.ecrivain import ecrire_lot


@dataclass(frozen=True)
class Demande:
    """What to generate. ``crs`` empty: the projection in use where the commune lies."""

    insee: str = "25999"
    parcelles: int = 400
    graine: int = 7
    sections: int = 3
    millesime: int = 1
    crs: str = ""
    defauts: Sequence[str] = ()


@dataclass(frozen=True)
class Bilan:
    """What was written."""

    feuilles: int
    parcelles: int
    objets: int
    defauts: int


def generer(demande: Demande, sortie: Path, dire: Callable[[str], None] = lambda _: None) -> Bilan:
    """Writes ``edigeo/``, ``attendu.json`` and ``defauts/``; archives of the same commune are replaced.

    ``ValueError`` for a demand that cannot be met (fewer than 60 parcels or 3 sections, vintage below 1),
    ``KeyError`` for an unknown projection or fault code.
    """
    if demande.millesime < 1:
        raise ValueError("Le millésime est un rang : 1, 2, 3…")
    inconnus = [c for c in demande.defauts if c not in defauts.CODES]
    if inconnus:
        raise KeyError(inconnus[0])
    crs = demande.crs or code_par_defaut(demande.insee)
    commune = construire(demande.insee, demande.parcelles, demande.graine, demande.sections, crs)
    dire(f"{commune.nom} : {len(commune.parcelles)} parcelles, {len(commune.feuilles)} feuilles")
    comparaison = None
    for _ in range(demande.millesime - 1):
        suivante = millesimes.evoluer(commune)
        comparaison = millesimes.comparer(commune, suivante)
        commune = suivante
    lots = feuilles.construire(commune)
    dossier = sortie / "edigeo"
    dossier.mkdir(parents=True, exist_ok=True)
    for ancienne in sorted(dossier.glob(f"edigeo-{commune.insee}*.tar.bz2")):
        ancienne.unlink()
    for id12, feuille in lots.items():
        (dossier / f"edigeo-{id12}.tar.bz2").write_bytes(
            archives.tar_bz2(ecrire_lot(feuille), feuille.millesime)
        )
        dire(f"feuille {id12}")
    ecrire_json(sortie / "attendu.json", attendu.du_plan(commune, lots, comparaison))
    if demande.defauts:
        _ecrire_defauts(defauts.base(commune, lots), demande.defauts, sortie / "defauts", dire)
    return Bilan(
        len(lots),
        len(commune.parcelles),
        sum(len(o) for f in lots.values() for o in f.objets.values()),
        len(demande.defauts),
    )


def _ecrire_defauts(
    base: defauts.Base, codes: Sequence[str], dossier: Path, dire: Callable[[str], None]
) -> None:
    fiches = []
    for code in dict.fromkeys(codes):
        defaut = defauts.fabriquer(code, base)
        for nom, contenu in defaut.fichiers.items():
            chemin = dossier / code / nom
            chemin.parent.mkdir(parents=True, exist_ok=True)
            chemin.write_bytes(contenu)
        fiches.append(defaut.fiche)
        dire(f"défaut {code}")
    ecrire_json(dossier / "attendu.json", fiches)


def ecrire_json(chemin: Path, document: Any) -> None:
    """A JSON document as UTF-8 text, the same bytes for the same content."""
    chemin.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")

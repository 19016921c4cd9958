"""Faulty objects added to the VEC files of a sound sheet: what real files hold and a reader must survive."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely

from gis_data.formats.edigeo.blocs import reference
from gis_data.formats.edigeo.modele import Feuille

LIEU_EN_HUIT = "LE NOEUD PAPILLON"
Point = tuple[float, float]


@dataclass
class Ajouts:
    """Number of objects added by type."""

    lus: dict[str, int] = field(default_factory=dict)


@dataclass
class _Vec:
    """Blocks to put before the end of a VEC file."""

    lot: str
    sous_ensemble: str
    lignes: list[str] = field(default_factory=list)
    rang: int = 0

    def _bloc(self, rty: str, rid: str, *lignes: str) -> None:
        self.lignes += [f"RTYSA03:{rty}", _champ("RIDSA", rid), "", *lignes, ""]

    def _ref(self, rty: str, rid: str) -> str:
        return reference(self.lot, self.sous_ensemble, rty, rid)

    def objet(self, type_: str, rid: str, attributs: Sequence[tuple[str, str, str]]) -> None:
        """A FEA block; ``attributs``: name, format letter, value (ASCII)."""
        lignes = [_champ("SCPCP", f"{self.lot};SeSD;OBJ;{type_}_id"), "CM1CC00:", "CM2CC00:", "REFCC00:"]
        lignes.append(_champ("ATCSN", str(len(attributs))))
        for nom, format_, valeur in attributs:
            lignes.append(_champ("ATPCP", f"{self.lot};SeSD;ATT;{nom}_id"))
            lignes.append(_champ(f"ATVS{format_}", valeur))
        self._bloc("FEA", rid, *lignes, "QACSN01:0")

    def surface(self, type_: str, rid: str, anneau: Sequence[Point]) -> None:
        """A face bounded by one closed arc, whatever its shape, tied to the object."""
        self.rang += 1
        face, arc = f"Face_90{self.rang}", f"Arc_90{self.rang}"
        primitive = [
            _champ("SCPCP", f"{self.lot};SeSD;PGE;ID_S_PRI_FAC"),
            "CM1CC00:",
            "CM2CC00:",
            "ATCSN01:0",
            "QACSN01:0",
        ]
        self._bloc("PFE", face, *primitive)
        points = [_champ("CORCC", f"{x:+.2f};{y:+.2f};") for x, y in anneau]
        self._bloc(
            "PAR", arc, _champ("SCPCP", f"{self.lot};SeSD;PGE;ID_S_PRI_ARC"),
            "CM1CC00:", "CM2CC00:", "TYPSN01:1", _champ("PTCSN", str(len(points))), *points,
            "ATCSN01:0", "QACSN01:0",
        )  # fmt: skip
        self.lien(
            f"Compo_LPO_{arc}_{face}",
            "REL",
            "ID_S_RCO_FAC_GCHE",
            [self._ref("PAR", arc), self._ref("PFE", face)],
        )
        objet = self._ref("FEA", rid)
        self.lien(f"Compo_IDB_{rid}", "REL", f"ID_S_RCO_{type_}_id", [objet, self._ref("PFE", face)])

    def lien(self, rid: str, genre: str, nom: str, membres: Sequence[str]) -> None:
        """A LNK block."""
        self._bloc(
            "LNK", rid, _champ("SCPCP", f"{self.lot};SeSD;{genre};{nom}"), _champ("FTCSN", str(len(membres))),
            *(_champ("FTPCP", m) for m in membres), "ATCSN01:0", "QACSN01:0",
        )  # fmt: skip

    def dans(self, contenu: bytes) -> bytes:
        """The file with the blocks before its last line."""
        fin = contenu.rindex(b"EOMT")
        return contenu[:fin] + "\r\n".join([*self.lignes, ""]).encode("ascii") + contenu[fin:]


def _champ(nom: str, valeur: str) -> str:
    return f"{nom}{len(valeur):02d}:{valeur}"


def ajouter(fichiers: dict[str, bytes], feuille: Feuille) -> tuple[dict[str, bytes], Ajouts]:
    """The files with four faulty parcels, a bow-tie place name and a building without DUR."""
    code = feuille.code10[:8]
    emprise = shapely.total_bounds(np.array(feuille.objets["SUBDSECT"].geom))
    x, y = (round(float(v), 2) for v in (emprise[0] + 1.0, emprise[1] + 1.0))
    parcelles, reste = _Vec(feuille.lot, "SeTOP_1"), _Vec(feuille.lot, "SeSPA_1")

    def parcelle(rid: str, idu: str, supf: str | None) -> None:
        attributs = [("IDU", "T", idu), ("INDP", "A", "01"), ("TEX", "T", idu[-4:])]
        parcelles.objet("PARCELLE", rid, attributs + ([("SUPF", "R", supf)] if supf else []))

    parcelle("Objet_9001", f"{code}9001", "+120.")
    parcelles.surface("PARCELLE", "Objet_9001", [(x, y), (x + 10, y), (x, y)])
    parcelle("Objet_9002", f"{code}9002", None)
    parcelle("Objet_9003", f"{code}9/03", "+50.")
    parcelle("Objet_9004", str(feuille.objets["PARCELLE"].attributs["IDU"][0]), "+50.")

    reste.objet("LIEUDIT", "Objet_9101", [("TEX", "T", LIEU_EN_HUIT)])
    papillon = [(x, y), (x + 100, y + 100), (x + 100, y), (x, y + 100), (x, y)]
    reste.surface("LIEUDIT", "Objet_9101", papillon)
    reste.objet("BATIMENT", "Objet_9201", [])
    reste.surface(
        "BATIMENT", "Objet_9201", [(x + 20, y), (x + 28, y), (x + 28, y + 6), (x + 20, y + 6), (x + 20, y)]
    )
    batiment = reference(feuille.lot, "SeSPA_1", "FEA", "Objet_9201")
    connue = reference(feuille.lot, "SeTOP_1", "FEA", feuille.objets["PARCELLE"].rid[0])
    absente = reference(feuille.lot, "SeTOP_1", "FEA", "Objet_9999")
    reste.lien("Rel_BATIMENT_PARCELLE_Objet_9201_a", "ASS", "BATIMENT_PARCELLE", [connue, batiment])
    reste.lien("Rel_BATIMENT_PARCELLE_Objet_9201_b", "ASS", "BATIMENT_PARCELLE", [batiment, absente])

    resultat = dict(fichiers)
    for vec, suffixe in ((parcelles, "T1.VEC"), (reste, "S1.VEC")):
        nom = next(n for n in fichiers if n.endswith(suffixe))
        resultat[nom] = vec.dans(resultat[nom])
    return resultat, Ajouts({"PARCELLE": 4, "LIEUDIT": 1, "BATIMENT": 1})

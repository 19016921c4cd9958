"""Many sheets out of a few: copies with another commune code and shifted coordinates.

A copy patches the unpacked tar in place: the three characters of the commune at the head of every IDU, the
kilometres of every coordinate. No length changes, so headers, counts and byte lengths stay true, and the
copy costs little more than its compression. Each copied commune lies alone in a cell of a grid.
"""

from __future__ import annotations

import bz2
import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bench.lecture import deballer
from gis_data.formats.edigeo.lecteur import lire_lot

# Lambert 93 kilometres of the grid: wholly in three (x) and four (y) digits, as in the files.
GRILLE_X = (150, 990)
GRILLE_Y = (6050, 7100)
# A commune of the sample is at most this wide; the cell is wider, so that copies never touch.
CELLULE_KM = 12
DEPARTEMENTS = tuple(f"{n:02d}" for n in range(1, 96) if n != 20)
COMMUNES_PAR_DEPARTEMENT = 999

_COORDONNEE = re.compile(rb"^COR.{4}:\+(\d+)\d{3}\.\d*;\+(\d+)\d{3}\.\d*;", re.MULTILINE)
_IDU = re.compile(rb"^ATP[^\r\n]*;ATT;IDU_id\r?\n(?:TEXT 06:8859-1\r?\n)?ATVST\d\d:", re.MULTILINE)


@dataclass(frozen=True)
class Copie:
    """What one copy is to become: INSEE code and shift in kilometres."""

    gabarit: int
    insee: str
    dx_km: int
    dy_km: int


class Gabarit:
    """A sheet ready to be copied: its unpacked tar and the places to rewrite."""

    def __init__(self, chemin: Path) -> None:
        self.chemin = chemin
        self.id12 = chemin.name.removeprefix("edigeo-").partition(".")[0]
        octets = bz2.decompress(chemin.read_bytes())
        self._octets = np.frombuffer(octets, dtype=np.uint8)
        code = self.id12[2:5].encode()
        self._codes = np.array(
            [m.end() for m in _IDU.finditer(octets) if octets.startswith(code, m.end())], dtype=np.int64
        )
        trouvees = [(*m.span(1), *m.span(2)) for m in _COORDONNEE.finditer(octets)]
        bornes = np.array(trouvees, dtype=np.int64).reshape(-1, 4)
        self._x = _Kilometres(octets, bornes[:, :2])
        self._y = _Kilometres(octets, bornes[:, 2:])

    @property
    def parcelles(self) -> int:
        """Parcels of the sheet, the undrawn ones included."""
        objets = lire_lot(deballer(self.chemin.read_bytes())).objets
        return len(objets["PARCELLE"]) if "PARCELLE" in objets else 0

    @property
    def coin_km(self) -> tuple[int, int]:
        """Least kilometres east and north."""
        return int(self._x.valeurs.min()), int(self._y.valeurs.min())

    @property
    def etendue_km(self) -> int:
        """Larger side in whole kilometres."""
        return int(max(np.ptp(self._x.valeurs), np.ptp(self._y.valeurs))) + 1

    def copier(self, copie: Copie) -> bytes:
        """The packed archive of a copy."""
        octets = self._octets.copy()
        code = np.frombuffer(copie.insee[2:].encode(), dtype=np.uint8)
        octets[self._codes[:, None] + np.arange(3)] = code
        self._x.decaler(octets, copie.dx_km)
        self._y.decaler(octets, copie.dy_km)
        return bz2.compress(octets.tobytes())

    def nom(self, copie: Copie) -> str:
        """File name of a copy."""
        return f"edigeo-{copie.insee}{self.id12[5:]}.tar.bz2"


class _Kilometres:
    """The digits of the kilometres of one coordinate, all of the same count."""

    def __init__(self, octets: bytes, bornes: npt.NDArray[np.int64]) -> None:
        chiffres = np.unique(bornes[:, 1] - bornes[:, 0])
        if len(chiffres) != 1:
            raise ValueError("les coordonnées n'ont pas toutes le même nombre de chiffres")
        self.chiffres = int(chiffres[0])
        self._places = bornes[:, :1] + np.arange(self.chiffres)
        lus = np.frombuffer(octets, dtype=np.uint8)[self._places].astype(np.int64) - ord("0")
        self._poids = 10 ** np.arange(self.chiffres - 1, -1, -1)
        self.valeurs = lus @ self._poids

    def decaler(self, octets: npt.NDArray[np.uint8], km: int) -> None:
        valeurs = self.valeurs + km
        if valeurs.min() < self._poids[0] or valeurs.max() >= 10 * self._poids[0]:
            raise ValueError(f"un décalage de {km} km change le nombre de chiffres")
        octets[self._places] = (valeurs[:, None] // self._poids % 10 + ord("0")).astype(np.uint8)


def prevoir(gabarits: Sequence[Gabarit], feuilles: int) -> list[Copie]:
    """``feuilles`` copies, commune after commune; each commune under its own code in its own cell."""
    communes: dict[str, list[int]] = {}
    for rang, gabarit in enumerate(gabarits):
        communes.setdefault(gabarit.id12[:5], []).append(rang)
    coins = {
        insee: tuple(min(gabarits[r].coin_km[axe] for r in rangs) for axe in (0, 1))
        for insee, rangs in communes.items()
    }
    places = _places()
    copies: list[Copie] = []
    while len(copies) < feuilles:
        for insee, rangs in communes.items():
            code, x, y = next(places)
            dx, dy = x - coins[insee][0], y - coins[insee][1]
            copies += [Copie(rang, code, dx, dy) for rang in rangs]
    return copies[:feuilles]


def _places() -> Iterator[tuple[str, int, int]]:
    """INSEE codes and corners of cells, ``ValueError`` when there are no more."""
    codes = (f"{d}{c:03d}" for d in DEPARTEMENTS for c in range(1, COMMUNES_PAR_DEPARTEMENT + 1))
    for y in range(GRILLE_Y[0], GRILLE_Y[1] - CELLULE_KM, CELLULE_KM):
        for x in range(GRILLE_X[0], GRILLE_X[1] - CELLULE_KM, CELLULE_KM):
            yield next(codes), x, y
    raise ValueError("plus de place sur la grille")


def empreinte(chemins: Sequence[Path]) -> str:
    """Short mark of the archives copied and of the way to copy them."""
    calcul = hashlib.sha256(Path(__file__).read_bytes())
    for chemin in chemins:
        calcul.update(chemin.read_bytes())
    return calcul.hexdigest()[:12]


def ecrire(chemins: Sequence[Path], copies: Sequence[Copie], sortie: Path, processus: int = 2) -> int:
    """Write the copies of the archives ``chemins``; how many bytes."""
    sortie.mkdir(parents=True, exist_ok=True)
    if processus < 2:
        return _ecrire_part(chemins, copies, sortie)
    parts = [copies[i::processus] for i in range(processus)]
    with ProcessPoolExecutor(processus, mp_context=get_context("spawn")) as bassin:
        return sum(bassin.map(_ecrire_part, [chemins] * processus, parts, [sortie] * processus))


def _ecrire_part(chemins: Sequence[Path], copies: Iterable[Copie], sortie: Path) -> int:
    gabarits = [Gabarit(chemin) for chemin in chemins]
    total = 0
    for copie in copies:
        gabarit = gabarits[copie.gabarit]
        octets = gabarit.copier(copie)
        (sortie / gabarit.nom(copie)).write_bytes(octets)
        total += len(octets)
    return total

"""Reading alone: our reader, GDAL by pyogrio and the decompression, sheet by sheet, in CPU seconds."""

from __future__ import annotations

import bz2
import io
import tarfile
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from bench.mesure import mediane
from gis_data.formats.edigeo.lecteur import lire_lot


@dataclass(frozen=True)
class Lecture:
    """Medians of one sheet, CPU seconds. ``gdal_une_analyse``: see ``mesurer_feuille``."""

    feuille: str
    octets: int
    objets: int
    decompression_s: float
    lecteur_s: float
    gdal_s: float
    gdal_une_analyse_s: float

    @property
    def rapport(self) -> float:
        """How many times less CPU than GDAL in its best case."""
        return self.gdal_une_analyse_s / self.lecteur_s


def deballer(archive: bytes) -> dict[str, bytes]:
    """Files of a tar.bz2."""
    with tarfile.open(fileobj=io.BytesIO(bz2.decompress(archive))) as tar:
        flux = {membre.name: tar.extractfile(membre) for membre in tar.getmembers()}
        return {nom: contenu.read() for nom, contenu in flux.items() if contenu is not None}


def _cpu(faire: Callable[[], Any]) -> float:
    debut = time.process_time()
    faire()
    return time.process_time() - debut


def _lire_par_gdal(thf: Path, couches: Sequence[str]) -> dict[str, float]:
    """CPU seconds of each layer, read whole (attributes and WKB) as anyone would by pyogrio."""
    import pyogrio

    return {nom: _cpu(partial(pyogrio.raw.read, thf, layer=nom)) for nom in couches}


def mesurer_feuille(chemin: Path, repetitions: int) -> Lecture:
    """One sheet, the three readings in turn so that all meet the same noise.

    GDAL parses the whole lot again each time pyogrio opens it, that is once a layer. Its best case
    takes that away: the cheapest layer costs about one parsing, which is counted once.
    """
    import pyogrio

    archive = chemin.read_bytes()
    fichiers = deballer(archive)
    mesures: dict[str, list[float]] = {"bz2": [], "lecteur": [], "gdal": [], "gdal1": []}
    with tempfile.TemporaryDirectory() as nom_dossier:
        thf = ecrire(fichiers, Path(nom_dossier))
        couches = [str(nom) for nom, _ in pyogrio.list_layers(thf)]
        objets = sum(map(len, lire_lot(fichiers).objets.values()))
        for _ in range(repetitions):
            mesures["bz2"].append(_cpu(lambda: bz2.decompress(archive)))
            mesures["lecteur"].append(_cpu(lambda: lire_lot(fichiers)))
            par_couche = _lire_par_gdal(thf, couches)
            total, analyse = sum(par_couche.values()), min(par_couche.values())
            mesures["gdal"].append(total)
            mesures["gdal1"].append(total - (len(couches) - 1) * analyse)
    return Lecture(
        chemin.name.removeprefix("edigeo-").partition(".")[0],
        sum(map(len, fichiers.values())),
        objets,
        mediane(mesures["bz2"]),
        mediane(mesures["lecteur"]),
        mediane(mesures["gdal"]),
        mediane(mesures["gdal1"]),
    )


def ecrire(fichiers: Mapping[str, bytes], dossier: Path) -> Path:
    """Write the files for GDAL; the THF."""
    for nom, octets in fichiers.items():
        (dossier / nom).write_bytes(octets)
    return next(dossier / nom for nom in fichiers if nom.upper().endswith(".THF"))


def mesurer(chemins: Sequence[Path], repetitions: int = 5) -> dict[str, Any]:
    """All sheets; totals are of the medians."""
    # Label layers would repeat the writings under the name of each class.
    import pyogrio

    pyogrio.set_gdal_config_options({"OGR_EDIGEO_CREATE_LABEL_LAYERS": "NO"})
    lire_lot(deballer(chemins[0].read_bytes()))  # imports and tables made once
    lectures = [mesurer_feuille(chemin, repetitions) for chemin in chemins]
    totaux = {
        nom: sum(getattr(lecture, nom) for lecture in lectures)
        for nom in ("octets", "objets", "decompression_s", "lecteur_s", "gdal_s", "gdal_une_analyse_s")
    }
    return {
        "feuilles": [{**vars(lecture), "rapport": lecture.rapport} for lecture in lectures],
        "total": totaux,
        "repetitions": repetitions,
        "rapport_gdal": totaux["gdal_une_analyse_s"] / totaux["lecteur_s"],
        "rapport_gdal_pyogrio": totaux["gdal_s"] / totaux["lecteur_s"],
        "rapport_gdal_pire": min(lecture.rapport for lecture in lectures),
        "lecteur_sur_decompression": totaux["lecteur_s"] / totaux["decompression_s"],
    }

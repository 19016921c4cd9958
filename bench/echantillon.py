"""The sheets that are measured: the real ones where they are, a generated commune otherwise."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from bench import repliquer
from bench.mesure import RACINE, lancer

DONNEES = Path(os.environ.get("DONNEES_PARTAGEES") or RACINE.parent / "shared" / "data")
INSEE = "25999"
PARCELLES = 2000


@dataclass(frozen=True)
class Echantillon:
    """Archives of distinct sheets and what they are, in words."""

    archives: tuple[Path, ...]
    provenance: str
    reelles: bool

    def repliquer(self, feuilles: int, sortie: Path) -> Path:
        """Folder of ``feuilles`` copies under codes and at places of their own."""
        gabarits = [repliquer.Gabarit(chemin) for chemin in self.archives]
        repliquer.ecrire(self.archives, repliquer.prevoir(gabarits, feuilles), sortie)
        return sortie


def feuilles_reelles() -> tuple[Path, ...]:
    """Archives of the shared data, none where they are absent."""
    return tuple(sorted((DONNEES / "edigeo").glob("edigeo-*.tar.bz2")))


def generer(sortie: Path, parcelles: int) -> tuple[Path, ...]:
    """Archives of the fictional commune, in Lambert 93 as the real ones."""
    lancer(
        [
            sys.executable,
            "manage.py",
            "generer_commune",
            *("--insee", INSEE, "--parcelles", str(parcelles), "--crs", "LAMB93", "--sortie", str(sortie)),
        ],
        env={"DJANGO_SETTINGS_MODULE": "config.settings.demo"},
    )
    return tuple(sorted((sortie / "edigeo").glob("edigeo-*.tar.bz2")))


def choisir(travail: Path, *, generees: int = 0, melange: bool = False) -> Echantillon:
    """Real sheets, the generated commune beside them with ``melange``, or in their place where they are
    absent. ``generees``: parcels of the commune when it alone is wanted."""
    reelles = () if generees else feuilles_reelles()
    communes = generer(travail / "commune", generees or PARCELLES) if melange or not reelles else ()
    mots = [f"{len(reelles)} feuilles réelles de la DGFiP"] if reelles else []
    if communes:
        mots.append(f"{len(communes)} feuilles de la commune fictive {INSEE}")
    provenance = " et ".join(mots)
    if not reelles and not generees:
        provenance += " (données partagées absentes : ../shared/data)"
    return Echantillon((*reelles, *communes), provenance, bool(reelles))

"""Geographic files, sound and malicious, as a person could send them."""

from __future__ import annotations

import io
import json
import stat
import zipfile
from pathlib import Path

import numpy as np
import pyogrio.raw
import shapely

CARRE = shapely.box(950_000, 6_690_000, 950_100, 6_690_050)
SRID = 2154


def ecrire(
    chemin: Path,
    geometries,
    champs: dict[str, list] | None = None,
    crs: str | None = f"EPSG:{SRID}",
    **options,
) -> Path:
    """A file written by GDAL, in the format of its extension."""
    champs = champs or {}
    geometries = np.array(geometries, dtype=object)
    pyogrio.raw.write(
        str(chemin),
        shapely.to_wkb(geometries),
        [np.array(v) for v in champs.values()],
        np.array(list(champs), dtype=object),
        geometry_type=options.pop("geometry_type", geometries[0].geom_type),
        crs=crs,
        **options,
    )
    return chemin


def zipper(dossier: Path, *, sauf: tuple[str, ...] = (), sous: str = "") -> bytes:
    """All files of a folder in a zip."""
    tampon = io.BytesIO()
    with zipfile.ZipFile(tampon, "w", zipfile.ZIP_DEFLATED) as archive:
        for chemin in sorted(dossier.iterdir()):
            if chemin.suffix not in sauf:
                archive.write(chemin, f"{sous}{chemin.name}")
    return tampon.getvalue()


def zip_de(**fichiers: bytes) -> bytes:
    """A zip of the given members (« __ » stands for « . »)."""
    tampon = io.BytesIO()
    with zipfile.ZipFile(tampon, "w", zipfile.ZIP_DEFLATED) as archive:
        for nom, octets in fichiers.items():
            archive.writestr(nom.replace("__", "."), octets)
    return tampon.getvalue()


def zip_lien(cible: str) -> bytes:
    """A zip with a symbolic link."""
    tampon = io.BytesIO()
    with zipfile.ZipFile(tampon, "w") as archive:
        lien = zipfile.ZipInfo("zone.shp")
        lien.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(lien, cible)
    return tampon.getvalue()


def geojson(*geometries, **racine) -> bytes:
    """A FeatureCollection."""
    objets = [
        {"type": "Feature", "properties": {"nom": f"n{i}"}, "geometry": g.__geo_interface__}
        for i, g in enumerate(geometries)
    ]
    return json.dumps({"type": "FeatureCollection", "features": objets, **racine}).encode()


class SansFin(io.RawIOBase):
    """A stream that never ends."""

    def __init__(self, debut: bytes = b"") -> None:
        self.debut = debut
        self.lus = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False

    def read(self, taille: int = -1) -> bytes:
        morceau, self.debut = self.debut[:taille], self.debut[taille:]
        morceau += b" " * (taille - len(morceau))
        self.lus += len(morceau)
        return morceau

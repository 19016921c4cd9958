"""Archives whose bytes depend on nothing but their content."""

from __future__ import annotations

import bz2
import io
import tarfile
import zipfile
from calendar import timegm
from datetime import date


def membre(nom: str, taille: int, jour: date) -> tarfile.TarInfo:
    """Header of a plain file: owner, rights and time fixed."""
    info = tarfile.TarInfo(nom)
    info.size, info.mode, info.mtime = taille, 0o644, timegm(jour.timetuple())
    return info


def tar(fichiers: dict[str, bytes], jour: date) -> bytes:
    """Tar archive, not compressed, of the files in their order."""
    tampon = io.BytesIO()
    with tarfile.open(fileobj=tampon, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for nom, contenu in fichiers.items():
            archive.addfile(membre(nom, len(contenu), jour), io.BytesIO(contenu))
    return tampon.getvalue()


def tar_bz2(fichiers: dict[str, bytes], jour: date) -> bytes:
    """The archive of a sheet, as delivered."""
    return bz2.compress(tar(fichiers, jour))


def en_zip(fichiers: dict[str, bytes], jour: date) -> bytes:
    """Zip archive of the files in their order."""
    tampon = io.BytesIO()
    with zipfile.ZipFile(tampon, "w", zipfile.ZIP_DEFLATED) as archive:
        for nom, contenu in fichiers.items():
            info = zipfile.ZipInfo(nom, (jour.year, jour.month, jour.day, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system, info.external_attr = 3, 0o644 << 16
            archive.writestr(info, contenu)
    return tampon.getvalue()

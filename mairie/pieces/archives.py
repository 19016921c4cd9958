"""Archives and office documents: nothing that grows out of measure, leaves its folder or hides a program."""

from __future__ import annotations

import zipfile
import zlib
from typing import IO

from gis_data.imports.archives import ErreurArchive, Limites, est_archive, lire_zip
from mairie.pieces.genres import TypeFichier, programme
from mairie.pieces.refus import PieceRefusee

MIO = 1024**2
# Bytes of one member, of the whole once unpacked; members; archives within: none.
LIMITES = Limites(membre=200 * MIO, archive=300 * MIO, membres=3000, imbrication=0)
# A drawing or a text shrinks a hundred times at most; beyond, it was made to grow.
RATIO_MAX, RATIO_DES = 150, 10 * MIO
_BLOC = 1 << 18
_MACROS = ("vbaproject.bin", "/basic/", "scripts/")
_ARCHIVES = (b"PK\x03\x04", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"BZh")


def verifier(flux: IO[bytes], nom: str, genre: TypeFichier) -> None:
    """Read the whole archive within its bounds, writing nothing; ``PieceRefusee`` at the first fault."""
    flux.seek(0, 2)
    taille = flux.tell()
    flux.seek(0)
    try:
        archive = lire_zip(flux, nom, LIMITES)
    except ErreurArchive as e:
        raise _traduire(e, nom) from e
    with archive:
        membres = archive.infolist()
        noms = [m.filename for m in membres]
        if genre.membre and genre.membre not in noms:
            raise PieceRefusee("CONTENU", f"« {nom} » n'est pas un {genre.libelle} : il est refusé.")
        if genre.membre and any(x in n.lower() for n in noms for x in _MACROS):
            raise PieceRefusee(
                "MACROS", f"« {nom} » contient des macros : enregistrez-le sans elles, ou en PDF."
            )
        _annonces(membres, taille, nom)
        _contenu(archive, membres, taille, nom, document=bool(genre.membre))
    flux.seek(0)


def _traduire(e: ErreurArchive, nom: str) -> PieceRefusee:
    if e.code == "ARCHIVE_DANGEREUSE":
        message = (
            f"« {nom} » contient un fichier dont le nom sort de l'archive, ou un lien : elle est refusée."
        )
        return PieceRefusee("ARCHIVE_DANGEREUSE", message)
    if e.code == "ARCHIVE_TROP_GRANDE":
        return _bombe(nom)
    return PieceRefusee(
        "ARCHIVE_ILLISIBLE",
        f"« {nom} » est abîmé ou protégé par un mot de passe : il ne peut pas être contrôlé. Refaites-le.",
    )


def _bombe(nom: str) -> PieceRefusee:
    return PieceRefusee(
        "ARCHIVE_BOMBE",
        f"« {nom} » devient démesuré une fois décompressé : il est refusé. Envoyez les fichiers un par un.",
    )


def _annonces(membres: list[zipfile.ZipInfo], taille: int, nom: str) -> None:
    """What the archive says of itself, before a byte is unpacked."""
    total = sum(m.file_size for m in membres)
    if total > LIMITES.archive or (total > RATIO_DES and total > RATIO_MAX * taille):
        raise _bombe(nom)
    # Members that lie over one another unpack many times the same bytes.
    if sum(m.compress_size for m in membres) > taille:
        raise _bombe(nom)


def _contenu(
    archive: zipfile.ZipFile, membres: list[zipfile.ZipInfo], taille: int, nom: str, *, document: bool
) -> None:
    total = 0
    for membre in membres:
        if membre.is_dir():
            continue
        if not document and est_archive(membre.filename):
            raise _imbriquee(nom)
        try:
            with archive.open(membre) as source:
                premier = True
                while bloc := source.read(_BLOC):
                    if premier:
                        _debut(bloc, membre.filename, nom, document=document)
                        premier = False
                    total += len(bloc)
                    if total > LIMITES.archive or (total > RATIO_DES and total > RATIO_MAX * taille):
                        raise _bombe(nom)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError) as e:
            raise PieceRefusee(
                "ARCHIVE_ILLISIBLE", f"« {nom} » est abîmé (« {membre.filename[:80]} ») : refaites-le."
            ) from e


def _debut(bloc: bytes, membre: str, nom: str, *, document: bool) -> None:
    if programme(bloc) and not bloc.startswith(b"#!"):
        raise PieceRefusee(
            "PROGRAMME", f"« {nom} » contient un programme (« {membre[:80]} ») : elle est refusée."
        )
    if not document and bloc.startswith(_ARCHIVES):
        raise _imbriquee(nom)


def _imbriquee(nom: str) -> PieceRefusee:
    return PieceRefusee(
        "ARCHIVE_IMBRIQUEE", f"« {nom} » contient une autre archive : envoyez les fichiers eux-mêmes."
    )

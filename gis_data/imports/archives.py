"""Archives read safely, in memory: zip, tar (plain, bzip2, gzip), nested, found by content.

Nothing is ever written to disk. Sizes are counted while reading, so that a bomb stops at the limit; a
member that is absolute, climbs by ``..``, is a link or a device condemns the whole archive.
"""

from __future__ import annotations

import bz2
import io
import re
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import IO, BinaryIO

Ouvreur = Callable[[], BinaryIO]

_BLOC = 1 << 16
_ZIP, _TAR, _BZ2, _GZIP = "zip", "tar", "bz2", "gzip"
EXTENSIONS_ARCHIVE = (".zip", ".tar", ".tar.bz2", ".tbz2", ".tbz", ".bz2", ".tar.gz", ".tgz")


class ErreurArchive(Exception):
    """An archive refused whole; ``message`` is French and says what to do, ``fichier`` names it.

    ``raison``: the fault alone, for importers that give another advice.
    """

    def __init__(self, code: str, message: str, fichier: str, raison: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.fichier = fichier
        self.raison = raison or message


# Bytes that Python could not decode in the name of a file.
_OCTETS_SEULS = re.compile("[\udc80-\udcff]")


@dataclass(frozen=True)
class Limites:
    """Bytes of a member, bytes of an archive once unpacked, members, archives within archives."""

    membre: int = 256 * 1024**2
    archive: int = 512 * 1024**2
    membres: int = 10_000
    imbrication: int = 2


@dataclass(frozen=True)
class Paquet:
    """Files (name without folder -> bytes) found in one folder; ``chemin`` goes from the outer archive in."""

    chemin: str
    fichiers: dict[str, bytes]


@dataclass
class Contenu:
    """What an archive holds, by name: files of interest by folder, archives within."""

    dossiers: dict[str, list[str]] = field(default_factory=dict)
    archives: list[str] = field(default_factory=list)


@dataclass
class _Compteur:
    """Running totals of one archive."""

    nom: str
    limites: Limites
    octets: int = 0
    membres: int = 0

    def annoncer(self, membre: str, taille: int) -> None:
        """Count a member before it is read."""
        self.membres += 1
        if self.membres > self.limites.membres:
            raise ErreurArchive(
                "ARCHIVE_TROP_GRANDE",
                f"l'archive {self.nom} contient plus de {self.limites.membres} fichiers."
                " Découpez-la ou relevez la limite EDIGEO_MEMBRES_MAX.",
                self.nom,
                f"elle contient plus de {self.limites.membres} fichiers",
            )
        if taille > self.limites.membre:
            raise trop_grande(self.nom, membre, self.limites.membre)

    def ajouter(self, taille: int) -> None:
        """Count bytes that come out of the archive."""
        self.octets += taille
        if self.octets > self.limites.archive:
            raise trop_grande(self.nom, "son contenu", self.limites.archive)


def trop_grande(nom: str, quoi: str, limite: int) -> ErreurArchive:
    """The refusal of something over ``limite`` bytes."""
    return ErreurArchive(
        "ARCHIVE_TROP_GRANDE",
        f"l'archive {nom} est trop grande : {quoi} dépasse {limite // 1024**2} Mio une fois décompressé."
        " Vérifiez d'où elle vient ; les limites se règlent par EDIGEO_MEMBRE_MAX et EDIGEO_ARCHIVE_MAX.",
        nom,
        f"{quoi} dépasse {limite // 1024**2} Mio une fois décompressé",
    )


def illisible(nom: str, raison: str) -> ErreurArchive:
    """The refusal of something that is no archive, or a broken one."""
    return ErreurArchive(
        "ARCHIVE_ILLISIBLE",
        f"l'archive {nom} est illisible : {raison}. Téléchargez-la de nouveau.",
        nom,
        raison,
    )


def verifier_nom(archive: str, membre: str) -> str:
    """The member's name with ``/``; ``ErreurArchive`` when it would leave the archive's folder."""
    nom = membre.replace("\\", "/")
    if nom.startswith("/") or ".." in nom.split("/") or nom[1:2] == ":" or "\0" in nom:
        raise _dangereuse(archive, f"le fichier « {membre} » sort du dossier de l'archive")
    return nom.removeprefix("./")


def _dangereuse(archive: str, raison: str) -> ErreurArchive:
    return ErreurArchive(
        "ARCHIVE_DANGEREUSE",
        f"l'archive {archive} est refusée en entier : {raison}. Rien n'a été lu ni écrit ;"
        " téléchargez la feuille sur le site officiel.",
        archive,
        raison,
    )


def nom_lisible(nom: str) -> str:
    """A file's name that can be written anywhere: old systems leave names that are not UTF-8."""
    return _OCTETS_SEULS.sub(lambda octet: chr(ord(octet[0]) - 0xDC00), nom)


def est_archive(nom: str) -> bool:
    """Whether the name is that of an archive."""
    return nom.lower().endswith(EXTENSIONS_ARCHIVE)


def nature(debut: bytes) -> str | None:
    """Kind of archive told by its first 512 bytes; ``None`` when it is none of ours."""
    if debut[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        return _ZIP
    if debut[:3] == b"BZh":
        return _BZ2
    if debut[:2] == b"\x1f\x8b":
        return _GZIP
    if len(debut) == 512:
        try:
            tarfile.TarInfo.frombuf(debut, "utf-8", "surrogateescape")
        except tarfile.HeaderError:
            return None
        return _TAR
    return None


class _Flux(io.RawIOBase):
    """A plain stream counted against the archive's limit; ``fin_utile`` = after the last non-zero byte."""

    def __init__(self, source: BinaryIO, compteur: _Compteur) -> None:
        self._source = source
        self._compteur = compteur
        self._position = 0
        self.fin_utile = 0

    def readable(self) -> bool:
        return True

    def _compter(self, octets: bytes) -> None:
        self._compteur.ajouter(len(octets))
        utiles = len(octets.rstrip(b"\0"))
        if utiles:
            self.fin_utile = self._position + utiles
        self._position += len(octets)

    def read(self, taille: int = -1) -> bytes:
        octets = self._source.read(taille)
        self._compter(octets)
        return octets


class _Decompression(_Flux):
    """The same for a compressed stream (of one or several members)."""

    def __init__(self, source: BinaryIO, genre: str, compteur: _Compteur) -> None:
        super().__init__(source, compteur)
        self._genre = genre
        self._decodeur = self._nouveau()
        self._tampon = bytearray()

    def _nouveau(self) -> bz2.BZ2Decompressor | zlib._Decompress:
        return bz2.BZ2Decompressor() if self._genre == _BZ2 else zlib.decompressobj(wbits=31)

    def _suite(self) -> bytes:
        """The next piece, at most a megabyte; empty at the end of the stream."""
        while True:
            if self._decodeur.eof:
                reste = self._decodeur.unused_data or self._source.read(_BLOC)
                if not reste.strip(b"\0"):
                    return b""
                self._decodeur = self._nouveau()
                morceau = self._decoder(reste)
            elif isinstance(self._decodeur, bz2.BZ2Decompressor):
                morceau = self._decoder(self._source.read(_BLOC) if self._decodeur.needs_input else b"")
            else:
                morceau = self._decoder(self._decodeur.unconsumed_tail or self._source.read(_BLOC))
            if morceau:
                self._compter(morceau)
                return morceau

    def _decoder(self, octets: bytes) -> bytes:
        nom = self._compteur.nom
        if not octets and (not isinstance(self._decodeur, bz2.BZ2Decompressor) or self._decodeur.needs_input):
            raise illisible(nom, "elle est coupée avant sa fin")
        try:
            return self._decodeur.decompress(octets, 1 << 20)
        except (OSError, zlib.error, ValueError) as erreur:
            raise illisible(nom, f"son contenu est abîmé ({erreur})") from erreur

    def read(self, taille: int = -1) -> bytes:
        """``taille`` bytes, fewer at the end only."""
        while taille < 0 or len(self._tampon) < taille:
            morceau = self._suite()
            if not morceau:
                break
            self._tampon += morceau
        fin = len(self._tampon) if taille < 0 else taille
        resultat = bytes(self._tampon[:fin])
        del self._tampon[:fin]
        return resultat


def lire_zip(source: IO[bytes], nom: str, limites: Limites) -> zipfile.ZipFile:
    """A zip whose every member's name, kind and announced size have been checked; the caller closes it."""
    try:
        archive = zipfile.ZipFile(source)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as erreur:
        raise illisible(nom, "zip abîmé ou coupé avant sa fin") from erreur
    compteur = _Compteur(nom, limites)
    for membre in archive.infolist():
        verifier_nom(nom, membre.filename)
        mode = membre.external_attr >> 16
        if mode and not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)) and stat.S_IFMT(mode):
            raise _dangereuse(nom, f"« {membre.filename} » est un lien ou un fichier spécial")
        compteur.annoncer(membre.filename, membre.file_size)
        if membre.flag_bits & 1:
            raise illisible(nom, "elle est protégée par un mot de passe")
    return archive


def lire_membre_zip(archive: zipfile.ZipFile, membre: str, nom: str, limites: Limites) -> bytes:
    """One member, read up to the limit whatever size it announced."""
    try:
        with archive.open(membre) as flux:
            octets = flux.read(limites.membre + 1)
    except (zipfile.BadZipFile, OSError, EOFError, zlib.error, NotImplementedError, RuntimeError) as erreur:
        raise illisible(nom, f"le fichier {membre} est abîmé ({erreur})") from erreur
    if len(octets) > limites.membre:
        raise trop_grande(nom, membre, limites.membre)
    return octets


def a_ignorer(nom: str) -> bool:
    """Hidden files and the resource forks that macOS adds."""
    morceaux = nom.split("/")
    return "__MACOSX" in morceaux or morceaux[-1].startswith(".") or not morceaux[-1]


class LecteurArchives:
    """Yields the packets of an archive; ``utile`` says by its name whether a file is of interest."""

    def __init__(self, limites: Limites, utile: Callable[[str], bool]) -> None:
        self.limites = limites
        self.utile = utile

    def paquets(self, ouvrir: Ouvreur, nom: str, niveau: int = 0) -> Iterator[Paquet | ErreurArchive]:
        """Packets of the archive ``ouvrir`` gives, its own first, then those of the archives within.

        An archive within that must be refused is given as its error and does not stop the others.
        """
        if niveau > self.limites.imbrication:
            raise ErreurArchive(
                "ARCHIVE_TROP_GRANDE",
                f"l'archive {nom} est imbriquée dans plus de {self.limites.imbrication} autres."
                " Extrayez d'abord l'archive extérieure.",
                nom,
            )
        with ouvrir() as source:
            debut = source.read(512)
        if not debut:
            raise illisible(nom, "le fichier est vide (0 octet)")
        genre = nature(debut)
        if genre is None:
            raise illisible(nom, "ce n'est ni un zip, ni un tar, ni un tar.bz2")
        if genre == _ZIP:
            yield from self._paquets_zip(ouvrir, nom, niveau)
        else:
            yield from self._paquets_tar(ouvrir, nom, niveau, genre)

    def _imbriquee(self, octets: bytes, nom: str, niveau: int) -> Iterator[Paquet | ErreurArchive]:
        try:
            yield from self.paquets(partial(io.BytesIO, octets), nom, niveau)
        except ErreurArchive as erreur:
            yield erreur

    def contenu_zip(self, archive: zipfile.ZipFile) -> Contenu:
        """Names in a zip already checked, without reading any member."""
        contenu = Contenu()
        for membre in archive.infolist():
            nom = membre.filename.replace("\\", "/")
            if membre.is_dir() or a_ignorer(nom):
                continue
            if est_archive(nom):
                contenu.archives.append(membre.filename)
            elif self.utile(nom):
                contenu.dossiers.setdefault(nom.rpartition("/")[0], []).append(membre.filename)
        return contenu

    def paquet_zip(self, archive: zipfile.ZipFile, membres: list[str], nom: str, chemin: str) -> Paquet:
        """The packet made of some members of a zip."""
        compteur = _Compteur(nom, self.limites)
        fichiers: dict[str, bytes] = {}
        for membre in membres:
            octets = lire_membre_zip(archive, membre, nom, self.limites)
            compteur.ajouter(len(octets))
            _ranger(fichiers, membre, octets, nom)
        return Paquet(chemin, fichiers)

    def _paquets_zip(self, ouvrir: Ouvreur, nom: str, niveau: int) -> Iterator[Paquet | ErreurArchive]:
        with ouvrir() as source, lire_zip(source, nom, self.limites) as archive:
            contenu = self.contenu_zip(archive)
            for dossier, membres in contenu.dossiers.items():
                yield self.paquet_zip(archive, membres, nom, _joindre(nom, dossier))
            for membre in contenu.archives:
                octets = lire_membre_zip(archive, membre, nom, self.limites)
                yield from self._imbriquee(octets, _joindre(nom, membre), niveau + 1)

    def _membres_tar(
        self, source: BinaryIO, genre: str, nom: str
    ) -> Iterator[tuple[tarfile.TarInfo, IO[bytes]]]:
        """Regular members in order, every one checked; the content must be read before going on."""
        compteur = _Compteur(nom, self.limites)
        flux = _Flux(source, compteur) if genre == _TAR else _Decompression(source, genre, compteur)
        try:
            with tarfile.open(fileobj=flux, mode="r|", bufsize=_BLOC) as archive:
                for membre in archive:
                    verifier_nom(nom, membre.name)
                    if not (membre.isreg() or membre.isdir()):
                        raise _dangereuse(nom, f"« {membre.name} » est un lien ou un fichier spécial")
                    compteur.annoncer(membre.name, membre.size)
                    contenu = archive.extractfile(membre) if membre.isreg() else None
                    if contenu is not None:
                        yield membre, contenu
                fin = archive.offset
                while flux.read(_BLOC):  # checks the stream to its very end
                    pass
                # tarfile takes a broken header for the end of the archive: what follows would be lost.
                if flux.fin_utile > fin:
                    raise illisible(nom, "tar abîmé (en-tête de fichier incorrect)")
        except (tarfile.TarError, EOFError) as erreur:
            raise illisible(nom, f"tar abîmé ({erreur})") from erreur

    def _paquets_tar(
        self, ouvrir: Ouvreur, nom: str, niveau: int, genre: str
    ) -> Iterator[Paquet | ErreurArchive]:
        dossiers: dict[str, dict[str, bytes]] = {}
        imbriquees = False
        with ouvrir() as source:
            for membre, contenu in self._membres_tar(source, genre, nom):
                chemin = verifier_nom(nom, membre.name)
                if a_ignorer(chemin):
                    continue
                if est_archive(chemin):
                    imbriquees = True
                elif self.utile(chemin):
                    octets = contenu.read()
                    if len(octets) != membre.size:
                        raise illisible(nom, f"le fichier {membre.name} est coupé")
                    _ranger(dossiers.setdefault(chemin.rpartition("/")[0], {}), chemin, octets, nom)
        for dossier, fichiers in dossiers.items():
            yield Paquet(_joindre(nom, dossier), fichiers)
        if not imbriquees:
            return
        # A second pass, now that the whole archive is known to be sound: one nested archive in memory.
        with ouvrir() as source:
            for membre, contenu in self._membres_tar(source, genre, nom):
                chemin = verifier_nom(nom, membre.name)
                if est_archive(chemin) and not a_ignorer(chemin):
                    octets = contenu.read()
                    yield from self._imbriquee(octets, _joindre(nom, chemin), niveau + 1)


def _joindre(nom: str, chemin: str) -> str:
    chemin = chemin.replace("\\", "/")
    return f"{nom}/{chemin}" if chemin else nom


def _ranger(fichiers: dict[str, bytes], chemin: str, octets: bytes, archive: str) -> None:
    """File ``octets`` under the name without folder; two different files of one name are refused."""
    nom = chemin.replace("\\", "/").rpartition("/")[2]
    if fichiers.get(nom.upper(), octets) != octets:
        raise illisible(archive, f"elle contient deux fichiers {nom} différents")
    fichiers[nom.upper()] = octets

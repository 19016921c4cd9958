"""What there is to import under some paths, found by names alone: nothing is unpacked here.

A zip of thousands of sheets gives as many sources from its central directory; each is read later, alone,
by the worker that is handed it.
"""

from __future__ import annotations

import io
import os
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from functools import partial
from pathlib import Path

from gis_data.imports.archives import (
    ErreurArchive,
    LecteurArchives,
    Limites,
    Ouvreur,
    Paquet,
    a_ignorer,
    est_archive,
    illisible,
    lire_membre_zip,
    lire_zip,
    nature,
    trop_grande,
    verifier_nom,
)

# Above this the bytes of a packed archive are streamed rather than held and fingerprinted.
TAILLE_EN_MEMOIRE = 64 * 1024**2


class Genre(Enum):
    """Where the bytes of a source are."""

    ARCHIVE = "archive"  # a file of the disk
    MEMBRE_ZIP = "membre d'un zip"
    DOSSIER_ZIP = "fichiers d'un zip"
    MEMBRE_TAR = "membre d'un tar"
    FICHIERS = "fichiers du disque"


@dataclass(frozen=True)
class Source:
    """One thing a worker reads: an archive (``membres`` empty or the member's name), or loose files."""

    genre: Genre
    chemin: str
    affichage: str
    cles: tuple[str, ...] = ()
    membres: tuple[str, ...] = ()
    debut: int = 0
    taille: int = 0


@dataclass
class Decouverte:
    """Sources in the order found, archives refused at sight, folders without anything of use."""

    sources: list[Source] = field(default_factory=list)
    refus: list[ErreurArchive] = field(default_factory=list)
    vides: list[Path] = field(default_factory=list)


class Explorateur:
    """Finds sources. ``cles`` gives the possible keys held by a path, the likeliest first.

    ``meneur`` says by its name whether a file leads a set of loose files (a THF): one source each.
    """

    def __init__(
        self,
        lecteur: LecteurArchives,
        cles: Callable[[list[str]], tuple[str, ...]],
        meneur: Callable[[str], bool],
    ) -> None:
        self.lecteur = lecteur
        self.cles = cles
        self.meneur = meneur

    def explorer(self, chemins: list[Path]) -> Decouverte:
        """Everything under existing paths (folders are walked; links to folders are not followed)."""
        resultat = Decouverte()
        for chemin in chemins:
            if chemin.is_dir():
                avant = len(resultat.sources) + len(resultat.refus)
                for dossier, sous_dossiers, fichiers in os.walk(chemin):
                    sous_dossiers.sort()
                    self._dossier(Path(dossier), sorted(fichiers), resultat)
                if len(resultat.sources) + len(resultat.refus) == avant:
                    resultat.vides.append(chemin)
            elif self.meneur(chemin.name):
                voisins = sorted(f.name for f in chemin.parent.iterdir() if f.is_file())
                self._fichiers(
                    chemin.parent, [n for n in voisins if n == chemin.name or not self.meneur(n)], resultat
                )
            else:
                self._archive(chemin, resultat)
        return resultat

    def _dossier(self, dossier: Path, noms: list[str], resultat: Decouverte) -> None:
        for nom in noms:
            if est_archive(nom) and not a_ignorer(nom):
                self._archive(dossier / nom, resultat)
        self._fichiers(dossier, noms, resultat)

    def _fichiers(self, dossier: Path, noms: list[str], resultat: Decouverte) -> None:
        utiles = [
            nom
            for nom in noms
            if self.lecteur.utile(nom) and not a_ignorer(nom) and (dossier / nom).is_file()
        ]
        for membres in self.separer(utiles):
            affichage = str(dossier / membres[0])
            resultat.sources.append(
                Source(
                    Genre.FICHIERS,
                    str(dossier),
                    affichage,
                    self.cles(list(reversed(Path(affichage).absolute().parts))),
                    tuple(membres),
                )
            )

    def separer(self, noms: list[str]) -> list[list[str]]:
        """One set for each leading file, with all that leads nothing; one set when nothing leads."""
        if not noms:
            return []
        meneurs = [nom for nom in noms if self.meneur(nom)]
        suite = [nom for nom in noms if not self.meneur(nom)]
        return [[meneur, *suite] for meneur in meneurs] or [suite]

    def _archive(self, chemin: Path, resultat: Decouverte) -> None:
        """The archive itself when its name bears a key, else what its directory lists."""
        if chemin.exists() and not chemin.is_file():
            # Opening a pipe would wait for ever.
            resultat.refus.append(illisible(chemin.name, "ce n'est pas un fichier ordinaire"))
            return
        if self.cles([chemin.name]):
            resultat.sources.append(self._source_archive(chemin))
            return
        try:
            with chemin.open("rb") as source:
                genre = nature(source.read(512))
            if genre == "zip":
                resultat.sources += self._dans_zip(chemin)
            elif genre == "tar":
                resultat.sources += self._dans_tar(chemin) or [self._source_archive(chemin)]
            else:
                resultat.sources.append(self._source_archive(chemin))
        except ErreurArchive as erreur:
            resultat.refus.append(erreur)
        except OSError as erreur:
            resultat.refus.append(illisible(chemin.name, f"lecture impossible ({erreur.strerror})"))

    def _source_archive(self, chemin: Path) -> Source:
        cles = self.cles(list(reversed(chemin.absolute().parts)))
        return Source(Genre.ARCHIVE, str(chemin), chemin.name, cles)

    def _dans_zip(self, chemin: Path) -> list[Source]:
        dehors = list(reversed(chemin.absolute().parts))
        trouvees = []
        with chemin.open("rb") as flux, lire_zip(flux, chemin.name, self.lecteur.limites) as archive:
            contenu = self.lecteur.contenu_zip(archive)
        for membres in contenu.dossiers.values():
            for jeu in self.separer(membres):
                affichage = f"{chemin.name}/{jeu[0]}"
                cles = self.cles([*reversed(jeu[0].replace("\\", "/").split("/")), *dehors])
                trouvees.append(Source(Genre.DOSSIER_ZIP, str(chemin), affichage, cles, tuple(jeu)))
        for membre in contenu.archives:
            cles = self.cles([*reversed(membre.replace("\\", "/").split("/")), *dehors])
            trouvees.append(Source(Genre.MEMBRE_ZIP, str(chemin), f"{chemin.name}/{membre}", cles, (membre,)))
        if not trouvees:
            trouvees.append(self._source_archive(chemin))
        return trouvees

    def _dans_tar(self, chemin: Path) -> list[Source]:
        """Archives within a plain tar, by their place in it; nothing when it also holds loose files."""
        dehors = list(reversed(chemin.absolute().parts))
        limites, nom = self.lecteur.limites, chemin.name
        trouvees = []
        try:
            with tarfile.open(chemin, "r:") as archive:
                for nombre, membre in enumerate(archive, 1):
                    interne = verifier_nom(nom, membre.name)
                    if nombre > limites.membres or not (membre.isreg() or membre.isdir()):
                        return []  # the worker refuses it with the right words
                    if a_ignorer(interne) or membre.isdir():
                        continue
                    if self.lecteur.utile(interne):
                        return []
                    if est_archive(interne):
                        if membre.size > limites.membre:
                            raise trop_grande(nom, membre.name, limites.membre)
                        cles = self.cles([*reversed(interne.split("/")), *dehors])
                        trouvees.append(
                            Source(
                                Genre.MEMBRE_TAR,
                                str(chemin),
                                f"{nom}/{interne}",
                                cles,
                                (interne,),
                                membre.offset_data,
                                membre.size,
                            )
                        )
        except (tarfile.TarError, EOFError) as erreur:
            raise illisible(nom, f"tar abîmé ({erreur})") from erreur
        return trouvees


class Ouvreuse:
    """Reads sources in a worker; keeps the last outer zip open: a département is thousands of members."""

    def __init__(self, lecteur: LecteurArchives) -> None:
        self.lecteur = lecteur
        self._zip: tuple[str, zipfile.ZipFile] | None = None

    @property
    def limites(self) -> Limites:
        """Limits of the reader."""
        return self.lecteur.limites

    def fermer(self) -> None:
        """Close what is kept open."""
        if self._zip is not None:
            self._zip[1].close()
            self._zip = None

    def _zip_ouvert(self, source: Source) -> zipfile.ZipFile:
        if self._zip is None or self._zip[0] != source.chemin:
            self.fermer()
            self._zip = (source.chemin, zipfile.ZipFile(source.chemin))
        return self._zip[1]

    def octets(self, source: Source) -> bytes | None:
        """Packed bytes of an archive held in memory; ``None`` for loose files or an archive too large."""
        nom = source.affichage
        try:
            if source.genre is Genre.MEMBRE_ZIP:
                return lire_membre_zip(self._zip_ouvert(source), source.membres[0], nom, self.limites)
            if source.genre is Genre.MEMBRE_TAR:
                with Path(source.chemin).open("rb") as flux:
                    flux.seek(source.debut)
                    octets = flux.read(source.taille)
                if len(octets) != source.taille:
                    raise illisible(nom, "elle est coupée avant sa fin")
                return octets
            if source.genre is Genre.ARCHIVE:
                with Path(source.chemin).open("rb") as flux:
                    octets = flux.read(TAILLE_EN_MEMOIRE + 1)
                return octets if len(octets) <= TAILLE_EN_MEMOIRE else None
        except (OSError, zipfile.BadZipFile) as erreur:
            raise illisible(nom, f"lecture impossible ({erreur})") from erreur
        return None

    def paquets(self, source: Source, octets: bytes | None) -> Iterator[Paquet | ErreurArchive]:
        """Packets of a source whose packed bytes, where there are any in memory, are ``octets``."""
        if octets is not None:
            niveau = 0 if source.genre is Genre.ARCHIVE else 1
            yield from self.lecteur.paquets(lambda: io.BytesIO(octets), source.affichage, niveau)
        elif source.genre is Genre.ARCHIVE:
            ouvrir: Ouvreur = partial(io.FileIO, source.chemin)
            yield from self.lecteur.paquets(ouvrir, source.affichage)
        elif source.genre is Genre.DOSSIER_ZIP:
            archive = self._zip_ouvert(source)
            yield self.lecteur.paquet_zip(
                archive, list(source.membres), Path(source.chemin).name, source.affichage
            )
        else:
            yield self._fichiers(source)

    def _fichiers(self, source: Source) -> Paquet:
        fichiers: dict[str, bytes] = {}
        total = 0
        for nom in source.membres:
            try:
                with (Path(source.chemin) / nom).open("rb") as flux:
                    octets = flux.read(self.limites.membre + 1)
            except OSError as erreur:
                raise illisible(nom, f"lecture impossible ({erreur.strerror})") from erreur
            total += len(octets)
            if len(octets) > self.limites.membre or total > self.limites.archive:
                raise trop_grande(source.affichage, nom, self.limites.membre)
            fichiers[nom.upper()] = octets
        return Paquet(source.affichage, fichiers)

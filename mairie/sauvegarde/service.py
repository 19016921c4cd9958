"""Make a backup; put one back."""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

from mairie.sauvegarde import archive, base, fichiers
from mairie.sauvegarde.archive import DUMP, FICHIERS, PARTIEL, ErreurSauvegarde, Fichier, Manifeste

Dire = Callable[[str], Any]
# Settings that the data depend on, none of them secret.
REGLAGES = ("TERRITOIRE_SRID", "TIME_ZONE", "LANGUAGE_CODE", "COLLECTIVITE_NOM")


@dataclass(frozen=True)
class Bilan:
    """What a backup made: its folder, sizes in bytes, files, tables, rows, and what retention erased."""

    dossier: Path
    octets_base: int
    octets_fichiers: int
    fichiers: int
    tables: int
    lignes: int
    effacees: tuple[str, ...]


def sauvegarder(destination: Path, *, garder: int = 0, dire: Dire = lambda _: None) -> Bilan:
    """A new backup in ``destination``; the ``garder`` latest are kept (0: all).

    Whole or not at all: it bears its name only once complete. ErreurSauvegarde otherwise, with the reason.
    """
    destination.mkdir(mode=0o700, parents=True, exist_ok=True)
    instant = timezone.now()
    with _seule(destination):
        dossier = destination / archive.nom_de(instant)
        partiel = dossier.with_name(dossier.name + PARTIEL)
        _balayer(destination)
        partiel.mkdir(mode=0o700)
        try:
            manifeste = _remplir(partiel, destination, instant, dire)
            partiel.rename(dossier)
            _synchroniser(destination)
        except OSError as e:
            raise ErreurSauvegarde(
                f"La sauvegarde n'a pas pu être écrite : {e.strerror} ({e.filename})."
            ) from e
        finally:
            shutil.rmtree(partiel, ignore_errors=True)
        effacees = archive.retenir(destination, garder)
    return Bilan(
        dossier=dossier,
        octets_base=manifeste.base.octets,
        octets_fichiers=sum(f.octets for f in manifeste.fichiers.values()),
        fichiers=len(manifeste.fichiers),
        tables=len(manifeste.tables),
        lignes=sum(t.lignes for t in manifeste.tables.values()),
        effacees=tuple(effacees),
    )


def _remplir(partiel: Path, destination: Path, instant: datetime, dire: Dire) -> Manifeste:
    dire("Base de données")
    dump = partiel / DUMP
    dump.touch(mode=0o600)
    with base.instantane() as moment:
        migrations = base.migrations_appliquees()
        base.ecrire(dump, moment)
        tables, sequences = base.sommes(), base.sequences()
    with dump.open("rb") as flux:
        octets, sha256 = archive.hacher(flux)
        os.fsync(flux.fileno())
    # After the database: a file that a row of the dump names is there, unless erased in between.
    dire("Fichiers")
    (partiel / FICHIERS).mkdir(mode=0o700)
    copies = fichiers.copier(partiel / FICHIERS, _precedente(destination))
    manifeste = Manifeste(
        format=archive.FORMAT,
        commencee_le=instant.isoformat(),
        versions=_versions(),
        reglages={nom: getattr(settings, nom) for nom in REGLAGES} | {"cle": _empreinte_cle()},
        migrations=migrations,
        tables=tables,
        sequences=sequences,
        base=Fichier(octets, sha256),
        fichiers=copies,
    )
    manifeste.ecrire(partiel)
    _synchroniser(partiel)
    return manifeste


def _precedente(destination: Path) -> tuple[Path, Manifeste] | None:
    """Files of the latest backup, to link those that have not changed."""
    anciennes = archive.completes(destination)
    if not anciennes:
        return None
    try:
        return anciennes[-1] / FICHIERS, Manifeste.lire(anciennes[-1])
    except ErreurSauvegarde:
        return None


def restaurer(dossier: Path, *, forcer: bool = False, dire: Dire = lambda _: None) -> Manifeste:
    """Put a backup back into the database and the storage of the settings; ErreurSauvegarde with the reason.

    Nothing is touched before the whole archive has been read and its hashes compared. A database or a storage
    that is not empty is refused; with ``forcer`` the database is emptied, the files are put aside.
    """
    manifeste = Manifeste.lire(dossier)
    _verifier_accord(manifeste)
    dire("Vérification de l'archive")
    archive.verifier(dossier, manifeste)
    if autres := base.autres_connexions():
        raise ErreurSauvegarde(
            f"{autres} autre(s) connexion(s) à la base : "
            "arrêtez d'abord le service web, les ouvriers et le planificateur."
        )
    vides = base.est_vide(), fichiers.est_vide()
    if not all(vides) and not forcer:
        quoi = " et ".join(
            q for q, v in zip(("La base", "le stockage des fichiers"), vides, strict=True) if not v
        )
        raise ErreurSauvegarde(
            f"{quoi[0].upper()}{quoi[1:]} : déjà des données. Restaurez dans une base et un dossier vides, "
            "ou ajoutez --forcer pour remplacer ce qui s'y trouve (sauvegardez-le d'abord)."
        )
    if not vides[1]:
        dire(f"Fichiers présents mis de côté dans {fichiers.ecarter(archive.nom_de(timezone.now()))}")
    if not vides[0]:
        dire("Vidage de la base")
        base.vider()
    dire("Base de données")
    base.relire(dossier / DUMP)
    _comparer(manifeste)
    dire("Fichiers")
    fichiers.rendre(dossier / FICHIERS, manifeste.fichiers)
    return manifeste


def _verifier_accord(manifeste: Manifeste) -> None:
    """Refuse what this code could not read once restored."""
    srid = manifeste.reglages["TERRITOIRE_SRID"]
    if srid != settings.TERRITOIRE_SRID:
        raise ErreurSauvegarde(
            f"La sauvegarde est dans la projection {srid}, "
            f"le réglage TERRITOIRE_SRID dit {settings.TERRITOIRE_SRID}."
        )
    connues = {f"{a}.{n}" for a, n in MigrationLoader(None).disk_migrations}
    inconnues = sorted(set(manifeste.migrations) - connues)
    if inconnues:
        raise ErreurSauvegarde(
            f"La sauvegarde vient d'une version plus récente du logiciel (migration {inconnues[-1]}) : "
            "installez d'abord cette version."
        )


def _comparer(manifeste: Manifeste) -> None:
    """Rows restored, table by table, are those saved."""
    rendues, suites = base.sommes(), base.sequences()
    ecarts = [
        nom
        for nom in sorted(set(rendues) | set(manifeste.tables))
        if rendues.get(nom) != manifeste.tables.get(nom)
    ]
    ecarts += [nom for nom, valeur in manifeste.sequences.items() if suites.get(nom) != valeur]
    if ecarts:
        raise ErreurSauvegarde(
            f"Après restauration, ces tables diffèrent de la sauvegarde : {', '.join(ecarts)}."
        )


def meme_cle(manifeste: Manifeste) -> bool:
    """Whether the secret key is still that of the backup: second factors and signed links depend on it."""
    return hmac.compare_digest(str(manifeste.reglages.get("cle", "")), _empreinte_cle())


def _empreinte_cle() -> str:
    return hmac.new(settings.SECRET_KEY.encode(), b"sauvegarde", hashlib.sha256).hexdigest()[:16]


def _versions() -> dict[str, str]:
    return {
        "python": ".".join(map(str, sys.version_info[:3])),
        "django": version("django"),
        "logiciel": _commit(),
        **base.versions(),
    }


def _commit() -> str:
    """Commit of the code, read without git; empty where the folder is no clone."""
    git = Path(settings.RACINE) / ".git"
    try:
        tete = (git / "HEAD").read_text().strip()
        if not tete.startswith("ref: "):
            return tete
        return (git / tete.removeprefix("ref: ")).read_text().strip()
    except OSError:
        return ""


@contextmanager
def _seule(destination: Path) -> Iterator[None]:
    """One backup at a time in a folder."""
    with (destination / ".verrou").open("w") as fichier:
        try:
            fcntl.flock(fichier, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as e:
            raise ErreurSauvegarde(f"Une autre sauvegarde est en cours dans {destination}.") from e
        yield


def _balayer(destination: Path) -> None:
    """Remove what a killed backup left; the lock says that none is under way."""
    for reste in destination.glob(f"sauvegarde-*{PARTIEL}"):
        shutil.rmtree(reste, ignore_errors=True)


def _synchroniser(dossier: Path) -> None:
    descripteur = os.open(dossier, os.O_RDONLY)
    try:
        os.fsync(descripteur)
    finally:
        os.close(descripteur)

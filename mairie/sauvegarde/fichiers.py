"""The files' part: the default storage, walked, copied out and in, whatever lies behind it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path

from django.core.files import File
from django.core.files.storage import Storage, default_storage

from mairie.sauvegarde.archive import ErreurSauvegarde, Fichier, Manifeste, hacher

# Probes by which web and workers see that they share one storage: rewritten all the time, worth nothing.
EXCLUS = {"sante"}


def noms(stockage: Storage, dossier: str = "") -> Iterator[str]:
    """Names of all files of the storage, in order; hidden ones and probes are left."""
    try:
        dossiers, fichiers = stockage.listdir(dossier)
    except FileNotFoundError:
        return
    for nom in sorted(fichiers):
        if not nom.startswith("."):
            yield f"{dossier}/{nom}" if dossier else nom
    for nom in sorted(dossiers):
        if not nom.startswith(".") and not (not dossier and nom in EXCLUS):
            yield from noms(stockage, f"{dossier}/{nom}" if dossier else nom)


def copier(vers: Path, precedente: tuple[Path, Manifeste] | None) -> dict[str, Fichier]:
    """Copy every file with its hash; one unchanged (name, size, date) since the previous backup is linked."""
    copies: dict[str, Fichier] = {}
    for nom in noms(default_storage):
        try:
            modifie = default_storage.get_modified_time(nom).astimezone(UTC).isoformat()
            octets = default_storage.size(nom)
            cible = vers / nom
            cible.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            connu = precedente[1].fichiers.get(nom) if precedente else None
            inchange = connu is not None and (connu.octets, connu.modifie) == (octets, modifie)
            if precedente and connu and inchange and _lier(precedente[0] / nom, cible):
                copies[nom] = connu
                continue
            with default_storage.open(nom) as source, cible.open("xb") as sortie:
                octets, sha256 = hacher(source, sortie)
                sortie.flush()
                os.fsync(sortie.fileno())
        except FileNotFoundError:
            # Erased while we walked: its row left the database too, after the dump's moment.
            continue
        copies[nom] = Fichier(octets, sha256, modifie)
    return copies


def _lier(source: Path, cible: Path) -> bool:
    """A hard link; False where the file system has none, or where the previous copy is gone."""
    try:
        os.link(source, cible)
    except OSError:
        return False
    return True


def est_vide() -> bool:
    """Whether the storage holds no file."""
    return next(noms(default_storage), None) is None


def ecarter(instant: str) -> str:
    """Put the present files aside, in a hidden folder of the storage; its name. Only where it is a folder."""
    try:
        racine = Path(default_storage.path(""))
    except NotImplementedError as e:
        raise ErreurSauvegarde(
            "Le stockage des fichiers n'est pas un dossier : videz-le vous-même, puis recommencez."
        ) from e
    de_cote = racine / f".avant-{instant}"
    de_cote.mkdir(mode=0o700)
    for chemin in list(racine.iterdir()):
        if not chemin.name.startswith("."):
            chemin.rename(de_cote / chemin.name)
    return de_cote.name


def rendre(depuis: Path, attendus: dict[str, Fichier]) -> None:
    """Put every file back under its own name, then read it again and compare its hash."""
    for nom, fichier in attendus.items():
        with (depuis / nom).open("rb") as flux:
            ecrit = default_storage.save(nom, File(flux))
        if ecrit != nom:
            raise ErreurSauvegarde(f"Le stockage a rangé « {nom} » sous un autre nom : il n'était pas vide.")
        with default_storage.open(nom) as flux:
            if hacher(flux) != (fichier.octets, fichier.sha256):
                raise ErreurSauvegarde(f"Le fichier « {nom} » n'a pas été rendu à l'identique.")

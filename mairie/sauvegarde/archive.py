"""The folder of a backup: its name, its manifest, the hash of everything in it.

``sauvegarde-20260312T020000Z/``: ``base.dump`` (pg_dump's custom format), ``fichiers/`` (the storage's tree)
and ``manifeste.json``. A folder without manifest, or named ``.partiel``, is no backup.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, Protocol

FORMAT = 1
MANIFESTE = "manifeste.json"
DUMP = "base.dump"
FICHIERS = "fichiers"
PARTIEL = ".partiel"
_NOM = re.compile(r"sauvegarde-(\d{8}T\d{6}Z)")
_BLOC = 1024 * 1024


class ErreurSauvegarde(Exception):
    """A reason to stop, in French, told to the person as it is."""


@dataclass
class Fichier:
    """One file of the archive: size in bytes, SHA-256; ``modifie``: when the storage says it was written."""

    octets: int
    sha256: str
    modifie: str = ""


@dataclass
class TableSauvee:
    """One table in the dump's own snapshot: rows, and a sum of their hashes that no order changes."""

    lignes: int
    somme: str


@dataclass
class Manifeste:
    """What the archive holds and what made it."""

    format: int
    commencee_le: str
    versions: dict[str, str]
    reglages: dict[str, Any]
    migrations: list[str]
    tables: dict[str, TableSauvee]
    sequences: dict[str, int]
    base: Fichier
    fichiers: dict[str, Fichier]

    def ecrire(self, dossier: Path) -> None:
        """Write the manifest, and its own hash beside it."""
        texte = json.dumps(asdict(self), ensure_ascii=False, indent=1, sort_keys=True)
        for nom in (MANIFESTE, f"{MANIFESTE}.sha256"):
            (dossier / nom).touch(mode=0o600)
        (dossier / MANIFESTE).write_text(texte)
        empreinte = hashlib.sha256(texte.encode()).hexdigest()
        (dossier / f"{MANIFESTE}.sha256").write_text(f"{empreinte}  {MANIFESTE}\n")

    @classmethod
    def lire(cls, dossier: Path) -> Manifeste:
        """Read and check a manifest; ErreurSauvegarde when it is absent, altered or of another format."""
        try:
            texte = (dossier / MANIFESTE).read_text()
            attendue = (dossier / f"{MANIFESTE}.sha256").read_text().split()[0]
        except (OSError, IndexError) as e:
            raise ErreurSauvegarde(
                f"{dossier} n'est pas une sauvegarde complète : {MANIFESTE} ou son empreinte manque."
            ) from e
        if hashlib.sha256(texte.encode()).hexdigest() != attendue:
            raise ErreurSauvegarde(f"{dossier / MANIFESTE} a été modifié depuis la sauvegarde.")
        brut = json.loads(texte)
        if brut.get("format") != FORMAT:
            raise ErreurSauvegarde(
                f"Cette sauvegarde est au format {brut.get('format')} ; cette version lit le format {FORMAT}."
            )
        brut["tables"] = {n: TableSauvee(**t) for n, t in brut["tables"].items()}
        brut["fichiers"] = {n: Fichier(**f) for n, f in brut["fichiers"].items()}
        brut["base"] = Fichier(**brut["base"])
        return cls(**brut)


def nom_de(instant: datetime) -> str:
    """Name of the folder of a backup begun at that instant."""
    return f"sauvegarde-{instant.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def instant_de(dossier: Path) -> datetime | None:
    """When the backup of that folder began; null when it is no backup's folder."""
    trouve = _NOM.fullmatch(dossier.name)
    return datetime.strptime(trouve[1], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC) if trouve else None


def completes(destination: Path) -> list[Path]:
    """Complete backups of a folder, the oldest first."""
    if not destination.is_dir():
        return []
    dossiers = [d for d in destination.iterdir() if instant_de(d) and (d / MANIFESTE).is_file()]
    return sorted(dossiers, key=lambda d: d.name)


def retenir(destination: Path, garder: int) -> list[str]:
    """Erase the oldest beyond ``garder``; names of those erased. Nothing but complete backups is touched."""
    trop = completes(destination)[:-garder] if garder > 0 else []
    for dossier in trop:
        # Without its manifest first: a half-erased folder is then no backup.
        (dossier / MANIFESTE).unlink()
        shutil.rmtree(dossier)
    return [d.name for d in trop]


class Lisible(Protocol):
    """What can be read by blocks: a file, or a file of the storage."""

    def read(self, taille: int, /) -> bytes: ...


def hacher(flux: Lisible, vers: BinaryIO | None = None) -> tuple[int, str]:
    """Size and SHA-256 of a stream, copied on the way when ``vers`` is given."""
    empreinte, octets = hashlib.sha256(), 0
    while bloc := flux.read(_BLOC):
        empreinte.update(bloc)
        octets += len(bloc)
        if vers is not None:
            vers.write(bloc)
    return octets, empreinte.hexdigest()


def verifier(dossier: Path, manifeste: Manifeste) -> None:
    """Read everything again and compare; ErreurSauvegarde names what is missing, altered or too much."""
    attendus = {DUMP: manifeste.base} | {f"{FICHIERS}/{n}": f for n, f in manifeste.fichiers.items()}
    presents = set(_relatifs(dossier)) - {MANIFESTE, f"{MANIFESTE}.sha256"}
    manquants = sorted(set(attendus) - presents)
    en_trop = sorted(presents - set(attendus))
    alteres = []
    for nom in sorted(set(attendus) & presents):
        with (dossier / nom).open("rb") as flux:
            octets, sha256 = hacher(flux)
        if (octets, sha256) != (attendus[nom].octets, attendus[nom].sha256):
            alteres.append(nom)
    dits = [("manquants", manquants), ("altérés", alteres), ("en trop", en_trop)]
    fautes = [
        f"{genre} : {', '.join(noms[:5])}{f' … ({len(noms)})' if len(noms) > 5 else ''}"
        for genre, noms in dits
        if noms
    ]
    if fautes:
        raise ErreurSauvegarde(f"La sauvegarde {dossier} est abîmée. Fichiers {' ; '.join(fautes)}.")


def _relatifs(dossier: Path) -> Iterator[str]:
    for chemin in dossier.rglob("*"):
        if not chemin.is_dir() or chemin.is_symlink():
            yield chemin.relative_to(dossier).as_posix()

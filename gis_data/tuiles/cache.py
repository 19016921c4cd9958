"""Public tiles already made, on disk: kept by layer, each with the version that it shows.

After an import only the tiles of the places that changed are made anew: a tile of an older version still
holds where no change since then meets it. The chain of versions lies beside the tiles (``etat.json``).
All processes share the folder; a tile appears whole or not at all.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import random
import shutil
import stat
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection

from gis_data.couches.registre import Boites, Couche
from gis_data.tuiles.empreintes import Empreinte, difference, empreinte, relue
from gis_data.tuiles.requetes import ETENDUE, MARGE, TOUR
from gis_data.tuiles.service import membres, relire, tuile_publique, version

journal = logging.getLogger(__name__)

# Changes remembered for a layer: a tile older than all of them is made anew.
CHAINE_MAX = 60
# Boxes of one change: beyond, the whole layer.
BOITES_MAX = 400
# One write in so many looks at the size of the whole.
TIRAGE = 2_000
PART_GARDEE = 0.8


@dataclass(frozen=True)
class Etat:
    """Chain of versions of a layer, oldest first: ``changements[i]`` leads to ``versions[i + 1]``.

    ``brutes``: texts of the last version by function, from which the next changes are asked.
    ``empreintes``: what the layers that are compared place by place drew then.
    """

    versions: tuple[str, ...]
    changements: tuple[Boites | None, ...]
    brutes: tuple[str, ...]
    empreintes: dict[str, Empreinte | None]

    def en_json(self) -> str:
        return json.dumps(
            {
                "versions": self.versions,
                "changements": self.changements,
                "brutes": self.brutes,
                "empreintes": self.empreintes,
            }
        )


def actif() -> bool:
    """Whether tiles are kept."""
    return bool(settings.TUILES_CACHE)


def _dossier(nom: str) -> Path:
    # Bases of one folder (a test's, the demonstration's) do not mix.
    base = str(connection.settings_dict["NAME"]).replace("/", "_")
    return Path(settings.TUILES_CACHE) / base / nom


def _fichier(nom: str, z: int, x: int, y: int) -> Path:
    return _dossier(nom) / str(z) / str(x) / str(y)


def boite_de(z: int, x: int, y: int) -> tuple[float, float, float, float]:
    """A tile with its margin, EPSG:3857."""
    cote = TOUR / 2**z
    marge = cote * MARGE / ETENDUE
    gauche, haut = x * cote - TOUR / 2, TOUR / 2 - y * cote
    return gauche - marge, haut - cote - marge, gauche + cote + marge, haut + marge


def _se_touchent(a: tuple[float, ...] | list[float], b: tuple[float, ...] | list[float]) -> bool:
    return a[0] <= b[2] and b[0] <= a[2] and a[1] <= b[3] and b[1] <= a[3]


# --- versions -----------------------------------------------------------------------------------

_ETATS: dict[str, Etat] = {}


def _lire_etat(nom: str) -> Etat | None:
    try:
        lu = json.loads((_dossier(nom) / "etat.json").read_text())
        return Etat(
            tuple(lu["versions"]),
            tuple(None if c is None else [tuple(b) for b in c] for c in lu["changements"]),
            tuple(lu["brutes"]),
            relue(lu.get("empreintes", {})),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


@contextmanager
def _seul(nom: str) -> Iterator[None]:
    dossier = _dossier(nom)
    dossier.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (dossier / "verrou").open("w") as verrou:
        fcntl.flock(verrou, fcntl.LOCK_EX)
        yield


def _etat(nom: str, courante: str) -> Etat:
    """Chain that ends with the current version; made longer when the data have changed."""
    connu = _ETATS.get(_cle(nom))
    if connu and connu.versions[-1] == courante:
        return connu
    with _seul(nom):
        lu = _lire_etat(nom)
        # The version known here may be some seconds old: its texts and the chain must be of one instant.
        derniere, brutes = relire(nom)
        # What is drawn is summed after its version is read, and before any tile bears that version: a row
        # written in between counts as changed since the version before, and is on all the tiles of this one.
        if lu is None:
            lu = Etat((derniere,), (), brutes, _empreintes(nom))
        elif lu.versions[-1] != derniere:
            empreintes = _empreintes(nom)
            changement = _changements(nom, lu.brutes, brutes, (lu.empreintes, empreintes))
            lu = Etat(
                (*lu.versions, derniere)[-CHAINE_MAX:],
                (*lu.changements, changement)[-(CHAINE_MAX - 1) :],
                brutes,
                empreintes,
            )
        _poser(_dossier(nom) / "etat.json", lu.en_json().encode())
    _ETATS[_cle(nom)] = lu
    return lu


def _cle(nom: str) -> str:
    return str(_dossier(nom))


def _empreintes(nom: str) -> dict[str, Empreinte | None]:
    """Sums of the layers that are compared place by place; null where they cannot be made."""
    return {c.nom: _sommer(c) for c in membres(nom)[0] if c.comparee}


def _sommer(couche: Couche) -> Empreinte | None:
    try:
        return empreinte(couche)
    except DatabaseError:
        journal.exception("Empreinte de la couche %s", couche.nom)
        return None


def _changements(
    nom: str,
    avant: tuple[str, ...],
    apres: tuple[str, ...],
    empreintes: tuple[dict[str, Empreinte | None], dict[str, Empreinte | None]],
) -> Boites | None:
    """Where the rows of a layer or a group changed since these texts of version; null: anywhere."""
    couches, _ = membres(nom)
    fonctions = list(dict.fromkeys(c.version for c in couches))
    # The first text is the declaration's: tiles made otherwise hold nowhere.
    if len(avant) != len(apres) or avant[0] != apres[0]:
        return None
    boites: Boites = []
    for fonction, ancien, nouveau in zip(fonctions, avant[1:], apres[1:], strict=True):
        if ancien == nouveau:
            continue
        siennes = [c for c in couches if c.version is fonction]
        reponses = [_demander(d, ancien) for d in {c.modifications for c in siennes if not c.comparee}]
        reponses += [difference(*(e.get(c.nom) for e in empreintes)) for c in siennes if c.comparee]
        for trouvees in reponses:
            if trouvees is None or len(boites) + len(trouvees) > BOITES_MAX:
                return None
            boites += trouvees
    return boites


def _demander(demander: Callable[[str], Boites | None] | None, ancien: str) -> Boites | None:
    if demander is None:
        return None
    try:
        return demander(ancien)
    except (DatabaseError, ValueError, ArithmeticError):
        journal.exception("Changements depuis « %s »", ancien)
        return None


def _tient(etat: Etat, faite: str, boite: tuple[float, float, float, float]) -> bool:
    """Whether a tile of version ``faite`` still shows what there is."""
    if faite == etat.versions[-1]:
        return True
    if faite not in etat.versions:
        return False
    # The last time this version was current.
    rang = len(etat.versions) - 1 - etat.versions[::-1].index(faite)
    return all(
        changement is not None and not any(_se_touchent(boite, b) for b in changement)
        for changement in etat.changements[rang:]
    )


# --- tiles --------------------------------------------------------------------------------------


def tuile(nom: str, z: int, x: int, y: int) -> bytes:
    """Bytes of a public tile: those kept where they hold, else made now and kept.

    ``CoucheInconnue`` and ``TuileInvalide`` as ``tuile_publique``.
    """
    if not actif():
        return tuile_publique(nom, z, x, y)
    membres(nom)
    courante = version(nom)
    try:
        gardee = lire(nom, courante, z, x, y)
    except OSError:
        journal.exception("Cache des tuiles illisible : %s", settings.TUILES_CACHE)
        return tuile_publique(nom, z, x, y)
    if gardee is not None:
        return gardee
    try:
        # Before the rows are read, so that what happens meanwhile is a change since this version.
        faite = _etat(nom, courante).versions[-1]
    except OSError:
        faite = ""
    octets = tuile_publique(nom, z, x, y)
    try:
        _poser(_fichier(nom, z, x, y), faite.encode() + b"\n" + octets)
    except OSError:
        # A full disk must not stop the map.
        journal.exception("Tuile non gardée : %s/%d/%d/%d", nom, z, x, y)
    else:
        if random.random() * TIRAGE < 1:  # noqa: S311
            threading.Thread(target=elaguer, daemon=True).start()
    return octets


def lire(nom: str, courante: str, z: int, x: int, y: int) -> bytes | None:
    """Bytes kept that still hold; null without any."""
    fichier = _fichier(nom, z, x, y)
    try:
        faite, _, octets = fichier.read_bytes().partition(b"\n")
    except (FileNotFoundError, NotADirectoryError):
        return None
    texte = faite.decode(errors="replace")
    if texte == courante:
        return octets
    etat = _etat(nom, courante)
    if not _tient(etat, texte, boite_de(z, x, y)):
        return None
    if texte != etat.versions[-1]:
        # Said again under its new version: the chain need not be walked the next time.
        _poser(fichier, etat.versions[-1].encode() + b"\n" + octets)
    return octets


def _poser(fichier: Path, contenu: bytes) -> None:
    fichier.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    partiel = fichier.with_name(f".{fichier.name}.{os.getpid()}.{threading.get_ident()}")
    try:
        partiel.write_bytes(contenu)
        partiel.replace(fichier)
    finally:
        partiel.unlink(missing_ok=True)


def elaguer(limite_octets: int | None = None) -> int:
    """Remove the tiles made the longest ago when the whole is too large; how many left."""
    racine = Path(settings.TUILES_CACHE)
    limite = settings.TUILES_CACHE_MO * 1024**2 if limite_octets is None else limite_octets
    fichiers: list[tuple[float, int, Path]] = []
    total = 0
    for fichier in racine.rglob("*"):
        if not fichier.name.isdigit():
            continue
        try:
            vu = fichier.stat()
        except OSError:
            continue
        if stat.S_ISREG(vu.st_mode):
            taille = vu.st_blocks * 512
            total += taille
            fichiers.append((vu.st_mtime, taille, fichier))
    if total <= limite:
        return 0
    retires = 0
    for _, taille, fichier in sorted(fichiers):
        if total <= limite * PART_GARDEE:
            break
        fichier.unlink(missing_ok=True)
        total -= taille
        retires += 1
    return retires


def vider(nom: str | None = None) -> None:
    """Forget the tiles of a layer, or all of this database."""
    shutil.rmtree(_dossier(nom) if nom else _dossier("x").parent, ignore_errors=True)
    _ETATS.clear()


def a_refaire(nom: str, zooms: range, emprises: list[tuple[float, float, float, float]]) -> Iterator[Any]:
    """(z, x, y) of the tiles of these extents (degrees) that are missing or do not hold any more."""
    courante = version(nom)
    vues: set[tuple[int, int, int]] = set()
    for z in zooms:
        for emprise in emprises:
            for x, y in tuiles_de(emprise, z):
                if (z, x, y) not in vues:
                    vues.add((z, x, y))
                    if lire(nom, courante, z, x, y) is None:
                        yield z, x, y


def tuiles_de(emprise: tuple[float, float, float, float], z: int) -> Iterator[tuple[int, int]]:
    """Columns and rows that cover an extent in degrees."""
    from gis_data.projections import transformateur

    ouest, sud, est, nord = emprise
    (gauche, droite), (bas, haut) = transformateur(4326, 3857).transform((ouest, est), (sud, nord))
    cote, dernier = TOUR / 2**z, 2**z - 1
    for x in range(int((gauche + TOUR / 2) // cote), int((droite + TOUR / 2) // cote) + 1):
        for y in range(int((TOUR / 2 - haut) // cote), int((TOUR / 2 - bas) // cote) + 1):
            if 0 <= x <= dernier and 0 <= y <= dernier:
                yield x, y


def reconstruire(
    noms: list[str], zooms: range, *, maximum: int = 20_000, duree_s: float = 600.0
) -> tuple[int, bool]:
    """Make the tiles that are missing or old over the territory; how many, and whether none is left."""
    from gis_data.emprise import emprises_lonlat

    limite = time.monotonic() + duree_s
    faites = 0
    if not actif():
        return 0, True
    for nom in noms:
        marque = _dossier(nom) / "complet"
        etat = f"{version(nom)} {zooms} {emprises_lonlat()}"
        if marque.exists() and marque.read_text() == etat:
            continue
        for z, x, y in a_refaire(nom, zooms, emprises_lonlat()):
            if faites >= maximum or time.monotonic() > limite:
                return faites, False
            tuile(nom, z, x, y)
            faites += 1
        _poser(marque, etat.encode())
    return faites, True

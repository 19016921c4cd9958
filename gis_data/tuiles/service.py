"""Makes tiles: bounds, prepared statements, versions."""

from __future__ import annotations

import functools
import hashlib
import struct
import time
from collections.abc import Callable, Iterable
from typing import Any
from weakref import WeakKeyDictionary

from django.db import connection
from psycopg2 import InterfaceError, OperationalError

from gis_data.couches.registre import (
    ZOOM_MAX,
    Couche,
    CoucheInconnue,
    couche,
    generation,
    groupe,
)
from gis_data.tuiles.requetes import ETENDUE, MARGE, TOUR, elements, sql_tuile

DUREE_VERSION_S = 5.0


class TuileInvalide(ValueError):
    """Coordinates outside the world."""


def membres(nom: str) -> tuple[tuple[Couche, ...], bool]:
    """Public layers served under ``nom`` and whether it is a group; ``CoucheInconnue`` otherwise."""
    try:
        return groupe(nom).couches, True
    except CoucheInconnue:
        trouvee = couche(nom)
    if not trouvee.publique:
        raise CoucheInconnue(nom)
    return (trouvee,), False


def cadre(zoom: int, x: int, y: int) -> tuple[str, str]:
    """The tile with its margin as hexadecimal EWKB, and the tile as a box2d text (EPSG:3857)."""
    if not (0 <= zoom <= ZOOM_MAX and 0 <= x < 2**zoom and 0 <= y < 2**zoom):
        raise TuileInvalide(f"{zoom}/{x}/{y}")
    cote = TOUR / 2**zoom
    gauche, haut = x * cote - TOUR / 2, TOUR / 2 - y * cote
    droite, bas = gauche + cote, haut - cote
    marge = cote * MARGE / ETENDUE
    g, b, d, h = gauche - marge, bas - marge, droite + marge, haut + marge
    polygone = struct.pack("<BIIII10d", 1, 0x20000003, 3857, 1, 5, g, b, g, h, d, h, d, b, g, b)
    return polygone.hex(), f"BOX({gauche!r} {bas!r},{droite!r} {haut!r})"


@functools.lru_cache(maxsize=1024)
def _instruction(nom: str, zoom: int, generation_: int, version_: str) -> tuple[str, str] | None:
    """Name and text of the prepared statement; null when nothing is shown at ``zoom``.

    ``version_``: what a query set has written in (the day, places opened to all) is of that version only.
    """
    choisies, en_groupe = membres(nom)
    texte = sql_tuile(choisies, zoom, en_groupe=en_groupe)
    # Named by its text: a layer declared anew under the same name must not run the old statement.
    return (f"tuile_{zoom}_{_condense([texte])}", texte) if texte else None


_PREPAREES: WeakKeyDictionary[Any, set[str]] = WeakKeyDictionary()


def _executer(instruction: tuple[str, str], parametres: tuple[str, str]) -> bytes:
    nom, texte = instruction
    connection.ensure_connection()
    brute = connection.connection
    preparees = _PREPAREES.setdefault(brute, set())
    with brute.cursor() as curseur:
        if nom not in preparees:
            # Planning a dozen sub-selects costs more than running them.
            curseur.execute("SET plan_cache_mode = force_generic_plan")
            curseur.execute(f"PREPARE {nom} (geometry, box2d) AS {texte}")
            preparees.add(nom)
        curseur.execute(f"EXECUTE {nom} (%s, %s)", parametres)
        (octets,) = curseur.fetchone()
    return bytes(octets)


def tuile_publique(nom: str, zoom: int, x: int, y: int) -> bytes:
    """Bytes of a public tile, empty where there is nothing.

    ``CoucheInconnue`` or ``TuileInvalide`` when it does not exist.
    """
    membres(nom)
    parametres = cadre(zoom, x, y)
    instruction = _instruction(nom, zoom, generation(), version(nom))
    if instruction is None:
        return b""
    try:
        return _executer(instruction, parametres)
    except (OperationalError, InterfaceError):
        # The raw connection skips Django's health check: a server restarted since is met here.
        if connection.in_atomic_block:
            raise
        connection.close()
        return _executer(instruction, parametres)


def tuile_interne(demandee: Couche, utilisateur: Any, zoom: int, x: int, y: int) -> bytes:
    """Bytes of an internal layer's tile, with the rows that ``utilisateur`` may see."""
    polygone, boite = cadre(zoom, x, y)
    texte = sql_tuile((demandee,), zoom, utilisateur=utilisateur)
    if texte is None:
        return b""
    connection.ensure_connection()
    with connection.connection.cursor() as curseur:
        # A name for the two parameters, which appear many times in the text.
        curseur.execute(
            texte.replace("%", "%%").replace("$1", "%(cadre)s::geometry").replace("$2", "%(boite)s::box2d"),
            {"cadre": polygone, "boite": boite},
        )
        (octets,) = curseur.fetchone()
    return bytes(octets)


_VERSIONS: dict[str, tuple[float, str]] = {}
# Most layers share one function: it is called once for all of them.
_LUES: dict[Callable[[], str], tuple[float, str]] = {}


def _condense(textes: Iterable[str]) -> str:
    return hashlib.blake2b("\n".join(textes).encode(), digest_size=6).hexdigest()


@functools.lru_cache(maxsize=1024)
def _declaration(nom: str, generation_: int) -> str:
    """Changes when the layer is declared with other elements or attributes."""
    choisies, en_groupe = membres(nom)
    return _condense(
        repr((e, c.attributs_tuile(e, zoom), c.geometrie_tuile))
        for zoom in range(ZOOM_MAX + 1)
        for c, e in elements(choisies, zoom, en_groupe)
    )


def version(nom: str, *, maintenant: float | None = None) -> str:
    """Version of a public layer or group; read from the database at most every few seconds."""
    instant = time.monotonic() if maintenant is None else maintenant
    connue = _VERSIONS.get(nom)
    if connue and instant - connue[0] < DUREE_VERSION_S:
        return connue[1]
    choisies, _ = membres(nom)
    lues = {_lue(fonction, instant) for fonction in {c.version for c in choisies}}
    valeur = _condense([_declaration(nom, generation()), *sorted(lues)])
    _VERSIONS[nom] = (instant, valeur)
    return valeur


def relire(nom: str) -> tuple[str, tuple[str, ...]]:
    """Version read anew, and the texts that it is made of: the declaration's, then one a function."""
    choisies, _ = membres(nom)
    textes = tuple(fonction() for fonction in dict.fromkeys(c.version for c in choisies))
    declaration = _declaration(nom, generation())
    valeur = _condense([declaration, *sorted(set(textes))])
    _VERSIONS[nom] = (time.monotonic(), valeur)
    return valeur, (declaration, *textes)


def _lue(fonction: Callable[[], str], instant: float) -> str:
    connue = _LUES.get(fonction)
    if connue is None or instant - connue[0] >= DUREE_VERSION_S:
        connue = (instant, fonction())
        _LUES[fonction] = connue
    return connue[1]


def oublier_versions() -> None:
    """For tests, which write and read within a second."""
    _VERSIONS.clear()
    _LUES.clear()

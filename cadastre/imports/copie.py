"""Columns as text for COPY: each function takes a column and gives strings ready to be joined by tabs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

NUL = "\\N"
_SPECIAUX = re.compile(r"[\\\t\n\r\0]")
_ECHAPPEMENTS = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\0": None})


def texte(valeurs: Iterable[str | None]) -> list[str]:
    """Texts, escaped; ``None`` is null."""
    colonne = list(valeurs)
    # One search over the whole column: almost none holds anything to escape.
    if _SPECIAUX.search("".join([valeur or "" for valeur in colonne])):
        colonne = [valeur and valeur.translate(_ECHAPPEMENTS) for valeur in colonne]
    return [NUL if valeur is None else valeur for valeur in colonne]


def dates(valeurs: Sequence[date | None]) -> list[str]:
    """Dates in ISO form: few distinct ones in a sheet."""
    formes = {valeur: NUL if valeur is None else valeur.isoformat() for valeur in set(valeurs)}
    return [formes[valeur] for valeur in valeurs]


def nombres(valeurs: Iterable[float | int | None]) -> list[str]:
    """Numbers; ``None`` is null."""
    return [NUL if valeur is None else repr(valeur) for valeur in valeurs]


def booleens(valeurs: Iterable[bool]) -> list[str]:
    """Truth values."""
    return ["t" if valeur else "f" for valeur in valeurs]


def entiers(valeurs: npt.NDArray[np.int64]) -> list[str]:
    """Whole numbers of an array."""
    return list(map(str, valeurs.tolist()))


def tableau(valeurs: npt.NDArray[np.int64]) -> str:
    """One array value."""
    return "{" + ",".join(map(str, valeurs.tolist())) + "}"


def geometries(valeurs: npt.NDArray[Any], srid: int) -> list[str]:
    """Geometries as hexadecimal EWKB; ``None`` is null."""
    if not len(valeurs):
        return []
    # GEOS writes hexadecimal five times slower than Python turns bytes into it.
    formes = shapely.to_wkb(shapely.set_srid(valeurs, srid), include_srid=True)
    return [NUL if forme is None else forme.hex() for forme in formes.tolist()]


def lignes(colonnes: Sequence[Iterable[str]]) -> Iterator[str]:
    """Lines of a table from its columns of equal length."""
    return map("\t".join, zip(*colonnes, strict=False))


def corps(lignes_: Iterable[str]) -> bytes:
    """The body of a COPY; a lone surrogate, which no database takes, becomes a question mark."""
    texte_ = "\n".join(lignes_)
    return (texte_ + "\n").encode("utf-8", "replace") if texte_ else b""

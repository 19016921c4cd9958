"""What one EDIGÉO lot holds once read: columns of objects, relations, anomalies.

No Django here. The reader fills these classes, the writer and the generator of the
fictional commune start from them, the cadastre's import turns them into rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

# Object arrays of shapely geometries; ``None`` where the object has none.
Geometries = npt.NDArray[Any]

ERREUR, AVERTISSEMENT, INFORMATION = "erreur", "avertissement", "information"


class ErreurEdigeo(Exception):
    """A lot that cannot be read at all; ``message`` is French and names file and remedy."""

    def __init__(self, code: str, message: str, fichier: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.fichier = fichier


@dataclass(frozen=True)
class Anomalie:
    """One finding about one object (or file). ``ecrit`` false: the object was not stored.

    The reader names objects by their RID, unique within ``sous_ensemble``; the import turns the RID of
    a parcel into its idu of 14. ``type`` is empty where the finding is about a whole file.
    """

    code: str
    gravite: str
    type: str
    identifiant: str
    detail: str
    ecrit: bool = True
    point: tuple[float, float] | None = None
    sous_ensemble: str | None = None


@dataclass(frozen=True, eq=False)
class Objets:
    """All objects of one type of a lot, as columns of equal length n.

    ``type`` is the SCD id without ``_id`` (``PARCELLE``), ``ECRITURE`` for ``ID_S_OBJ_Z_1_2_2``.
    ``attributs`` maps the attribute name without ``_id`` / ``ID_S_ATT_`` (``SUPF``, ``DI3``) to its
    n decoded texts (``None`` = attribute not given). ``ATR`` holds the bare attribute name.
    ``geom`` keeps the delivered projection, metres, 0.01 m.
    """

    type: str
    sous_ensemble: Sequence[str]
    rid: Sequence[str]
    attributs: dict[str, list[str | None]]
    geom: Geometries
    date_obs: Sequence[date | None]
    date_maj: Sequence[date | None]

    def __len__(self) -> int:
        return len(self.rid)


@dataclass(frozen=True, eq=False)
class Relations:
    """All semantic relations of one name of a lot.

    ``membres`` (n, 2) int32: numbers of objects in the lot (see ``Feuille.debuts``), the first
    being of the class named first in ``nom`` (the writing for ``IS_S_REL_IWW``), whatever the order
    in the file. Only resolved relations are in it; ``lues`` also counts the orphans.
    """

    nom: str
    membres: npt.NDArray[np.int32]
    rid: Sequence[str]
    lues: int


@dataclass(frozen=True, eq=False)
class Feuille:
    """One lot read whole. ``code10`` is the IDU of its SUBDSECT, ``crs`` the code of the GEO file.

    ``cnig`` maps the types met to their CNIG code, ``valeurs`` an attribute to its coded values
    (code -> label, as in the lot's DIC or the built-in nomenclature). ``departement`` is what the
    caller said: it stands in no file.
    """

    lot: str
    code10: str
    millesime: date
    crs: str
    epsg: int
    objets: dict[str, Objets]
    relations: dict[str, Relations]
    anomalies: tuple[Anomalie, ...] = ()
    auteur: str = ""
    logiciel: str = ""
    information: str = ""
    cnig: dict[str, str] = field(default_factory=dict)
    valeurs: dict[str, dict[str, str]] = field(default_factory=dict)
    departement: str | None = None

    @property
    def id12(self) -> str | None:
        """Département and ``code10``; ``None`` when the département was not given."""
        return self.departement + self.code10 if self.departement else None

    @property
    def debuts(self) -> dict[str, int]:
        """Number of the first object of each type: objects are numbered type after type."""
        debuts, n = {}, 0
        for type_, objets in self.objets.items():
            debuts[type_] = n
            n += len(objets)
        return debuts

    def objet(self, numero: int) -> tuple[str, int]:
        """Type and rank in its type of object ``numero``; ``IndexError`` when there is none."""
        for type_, debut in self.debuts.items():
            if debut <= numero < debut + len(self.objets[type_]):
                return type_, numero - debut
        raise IndexError(numero)

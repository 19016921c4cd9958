"""Merge fields: the closed list that each trade declares, offered in the editor and read by the merge.

A field's ``valeur`` gets the dossier (or, ``de_la_lettre``, the ``ContexteFusion``) and gives a text, a
number, a date, or null. Values are frozen as JSON when a letter is finalised.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone
from django.utils.formats import date_format, number_format

# Fields of every letter, whatever its trade.
COMMUN = "mairie"
_CODE = re.compile(r"[a-z][a-z0-9_]*")
_RESERVES = ("fin", "si", "sinon", "non", "chaque", "tableau")


@dataclass(frozen=True)
class ContexteFusion:
    """What the fields of the letter itself may look at. ``entete``: values of the letterhead."""

    dossier: Any
    jour: date
    entete: Mapping[str, str] = field(default_factory=dict)
    objet: str = ""
    numero: str = ""
    destinataire: str = ""
    destinataire_adresse: str = ""
    redacteur: str = ""
    emprise: Any = None
    titre_dossier: str = ""
    # The collectivité whose letterhead it bears.
    emetteur: Any = None


@dataclass(frozen=True)
class ChampFusion:
    """``[code]``: a value in the text. ``facultatif``: empty, it does not stop the letter.

    A list is written « a, b et c », or as a list where the field is alone in its paragraph.
    """

    code: str
    libelle: str
    exemple: Any
    valeur: Callable[[Any], Any]
    facultatif: bool = False
    groupe: str = "Dossier"
    de_la_lettre: bool = False


@dataclass(frozen=True)
class BlocFusion:
    """Rows: ``[tableau:code]`` makes a table, ``[chaque code]…[fin]`` repeats a passage for each row.

    ``colonnes``: code → title; ``lignes(dossier)``: rows as mappings by code of column.
    """

    code: str
    libelle: str
    colonnes: Mapping[str, str]
    exemple: Sequence[Mapping[str, Any]]
    lignes: Callable[[Any], Iterable[Mapping[str, Any]]]
    facultatif: bool = False
    groupe: str = "Listes"
    de_la_lettre: bool = False


@dataclass(frozen=True)
class ImageFusion:
    """``[code]`` alone in its paragraph: a picture. ``image`` gives an ``Illustration``, or null."""

    code: str
    libelle: str
    image: Callable[[Any], Illustration | None]
    facultatif: bool = False
    groupe: str = "Plans"
    de_la_lettre: bool = False


@dataclass(frozen=True)
class Illustration:
    """A picture made for a letter: size on paper in mm, text for who does not see it, legend below."""

    mime: str
    octets: bytes
    alt: str
    largeur_mm: float
    hauteur_mm: float
    legende: str = ""


Champ = ChampFusion | BlocFusion | ImageFusion
_champs: dict[str, dict[str, Champ]] = {}


def declarer(metier: str, *champs: Champ) -> None:
    """Add fields of a trade, from ``AppConfig.ready``; ``ImproperlyConfigured`` for a code taken or wrong."""
    connus = _champs.setdefault(metier, {})
    for champ in champs:
        if not _CODE.fullmatch(champ.code) or champ.code in _RESERVES:
            raise ImproperlyConfigured(f"Champ de fusion « {champ.code} » : code invalide.")
        pris = connus.get(champ.code) or _champs.get(COMMUN, {}).get(champ.code)
        if pris not in (None, champ):
            raise ImproperlyConfigured(f"Le champ de fusion {metier}.{champ.code} est déclaré deux fois.")
        connus[champ.code] = champ


def champs_de(metier: str) -> dict[str, Champ]:
    """Fields that a template of the trade may use, by code: its own, then the common ones."""
    return {**_champs.get(metier, {}), **_champs.get(COMMUN, {})}


def par_groupe(metier: str) -> list[tuple[str, list[Champ]]]:
    """The same for the screen, under their headings."""
    groupes: dict[str, list[Champ]] = {}
    for champ in champs_de(metier).values():
        groupes.setdefault(champ.groupe, []).append(champ)
    return list(groupes.items())


def ecriture(champ: Champ) -> str:
    """How a field is typed."""
    return f"[tableau:{champ.code}]" if isinstance(champ, BlocFusion) else f"[{champ.code}]"


def en_texte(valeur: Any) -> str:
    """A value as a letter writes it: « 12 mars 2026 », « 1 234,50 », « oui »."""
    if valeur is None:
        return ""
    if isinstance(valeur, bool):
        return "oui" if valeur else "non"
    if isinstance(valeur, datetime):
        return date_format(timezone.localtime(valeur), "j F Y à H:i").replace(":", " h ")
    if isinstance(valeur, date):
        ecrite = date_format(valeur, "j F Y")
        return f"1er{ecrite[1:]}" if valeur.day == 1 else ecrite
    if isinstance(valeur, int | Decimal | float):
        return number_format(valeur, use_l10n=True, force_grouping=True)
    return str(valeur).strip()


def _gele(valeur: Any) -> str | list[str]:
    if isinstance(valeur, list | tuple | set | frozenset):
        return [texte for v in valeur if (texte := en_texte(v))]
    return en_texte(valeur)


def valeur_gelee(champ: Champ, contexte: ContexteFusion) -> Any:
    """Value of a field as JSON: text, list of texts, rows; the picture itself for ``ImageFusion``."""
    source = contexte if champ.de_la_lettre else contexte.dossier
    if isinstance(champ, ChampFusion):
        return _gele(champ.valeur(source))
    if isinstance(champ, BlocFusion):
        return [{code: _gele(ligne.get(code)) for code in champ.colonnes} for ligne in champ.lignes(source)]
    return champ.image(source)


def valeur_exemple(champ: Champ) -> Any:
    """The same with the declared example; null for a picture."""
    if isinstance(champ, ChampFusion):
        return _gele(champ.exemple)
    if isinstance(champ, BlocFusion):
        return [{code: _gele(ligne.get(code)) for code in champ.colonnes} for ligne in champ.exemple]
    return None

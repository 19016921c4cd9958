"""Classes, attributes, coded values, relations: the built-in nomenclature of 2013, or a lot's own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise
from pathlib import Path

from .lignes import lire_lignes, noms_de_champ

# SCD ids that do not follow the rule « type + _id ».
TYPE_ECRITURE = "ECRITURE"
_ID_ECRITURE = "ID_S_OBJ_Z_1_2_2"
SURFACE, LIGNE, POINT = "ARE", "LIN", "PCT"


@dataclass(frozen=True)
class Classe:
    """One class: CNIG code, kind of geometry (ARE, LIN, PCT), bare names of its attributes."""

    cnig: str
    nature: str
    attributs: tuple[str, ...]


@dataclass(frozen=True)
class Attribut:
    """One attribute: format letter, width, decimals, and its coded values (code -> label)."""

    format: str
    largeur: int
    decimales: int | None
    valeurs: dict[str, str]


@dataclass(frozen=True)
class Nomenclature:
    """Classes and attributes by bare name; relations as (classes that may be first, second)."""

    classes: dict[str, Classe]
    attributs: dict[str, Attribut]
    relations: dict[str, tuple[frozenset[str] | None, frozenset[str] | None]]

    def libelle(self, attribut: str, code: str | None) -> str | None:
        """Label of a coded value, ``None`` when the code is not in the list."""
        definition = self.attributs.get(attribut)
        return definition.valeurs.get(code) if definition and code is not None else None


def nom_type(identifiant: str) -> str:
    """Type of an SCD class id: ``PARCELLE_id`` -> ``PARCELLE``, the writing -> ``ECRITURE``."""
    if identifiant == _ID_ECRITURE:
        return TYPE_ECRITURE
    return identifiant.removesuffix("_id")


def identifiant_type(type_: str) -> str:
    """SCD id of a type, the inverse of ``nom_type``."""
    return _ID_ECRITURE if type_ == TYPE_ECRITURE else f"{type_}_id"


def nom_attribut(identifiant: str) -> str:
    """Bare name of an SCD attribute id: ``SUPF_id`` -> ``SUPF``, ``ID_S_ATT_DI3`` -> ``DI3``."""
    return identifiant.removeprefix("ID_S_ATT_").removesuffix("_id")


def identifiant_attribut(type_: str, nom: str) -> str:
    """SCD id of an attribute of a class, the inverse of ``nom_attribut``."""
    return f"ID_S_ATT_{nom}" if type_ == TYPE_ECRITURE else f"{nom}_id"


def _entier(texte: str | None) -> int:
    return int(texte) if texte and texte.isdecimal() else 0


# The order of the members in the SCD is not the one of the name for the topographic details.
_PREMIERS: dict[str, tuple[frozenset[str] | None, frozenset[str] | None]] = {
    "IS_S_REL_IWW": (frozenset({TYPE_ECRITURE}), None),
    "DETOPO_COMMUNE": (None, frozenset({"COMMUNE"})),
}


@cache
def nomenclature_2013() -> Nomenclature:
    """The nomenclature of the standard of 2013, carried by the package."""
    brut = json.loads((Path(__file__).parent / "nomenclature_2013.json").read_text(encoding="utf-8"))
    classes = {
        nom_type(identifiant): Classe(c["cnig"], c["geometrie"], tuple(map(nom_attribut, c["attributs"])))
        for identifiant, c in brut["classes"].items()
    }
    attributs = {
        nom_attribut(identifiant): Attribut(
            a["type"],
            _entier(a["largeur"]),
            _entier(a["decimales"]) if a["decimales"] else None,
            a.get("valeurs", {}),
        )
        for identifiant, a in brut["attributs"].items()
    }
    relations = {}
    for nom, relation in brut["relations"].items():
        types = [nom_type(membre.split(";")[1]) for membre in relation["membres"]]
        relations[nom] = _PREMIERS.get(nom, (frozenset(types[:1]), frozenset(types[1:])))
    return Nomenclature(classes, attributs, relations)


def _blocs(nom: str, contenu: bytes) -> Iterator[tuple[str, str, list[tuple[str, str]]]]:
    """Type, id and (field, value) pairs of each block of a descriptive file."""
    lignes = lire_lignes(nom, contenu)
    champs, valeurs = noms_de_champ(lignes), lignes.valeurs()
    bornes = [i for i, champ in enumerate(champs) if champ == "RTY"]
    for debut, fin in pairwise([*bornes, len(champs)]):
        paires = list(zip(champs[debut + 1 : fin], valeurs[debut + 1 : fin], strict=True))
        rid = next((valeur for champ, valeur in paires if champ == "RID"), "")
        yield valeurs[debut], rid, paires


def _premier(paires: list[tuple[str, str]], champ: str) -> str | None:
    return next((valeur for nom, valeur in paires if nom == champ), None)


@lru_cache(maxsize=8)
def _lire(dic: bytes, scd: bytes) -> Nomenclature:
    base = nomenclature_2013()
    libelles: dict[str, str] = {}
    definitions: dict[str, tuple[str, dict[str, str]]] = {}
    for rty, rid, paires in _blocs("DIC", dic):
        if rty in ("DID", "DIA"):
            libelles[rid] = _premier(paires, "LAB") or ""
        if rty == "DIA":
            codes = [valeur for champ, valeur in paires if champ == "AVL"]
            noms = [valeur for champ, valeur in paires if champ == "AVD"]
            valeurs = dict(zip(codes, noms, strict=False))
            definitions[rid] = (_premier(paires, "TYP") or "", valeurs)
    classes, attributs = dict(base.classes), dict(base.attributs)
    for rty, rid, paires in _blocs("SCD", scd):
        definition = (_premier(paires, "DIP") or "").split(";")[-1]
        if rty == "OBJ":
            noms = [nom_attribut(valeur.split(";")[-1]) for champ, valeur in paires if champ == "AAP"]
            classes[nom_type(rid)] = Classe(
                libelles.get(definition, ""), _premier(paires, "KND") or "", tuple(noms)
            )
        elif rty == "ATT":
            format_, valeurs = definitions.get(definition, ("", {}))
            decimales = _premier(paires, "CAD")
            attributs[nom_attribut(rid)] = Attribut(
                format_,
                _entier(_premier(paires, "CAN")),
                _entier(decimales) if decimales else None,
                valeurs,
            )
    return Nomenclature(classes, attributs, base.relations)


def lire_nomenclature(lot: str, dic: bytes, scd: bytes) -> Nomenclature:
    """Nomenclature of one lot, completed by the built-in one; cached, for all sheets carry the same."""
    nom = lot.encode("latin-1", "replace")
    # What names the lot is put aside, lengths kept: the file name of the first line, the references.
    communes = (contenu.partition(b"\n")[2] for contenu in (dic, scd))
    return _lire(*(c.replace(b":" + nom + b";", b":" + b"L" * len(nom) + b";") for c in communes))

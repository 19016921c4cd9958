"""Objects of the plan other than parcels: which table, which columns, from which attributes."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cadastre.imports import copie
from cadastre.imports.geometries import LIBRE, LIGNE, POINT, SURFACE
from gis_data.formats.edigeo.modele import AVERTISSEMENT, Anomalie, Objets
from gis_data.formats.edigeo.textes import libelle, nombre

Colonnes = dict[str, list[str]]


class Lecture:
    """Columns of the objects of one type; what cannot be understood becomes an anomaly."""

    def __init__(self, objets: Objets, anomalies: list[Anomalie]) -> None:
        self.objets = objets
        self.n = len(objets)
        self._anomalies = anomalies

    def textes(self, attribut: str) -> list[str | None]:
        """Texts of an attribute, stripped; ``None`` where it is not given."""
        colonne = self.objets.attributs.get(attribut)
        if colonne is None:
            return [None] * self.n
        return [None if valeur is None else valeur.strip() for valeur in colonne]

    def nombres(self, attribut: str) -> list[float | None]:
        """Numbers of an attribute; unreadable ones are null and said."""
        textes = self.textes(attribut)
        try:
            # Almost always all are there and well written; the way below costs ten times more.
            simples = list(map(float, textes))  # type: ignore[arg-type]
            if all(map(math.isfinite, simples)):
                return simples  # type: ignore[return-value]
        except (TypeError, ValueError):
            pass
        resultat = [nombre(texte) for texte in textes]
        for i, (texte, valeur) in enumerate(zip(textes, resultat, strict=True)):
            if texte and valeur is None:
                self.invalide(i, attribut, texte)
        return resultat

    def invalide(self, rang: int, attribut: str, texte: str) -> None:
        """Say that a value is not one of those possible."""
        type_, rid = self.objets.type, self.objets.rid[rang]
        detail = f"{type_} {rid} : valeur {attribut} « {texte} » incompréhensible, laissée vide."
        self._anomalies.append(
            Anomalie(
                "VALEUR_INVALIDE",
                AVERTISSEMENT,
                type_,
                rid,
                detail,
                sous_ensemble=self.objets.sous_ensemble[rang],
            )
        )

    def absent(self, rang: int, attribut: str, detail: str) -> None:
        """Say that an attribute is missing."""
        type_, rid = self.objets.type, self.objets.rid[rang]
        self._anomalies.append(
            Anomalie(
                "ATTRIBUT_ABSENT",
                AVERTISSEMENT,
                type_,
                rid,
                f"{type_} {rid} : {attribut} manque ; {detail}.",
                sous_ensemble=self.objets.sous_ensemble[rang],
            )
        )

    # -- ready for COPY --------------------------------------------------------------------------

    def vers_texte(self, attribut: str) -> list[str]:
        """An attribute as a text that is never null."""
        colonne = self.objets.attributs.get(attribut)
        if colonne is None:
            return [""] * self.n
        return copie.texte([valeur.strip() if valeur else "" for valeur in colonne])

    def vers_nombre(self, attribut: str) -> list[str]:
        """An attribute as a number or null."""
        return copie.nombres(self.nombres(attribut))

    def vers_nom(self) -> list[str]:
        """The words of TEX…TEX10 joined."""
        attributs = self.objets.attributs
        if "TEX" in attributs and "TEX2" not in attributs and len(attributs["TEX"]) == self.n:
            return self.vers_texte("TEX")
        return copie.texte(libelle(attributs, i) for i in range(self.n))


def _batiment(lecture: Lecture) -> Colonnes:
    durs: list[str | None] = []
    for i, texte in enumerate(lecture.textes("DUR")):
        if texte in ("01", "02"):
            durs.append(texte)
            continue
        durs.append(None)
        if texte:
            lecture.invalide(i, "DUR", texte)
        else:
            lecture.absent(i, "DUR", "on ne sait pas si le bâtiment est en dur ou léger")
    return {"dur": copie.texte(durs), "nom": lecture.vers_nom()}


def _nom(lecture: Lecture) -> Colonnes:
    return {"nom": lecture.vers_nom()}


def _route(lecture: Lecture) -> Colonnes:
    return {"nom": lecture.vers_nom(), "rcad": lecture.vers_texte("RCAD")}


def _canevas(lecture: Lecture) -> Colonnes:
    return {
        "idu": lecture.vers_texte("IDU"),
        "orientation": lecture.vers_nombre("ORI"),
        "origine": lecture.vers_texte("CAN"),
        "precision_plani": lecture.vers_texte("PPLN"),
        "precision_alti": lecture.vers_texte("PALT"),
        "materialisation": lecture.vers_texte("MAP"),
        "sym": lecture.vers_texte("SYM"),
    }


def _borne(lecture: Lecture) -> Colonnes:
    return {"genre": [lecture.objets.type] * lecture.n, "orientation": lecture.vers_nombre("ORI")}


def _symbole(lecture: Lecture) -> Colonnes:
    return {"sym": lecture.vers_texte("SYM"), "orientation": lecture.vers_nombre("ORI")}


def _detail(lecture: Lecture) -> Colonnes:
    return {
        "genre": [lecture.objets.type] * lecture.n,
        "sym": lecture.vers_texte("SYM"),
        "texte": lecture.vers_nom(),
        "orientation": lecture.vers_nombre("ORI"),
    }


def _angles(lecture: Lecture) -> list[float | None]:
    """Degrees counter-clockwise from east, of the base vector (DI3, DI4)."""
    x, y = lecture.nombres("DI3"), lecture.nombres("DI4")
    if None in x or None in y:
        return [
            None if a is None or b is None else math.degrees(math.atan2(b, a))
            for a, b in zip(x, y, strict=True)
        ]
    return list(map(math.degrees, map(math.atan2, y, x)))  # type: ignore[arg-type]


def _ecriture(lecture: Lecture) -> Colonnes:
    return {
        "angle": copie.nombres(_angles(lecture)),
        "hauteur": lecture.vers_nombre("HEI"),
        "police": lecture.vers_texte("FON"),
        "attribut": lecture.vers_texte("ATR"),
    }


def _inconnu(lecture: Lecture) -> Colonnes:
    attributs = [
        json.dumps(
            {nom: colonne[i] for nom, colonne in lecture.objets.attributs.items() if colonne[i] is not None},
            ensure_ascii=False,
        )
        # jsonb takes no NUL, however written.
        .replace("\\u0000", "")
        for i in range(lecture.n)
    ]
    return {"type": copie.texte([lecture.objets.type] * lecture.n), "attributs": copie.texte(attributs)}


@dataclass(frozen=True)
class Table:
    """Table of one type: kind of geometry, whether it has a tile column, columns of its own."""

    nom: str
    sorte: int
    tuiles: bool
    colonnes: Callable[[Lecture], Colonnes]
    surface: bool = False  # keeps surface_geometrique


TABLES: dict[str, Table] = {
    "SUBDFISC": Table(
        "cadastre_subdivisionfiscale", SURFACE, True, lambda lec: {"lettre": lec.vers_texte("TEX")}
    ),
    "CHARGE": Table("cadastre_charge", SURFACE, True, lambda lec: {"texte": lec.vers_nom()}),
    "VOIEP": Table("cadastre_ensembleimmobilier", POINT, False, _nom),
    "NUMVOIE": Table("cadastre_numerovoirie", POINT, False, lambda lec: {"numero": lec.vers_texte("TEX")}),
    "LIEUDIT": Table("cadastre_lieudit", SURFACE, True, _nom),
    "BATIMENT": Table("cadastre_batiment", SURFACE, True, _batiment, surface=True),
    "ZONCOMMUNI": Table("cadastre_axevoie", LIGNE, True, _nom),
    "TRONROUTE": Table("cadastre_tronconroute", SURFACE, True, _route),
    "TRONFLUV": Table("cadastre_courseau", SURFACE, True, _nom),
    "PTCANV": Table("cadastre_pointcanevas", POINT, False, _canevas),
    "BORNE": Table("cadastre_borne", POINT, False, _borne),
    "BOULON": Table("cadastre_borne", POINT, False, _borne),
    "CROIX": Table("cadastre_borne", POINT, False, _borne),
    "SYMBLIM": Table("cadastre_symbolelimite", POINT, False, _symbole),
    "TPOINT": Table("cadastre_detailtopo", LIBRE, True, _detail),
    "TLINE": Table("cadastre_detailtopo", LIBRE, True, _detail),
    "TSURF": Table("cadastre_detailtopo", LIBRE, True, _detail),
    "ECRITURE": Table("cadastre_ecriture", POINT, False, _ecriture),
}
INCONNU = Table("cadastre_objetinconnu", LIBRE, False, _inconnu)

# Objects that have a row of another shape, written elsewhere.
PARTICULIERS: dict[str, tuple[int, bool]] = {
    "COMMUNE": (SURFACE, False),
    "SECTION": (SURFACE, False),
    "SUBDSECT": (SURFACE, True),
    "PARCELLE": (SURFACE, True),
}


def genre(type_: str) -> tuple[int, bool]:
    """Kind of geometry of a type and whether it is wanted in Web Mercator."""
    if type_ in PARTICULIERS:
        return PARTICULIERS[type_]
    table = TABLES.get(type_, INCONNU)
    return table.sorte, table.tuiles


def textes_des_ecritures(
    objets: dict[str, Objets], debuts: dict[str, int], paires: Sequence[Sequence[int]]
) -> tuple[list[str], list[str]]:
    """Text and type of the object that each writing stands for: attribute ATR of the object linked."""
    ecritures = objets["ECRITURE"]
    n = len(ecritures)
    textes, types = [""] * n, [""] * n
    attributs = ecritures.attributs.get("ATR", [None] * n)
    debut = debuts["ECRITURE"]
    numeros: list[tuple[str, int]] = [
        (type_, rang) for type_, lot in objets.items() for rang in range(len(lot))
    ]
    for ecriture, objet in paires:
        type_, rang = numeros[objet]
        i = ecriture - debut
        types[i] = type_
        colonne = objets[type_].attributs.get(attributs[i] or "")
        if colonne is not None:
            textes[i] = (colonne[rang] or "").strip()
    return textes, types

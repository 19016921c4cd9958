"""From a lot read to rows ready for COPY: everything that needs no database."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from cadastre.imports import controles, copie, liens, parcelles, plan
from cadastre.imports.geometries import Geometrie, preparer, surfaces_m2
from gis_data.formats.edigeo.modele import AVERTISSEMENT, Anomalie, Feuille, Objets
from gis_data.formats.edigeo.textes import date_texte, libelle, nombre
from gis_data.projections import transformer

COMMUNES = "cadastre_occurrencecommune"
SECTIONS = "cadastre_occurrencesection"
VERSIONS = "cadastre_versionfeuille"
# Real sheets write either for a date that is not known.
_SANS_DATE = re.compile(r"ABSENT|\d\d/\d\d/0000")
# Objects of a sheet whose own identifier a person knows better than the RID.
_NOMMES = ("COMMUNE", "SECTION", "SUBDSECT")


@dataclass(eq=False)
class Bloc:
    """Rows of one type in a table: object numbers kept, columns without id and sheet."""

    type: str
    table: str
    numeros: npt.NDArray[np.int64]
    colonnes: dict[str, list[str]]


@dataclass(eq=False)
class FeuilleInterpretee:
    """A sheet ready to be written. Objects keep the numbers of the lot (``Feuille.debuts``)."""

    feuille: Feuille
    id12: str
    srid: int
    debuts: dict[str, int]
    geometrie: Geometrie
    blocs: list[Bloc]
    parcelles: parcelles.Parcelles
    hex_parcelles: tuple[list[str], list[str]]
    version: dict[str, Any]
    liens: liens.Liens
    anomalies: list[Anomalie] = field(default_factory=list)

    @property
    def commune(self) -> str:
        """INSEE code."""
        return self.id12[:5]

    @property
    def lus(self) -> dict[str, int]:
        """Objects read, by type."""
        return {type_: len(objets) for type_, objets in self.feuille.objets.items()}

    @property
    def nombre(self) -> int:
        """All objects."""
        return sum(map(len, self.feuille.objets.values()))


class _Interprete:
    """One pass over a lot."""

    def __init__(self, feuille: Feuille, id12: str, srid: int) -> None:
        self.feuille = feuille
        self.id12 = id12
        self.srid = srid
        self.objets = feuille.objets
        self.debuts = feuille.debuts
        self.anomalies: list[Anomalie] = []
        self.geometrie = self._geometries()

    def _geometries(self) -> Geometrie:
        tailles = [len(objets) for objets in self.objets.values()]
        genres = [plan.genre(type_) for type_ in self.objets]
        geometrie = preparer(
            np.concatenate([objets.geom for objets in self.objets.values()]),
            np.repeat(np.array([sorte for sorte, _ in genres], dtype=np.int8), tailles),
            np.repeat([tuiles for _, tuiles in genres], tailles),
            self.feuille.epsg,
            self.srid,
        )
        for numero in geometrie.reparees:
            self._signaler_objet("GEOMETRIE_REPAREE", numero, "contour repris après changement de projection")
        for numero in geometrie.mauvaises:
            self._signaler_objet(
                "GEOMETRIE_ABSENTE", numero, "sa géométrie n'est pas du genre attendu ; enregistré sans elle"
            )
        return geometrie

    def _signaler_objet(self, code: str, numero: int, detail: str) -> None:
        type_, rang = self.feuille.objet(numero)
        objets = self.objets[type_]
        rid = objets.rid[rang]
        self.anomalies.append(
            Anomalie(
                code,
                AVERTISSEMENT,
                type_,
                rid,
                f"{type_} {rid} : {detail}.",
                sous_ensemble=objets.sous_ensemble[rang],
            )
        )

    def _tranche(self, type_: str) -> slice:
        debut = self.debuts[type_]
        return slice(debut, debut + len(self.objets[type_]))

    def interpreter(self) -> FeuilleInterpretee:
        """Everything."""
        vide = Objets("PARCELLE", [], [], {}, np.empty(0, dtype=object), [], [])
        objets_parcelles = self.objets.get("PARCELLE", vide)
        tranche = self._tranche("PARCELLE") if "PARCELLE" in self.objets else slice(0, 0)
        geo = self.geometrie
        lues = parcelles.interpreter(
            objets_parcelles, geo.livree[tranche], geo.territoire[tranche], self.id12[:5], self.anomalies
        )
        hexa = (
            copie.geometries(geo.territoire[tranche], self.srid),
            copie.geometries(geo.mercator[tranche], 3857),
        )
        blocs = [self._bloc(type_) for type_ in self.objets if type_ not in plan.PARTICULIERS]
        blocs += self._occurrences()
        self._ecarter_doublons(blocs)
        relies = liens.relier(self.feuille, self.debuts, geo.livree)
        version = self._version()
        self.anomalies += controles.recouvrements(lues, geo.livree[tranche])
        emprise = geo.livree[self.debuts["SUBDSECT"]]
        self.anomalies += controles.domaine_non_cadastre(self.id12, emprise, lues.surfaces)
        self.anomalies += controles.projection(self.id12, self.feuille.crs, self.feuille.epsg, self.srid)
        return FeuilleInterpretee(
            self.feuille,
            self.id12,
            self.srid,
            self.debuts,
            geo,
            blocs,
            lues,
            hexa,
            version,
            relies,
            self._anomalies(objets_parcelles),
        )

    # -- objects of the plan ---------------------------------------------------------------------

    def _bloc(self, type_: str) -> Bloc:
        table = plan.TABLES.get(type_, plan.INCONNU)
        objets = self.objets[type_]
        tranche = self._tranche(type_)
        colonnes = table.colonnes(plan.Lecture(objets, self.anomalies))
        if type_ == "ECRITURE":
            relations = self.feuille.relations.get("IS_S_REL_IWW")
            paires = relations.membres.tolist() if relations is not None else []
            textes, types = plan.textes_des_ecritures(self.objets, self.debuts, paires)
            colonnes |= {"texte": copie.texte(textes), "objet_type": copie.texte(types)}
        if table.surface:
            colonnes["surface_geometrique"] = copie.nombres(surfaces_m2(self.geometrie.livree[tranche]))
        return self._completer(type_, table.nom, colonnes, table.tuiles)

    def _completer(self, type_: str, table: str, colonnes: dict[str, list[str]], tuiles: bool) -> Bloc:
        """Add the columns that all objects have."""
        objets, tranche = self.objets[type_], self._tranche(type_)
        colonnes |= {
            "sous_ensemble": copie.texte(objets.sous_ensemble),
            "rid": copie.texte(objets.rid),
            "date_obs": copie.dates(objets.date_obs),
            "date_maj": copie.dates(objets.date_maj),
            "geom": copie.geometries(self.geometrie.territoire[tranche], self.srid),
        }
        if tuiles:
            colonnes["geom_3857"] = copie.geometries(self.geometrie.mercator[tranche], 3857)
        return Bloc(type_, table, np.arange(tranche.start, tranche.stop), colonnes)

    def _occurrences(self) -> list[Bloc]:
        """COMMUNE and SECTION objects of this commune; those of another one are not written."""
        blocs = []
        millesime = self.feuille.millesime.isoformat()
        for type_, table in (("COMMUNE", COMMUNES), ("SECTION", SECTIONS)):
            if type_ not in self.objets:
                continue
            objets = self.objets[type_]
            codes = [(code or "").strip() for code in objets.attributs.get("IDU", [None] * len(objets))]
            colonnes = {"millesime": [millesime] * len(objets)}
            if type_ == "COMMUNE":
                colonnes["insee"] = [copie.NUL] * len(objets)
                colonnes["insee"] = copie.texte(self.id12[:2] + code for code in codes)
                noms = objets.attributs.get("TEX2", [None] * len(objets))
                colonnes["nom"] = copie.texte(
                    (nom or "").strip() or libelle(objets.attributs, i) for i, nom in enumerate(noms)
                )
            else:
                colonnes["idu10"] = copie.texte(self.id12[:2] + code for code in codes)
            bloc = self._completer(type_, table, colonnes, tuiles=False)
            longueur = 3 if type_ == "COMMUNE" else 8
            mauvais = [
                i for i, code in enumerate(codes) if code[:3] != self.id12[2:5] or len(code) != longueur
            ]
            for i in mauvais:
                rid = objets.rid[i]
                detail = (
                    f"{type_} {rid} : son code « {codes[i]} » n'est pas de la commune {self.id12[:5]} de la"
                    " feuille ; l'objet n'est pas enregistré, le reste l'est."
                )
                self.anomalies.append(
                    Anomalie("CODE_INCOHERENT", AVERTISSEMENT, type_, rid, detail, ecrit=False)
                )
            blocs.append(_garder(bloc, [i for i in range(len(objets)) if i not in set(mauvais)]))
        return blocs

    def _ecarter_doublons(self, blocs: list[Bloc]) -> None:
        """The key of an object is (sub-set, RID): a second one of the same key cannot be written."""
        vus: dict[str, set[tuple[str, str]]] = {}
        for i, bloc in enumerate(blocs):
            cles = list(zip(bloc.colonnes["sous_ensemble"], bloc.colonnes["rid"], strict=True))
            connues = vus.setdefault(bloc.table, set())
            avant = len(connues)
            connues.update(cles)
            if len(connues) - avant == len(cles):
                continue
            # Rare, so done again object by object.
            connues.difference_update(cles)
            connues.update(
                *(
                    zip(b.colonnes["sous_ensemble"], b.colonnes["rid"], strict=True)
                    for b in blocs[:i]
                    if b.table == bloc.table
                )
            )
            garder = []
            for rang, cle in enumerate(cles):
                if cle not in connues:
                    connues.add(cle)
                    garder.append(rang)
                    continue
                detail = (
                    f"{bloc.type} {cle[1]} : identifiant en double dans {cle[0]} ; le premier seul est gardé."
                )
                self.anomalies.append(
                    Anomalie(
                        "VALEUR_INVALIDE",
                        AVERTISSEMENT,
                        bloc.type,
                        f"{cle[1]} (n° {rang + 1})",
                        detail,
                        ecrit=False,
                    )
                )
            blocs[i] = _garder(bloc, garder)

    # -- the sheet itself ------------------------------------------------------------------------

    def _version(self) -> dict[str, Any]:
        """Columns of the version of the sheet, from its SUBDSECT."""
        objets = self.objets["SUBDSECT"]
        for rang in range(1, len(objets)):
            detail = (
                f"La feuille {self.id12} contient plusieurs objets SUBDSECT ; le premier seul est enregistré."
            )
            self.anomalies.append(
                Anomalie(
                    "VALEUR_INVALIDE",
                    AVERTISSEMENT,
                    "SUBDSECT",
                    f"{objets.rid[rang]} (n° {rang + 1})",
                    detail,
                    ecrit=False,
                )
            )

        def lire(attribut: str) -> str:
            return (objets.attributs.get(attribut, [None])[0] or "").strip()

        echelle = nombre(lire("EOR"))
        tranche = slice(self.debuts["SUBDSECT"], self.debuts["SUBDSECT"] + 1)
        geom = copie.geometries(self.geometrie.territoire[tranche], self.srid)[0]
        mercator = copie.geometries(self.geometrie.mercator[tranche], 3857)[0]
        return {
            "qualite": lire("QUPL"),
            "confection": lire("COPL"),
            "echelle": None if echelle is None or not 0 < echelle < 2**31 else round(echelle),
            "date_edition": self._date(lire("DEDI"), "DEDI"),
            "date_incorporation": self._date(lire("DIS"), "DIS"),
            "date_reedition": self._date(lire("DRED"), "DRED"),
            "geom": None if geom == copie.NUL else geom,
            "geom_3857": None if mercator == copie.NUL else mercator,
        }

    def _date(self, texte: str, attribut: str) -> date | None:
        valeur = date_texte(texte)
        if valeur is None and texte and not _SANS_DATE.fullmatch(texte.upper()):
            plan.Lecture(self.objets["SUBDSECT"], self.anomalies).invalide(0, attribut, texte)
        return valeur

    # -- anomalies -------------------------------------------------------------------------------

    def _anomalies(self, objets_parcelles: Objets) -> list[Anomalie]:
        """Those of the reader and ours, with the names a person knows and points in the territory's SRID."""
        noms = {("PARCELLE", *cle): nom for cle, nom in self._noms_parcelles(objets_parcelles).items()}
        for type_ in _NOMMES:
            if type_ in self.objets:
                objets = self.objets[type_]
                codes = objets.attributs.get("IDU", [None] * len(objets))
                for sous_ensemble, rid, code in zip(objets.sous_ensemble, objets.rid, codes, strict=True):
                    noms[type_, sous_ensemble, rid] = (code or rid).strip()
        toutes = (*self.feuille.anomalies, *self.anomalies)
        return self._placer([self._nommer(anomalie, noms) for anomalie in toutes])

    def _noms_parcelles(self, objets: Objets) -> dict[tuple[str, str], str]:
        if not any(a.type == "PARCELLE" for a in (*self.feuille.anomalies, *self.anomalies)):
            return {}
        return parcelles.identifiants(objets, self.id12[:2])

    @staticmethod
    def _nommer(anomalie: Anomalie, noms: dict[tuple[str, str, str], str]) -> Anomalie:
        rid = anomalie.identifiant
        nom = noms.get((anomalie.type, anomalie.sous_ensemble or "", rid))
        if nom is None or nom == rid or not anomalie.ecrit:
            return anomalie
        detail = anomalie.detail
        if anomalie.type == "PARCELLE":
            detail = detail.replace(f"PARCELLE {rid}", f"Parcelle {nom}")
        return replace(anomalie, identifiant=nom, detail=detail)

    def _placer(self, anomalies: list[Anomalie]) -> list[Anomalie]:
        places = [i for i, anomalie in enumerate(anomalies) if anomalie.point is not None]
        if self.feuille.epsg != self.srid and places:
            points = shapely.points(np.array([anomalies[i].point for i in places], dtype=float))
            for i, point in zip(places, transformer(points, self.feuille.epsg, self.srid), strict=True):
                anomalies[i] = replace(anomalies[i], point=(point.x, point.y))
        return anomalies


def _garder(bloc: Bloc, rangs: Sequence[int]) -> Bloc:
    if len(rangs) == len(bloc.numeros):
        return bloc
    colonnes = {nom: [colonne[i] for i in rangs] for nom, colonne in bloc.colonnes.items()}
    return Bloc(bloc.type, bloc.table, bloc.numeros[list(rangs)], colonnes)


def interpreter(feuille: Feuille, id12: str, srid: int) -> FeuilleInterpretee:
    """Rows of a lot for the territory of projection ``srid``."""
    return _Interprete(feuille, id12, srid).interpreter()

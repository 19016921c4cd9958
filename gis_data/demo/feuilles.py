"""The commune's objects as sheets of the exchange: columns and numbered relations."""

from __future__ import annotations

import math
from collections import defaultdict
from datetime import date
from typing import Any

import numpy as np
import shapely

from gis_data.demo import ecritures
from gis_data.demo.objets import Commune, Objet
from gis_data.formats.edigeo.modele import Feuille, Geometries, Objets, Relations
from gis_data.formats.edigeo.projections import EPSG_PAR_CODE

AUTEUR = "Commune fictive, aucune donnée réelle"
LOGICIEL = "generer_commune"
INFORMATION = "Plan cadastral inventé"
ECRITURE = "ECRITURE"
TYPES = (
    "COMMUNE", "SECTION", "SUBDSECT", "PARCELLE", "SUBDFISC", "CHARGE", "VOIEP", "NUMVOIE", "LIEUDIT",
    "BATIMENT", "ZONCOMMUNI", "TRONROUTE", "TRONFLUV", "PTCANV", "BORNE", "BOULON", "CROIX", "SYMBLIM",
    "TPOINT", "TLINE", "TSURF", ECRITURE,
)  # fmt: skip
_SOUS_ENSEMBLES = {"PARCELLE": "SeTOP_1", "SUBDSECT": "SeTOP_2", "SECTION": "SeTOP_3"}
_DETAILS = ("TPOINT", "TLINE", "TSURF")
_POLICE = {"FON": "Times New Roman", "TYU": "1", "CEF": "+1.000000", "TPA": "1", "HTA": "1", "VTA": "1"}
_CHASSES = {2.0: 0.2, 2.5: 0.25, 4.0: 0.35, 5.0: 0.4}


def sous_ensemble(type_: str) -> str:
    """Sub-set of a class: parcels, sheet and section are topological, all else is spaghetti."""
    return _SOUS_ENSEMBLES.get(type_, "SeSPA_1")


def construire(commune: Commune) -> dict[str, Feuille]:
    """All sheets of the commune by id12."""
    par_feuille: dict[str, list[Objet]] = defaultdict(list)
    for objet in commune.objets:
        par_feuille[objet.feuille].append(objet)
    return {commune.id12(code): construire_une(commune, code, par_feuille[code]) for code in commune.feuilles}


def construire_une(commune: Commune, code: str, membres: list[Objet]) -> Feuille:
    """One sheet; COMMUNE and SECTION stand whole in each."""
    plan = commune.feuilles[code]
    vue = min((o.date_obs for o in membres), default=commune.millesime)
    communs = [
        Objet(
            commune.idents_communs["COMMUNE"], "COMMUNE", code,
            {"IDU": commune.com3, "TEX2": commune.nom}, commune.geom, vue, vue,
        ),
        Objet(
            commune.idents_communs[plan.section], "SECTION", code,
            {"IDU": f"{commune.com3}000{plan.section}", "TEX": plan.section.lstrip("0")},
            commune.sections[plan.section], vue, vue, [ecritures.dans("SECTION", plan.geom)],
        ),
        Objet(plan.ident, "SUBDSECT", code, dict(plan.attributs), plan.geom, vue, vue),
    ]  # fmt: skip
    par_type: dict[str, list[Objet]] = {t: [] for t in TYPES}
    for objet in (*communs, *membres):
        par_type[objet.type].append(objet)
    objets: dict[str, Objets] = {}
    numeros: dict[int, int] = {}
    for type_ in TYPES[:-1]:
        if par_type[type_]:
            for objet in par_type[type_]:
                numeros[objet.ident] = len(numeros)
            objets[type_] = _colonnes(type_, par_type[type_])
    if any(o.textes for liste in par_type.values() for o in liste):
        objets[ECRITURE] = _ecritures([o for t in TYPES[:-1] for o in par_type[t]])
    return Feuille(
        lot=f"ED{code}",
        code10=plan.attributs["IDU"],
        millesime=commune.millesime,
        crs=commune.crs,
        epsg=EPSG_PAR_CODE[commune.crs],
        objets=objets,
        relations=_relations(par_type, numeros),
        auteur=AUTEUR,
        logiciel=LOGICIEL,
        information=INFORMATION,
        departement=commune.insee[:2],
    )


def _tableau(geoms: list[Any]) -> Geometries:
    resultat = np.empty(len(geoms), dtype=object)
    resultat[:] = geoms
    return resultat


def _colonnes(type_: str, membres: list[Objet]) -> Objets:
    noms = list(dict.fromkeys(nom for o in membres for nom in o.attributs))
    return Objets(
        type_,
        [sous_ensemble(type_)] * len(membres),
        [o.rid for o in membres],
        {nom: [o.attributs.get(nom) for o in membres] for nom in noms},
        _tableau([o.geom for o in membres]),
        [o.date_obs for o in membres],
        [o.date_maj for o in membres],
    )


def _ecritures(membres: list[Objet]) -> Objets:
    lignes = [(o, t) for o in membres for t in o.textes]
    colonnes: dict[str, list[str | None]] = {
        nom: []
        for nom in ("FON", "HEI", "TYU", "CEF", "CSP", "DI1", "DI2", "DI3", "DI4", "TPA", "HTA", "VTA", "ATR")
    }
    for _, t in lignes:
        c, s = math.cos(math.radians(t.angle)), math.sin(math.radians(t.angle))
        valeurs = {
            **_POLICE,
            "HEI": f"{t.hauteur:+.6f}",
            "CSP": f"{_CHASSES.get(t.hauteur, 0.2):+.6f}",
            "DI1": f"{-s:+.6f}",
            "DI2": f"{c:+.6f}",
            "DI3": f"{c:+.6f}",
            "DI4": f"{s:+.6f}",
            "ATR": t.attribut,
        }
        for nom, colonne in colonnes.items():
            colonne.append(valeurs[nom])
    vides: list[date | None] = [None] * len(lignes)
    return Objets(
        ECRITURE,
        [sous_ensemble(o.type) for o, _ in lignes],
        [f"Attribut_{t.attribut}_id_{o.rid}" for o, t in lignes],
        colonnes,
        np.asarray(shapely.points([(t.x, t.y) for _, t in lignes]), dtype=object),
        vides,
        vides,
    )


def _relations(par_type: dict[str, list[Objet]], numeros: dict[int, int]) -> dict[str, Relations]:
    """Semantic relations, the class named first in front; writings are numbered after all objects."""
    paires: dict[str, list[tuple[int, int, str]]] = defaultdict(list)

    def ajouter(nom: str, a: Objet, b: Objet) -> None:
        paires[nom].append((numeros[a.ident], numeros[b.ident], f"Rel_{nom}_{a.rid}_{b.rid}"))

    commune, section, feuille = (par_type[t][0] for t in ("COMMUNE", "SECTION", "SUBDSECT"))
    par_ident = {o.ident: o for liste in par_type.values() for o in liste}
    ajouter("SECTION_COMMUNE", section, commune)
    ajouter("SUBDSECT_SECTION", feuille, section)
    for parcelle in par_type["PARCELLE"]:
        ajouter("PARCELLE_SUBDSECT", parcelle, feuille)
    for type_ in _DETAILS:
        for detail in par_type[type_]:
            ajouter("DETOPO_COMMUNE", detail, commune)
    for point in par_type["PTCANV"]:
        ajouter("PTCANVS_COMMUNE", point, commune)
    for type_ in TYPES[:-1]:
        for objet in par_type[type_]:
            for nom, ident in objet.liens:
                if ident in par_ident:
                    ajouter(nom, objet, par_ident[ident])
    rang = len(numeros)
    for type_ in TYPES[:-1]:
        for objet in par_type[type_]:
            for texte in objet.textes:
                nom_ecriture = f"Rel_IWW_Attribut_{texte.attribut}_id_{objet.rid}"
                paires["IS_S_REL_IWW"].append((rang, numeros[objet.ident], nom_ecriture))
                rang += 1
    return {
        nom: Relations(
            nom,
            np.array([(a, b) for a, b, _ in liste], dtype=np.int32).reshape(-1, 2),
            [rid for _, _, rid in liste],
            len(liste),
        )
        for nom, liste in paires.items()
    }

"""Servitudes of the fictional commune: the surround of its church, its flood plan."""

from __future__ import annotations

from datetime import date
from typing import Any

import shapely

from gis_data.demo.urbanisme.sol import Sol
from gis_data.demo.urbanisme.zonage import Entite, Plan, net

RAYON_MONUMENT = 500.0
GESTIONNAIRE = "259990002"


def servitudes(sol: Sol, jour: date = date(2023, 3, 1)) -> dict[str, Plan]:
    """Category → lot: the church's surround (AC1), the flood plan (PM1)."""

    def bande(largeur: float) -> Any:
        return net(shapely.intersection(shapely.buffer(sol.eau, largeur), sol.commune))

    abords = shapely.MultiPolygon([shapely.buffer(sol.eglise, RAYON_MONUMENT)])
    return {
        "AC1": _lot(
            sol,
            jour,
            ("AC1", "Église de la commune fictive", "Périmètre des abords", "Inscription de l'église"),
            [(sol.eglise, "Monument inscrit")],
            [(abords, "Abords de l'église, 500 m", RAYON_MONUMENT)],
        ),
        "PM1": _lot(
            sol,
            jour,
            ("PM1", "Plan de prévention du risque d'inondation", "Zone réglementée", "Approbation du plan"),
            [(net(sol.eau), "Cours d'eau")],
            [
                (bande(25), "Zone rouge : aléa fort", None),
                (net(shapely.difference(bande(75), bande(25))), "Zone bleue : aléa modéré", None),
            ],
        ),
    }


def _lot(
    sol: Sol,
    jour: date,
    identite: tuple[str, str, str, str],
    generateurs: list[tuple[Any, str]],
    assiettes: list[tuple[Any, str, float | None]],
) -> Plan:
    categorie, nom, type_assiette, acte = identite
    lot = Plan(sol.insee, sol.srid, jour)
    fichier = f"{categorie}_{sol.insee}_acte.pdf"
    lot.couches[f"{categorie}_GENERATEUR_SUP_S"] = [
        Entite(
            shapely.MultiPolygon(list(shapely.get_parts(forme))),
            {
                "IDGEN": f"{categorie}-G{i}",
                "IDSUP": f"{categorie}-S1",
                "NOMGEN": libelle,
                "TYPEGEN": libelle,
                "MODEGENERE": "Numérisation",
                "SRCGEOGEN": "Cadastre",
                "DATESRCGEN": f"{jour:%Y}",
                "REFBDEXT": "",
                "IDBDEXT": "",
            },
        )
        for i, (forme, libelle) in enumerate(generateurs, start=1)
    ]
    lot.couches[f"{categorie}_ASSIETTE_SUP_S"] = [
        Entite(
            forme,
            {
                "IDASS": f"{categorie}-A{i}",
                "IDGEN": f"{categorie}-G1",
                "NOMASS": libelle,
                "TYPEASS": type_assiette,
                "MODEGEOASS": "Tampon" if rayon else "Numérisation",
                "PARAMCALC": int(rayon) if rayon else 0,
                "SRCGEOASS": "Cadastre",
                "DATESRCASS": f"{jour:%Y}",
            },
        )
        for i, (forme, libelle, rayon) in enumerate(assiettes, start=1)
    ]
    lot.couches["SERVITUDE"] = [
        Entite(
            None,
            {
                "IDSUP": f"{categorie}-S1",
                "IDGEST": GESTIONNAIRE,
                "NOMSUP": nom,
                "NOMSUPLITT": nom,
                "CATEGORIE": categorie,
                "IDINTGEST": "",
                "DESCRIPTIO": "",
                "DATEMAJ": jour,
                "ECHNUM": 1000,
                "VALIDEGEST": "T",
                "OBSVALIDAT": "",
                "QUIPROD": "Service fictif",
                "MODEPROD": "Numérisation",
                "DOCSOURCE": "",
            },
        )
    ]
    lot.couches["ACTE_SUP"] = [
        Entite(
            None,
            {
                "IDACTE": f"{categorie}-C1",
                "NOMACTE": acte,
                "REFERENCE": "",
                "TYPEACTE": "Arrêté",
                "FICHIER": fichier,
                "DECISION": "Création",
                "DATEDECIS": jour,
                "DATEPUB": jour,
                "APLAN": "F",
            },
        )
    ]
    lot.couches["SERVITUDE_ACTE_SUP"] = [
        Entite(None, {"IDSUP": f"{categorie}-S1", "IDACTE": f"{categorie}-C1"})
    ]
    lot.couches["GESTIONNAIRE_SUP"] = [
        Entite(
            None,
            {
                "IDGEST": GESTIONNAIRE,
                "NOMGEST": "Direction fictive du patrimoine et des risques",
                "NOMCORRES": "",
                "NUMTEL": "",
                "ADRESSE": "",
                "COURRIEL": "",
            },
        )
    ]
    return lot

"""What a package of a document and a lot of servitudes have in common: tables told, versions described."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gis_data.contraintes.imports.base import ImportRefuse, Rapport
from gis_data.contraintes.imports.lecture import Table
from gis_data.contraintes.models import DocumentUrbanisme
from gis_data.ouverture import Contenu


def reconnaitre(contenu: Contenu, nommer: Callable[[str], Any], rapport: Rapport) -> dict[str, Table]:
    """Tables of the standard found in the package; what is missing or left aside goes to the report."""
    par_table: dict[str, list[Any]] = {}
    for couche in contenu.couches:
        table = nommer(couche.nom)
        if not table or table.startswith("HABILLAGE") or table == "TITRES_PIECES_ECRITES":
            rapport.ignorees[couche.nom] = couche.nombre
            continue
        if ".dbf" in couche.manquants:
            raise ImportRefuse(
                f"Il manque {couche.nom}.dbf, la table de la couche {couche.nom} : sans elle, rien ne"
                f" dit ce que sont"
                " ses objets. Ajoutez ce fichier au paquet.",
                rapport,
            )
        if ".shx" in couche.manquants:
            rapport.signaler(
                "FICHIER_MANQUANT",
                "information",
                couche.nom,
                0,
                "Fichier .shx absent : l'index a été reconstruit.",
            )
        for remarque in couche.remarques:
            rapport.signaler("JEU_DE_CARACTERES", "attention", couche.nom, 0, remarque)
        rapport.encodages[couche.nom] = couche.encodage
        par_table.setdefault(table, []).append(couche)
    tables = {nom: Table(nom, couches) for nom, couches in par_table.items()}
    for table in tables.values():
        if inconnus := table.hors_standard():
            rapport.signaler(
                "CHAMP_HORS_STANDARD",
                "information",
                table.nom,
                0,
                f"Champs hors du standard, gardés tels quels : {', '.join(inconnus[:20])}.",
            )
    return tables


def decrire(document: DocumentUrbanisme, effets: list[str]) -> dict[str, Any]:
    """A version, for a report."""
    return {
        "id": document.pk,
        "type": document.type_document,
        "categorie": document.categorie,
        "identifiant": document.identifiant,
        "territoire": document.territoire,
        "communes": document.communes,
        "standard": document.standard,
        "etat": document.etat,
        "valide_du": document.valide_du.isoformat(),
        "valide_au": document.valide_au.isoformat() if document.valide_au else None,
        "courant": document.valide_au is None,
        "couches": document.couches,
        "effets": effets,
    }

"""Reading of a case of the conflict engine: parameters first, then the lists as the contract writes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from shapely.geometry.base import BaseGeometry

from domainepublic.regles import geometrie as geo
from domainepublic.regles.creneaux import lire_creneaux
from domainepublic.regles.lecture import Objet
from domainepublic.regles.simultaneite import Temps
from domainepublic.regles.tables.etats import ETATS, FERME, IGNORE, POIDS_DES_ETATS
from domainepublic.regles.tables.types import AUCUN, NIVEAUX, TYPES
from mairie.calendrier import jma

COTES = ("axe", "gauche", "droite")


@dataclass(frozen=True)
class Parametres:
    """Thresholds: metres, square metres, months, years; widths: arrêté of 15 January 2007."""

    tolerance_m2: Decimal
    distance_pei_m: Decimal
    distance_tranchees_m: Decimal
    delai_tranchees_mois: int
    age_revetement_ans: int
    largeur_libre_m: Decimal
    largeur_libre_sans_obstacle_m: Decimal
    largeur_bus_m: Decimal
    jours_max: int
    srid: int


@dataclass(frozen=True)
class Emprise:
    """One emprise: ``surface`` is the ground taken, ``poids`` how firm its dossier is."""

    id: str
    surface: BaseGeometry
    type: str
    poids: str
    temps: Temps
    dossier: str | None
    operateur: str | None
    voie: str | None
    affecte_sol: bool
    largeur_libre: Decimal | None
    sans_obstacle_lateral: bool


@dataclass(frozen=True)
class Repere:
    """A surface of a street, a hydrant or a bus line; ``pose_le`` for a street surface."""

    id: str
    geometrie: BaseGeometry
    pose_le: date | None = None


@dataclass(frozen=True)
class Cas:
    """Everything that the engine compares; emprises of no weight are already gone."""

    parametres: Parametres
    emprises: tuple[Emprise, ...]
    compatibilites: Mapping[tuple[str, str], str]
    revetements: tuple[Repere, ...]
    pei: tuple[Repere, ...]
    lignes_bus: tuple[Repere, ...]

    def niveau_de(self, a: str, b: str) -> str | None:
        """Level of the row of a pair, in either order; None without row."""
        return self.compatibilites.get((min(a, b), max(a, b)))


def lire_cas(brut: Any) -> Cas:
    """Case checked completely."""
    objet = Objet.du_cas(brut)
    parametres = _lire_parametres(objet.objet_facultatif("parametres"))
    bornes = geo.BORNES_LAMBERT_93 if parametres.srid == geo.LAMBERT_93 else None
    emprises = _lire_emprises(objet, bornes)
    compatibilites = {}
    for ligne in objet.objets("compatibilites"):
        a, b = ligne.texte("a"), ligne.texte("b")
        compatibilites[min(a, b), max(a, b)] = ligne.choix("niveau", NIVEAUX, AUCUN)
    revetements = tuple(
        Repere(element.code("id"), geo.lire_geometrie(element, "geometrie", bornes), element.date("pose_le"))
        for element in objet.objets("revetements")
    )
    pei = tuple(
        Repere(element.code("id"), geo.lire_geometrie(element, "geometrie", bornes))
        for element in objet.objets("pei")
    )
    lignes_bus = tuple(
        Repere(element.code("id"), _couloir(element, bornes, parametres))
        for element in objet.objets("lignes_bus")
    )
    examine = objet.code_facultatif("examine")
    # The weight is known only once ``examine``, written last, is read.
    retenues = []
    for emprise, etat in emprises:
        poids = POIDS_DES_ETATS[etat]
        if examine is not None and emprise.dossier == examine:
            poids = FERME
        if poids != IGNORE:
            retenues.append(replace(emprise, poids=poids))
    return Cas(parametres, tuple(retenues), compatibilites, revetements, pei, lignes_bus)


def _lire_parametres(objet: Objet) -> Parametres:
    return Parametres(
        objet.nombre("tolerance_m2", "0.5"),
        objet.nombre("distance_pei_m", 5),
        objet.nombre("distance_tranchees_m", 20),
        objet.entier("delai_tranchees_mois", 6),
        objet.entier("age_revetement_ans", 3),
        objet.nombre("largeur_libre_m", "1.40"),
        objet.nombre("largeur_libre_sans_obstacle_m", "1.20"),
        objet.nombre("largeur_bus_m", 7, strict=True),
        objet.entier("jours_max", 60),
        objet.entier("srid", geo.LAMBERT_93, minimum=1),
    )


def _lire_emprises(objet: Objet, bornes: geo.Bornes | None) -> list[tuple[Emprise, str]]:
    emprises: list[tuple[Emprise, str]] = []
    connus: set[str] = set()
    for element in objet.objets("emprises", requis=True):
        identifiant = element.code("id")
        if identifiant in connus:
            raise element.faute("id", f"L'identifiant {identifiant} est déjà pris par une autre emprise.")
        connus.add(identifiant)
        surface = _lire_surface(element, bornes)
        type_occupation = element.texte("type")
        etat = element.choix("etat", ETATS)
        debut = element.date("debut")
        fin = element.date_facultative("fin")
        if fin is not None and fin < debut:
            message = f"La fin ({jma(fin)}) précède le début ({jma(debut)})."
            raise element.faute("fin", message)
        emprise = Emprise(
            id=identifiant,
            surface=surface,
            type=type_occupation,
            poids=IGNORE,
            temps=Temps(debut, fin, lire_creneaux(element)),
            dossier=element.code_facultatif("dossier"),
            operateur=element.texte_facultatif("operateur"),
            voie=element.texte_facultatif("voie"),
            affecte_sol=element.booleen("affecte_sol", _affecte_sol(type_occupation)),
            largeur_libre=element.nombre_facultatif("largeur_libre"),
            sans_obstacle_lateral=element.booleen("sans_obstacle_lateral"),
        )
        emprises.append((emprise, etat))
    return emprises


def _affecte_sol(type_occupation: str) -> bool:
    return type_occupation in TYPES and TYPES[type_occupation].affecte_sol


def _lire_surface(objet: Objet, bornes: geo.Bornes | None) -> BaseGeometry:
    geometrie = geo.lire_geometrie(objet, "geometrie", bornes)
    if geometrie.geom_type in geo.POINTS:
        return geo.disque(geometrie, float(objet.nombre("rayon", strict=True)))
    if geometrie.geom_type in geo.LIGNES:
        largeur = float(objet.nombre("largeur", strict=True))
        return geo.bande(geometrie, largeur, objet.choix("cote", COTES, "axe"))
    return geometrie


def _couloir(objet: Objet, bornes: geo.Bornes | None, parametres: Parametres) -> BaseGeometry:
    geometrie = geo.lire_geometrie(objet, "geometrie", bornes)
    return geo.bande(geometrie, float(objet.nombre("largeur", parametres.largeur_bus_m, strict=True)))

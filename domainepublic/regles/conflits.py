"""Collisions of occupations in space and time, with each other and with what a street holds.

Pure part: the candidates are given; the application takes them by spatial index, then calls this.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from domainepublic.regles.conflits_lecture import Cas, Emprise, Parametres, Repere, lire_cas
from domainepublic.regles.simultaneite import jours_communs
from domainepublic.regles.tables.etats import FERME
from domainepublic.regles.tables.types import ALERTE, AUCUN, BLOQUANT, BUS, INFO, NIVEAUX, PEI
from mairie.calendrier import jma, plus_mois
from mairie.montants import arrondi, texte_francais

MESURE = 6  # decimals kept of an area or a distance: below it, the noise of floating coordinates
MARGE_INDEX = 1e-5  # metres added to an index search, the exact distance deciding afterwards
RESEAU = "RESEAU"

Lots = Mapping[int, Sequence[int]]


@dataclass(frozen=True)
class Conflit:
    """One conflict; ``surface`` in m², ``distance`` in m, ``dates`` the first of the ``nb_jours`` days."""

    a: str
    b: str | None
    niveau: str
    motif: str
    libelle: str
    surface: Decimal | None = None
    distance: Decimal | None = None
    dates: tuple[date, ...] = ()
    nb_jours: int = 0
    avis_obligatoire: str | None = None

    def en_json(self) -> dict[str, Any]:
        """JSON form of the contract."""
        avis = {} if self.avis_obligatoire is None else {"avis_obligatoire": self.avis_obligatoire}
        return {
            "a": self.a,
            "b": self.b,
            "niveau": self.niveau,
            "motif": self.motif,
            "surface": None if self.surface is None else str(self.surface),
            "distance": None if self.distance is None else str(self.distance),
            "dates": [jour.isoformat() for jour in self.dates],
            "nb_jours": self.nb_jours,
            **avis,
            "libelle": self.libelle,
        }


def detecter_conflits(brut: Any) -> dict[str, Any]:
    """Answer of one case of the command; ``ErreurSaisie`` on the first fault met."""
    return {"conflits": [conflit.en_json() for conflit in conflits(lire_cas(brut))]}


def conflits(cas: Cas) -> list[Conflit]:
    """Every conflict of the case: blocking first, then alerts, then informations."""
    trouves = [
        *entre_emprises(cas),
        *sur_revetements(cas),
        *largeurs_libres(cas),
        *pres_des_pei(cas),
        *sur_lignes_de_bus(cas),
    ]
    return sorted(
        trouves,
        key=lambda conflit: (-NIVEAUX.index(conflit.niveau), conflit.a, conflit.b or "", conflit.motif),
    )


def aire_commune(a: BaseGeometry, b: BaseGeometry) -> Decimal:
    """Area of the intersection in m²."""
    return _mesure(shapely.area(shapely.intersection(a, b)))


def distance(a: BaseGeometry, b: BaseGeometry) -> Decimal:
    """Shortest distance in m."""
    return _mesure(shapely.distance(a, b))


def _mesure(valeur: float) -> Decimal:
    return arrondi(Decimal(float(valeur)), MESURE)


def entre_emprises(cas: Cas) -> Iterator[Conflit]:
    """Pairs of emprises of two dossiers (without dossier, each is its own), in the order of the input."""
    for rang_a, rang_b in paires_proches(cas):
        a, b = cas.emprises[rang_a], cas.emprises[rang_b]
        if a.dossier is not None and a.dossier == b.dossier:
            continue
        aire = aire_commune(a.surface, b.surface)
        jours: tuple[date, ...] = ()
        nombre = 0
        if aire > cas.parametres.tolerance_m2:
            jours, nombre = jours_communs(a.temps, b.temps, cas.parametres.jours_max)
        if nombre:
            conflit = chevauchement(cas, a, b, Commun(aire, jours, nombre))
        else:
            conflit = coordination_tranchees(cas, a, b)
        if conflit is not None:
            yield conflit


def paires_proches(cas: Cas) -> list[tuple[int, int]]:
    """Pairs near enough to matter, in the order of the input, found by a spatial index."""
    surfaces = [emprise.surface for emprise in cas.emprises]
    paires = {
        (rang, voisin)
        for rang, voisins in _voisins(surfaces, surfaces, 0).items()
        for voisin in voisins
        if rang < voisin
    }
    reseaux = [rang for rang, emprise in enumerate(cas.emprises) if emprise.type == RESEAU]
    tranchees = [surfaces[rang] for rang in reseaux]
    proches = _voisins(tranchees, tranchees, float(cas.parametres.distance_tranchees_m))
    for rang, voisins in proches.items():
        paires |= {(reseaux[rang], reseaux[voisin]) for voisin in voisins if rang < voisin}
    return sorted(paires)


def _voisins(sources: Sequence[BaseGeometry], cibles: Sequence[BaseGeometry], metres: float) -> Lots:
    """For each source, the targets not farther than ``metres`` (and a hair), by an R-tree."""
    if not sources or not cibles:
        return {}
    arbre = shapely.STRtree(cibles)
    rangs, voisins = arbre.query(sources, predicate="dwithin", distance=metres + MARGE_INDEX)
    lots: dict[int, list[int]] = {}
    for rang, voisin in zip(rangs.tolist(), voisins.tolist(), strict=True):
        lots.setdefault(rang, []).append(voisin)
    return {rang: sorted(lots[rang]) for rang in sorted(lots)}


@dataclass(frozen=True)
class Commun:
    """What two emprises share: m², the first days, and how many days in all."""

    aire: Decimal
    jours: tuple[date, ...]
    nombre: int


def chevauchement(cas: Cas, a: Emprise, b: Emprise, commun: Commun) -> Conflit | None:
    """Same ground at the same hours: blocking between firm dossiers, never above the row of the types."""
    niveau = BLOQUANT if a.poids == b.poids == FERME else INFO
    plafond = cas.niveau_de(a.type, b.type)
    if plafond is not None:
        niveau = min(niveau, plafond, key=NIVEAUX.index)
    if niveau == AUCUN:
        return None
    surface = arrondi(commun.aire)
    libelle = (
        f"{a.id} et {b.id} occupent {texte_francais(surface)} m² communs pendant {commun.nombre} jour(s)."
    )
    return Conflit(
        a.id,
        b.id,
        niveau,
        "chevauchement",
        libelle,
        surface=surface,
        dates=commun.jours,
        nb_jours=commun.nombre,
    )


def coordination_tranchees(cas: Cas, a: Emprise, b: Emprise) -> Conflit | None:
    """Two trenches of different operators, in one street, near in space and time: one could be shared."""
    if not (a.type == b.type == RESEAU) or cas.niveau_de(RESEAU, RESEAU) == AUCUN:
        return None
    if a.voie is None or a.voie != b.voie or None in (a.operateur, b.operateur) or a.operateur == b.operateur:
        return None
    parametres = cas.parametres
    ecart = distance(a.surface, b.surface)
    if ecart > parametres.distance_tranchees_m or not _proches_dans_le_temps(a, b, parametres):
        return None
    metres = arrondi(ecart)
    libelle = (
        f"Tranchées {a.id} et {b.id} à {texte_francais(metres)} m dans {a.voie} : "
        "une seule suffirait peut-être."
    )
    return Conflit(a.id, b.id, INFO, "coordination_tranchees", libelle, distance=metres)


def _proches_dans_le_temps(a: Emprise, b: Emprise, parametres: Parametres) -> bool:
    premiere, seconde = sorted((a.temps, b.temps), key=lambda temps: temps.debut)
    if premiere.fin is None:
        return True
    return precede_de(premiere.fin, seconde.debut, parametres.delai_tranchees_mois)


def precede_de(depart: date, jour: date, mois: int) -> bool:
    """Whether ``jour`` comes before ``depart`` plus that many months; a date beyond any calendar is later."""
    try:
        return jour < plus_mois(depart, mois)
    except OverflowError:
        return True


def sur_revetements(cas: Cas) -> Iterator[Conflit]:
    """Works in the ground of a surface younger than three years at their beginning (CVR L115-1)."""
    for emprise, revetement in _croisements(cas.emprises, cas.revetements):
        debut, pose_le = emprise.temps.debut, revetement.pose_le
        if not emprise.affecte_sol or pose_le is None:
            continue
        if not (pose_le <= debut and precede_de(pose_le, debut, 12 * cas.parametres.age_revetement_ans)):
            continue
        aire = aire_commune(emprise.surface, revetement.geometrie)
        if aire > cas.parametres.tolerance_m2:
            libelle = f"{emprise.id} ouvre le revêtement {revetement.id}, posé le {jma(pose_le)}."
            yield Conflit(emprise.id, revetement.id, ALERTE, "revetement_recent", libelle, arrondi(aire))


def largeurs_libres(cas: Cas) -> Iterator[Conflit]:
    """Pedestrian width left under 1.40 m, or 1.20 m without obstacle on either side."""
    for emprise in cas.emprises:
        minimum = cas.parametres.largeur_libre_m
        if emprise.sans_obstacle_lateral:
            minimum = cas.parametres.largeur_libre_sans_obstacle_m
        libre = emprise.largeur_libre
        if libre is not None and libre < minimum:
            libelle = (
                f"{emprise.id} laisse {texte_francais(libre)} m aux piétons, "
                f"il en faut {texte_francais(minimum)} m."
            )
            yield Conflit(emprise.id, None, ALERTE, "largeur_libre", libelle)


def pres_des_pei(cas: Cas) -> Iterator[Conflit]:
    """Emprise too near a hydrant or water point."""
    for emprise, pei in _croisements(cas.emprises, cas.pei, float(cas.parametres.distance_pei_m)):
        ecart = distance(emprise.surface, pei.geometrie)
        if ecart <= cas.parametres.distance_pei_m and cas.niveau_de(emprise.type, PEI) != AUCUN:
            metres = arrondi(ecart)
            libelle = f"{emprise.id} est à {texte_francais(metres)} m du point d'eau incendie {pei.id}."
            yield Conflit(emprise.id, pei.id, ALERTE, "proximite_pei", libelle, distance=metres)


def sur_lignes_de_bus(cas: Cas) -> Iterator[Conflit]:
    """Emprise in the corridor of a bus line: the advice of the transport service becomes obligatory."""
    for emprise, ligne in _croisements(cas.emprises, cas.lignes_bus):
        aire = aire_commune(emprise.surface, ligne.geometrie)
        if aire > cas.parametres.tolerance_m2 and cas.niveau_de(emprise.type, BUS) != AUCUN:
            libelle = f"{emprise.id} empiète sur la ligne de bus {ligne.id}."
            conflit = Conflit(emprise.id, ligne.id, ALERTE, "avis_transport", libelle, arrondi(aire))
            yield replace(conflit, avis_obligatoire="transports")


def _croisements(
    emprises: Sequence[Emprise], reperes: Sequence[Repere], metres: float = 0.0
) -> Iterator[tuple[Emprise, Repere]]:
    surfaces = [emprise.surface for emprise in emprises]
    for rang, voisins in _voisins(surfaces, [repere.geometrie for repere in reperes], metres).items():
        for voisin in voisins:
            yield emprises[rang], reperes[voisin]

"""The network of the demonstration: some 400 pipes along the streets, brought in as a RAEPA file."""

from __future__ import annotations

import heapq
import math
import random
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import shapely
import shapely.affinity
import shapely.ops

from assainissement.models import ImportRaepa, Intervention, Ouvrage, Troncon
from assainissement.regles.tables.raepa import APPAREILLAGES, CANALISATIONS, OUVRAGES, REPARATIONS
from assainissement.reseau import ecriture, exports, imports
from mairie.demo import INSEE
from mairie.models import Utilisateur, Voie

NOMBRE = 400
GRAINE = 25_401
# Metres between two manholes; a street that stops this near to another meets it; coordinates are rounded.
ECART_MIN_M, ECART_MAX_M, JONCTION_M, GRILLE_M = 15.0, 45.0, 12.0, 0.25
PARTIE_MIN = 8
RADIER_M, PENTE, PROFONDEUR_M, RELEVE_M = 246.0, 0.005, 1.6, 3.0
MATERIAUX = ("27", "27", "27", "13", "02", "06", "11", "18")
Place = tuple[float, float]


@dataclass
class Plan:
    """Manholes (place), pipes (upstream, downstream, points), metres from each manhole to its outlet."""

    places: list[Place]
    tuyaux: list[tuple[int, int, list[Place]]]
    distances: dict[int, float]
    exutoires: list[int]


def jouer(jour: date, par: Utilisateur) -> str:
    """The file of the manager, some records of it wrong, imported once."""
    if ImportRaepa.objects.filter(insee=INSEE).exists():
        return "déjà là"
    axes = Voie.objects.filter(insee=INSEE, active=True, axe__isnull=False).order_by("pk")
    plan = tracer([shapely.from_wkb(bytes(v.axe.wkb)) for v in axes])
    if plan is None:
        return "aucune voie : rien à montrer"
    with tempfile.TemporaryDirectory(prefix="raepa-demo-") as dossier:
        chemin = Path(dossier) / "RAEPA_25999.gpkg"
        for couche, lignes in enregistrements(plan, jour).items():
            exports.ecrire_lot(chemin, couche, [v for v, _ in lignes], [g for _, g in lignes], "gpkg")
        with chemin.open("rb") as flux:
            recu = imports.deposer(INSEE, flux, chemin.name, par)
    imports.controler(recu, jour.year)
    ecriture.confirmer(recu, par)
    faites = _interventions(jour, par)
    return (
        f"{Troncon.objects.filter(insee=INSEE).count()} canalisations,"
        f" {recu.bilan['rejetes']} enregistrements refusés, {faites} interventions"
    )


def tracer(axes: Iterable[Any]) -> Plan | None:
    """Trees of pipes along the streets, each falling to the southern end of its part of the town."""
    rues = _rues([ligne for axe in axes for ligne in shapely.get_parts(shapely.force_2d(axe))])
    if not rues:
        return None
    ecart = min(ECART_MAX_M, max(ECART_MIN_M, sum(r.length for r in rues) / NOMBRE))
    places: list[Place] = []
    cases: dict[Place, int] = {}

    def regard(place: Place) -> int:
        if place not in cases:
            cases[place] = len(places)
            places.append(place)
        return cases[place]

    liens: dict[int, dict[int, list[Place]]] = {}
    for rue in rues:
        nombre = max(1, round(rue.length / ecart))
        for de, vers in pairwise([rue.length * n / nombre for n in range(nombre + 1)]):
            points = [(round(x, 2), round(y, 2)) for x, y in shapely.ops.substring(rue, de, vers).coords]
            i, j = regard(points[0]), regard(points[-1])
            if i != j and j not in liens.get(i, {}):
                liens.setdefault(i, {})[j] = points
                liens.setdefault(j, {})[i] = points[::-1]
    plan = Plan(places, [], {}, [])
    for partie in sorted(_parties(liens), key=len, reverse=True):
        if len(partie) > PARTIE_MIN and len(plan.tuyaux) < NOMBRE:
            _arbre(plan, partie, liens)
    return plan if plan.tuyaux else None


def _rues(lignes: list[Any]) -> list[Any]:
    """Streets cut where they meet; one that stops short of another is led to it."""
    ponts = []
    for rang, ligne in enumerate(lignes):
        for bout in (shapely.Point(ligne.coords[0]), shapely.Point(ligne.coords[-1])):
            for autre in lignes[:rang] + lignes[rang + 1 :]:
                if 0 < autre.distance(bout) < JONCTION_M:
                    ponts += [shapely.shortest_line(bout, autre)]
    noues = shapely.union_all([*lignes, *ponts], grid_size=GRILLE_M)
    return [r for r in shapely.get_parts(shapely.line_merge(noues)) if r.length > GRILLE_M]


def _arbre(plan: Plan, partie: set[int], liens: dict[int, dict[int, list[Place]]]) -> None:
    """Shortest ways of a part of the town to its outlet, the nearest first, as long as there is room."""
    exutoire = min(partie, key=lambda n: (plan.places[n][1], plan.places[n][0]))
    distances = {exutoire: 0.0}
    parents: dict[int, int] = {}
    file = [(0.0, exutoire)]
    while file:
        distance, noeud = heapq.heappop(file)
        if distance > distances[noeud]:
            continue
        for voisin, points in sorted(liens[noeud].items()):
            plus = distance + _longueur(points)
            if plus < distances.get(voisin, math.inf):
                distances[voisin], parents[voisin] = plus, noeud
                heapq.heappush(file, (plus, voisin))
    gardes = sorted(parents, key=lambda n: (distances[n], n))[: NOMBRE - len(plan.tuyaux)]
    plan.tuyaux += [(n, parents[n], liens[n][parents[n]]) for n in gardes]
    plan.distances |= distances
    plan.exutoires.append(exutoire)


def _parties(liens: dict[int, dict[int, list[Place]]]) -> list[set[int]]:
    vus: set[int] = set()
    sorties = []
    for depart in liens:
        if depart in vus:
            continue
        partie, pile = {depart}, [depart]
        while pile:
            for voisin in liens[pile.pop()]:
                if voisin not in partie:
                    partie.add(voisin)
                    pile.append(voisin)
        vus |= partie
        sorties.append(partie)
    return sorties


def _longueur(points: list[Place]) -> float:
    return sum(math.dist(a, b) for a, b in pairwise(points))


def enregistrements(plan: Plan, jour: date) -> dict[str, list[tuple[dict[str, Any], bytes]]]:
    """Records of the four layers; a few have the faults that real files have."""
    h = random.Random(GRAINE)  # noqa: S311 - invented data, always the same
    communs = {
        "MOUVRAGE": "Commune de Valbrune", "GEXPLOIT": "Régie des eaux de Valbrune", "TYPRESEAU": "02",
        "QUALGLOCXY": "01", "QUALGLOCZ": "02", "DATEMAJ": f"{jour.year - 1}-11-20", "SOURMAJ": "Plan fictif",
    }  # fmt: skip
    # A branch under the level of the rest: its water is pumped.
    enfants: dict[int, list[int]] = {}
    for n, parent, _ in plan.tuyaux:
        enfants.setdefault(parent, []).append(n)
    pompe = next((n for n, _, _ in plan.tuyaux if 3 <= len(_sous(n, enfants)) <= 25), None)
    bas = set(_sous(pompe, enfants)) if pompe is not None else set()

    def radier(n: int) -> float:
        return round(RADIER_M + PENTE * plan.distances[n] - (RELEVE_M if n in bas else 0), 2)

    noms = {n: f"R{rang:04d}" for rang, n in enumerate([*plan.exutoires, *(n for n, _, _ in plan.tuyaux)], 1)}
    tuyaux: list[tuple[dict[str, Any], bytes]] = []
    for rang, (n, parent, points) in enumerate(plan.tuyaux, 1):
        haut, aval = radier(n), radier(parent)
        longueur = _longueur(points)
        fait, trace = 0.0, []
        for place, avant in zip(points, [points[0], *points], strict=False):
            fait += math.dist(place, avant)
            trace.append((*place, haut + (aval - haut) * fait / longueur))
        annee = h.randint(1962, jour.year - 2)
        forcee = n == pompe
        valeurs = {
            **communs, "IDCANA": f"C{rang:04d}", "ENSERVICE": "O", "BRANCHEMNT": "N",
            "TYPRESEAU": "03" if plan.distances[n] < 400 and annee < 1980 else "02",
            "MATERIAU": "PVC CR8" if rang % 53 == 7 else MATERIAUX[rang % len(MATERIAUX)],
            "DIAMETRE": 110 if forcee else 300 if plan.distances[n] < 600 else 200,
            "ANFINPOSE": f"{annee}", "MODECIRC": "02" if forcee else "01", "CONTCANASS": "00",
            "FONCCANASS": "01" if forcee else "02", "ZAMONT": haut, "ZAVAL": aval, "SENSECOUL": "1",
            "LONGCANA": round(longueur, 1), "NBRANCHE": h.randint(0, 4), "QUALANNEE": "04",
        }  # fmt: skip
        if rang % 9:
            valeurs |= {"IDNINI": noms[n], "IDNTERM": noms[parent]}
        tuyaux.append((valeurs, shapely.LineString(trace).wkb))
    fautifs: tuple[dict[str, Any], ...] = ({"TYPRESEAU": "07"}, {"IDCANA": None}, {"FONCCANASS": "XX"})
    for rang, fautes in enumerate(fautifs, 1):
        valeurs, forme = tuyaux[-rang]
        tuyaux.append(({**valeurs, "IDCANA": f"C9{rang:03d}", **fautes}, forme))
    # One pipe that joins nothing, as real files have some.
    seule = {c: v for c, v in tuyaux[20][0].items() if c not in ("IDNINI", "IDNTERM")} | {"IDCANA": "C9100"}
    loin = shapely.affinity.translate(shapely.from_wkb(tuyaux[20][1]), 9.0, 9.0)
    tuyaux.append((seule, loin.wkb))
    regards = []
    for n, nom in noms.items():
        fonction = "02" if n in plan.exutoires else "01" if n == pompe else "06"
        sol = radier(n) + PROFONDEUR_M + (RELEVE_M if n in bas else 0)
        valeurs = {**communs, "IDOUVRAGE": nom, "FNOUVASS": fonction, "Z": round(sol, 2)}
        regards.append((valeurs, shapely.Point(*plan.places[n], round(sol, 2)).wkb))
    appareils, reparations = [], []
    for rang, (valeurs, forme) in enumerate(tuyaux[:NOMBRE]):
        milieu = shapely.line_interpolate_point(shapely.from_wkb(forme), 0.5, normalized=True)
        place = shapely.Point(round(milieu.x, 2), round(milieu.y, 2), 0.0).wkb
        if rang % 40 == 11:
            quoi = {"IDAPPAREIL": f"A{rang:04d}", "FNAPPASS": "03" if rang % 80 == 11 else "04"}
            appareils.append(({**communs, **quoi, "IDCANPPALE": valeurs["IDCANA"]}, place))
        if rang % 60 == 31:
            reparations.append(
                ({"IDREPAR": f"P{rang:04d}", "SUPPREPAR": "01", "DEFREPAREE": "01",
                  "MOUVRAGE": communs["MOUVRAGE"],
                  "DATEREPAR": f"{jour.year - 1 - rang % 4}-06-1{rang % 9}"}, place)
            )  # fmt: skip
    return {CANALISATIONS: tuyaux, OUVRAGES: regards, APPAREILLAGES: appareils, REPARATIONS: reparations}


def _sous(n: int, enfants: dict[int, list[int]]) -> list[int]:
    """A manhole and all those above it."""
    pile, tous = [n], []
    while pile:
        courant = pile.pop()
        tous.append(courant)
        pile += enfants.get(courant, [])
    return tous


def _interventions(jour: date, par: Utilisateur) -> int:
    """A year of cleaning, filming and one overflow."""
    genres = ("curage", "itv", "curage", "reparation", "curage", "debordement")
    troncons = list(Troncon.objects.filter(insee=INSEE).order_by("identifiant")[5:300:25])
    for rang, t in enumerate(troncons):
        milieu = _plat(t.geom.interpolate_normalized(0.5))
        Intervention.objects.create(
            insee=INSEE, nature=genres[rang % 6], date=jour - timedelta(days=17 * rang + 3), troncon=t,
            geom=milieu, usager_touche=rang % 6 == 5, cree_par=par,
            commentaire="Intervention fictive de démonstration.",
        )  # fmt: skip
    station = Ouvrage.objects.filter(insee=INSEE, fonction="01").first()
    if station is not None:
        Intervention.objects.create(
            insee=INSEE, nature="curage", date=jour - timedelta(days=9), ouvrage=station, cree_par=par,
            geom=_plat(station.geom), commentaire="Nettoyage du poste.",
        )  # fmt: skip
    return len(troncons) + (station is not None)


def _plat(point: Any) -> Any:
    from django.contrib.gis.geos import Point

    return Point(point.x, point.y, srid=point.srid)

"""Next vintages of the commune: splits, merges, new numbers, removals, new areas, moved limits.

Cuts join existing vertices and moved limits lie between two parcels only, so that no other parcel
changes by as much as a vertex.
"""

from __future__ import annotations

import copy
import math
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry import LineString, Polygon

from gis_data.demo import ecritures, liens
from gis_data.demo.assemblage import contenance
from gis_data.demo.objets import Commune, Objet, reel
from gis_data.demo.village.courbes import rectangle


class _Mutation:
    """The changes from one vintage to the next, each parcel touched once at most."""

    def __init__(self, avant: Commune) -> None:
        self.commune = copy.deepcopy(avant)
        self.commune.rang += 1
        self.commune.millesime = avant.millesime.replace(year=avant.millesime.year + 1)
        self.rng = np.random.default_rng([avant.graine, 100 + avant.rang])
        self.perdues: dict[int, list[Objet]] = {}
        self.touchees: set[int] = set()
        occupees = {
            i for o in avant.objets for nom, i in o.liens if nom in ("SUBDFISC_PARCELLE", "CHARGE_PARCELLE")
        }
        self.libres = [
            p
            for p in self.commune.parcelles
            if p.geom is not None
            and p.ident not in occupees
            and not p.geom.interiors
            and "SUPF" in p.attributs
            and p.attributs["INDP"] == "01"
        ]
        self.baties = {i for o in avant.objets for nom, i in o.liens if nom == "BATIMENT_PARCELLE"}

    @property
    def jour(self) -> date:
        """Date of update of what changed."""
        return self.commune.millesime - timedelta(days=24)

    def tirer(self, combien: int, garde: Any) -> list[Objet]:
        """``combien`` parcels not touched yet for which ``garde`` holds, one a sheet at first."""
        ordre = [self.libres[i] for i in self.rng.permutation(len(self.libres))]
        choix: list[Objet] = []
        feuilles = set[str]()
        for tour in (0, 1):
            for p in ordre:
                if len(choix) == combien:
                    return choix
                if p.ident in self.touchees or (tour == 0 and p.feuille in feuilles) or not garde(p):
                    continue
                self.touchees.add(p.ident)
                feuilles.add(p.feuille)
                choix.append(p)
        return choix

    def ouvrir(self, modele: Objet, geom: Any, contenances: int | None = None) -> Objet:
        """A new parcel with the next number of the section."""
        commune = self.commune
        section = modele.feuille[:2]
        commune.numeros[section] += 1
        numero = commune.numeros[section]
        attributs = dict(modele.attributs)
        attributs["IDU"] = f"{commune.com3}000{section}{numero:04d}"
        attributs["TEX"] = str(numero)
        if contenances is not None:
            attributs["SUPF"] = reel(contenances, 0)
        nouvelle = Objet(
            commune.nouvel_ident(), "PARCELLE", modele.feuille, attributs, geom, self.jour, self.jour,
            [ecritures.dans("PARCELLE", geom)],
        )  # fmt: skip
        commune.objets.append(nouvelle)
        return nouvelle

    def fermer(self, parcelle: Objet, suivantes: list[Objet]) -> None:
        """Takes a parcel out; ``suivantes`` stand on its ground."""
        self.commune.objets.remove(parcelle)
        self.perdues[parcelle.ident] = suivantes


def evoluer(avant: Commune) -> Commune:
    """The commune one vintage later."""
    m = _Mutation(avant)
    n = max(1, len(m.libres) // 130)
    for p in m.tirer(2 * n, lambda p: p.geom.area > 500 and corde(p.geom) is not None):
        _diviser(m, p)
    _fusionner(m, n)
    for p in m.tirer(n, lambda p: True):
        m.fermer(p, [m.ouvrir(p, p.geom)])
    for p in m.tirer(max(1, n // 2), lambda p: p.ident not in m.baties and p.geom.area < 1500):
        m.fermer(p, [])
    for p in m.tirer(2 * n, lambda p: True):
        ancienne = float(p.attributs["SUPF"])
        ecart = max(1, round(0.01 * ancienne)) * (1 if m.rng.random() < 0.5 or ancienne < 5 else -1)
        p.attributs["SUPF"] = reel(ancienne + ecart, 0)
        p.date_maj = m.jour
    for p in m.tirer(n, lambda p: "COAR" not in p.attributs):
        p.attributs["COAR"] = "A"
        p.attributs["SUPF"] = reel(contenance(p.geom.area, True, m.rng), 0)
        p.date_maj = m.jour
    _deplacer(m, n)
    for p in m.commune.parcelles:
        if p.attributs["INDP"] == "02" and m.commune.rang == 2:
            p.attributs["INDP"], p.date_maj = "01", m.jour
    _construire(m, n)
    liens.relier_perdus(m.commune, m.perdues)
    liens.relier_batiments(m.commune)
    return m.commune


def _diviser(m: _Mutation, parcelle: Objet) -> None:
    """Two lots, or three in the larger fields, by chords between vertices."""
    morceaux = corde(parcelle.geom)
    if morceaux is None:
        return
    parts = list(morceaux)
    if parcelle.geom.area > 4000:
        grand = max(parts, key=lambda p: p.area)
        encore = corde(grand)
        if encore is not None:
            parts.remove(grand)
            parts += encore
    total = float(parcelle.attributs["SUPF"])
    aires = np.array([p.area for p in parts])
    valeurs = np.maximum(1, np.rint(total * aires / aires.sum())).astype(int)
    valeurs[0] = max(1, int(valeurs[0]) + round(total) - int(valeurs.sum()))
    m.fermer(parcelle, [m.ouvrir(parcelle, p, int(v)) for p, v in zip(parts, valeurs, strict=True)])


def corde(forme: Polygon) -> tuple[Polygon, Polygon] | None:
    """Cuts a polygon in two by a chord between two of its vertices, short and near the middle."""
    p = np.asarray(forme.exterior.coords)[:-1]
    n = len(p)
    q = p - p.mean(axis=0)
    suite = np.roll(q, -1, axis=0)
    cumul = np.concatenate([[0.0], np.cumsum(q[:, 0] * suite[:, 1] - suite[:, 0] * q[:, 1])])
    i, j = np.triu_indices(n, 2)
    garde = ~((i == 0) & (j == n - 1))
    i, j = i[garde], j[garde]
    fermeture = q[j, 0] * q[i, 1] - q[i, 0] * q[j, 1]
    parts = np.abs((cumul[j] - cumul[i] + fermeture) / 2) / forme.area
    longueurs = np.hypot(*(p[j] - p[i]).T) / math.sqrt(forme.area)
    notes = np.abs(parts - 0.5) * 2.2 + longueurs * 0.6
    notes[(parts < 0.22) | (parts > 0.78)] = np.inf
    for k in np.argsort(notes, kind="stable")[:60]:
        if not np.isfinite(notes[k]):
            break
        a, b = int(i[k]), int(j[k])
        ligne = LineString([p[a], p[b]])
        bord = shapely.intersection(ligne, forme.exterior)
        if bord.geom_type != "MultiPoint" or len(bord.geoms) != 2 or not forme.covers(ligne):
            continue
        un, deux = Polygon(p[a : b + 1]), Polygon(np.vstack([p[b:], p[: a + 1]]))
        if un.is_valid and deux.is_valid:
            return shapely.normalize(un), shapely.normalize(deux)
    return None


def _fusionner(m: _Mutation, combien: int) -> None:
    """Joins pairs of neighbours of a sheet."""
    faites = 0
    for a, b in _paires(m):
        if faites == combien:
            return
        uni = shapely.union(a.geom, b.geom)
        if uni.geom_type != "Polygon" or uni.interiors or not uni.is_valid:
            continue
        if set(_points(uni)) - set(_points(a.geom)) - set(_points(b.geom)):
            continue
        m.touchees |= {a.ident, b.ident}
        total = round(float(a.attributs["SUPF"]) + float(b.attributs["SUPF"]))
        nouvelle = m.ouvrir(a, shapely.normalize(uni), total)
        m.fermer(a, [nouvelle])
        m.fermer(b, [nouvelle])
        faites += 1


def _points(forme: Polygon) -> list[tuple[float, float]]:
    return [(x, y) for x, y in shapely.get_coordinates(forme).tolist()]


def _paires(m: _Mutation) -> list[tuple[Objet, Objet]]:
    """Untouched neighbours of the same sheet with a common border of more than 8 m, shuffled."""
    libres = [p for p in m.libres if p.ident not in m.touchees]
    formes = np.array([p.geom for p in libres])
    i, j = shapely.STRtree(formes).query(formes, predicate="touches")
    garde = i < j
    i, j = i[garde], j[garde]
    commun = shapely.length(shapely.intersection(formes[i], formes[j]))
    paires = sorted(zip(i[commun > 8].tolist(), j[commun > 8].tolist(), strict=True))
    resultat, pris = [], set[int]()
    for k in m.rng.permutation(len(paires)):
        a, b = (libres[x] for x in paires[int(k)])
        if a.feuille == b.feuille and not pris & {a.ident, b.ident}:
            pris |= {a.ident, b.ident}
            resultat.append((a, b))
    return resultat


def _deplacer(m: _Mutation, combien: int) -> None:
    """Bends the longest edge between two neighbours; areas and drawn limits of both change."""
    faites = 0
    for a, b in _paires(m):
        if faites == combien:
            return
        arete = _arete_commune(a.geom, b.geom)
        if arete is None:
            continue
        p, q = np.array(arete[0]), np.array(arete[1])
        d = q - p
        ecart = min(2.5, 0.08 * float(np.hypot(*d)))
        milieu = np.round((p + q) / 2 + np.array([-d[1], d[0]]) / np.hypot(*d) * ecart, 2)
        nouveaux = [_inserer(x.geom, arete, (float(milieu[0]), float(milieu[1]))) for x in (a, b)]
        avant = shapely.union(a.geom, b.geom)
        if not all(x.is_valid for x in nouveaux) or abs(shapely.union_all(nouveaux).area - avant.area) > 1e-6:
            continue
        if shapely.intersection(*nouveaux).area > 1e-9:
            continue
        for parcelle, forme in zip((a, b), nouveaux, strict=True):
            parcelle.geom = shapely.normalize(forme)
            parcelle.textes = [ecritures.dans("PARCELLE", forme)]
            parcelle.date_maj = m.jour
            m.touchees.add(parcelle.ident)
        faites += 1


def _arete_commune(a: Polygon, b: Polygon) -> tuple[tuple[float, float], tuple[float, float]] | None:
    """The longest edge that both polygons have, of 20 m at least."""
    pa, pb = _points(a), _points(b)
    autres = {frozenset(x) for x in pairwise(pb)}
    communes = [x for x in pairwise(pa) if frozenset(x) in autres]
    longues = [x for x in communes if math.dist(*x) > 20]
    return max(longues, key=lambda x: math.dist(*x)) if longues else None


def _inserer(
    forme: Polygon, arete: tuple[tuple[float, float], tuple[float, float]], milieu: tuple[float, float]
) -> Polygon:
    """The polygon with one more vertex in an edge."""
    points = _points(forme)
    sommets = [points[0]]
    for p, q in pairwise(points):
        if frozenset((p, q)) == frozenset(arete):
            sommets.append(milieu)
        sommets.append(q)
    return Polygon(sommets)


def _construire(m: _Mutation, combien: int) -> None:
    """New houses on bare lots of the village."""
    nus = [
        p
        for p in m.commune.parcelles
        if p.ident not in m.baties and p.feuille[0] not in "0Z" and p.geom.area > 250
    ]
    faites = 0
    for k in m.rng.permutation(len(nus)):
        parcelle = nus[int(k)]
        x, y, r = ecritures.place(parcelle.geom)
        if r < 8 or faites == combien:
            continue
        forme = rectangle((x, y), float(m.rng.uniform(0, 3)), 11.0, 8.5)
        forme = shapely.normalize(shapely.transform(forme, lambda c: np.round(c, 2)))
        m.commune.objets.append(
            Objet(
                m.commune.nouvel_ident(), "BATIMENT", parcelle.feuille, {"DUR": "01"}, forme, m.jour, m.jour
            )
        )
        faites += 1


def comparer(avant: Commune, apres: Commune, feuille: str | None = None) -> dict[str, Any]:
    """What the comparison of two vintages must give (cadastre.md §7.3), for one sheet or for all."""
    vieux = {avant.idu14(p): p for p in avant.parcelles if feuille in {None, p.feuille}}
    neufs = {apres.idu14(p): p for p in apres.parcelles if feuille in {None, p.feuille}}
    creees, supprimees = sorted(neufs.keys() - vieux.keys()), sorted(vieux.keys() - neufs.keys())
    modifiees: list[dict[str, Any]] = []
    for idu in sorted(vieux.keys() & neufs.keys()):
        champs = _champs(vieux[idu], neufs[idu])
        if champs:
            modifiees.append({"idu": idu, "champs": champs})
    changees = [x["idu"] for x in modifiees]
    return {
        "commune": avant.insee,
        "avant": avant.millesime.isoformat(),
        "apres": apres.millesime.isoformat(),
        "creees": creees,
        "supprimees": supprimees,
        "modifiees": modifiees,
        "inchangees": len(vieux.keys() & neufs.keys()) - len(modifiees),
        "filiation": _filiation(
            {i: vieux[i].geom for i in [*supprimees, *changees]},
            {i: neufs[i].geom for i in [*creees, *changees]},
        ),
    }


def _champs(avant: Objet, apres: Objet) -> dict[str, list[Any]]:
    def valeur(o: Objet) -> dict[str, Any]:
        supf = o.attributs.get("SUPF")
        return {
            "contenance": None if supf is None else int(float(supf)),
            "arpentee": o.attributs.get("COAR") == "A",
            "figuree": o.attributs["INDP"] != "02",
            "feuille": o.feuille,
        }

    un, deux = valeur(avant), valeur(apres)
    champs = {nom: [un[nom], deux[nom]] for nom in un if un[nom] != deux[nom]}
    if not shapely.equals_exact(shapely.normalize(avant.geom), shapely.normalize(apres.geom), 0.004):
        champs["geometrie"] = [round(avant.geom.area, 3), round(apres.geom.area, 3)]
    return champs


def _filiation(vieux: dict[str, Any], neufs: dict[str, Any]) -> list[dict[str, Any]]:
    """Shared ground of at least 1 m² and 1 % of the smaller parcel."""
    if not vieux or not neufs:
        return []
    a, b = list(vieux), list(neufs)
    formes_a: npt.NDArray[Any] = np.array([vieux[i] for i in a])
    formes_b: npt.NDArray[Any] = np.array([neufs[i] for i in b])
    i, j = shapely.STRtree(formes_b).query(formes_a, predicate="intersects")
    resultat = []
    for x, y in sorted(zip(i.tolist(), j.tolist(), strict=True), key=lambda xy: (a[xy[0]], b[xy[1]])):
        parent, enfant = formes_a[x], formes_b[y]
        if a[x] == b[y] and shapely.equals_exact(shapely.normalize(parent), shapely.normalize(enfant), 0.004):
            continue
        commun = float(shapely.intersection(parent, enfant).area)
        if commun < max(1.0, 0.01 * min(parent.area, enfant.area)):
            continue
        resultat.append(
            {
                "parent": a[x],
                "enfant": b[y],
                "aire_commune_m2": round(commun, 2),
                "part_parent": round(commun / parent.area, 4),
                "part_enfant": round(commun / enfant.area, 4),
            }
        )
    return resultat

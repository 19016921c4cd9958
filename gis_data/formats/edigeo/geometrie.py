"""Geometry of the objects of a lot, from its faces, arcs and nodes. Nothing is snapped, closed or rounded."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import shapely

from .liens import Liens
from .lignes import Entiers
from .modele import Geometries
from .vecteur import Primitives

# A border left out of the polygon shows as a difference of lengths; roundings stay far below.
_ECART_PERIMETRE_M = 1e-3
_ECART_AIRE_M2 = 5e-3


@dataclass(eq=False)
class Construction:
    """One geometry (or None) per object in file order, and why some needed a repair."""

    geom: Geometries
    reparees: dict[int, str] = field(default_factory=dict)


@dataclass(eq=False)
class Arcs:
    """All arcs of a lot: flat vertices, first vertex and number of vertices of each arc."""

    sommets: npt.NDArray[np.float64]
    debuts: Entiers
    tailles: Entiers

    @classmethod
    def de(cls, primitives: Primitives) -> Arcs:
        """Concatenate the arcs of all files."""
        sommets = np.concatenate([np.empty((0, 2)), *primitives.sommets])
        tailles = np.concatenate([np.empty(0, np.int64), *primitives.tailles])
        return cls(sommets, np.cumsum(tailles) - tailles, tailles)

    def aires(self) -> npt.NDArray[np.float64]:
        """Signed area under each arc seen from a common origin (sums over closed borders are areas)."""
        if not len(self.sommets):
            return np.zeros(len(self.tailles))
        x, y = (self.sommets - self.sommets[0]).T
        croises = np.zeros(len(x) + 1)
        np.cumsum(x[:-1] * y[1:] - x[1:] * y[:-1], out=croises[1:-1])
        fins = np.maximum(self.debuts + self.tailles - 1, 0)
        aires = (croises[fins] - croises[np.minimum(self.debuts, len(x))]) / 2
        return np.where(self.tailles > 0, aires, 0.0)

    def lignes(self, arcs: Entiers) -> Geometries:
        """LineStrings of the arcs given, each of two points at least."""
        tailles = self.tailles[arcs]
        rang = np.repeat(np.arange(len(arcs)), tailles)
        decalage = np.repeat(self.debuts[arcs] - (np.cumsum(tailles) - tailles), tailles)
        return np.asarray(shapely.linestrings(self.sommets[np.arange(len(rang)) + decalage], indices=rang))


@dataclass(eq=False)
class Bords:
    """Border of the areas: object, arc, 1 where the object is on the left of the arc, else -1."""

    objets: Entiers
    arcs: Entiers
    sens: Entiers

    def choisir(self, choix: npt.NDArray[np.bool_]) -> Bords:
        """Part of the border."""
        return Bords(self.objets[choix], self.arcs[choix], self.sens[choix])


def construire(nombre: int, primitives: Primitives, liens: Liens) -> Construction:
    """Geometry of every object: areas from faces, else lines from arcs, else points from nodes."""
    resultat = Construction(np.full(nombre, None, dtype=object))
    arcs = Arcs.de(primitives)
    # Coordinates out of this world overflow; what comes of them is an anomaly, not talk on a terminal.
    with np.errstate(all="ignore"):
        _points(liens, primitives, resultat.geom)
        _lignes(liens, arcs, resultat.geom)
        _surfaces(liens, arcs, resultat)
    return resultat


def _points(liens: Liens, primitives: Primitives, geom: Geometries) -> None:
    if not len(liens.noeuds):
        return
    objets, numeros = liens.noeuds.T
    positions = np.concatenate(primitives.noeuds)[numeros]
    lisibles = ~np.isnan(positions[:, 0])
    objets, points = objets[lisibles], shapely.points(positions[lisibles])
    simples = np.bincount(objets, minlength=len(geom))[objets] == 1
    geom[objets[simples]] = points[simples]
    for objet in np.unique(objets[~simples]).tolist():
        geom[objet] = shapely.multipoints(points[objets == objet])


def _lignes(liens: Liens, arcs: Arcs, geom: Geometries) -> None:
    """Arcs in the order of the link, turned by SNS; consecutive arcs that meet exactly make one line."""
    par_objet: dict[int, list[npt.NDArray[np.float64]]] = {}
    for objet, arc, inverse in liens.arcs.tolist():
        debut, taille = arcs.debuts[arc], arcs.tailles[arc]
        if taille < 2:
            liens.primitives_absentes[objet].append("arc de moins de deux points")
            continue
        sommets = arcs.sommets[debut : debut + taille]
        if inverse:
            sommets = sommets[::-1]
        parties = par_objet.setdefault(objet, [])
        if parties and (parties[-1][-1] == sommets[0]).all():
            parties[-1] = np.concatenate([parties[-1], sommets[1:]])
        else:
            parties.append(sommets)
    simples = [objet for objet, parties in par_objet.items() if len(parties) == 1]
    if simples:
        sommets = np.concatenate([par_objet[objet][0] for objet in simples])
        rang = np.repeat(np.arange(len(simples)), [len(par_objet[objet][0]) for objet in simples])
        geom[simples] = shapely.linestrings(sommets, indices=rang)
    for objet, parties in par_objet.items():
        if len(parties) > 1:
            geom[objet] = shapely.multilinestrings([shapely.linestrings(partie) for partie in parties])


# -- areas ---------------------------------------------------------------------------------------


def _surfaces(liens: Liens, arcs: Arcs, resultat: Construction) -> None:
    """Areas by following the directed arcs, which is right where it ends well (closed rings, one outer ring,
    valid); the others, from their lines."""
    if not len(liens.faces):
        return
    bords = _bords(liens)
    bords = bords.choisir(arcs.tailles[bords.arcs] >= 2)
    if not len(bords.objets):
        return
    aires = arcs.aires()
    suivies = _suivre(bords, arcs, aires)
    resultat.geom[suivies[0]] = suivies[1]
    reste = np.ones(len(resultat.geom), dtype=bool)
    reste[suivies[0]] = False
    reste = reste[bords.objets]
    if reste.any():
        _par_les_lignes(bords.choisir(reste), arcs, aires, resultat)


def _bords(liens: Liens) -> Bords:
    """Border of the objects; arcs with the object on both sides are left out."""
    base_face = int(max(liens.faces[:, 1].max(), liens.cotes[:, 1].max(initial=0))) + 1
    objets, faces = np.divmod(np.unique(liens.faces[:, 0] * base_face + liens.faces[:, 1]), base_face)
    base = int(liens.cotes[:, 0].max(initial=0)) + 1
    # A link repeated in a file counts once: only two different sides make an arc an inner one.
    arc, cote_face, droite = liens.cotes.T
    cote_face, reste = np.divmod(np.unique((cote_face * base + arc) * 2 + droite), 2 * base)
    arc, droite = np.divmod(reste, 2)
    debut, fin = np.searchsorted(cote_face, faces), np.searchsorted(cote_face, faces, side="right")
    nombres = fin - debut
    decalage = np.repeat(debut - (np.cumsum(nombres) - nombres), nombres)
    choisis = np.arange(len(decalage)) + decalage
    cles = (np.repeat(objets, nombres) * base + arc[choisis]) * 2 + droite[choisis]
    cles.sort()
    # The two sides of an inner arc stand next to each other.
    double = cles[1:] >> 1 == cles[:-1] >> 1
    uniques = np.ones(len(cles), dtype=bool)
    uniques[1:] &= ~double
    uniques[:-1] &= ~double
    paires, droite = np.divmod(cles[uniques], 2)
    objets_du_bord, arcs = np.divmod(paires, base)
    return Bords(objets_du_bord, arcs, 1 - 2 * droite)


def _suivre(bords: Bords, arcs: Arcs, aires: npt.NDArray[np.float64]) -> tuple[Entiers, Geometries]:
    """Objects (and their areas) whose arcs make rings without choice at any node: one counter-clockwise
    ring and any number of clockwise ones, valid. The others are not in the result."""
    premiers = arcs.debuts[bords.arcs]
    derniers = premiers + arcs.tailles[bords.arcs] - 1
    direct = bords.sens > 0
    departs, arrivees = np.where(direct, premiers, derniers), np.where(direct, derniers, premiers)
    suivants, bons = _chainer(bords.objets, arcs.sommets[departs], arcs.sommets[arrivees])
    # ``ordre`` lists the arcs ring after ring, ``anneau`` numbers the ring of each of them.
    ordre, anneau = _anneaux(suivants)
    sens, arc = bords.sens[ordre], bords.arcs[ordre]
    nombre = int(anneau[-1]) + 1 if len(anneau) else 0
    aire = np.bincount(anneau, aires[arc] * sens, minlength=nombre)
    objet = np.zeros(nombre, dtype=np.int64)
    objet[anneau] = bords.objets[ordre]
    taille = int(bords.objets.max()) + 1
    exterieurs = np.bincount(objet[aire > 0], minlength=taille)
    mauvais = np.zeros(taille, dtype=bool)
    mauvais[bords.objets[~bons]] = True
    mauvais[objet[np.abs(aire) < _ECART_AIRE_M2]] = True
    garde = ((exterieurs == 1) & ~mauvais)[objet]

    # Rings in the order shapely wants: those of an object together, the outer one first.
    place = np.lexsort((aire < 0, objet))
    place = place[garde[place]]
    rang_anneau = np.full(nombre, -1, dtype=np.int64)
    rang_anneau[place] = np.arange(len(place))
    choisis = np.flatnonzero(garde[anneau])
    choisis = choisis[np.argsort(rang_anneau[anneau[choisis]], kind="stable")]
    sommets, rang = _sommets_diriges(arcs, arc[choisis], sens[choisis], rang_anneau[anneau[choisis]])
    objets, indices = np.unique(objet[place], return_inverse=True)
    if not len(objets):
        return objets, np.empty(0, dtype=object)
    surfaces = np.asarray(shapely.polygons(shapely.linearrings(sommets, indices=rang), indices=indices))
    valides = shapely.is_valid(surfaces)
    return objets[valides], surfaces[valides]


def _chainer(
    objets: Entiers, departs: npt.NDArray[np.float64], arrivees: npt.NDArray[np.float64]
) -> tuple[Entiers, npt.NDArray[np.bool_]]:
    """For each directed arc the one of its object that starts where it ends; False where there is a choice,
    nothing, or two arcs that lead to the same one."""
    n = len(objets)
    bouts = np.concatenate([departs, arrivees]).view(np.complex128).ravel()
    _, noeuds = np.unique(bouts, return_inverse=True)
    cles = np.concatenate([objets, objets]) * (int(noeuds.max()) + 1) + noeuds
    ordre = np.argsort(cles[:n], kind="stable")
    tries = cles[:n][ordre]
    debut = np.searchsorted(tries, cles[n:])
    bons = np.searchsorted(tries, cles[n:], side="right") - debut == 1
    suivants = np.where(bons, ordre[np.minimum(debut, n - 1)], np.arange(n))
    return suivants, bons & (np.bincount(suivants, minlength=n)[suivants] == 1)


def _anneaux(suivants: Entiers) -> tuple[Entiers, Entiers]:
    """Arcs listed ring after ring, and the number of the ring of each. Chains that do not close give rings
    too: their objects are left out by the caller."""
    liste = suivants.tolist()
    vus = bytearray(len(liste))
    ordre: list[int] = []
    anneau: list[int] = []
    nombre = 0
    for depart in range(len(liste)):
        i = depart
        if vus[i]:
            continue
        while not vus[i]:
            vus[i] = 1
            ordre.append(i)
            anneau.append(nombre)
            i = liste[i]
        nombre += 1
    return np.array(ordre, dtype=np.int64), np.array(anneau, dtype=np.int64)


def _sommets_diriges(
    arcs: Arcs, numeros: Entiers, sens: Entiers, anneau: Entiers
) -> tuple[npt.NDArray[np.float64], Entiers]:
    """Vertices of arcs put end to end in their direction (the last of each is the first of the next),
    and the ring of each vertex."""
    nombres = arcs.tailles[numeros] - 1
    depart = np.where(sens > 0, arcs.debuts[numeros], arcs.debuts[numeros] + nombres)
    rang_local = np.arange(int(nombres.sum())) - np.repeat(np.cumsum(nombres) - nombres, nombres)
    indices = np.repeat(depart, nombres) + rang_local * np.repeat(sens, nombres)
    return arcs.sommets[indices], np.repeat(anneau, nombres)


def _par_les_lignes(bords: Bords, arcs: Arcs, aires: npt.NDArray[np.float64], resultat: Construction) -> None:
    """Areas enclosed by the arcs of each object, checked by the faces on their left and right.

    ``build_area`` knows lines only: it fills what two parts enclose by touching at two points. The sum of
    the signed areas under the arcs, taken with the face on the left, tells that something is wrong.
    """
    concernes, rang = np.unique(bords.objets, return_inverse=True)
    lignes = arcs.lignes(bords.arcs)
    contours = np.asarray(shapely.multilinestrings(lignes, indices=rang))
    surfaces = np.asarray(shapely.build_area(contours))
    obtenues = shapely.area(surfaces)
    fautives = (obtenues == 0) | ~shapely.is_valid(surfaces)
    ouvertes = np.abs(shapely.length(surfaces) - shapely.length(contours)) > _ECART_PERIMETRE_M
    attendues = np.abs(np.bincount(rang, aires[bords.arcs] * bords.sens))
    douteuses = np.abs(attendues - obtenues) > _ECART_AIRE_M2
    for i in np.flatnonzero(fautives | ouvertes | douteuses).tolist():
        du_contour = rang == i
        orientee = None if fautives[i] else _par_les_cotes(lignes[du_contour], bords.sens[du_contour])
        if orientee is not None:
            surfaces[i] = orientee
            continue
        if fautives[i] or ouvertes[i]:
            surfaces[i] = _reparer(contours[i])
        if surfaces[i] is not None:
            resultat.reparees[int(concernes[i])] = (
                "le contour se recoupe ; les parties fermées sont gardées"
                if fautives[i]
                else "une partie du contour n'est pas fermée ; elle est laissée de côté"
                if ouvertes[i]
                else "les faces à gauche et à droite des arcs se contredisent ; le contour seul est suivi"
            )
    resultat.geom[concernes] = surfaces


def _par_les_cotes(lignes: Geometries, signes: Entiers) -> shapely.Geometry | None:
    """Area made of the cells that the directed arcs run around once; None when they do not close or
    contradict each other."""
    sommets = [shapely.get_coordinates(ligne)[::signe] for ligne, signe in zip(lignes, signes, strict=True)]
    bouts = Counter(tuple(s[0]) for s in sommets)
    bouts.subtract(tuple(s[-1]) for s in sommets)
    if any(bouts.values()):
        return None
    a = np.concatenate([s[:-1] for s in sommets])
    b = np.concatenate([s[1:] for s in sommets])
    cellules = shapely.get_parts(shapely.polygonize(lignes))
    points = shapely.get_coordinates(shapely.point_on_surface(cellules))
    tours = np.array([_tours(point, a, b) for point in points])
    sens = 1 if (tours > 0).any() else -1
    if not len(cellules) or not np.isin(tours, (0, sens)).all():
        return None
    dedans = shapely.get_parts(shapely.union_all(cellules[tours == sens]))
    surface = dedans[0] if len(dedans) == 1 else shapely.multipolygons(dedans)
    return surface if shapely.is_valid(surface) and surface.area > 0 else None


def _tours(point: npt.NDArray[np.float64], a: npt.NDArray[np.float64], b: npt.NDArray[np.float64]) -> int:
    """Winding number of the directed segments a→b around a point."""
    cote = (b[:, 0] - a[:, 0]) * (point[1] - a[:, 1]) - (point[0] - a[:, 0]) * (b[:, 1] - a[:, 1])
    montent = (a[:, 1] <= point[1]) & (b[:, 1] > point[1]) & (cote > 0)
    descendent = (a[:, 1] > point[1]) & (b[:, 1] <= point[1]) & (cote < 0)
    return int(montent.sum() - descendent.sum())


def _reparer(contour: shapely.Geometry) -> shapely.Geometry | None:
    """Area of a faulty border: noded, built again, made valid; None when nothing is enclosed."""
    surface = shapely.build_area(shapely.node(contour))
    if not shapely.is_valid(surface):
        surface = shapely.make_valid(surface)
    parties = [
        partie
        for partie in shapely.get_parts(shapely.get_parts(surface))
        if shapely.get_type_id(partie) == 3 and shapely.area(partie) > 0
    ]
    if not parties:
        return None
    return parties[0] if len(parties) == 1 else shapely.multipolygons(parties)

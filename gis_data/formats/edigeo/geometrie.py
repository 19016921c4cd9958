"""Geometry of the objects of a lot, from its faces, arcs and nodes. Nothing is snapped, closed or rounded."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import shapely

from .lignes import Entiers
from .modele import Geometries
from .vecteur import Bruts, Primitives

# A border left out of the polygon shows as a difference of lengths; roundings stay far below.
_ECART_PERIMETRE_M = 1e-3
_ECART_AIRE_M2 = 5e-3


@dataclass(eq=False)
class Construction:
    """One geometry (or None) per object in file order, and the ranks of those that needed care."""

    geom: Geometries
    reparees: dict[int, str] = field(default_factory=dict)


@dataclass(eq=False)
class Arcs:
    """All arcs of a lot: flat vertices, offsets; ``valides`` = arcs of two points or more."""

    sommets: npt.NDArray[np.float64]
    debuts: Entiers
    tailles: Entiers

    @classmethod
    def de(cls, primitives: Primitives) -> Arcs:
        """Concatenate the arcs of all files."""
        vide = np.empty((0, 2))
        sommets = np.concatenate([vide, *primitives.sommets])
        tailles = np.concatenate([np.empty(0, np.int64), *primitives.tailles])
        return cls(sommets, np.cumsum(tailles) - tailles, tailles)

    def sommets_de(self, arcs: Entiers) -> tuple[npt.NDArray[np.float64], Entiers]:
        """Vertices of the arcs given and, for each vertex, the rank of its arc."""
        tailles = self.tailles[arcs]
        rang = np.repeat(np.arange(len(arcs)), tailles)
        decalage = np.repeat(self.debuts[arcs] - (np.cumsum(tailles) - tailles), tailles)
        return self.sommets[np.arange(len(rang)) + decalage], rang

    def aires(self, arcs: Entiers) -> npt.NDArray[np.float64]:
        """Signed area under each arc seen from a common origin (sums over closed borders are areas)."""
        sommets, rang = self.sommets_de(arcs)
        x, y = (sommets - (sommets[0] if len(sommets) else 0)).T
        croises = np.zeros(len(rang))
        croises[:-1] = (x[:-1] * y[1:] - x[1:] * y[:-1]) * (rang[:-1] == rang[1:])
        return np.asarray(np.bincount(rang, croises / 2, minlength=len(arcs)), dtype=np.float64)

    def lignes(self, arcs: Entiers) -> Geometries:
        """LineStrings of the arcs given, each of two points at least."""
        sommets, rang = self.sommets_de(arcs)
        return np.asarray(shapely.linestrings(sommets, indices=rang))


def construire(bruts: Bruts, primitives: Primitives) -> Construction:
    """Geometry of every object: areas from faces, else lines from arcs, else points from nodes."""
    resultat = Construction(np.full(len(bruts.rids), None, dtype=object))
    arcs = Arcs.de(primitives)
    _points(bruts, primitives, resultat.geom)
    _lignes(bruts, arcs, resultat.geom)
    _surfaces(bruts, primitives, arcs, resultat)
    return resultat


def _points(bruts: Bruts, primitives: Primitives, geom: Geometries) -> None:
    if not bruts.noeuds:
        return
    objets, numeros = np.array(bruts.noeuds, dtype=np.int64).T
    positions = np.concatenate(primitives.noeuds)[numeros]
    lisibles = ~np.isnan(positions[:, 0])
    objets, points = objets[lisibles], shapely.points(positions[lisibles])
    nombres = np.bincount(objets, minlength=len(geom))
    simples = nombres[objets] == 1
    geom[objets[simples]] = points[simples]
    for objet in np.unique(objets[~simples]).tolist():
        geom[objet] = shapely.multipoints(points[objets == objet])


def _lignes(bruts: Bruts, arcs: Arcs, geom: Geometries) -> None:
    """Arcs in the order of the link, turned by SNS; consecutive arcs that meet exactly make one line."""
    par_objet: dict[int, list[npt.NDArray[np.float64]]] = {}
    for objet, arc, inverse in bruts.arcs:
        debut, taille = arcs.debuts[arc], arcs.tailles[arc]
        if taille < 2:
            bruts.primitives_absentes[objet].append("arc sans longueur")
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


def _surfaces(bruts: Bruts, primitives: Primitives, arcs: Arcs, resultat: Construction) -> None:
    """Areas enclosed by the arcs of each object, checked by the faces on their left and right.

    ``build_area`` knows lines only: it fills what two parts enclose by touching at two points. The sum of
    the signed areas under the arcs, taken with the face on the left, tells that something is wrong.
    """
    if not bruts.faces:
        return
    objets, bords, signes = _bords(bruts, primitives)
    utiles = arcs.tailles[bords] >= 2
    objets, bords, signes = objets[utiles], bords[utiles], signes[utiles]
    concernes, rang = np.unique(objets, return_inverse=True)
    if not len(concernes):
        return
    distincts, place = np.unique(bords, return_inverse=True)
    lignes = arcs.lignes(distincts)[place]
    contours = np.asarray(shapely.multilinestrings(lignes, indices=rang))
    surfaces = np.asarray(shapely.build_area(contours))
    aires = shapely.area(surfaces)
    fautives = (aires == 0) | ~shapely.is_valid(surfaces)
    ouvertes = np.abs(shapely.length(surfaces) - shapely.length(contours)) > _ECART_PERIMETRE_M
    attendues = np.bincount(rang, arcs.aires(distincts)[place] * signes)
    douteuses = np.abs(np.abs(attendues) - aires) > _ECART_AIRE_M2
    for i in np.flatnonzero(fautives | ouvertes | douteuses).tolist():
        du_contour = rang == i
        orientee = None if fautives[i] else _par_les_cotes(lignes[du_contour], signes[du_contour])
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


def _bords(bruts: Bruts, primitives: Primitives) -> tuple[Entiers, Entiers, Entiers]:
    """Border of the objects: object, arc, and 1 where the object is on the left of the arc, else -1.

    Arcs with the object on both sides are left out.
    """
    objets, faces = np.unique(np.array(bruts.faces, dtype=np.int64), axis=0).T
    cotes = np.concatenate([np.empty((0, 3), np.int64), *primitives.cotes])
    # A link repeated in a file counts once: only two different sides make an arc an inner one.
    arcs, cote_face, droite = np.unique(cotes, axis=0).T
    ordre = np.argsort(cote_face, kind="stable")
    arcs, cote_face, droite = arcs[ordre], cote_face[ordre], droite[ordre]
    debut, fin = np.searchsorted(cote_face, faces), np.searchsorted(cote_face, faces, side="right")
    nombres = fin - debut
    decalage = np.repeat(debut - (np.cumsum(nombres) - nombres), nombres)
    choisis = np.arange(nombres.sum()) + decalage
    base = int(arcs.max(initial=0)) + 1
    cles, places, effectifs = np.unique(
        np.repeat(objets, nombres) * base + arcs[choisis], return_index=True, return_counts=True
    )
    uniques = effectifs == 1
    objets_du_bord, bords = np.divmod(cles[uniques], base)
    return objets_du_bord, bords, 1 - 2 * droite[choisis[places[uniques]]]


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

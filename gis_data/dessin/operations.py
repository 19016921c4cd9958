"""What is done to a drawn shape: measured, repaired, widened, moved aside, cut. Metres, legal projection."""

from __future__ import annotations

from dataclasses import dataclass

import shapely
import shapely.ops
from shapely import affinity
from shapely.geometry.base import BaseGeometry

from gis_data.dessin.lecture import DessinRefuse, reunir, verifier

TAMPON_MAX_M = 5000.0
# Sixteen segments a quarter turn: an arc of 10 m is two centimetres true.
SEGMENTS = 16
AIRE_MIN_M2 = 0.01
LONGUEUR_MIN_M = 0.01
# A blade whose ends were snapped to the very edge of the shape crosses it all the same.
PROLONGE_M = 0.05

_RAISONS = {
    "Self-intersection": "Le contour se croise.",
    "Ring Self-intersection": "Le contour repasse par un de ses points.",
    "Too few points in geometry component": "Une forme n'a pas assez de points.",
    "Hole lies outside shell": "Un trou est hors de la surface.",
    "Interior is disconnected": "Un trou coupe la surface en deux.",
    "Nested shells": "Des surfaces se recouvrent.",
    "Nested holes": "Des trous se recouvrent.",
    "Holes are nested": "Des trous se recouvrent.",
    "Duplicate Rings": "Deux contours sont les mêmes.",
    "Invalid Coordinate": "Une coordonnée n'est pas un nombre.",
}


@dataclass(frozen=True)
class MesureDessin:
    """``aire`` m² (null but for areas), ``longueur`` m (lines, or round areas), shapes, vertices."""

    aire: float | None
    longueur: float | None
    formes: int
    sommets: int


def fusionner(forme: BaseGeometry) -> BaseGeometry:
    """Valid areas that touch or overlap, as the ground that they cover together; any other shape as it is.

    Two neighbouring parcels side by side are no valid MultiPolygon.
    """
    if forme.geom_type != "MultiPolygon" or shapely.is_valid(forme):
        return forme
    parties = shapely.get_parts(forme)
    return shapely.union_all(parties) if shapely.is_valid(parties).all() else forme


def mesurer(forme: BaseGeometry) -> MesureDessin:
    """Figures of a drawing; ground covered twice counts once."""
    sol = fusionner(forme)
    genre = forme.geom_type.removeprefix("Multi")
    return MesureDessin(
        float(sol.area) if genre == "Polygon" else None,
        None if genre == "Point" else float(sol.length),
        int(shapely.get_num_geometries(forme)),
        int(shapely.get_num_coordinates(forme)),
    )


def defaut(forme: BaseGeometry) -> str:
    """Why a shape is not valid, in French; empty where it is, or where only its parts touch one another."""
    forme = fusionner(forme)
    if shapely.is_valid(forme):
        return ""
    raison = str(shapely.is_valid_reason(forme)).split("[", 1)[0].strip()
    return _RAISONS.get(raison, "Le contour n'est pas valable.")


def _du_genre(forme: BaseGeometry, genre: str) -> BaseGeometry:
    """Parts of that kind that are no crumbs; ``DessinRefuse`` when nothing is left."""
    parties: list[BaseGeometry] = []
    a_voir = list(shapely.get_parts(forme))
    while a_voir:
        partie = a_voir.pop(0)
        if partie.geom_type.startswith(("Multi", "GeometryCollection")):
            a_voir = [*shapely.get_parts(partie), *a_voir]
        elif partie.geom_type == genre and not (genre == "Polygon" and partie.area < AIRE_MIN_M2):
            parties.append(partie)
    if not parties:
        raise DessinRefuse("Rien ne reste de cette forme : dessinez-la de nouveau.")
    return parties[0] if len(parties) == 1 else reunir(parties)


def reparer(forme: BaseGeometry) -> BaseGeometry:
    """The valid shape that covers the same ground (GEOS « structure »), of the same kind."""
    genre = forme.geom_type.removeprefix("Multi")
    reparees = [
        p if shapely.is_valid(p) else shapely.make_valid(p, method="structure", keep_collapsed=False)
        for p in shapely.get_parts(forme)
    ]
    return _du_genre(shapely.GeometryCollection(reparees), genre)


def tampon(forme: BaseGeometry, metres: float) -> BaseGeometry:
    """Area within so many metres; negative: an area shrunk. ``DessinRefuse`` when nothing is left of it."""
    if not 0 < abs(metres) <= TAMPON_MAX_M:
        raise DessinRefuse(f"La largeur doit être comprise entre 0 et {TAMPON_MAX_M:.0f} m.")
    if metres < 0 and not forme.geom_type.endswith("Polygon"):
        raise DessinRefuse("Seule une surface se rétrécit.")
    return verifier(_du_genre(shapely.buffer(forme, metres, quad_segs=SEGMENTS), "Polygon"))


def decaler(forme: BaseGeometry, metres: float) -> BaseGeometry:
    """The line moved aside, to the left of its direction (negative: to the right)."""
    if not forme.geom_type.endswith("LineString"):
        raise DessinRefuse("Seule une ligne se décale : façade, bordure, limite.")
    if not 0 < abs(metres) <= TAMPON_MAX_M:
        raise DessinRefuse(f"Le décalage doit être compris entre 0 et {TAMPON_MAX_M:.0f} m.")
    decalees = shapely.offset_curve(forme, metres, quad_segs=SEGMENTS, join_style="mitre")
    return verifier(_du_genre(decalees, "LineString"))


def bande(forme: BaseGeometry, metres: float) -> BaseGeometry:
    """Area between a line and the line moved aside, to its left (negative: right): a kerb and a width."""
    if not forme.geom_type.endswith("LineString"):
        raise DessinRefuse("Une bande longe une ligne : tracez d'abord la bordure.")
    if not 0 < abs(metres) <= TAMPON_MAX_M:
        raise DessinRefuse(f"La largeur doit être comprise entre 0 et {TAMPON_MAX_M:.0f} m.")
    cote = shapely.buffer(
        forme, metres, single_sided=True, quad_segs=SEGMENTS, cap_style="flat", join_style="mitre"
    )
    return verifier(_du_genre(shapely.make_valid(cote, method="structure", keep_collapsed=False), "Polygon"))


def rectangle(forme: BaseGeometry, longueur: float, largeur: float, angle: float) -> BaseGeometry:
    """Rectangle centred on a point, metres; ``angle``: bearing of its length, degrees (0 north, 90 east)."""
    if forme.geom_type != "Point":
        raise DessinRefuse("Un rectangle se pose sur un point : cliquez son centre.")
    for cote in (longueur, largeur):
        if not 0 < cote <= TAMPON_MAX_M:
            raise DessinRefuse(f"Les côtés doivent être compris entre 0 et {TAMPON_MAX_M:.0f} m.")
    if not -360 <= angle <= 360:
        raise DessinRefuse("L'orientation est un angle en degrés, de 0 (nord) à 360.")
    droit = shapely.box(-largeur / 2, -longueur / 2, largeur / 2, longueur / 2)
    pose = affinity.translate(affinity.rotate(droit, -angle, origin=(0, 0)), forme.x, forme.y)
    return verifier(pose)


def _prolonger(ligne: BaseGeometry) -> BaseGeometry:
    """The line, a little longer at both ends."""
    points = shapely.get_coordinates(ligne)
    for bout, voisin in ((0, 1), (-1, -2)):
        vers = points[bout] - points[voisin]
        norme = float((vers**2).sum() ** 0.5)
        if norme > 0:
            points[bout] += vers * (PROLONGE_M / norme)
    longue: BaseGeometry = shapely.LineString(points)
    return longue


def couper(forme: BaseGeometry, lame: BaseGeometry) -> BaseGeometry:
    """The shape cut by a line, its parts side by side; ``DessinRefuse`` when the line cuts nothing."""
    if lame.geom_type != "LineString":
        raise DessinRefuse("On coupe par une ligne d'un seul trait.")
    if forme.geom_type.endswith("Point"):
        raise DessinRefuse("Un point ne se coupe pas.")
    if raison := defaut(forme):
        raise DessinRefuse(f"{raison} Réparez la forme avant de la couper.")
    avant = list(shapely.get_parts(forme))
    longue = _prolonger(lame)
    apres = [p for partie in avant for p in shapely.ops.split(partie, longue).geoms]
    if len(apres) == len(avant):
        raise DessinRefuse("La ligne ne traverse pas la forme : faites-la dépasser des deux côtés.")
    return reunir(apres)

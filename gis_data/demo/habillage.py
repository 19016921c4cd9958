"""Buildings, streets, numbers and details placed on the ground and handed to their sheets."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
import shapely.ops
from shapely.geometry import MultiLineString, Point

from gis_data.demo import ecritures
from gis_data.demo.assemblage import Chantier
from gis_data.demo.objets import Objet, reel
from gis_data.demo.village import noms
from gis_data.demo.village.adresses import Numero, Voie
from gis_data.demo.village.batiments import Bati
from gis_data.demo.village.details import Detail
from gis_data.demo.village.topologie import Placement
from gis_data.demo.village.trame import LOTISSEMENT

# A line is handed to a sheet by pieces of this length (m).
_PAS = 8.0


def poser(geometrie: Any, placer: Placement) -> Any:
    """A geometry of the plan on the ground, rounded to 0.01 m; areas stay valid or are dropped (``None``)."""
    pose = shapely.transform(geometrie, lambda c: np.round(placer(c), 2))
    if shapely.get_dimensions(pose) < 2:
        return pose
    pose = shapely.remove_repeated_points(pose)
    if not pose.is_valid:
        pose = shapely.transform(shapely.buffer(pose, 0), lambda c: np.round(c, 2))
    return shapely.normalize(pose) if pose.is_valid and pose.area > 1 else None


def habiller(
    chantier: Chantier,
    placer: Placement,
    bati: Bati,
    rues: Sequence[Voie],
    numeros: Sequence[Numero],
    details: Sequence[Detail],
    angle: float,
) -> None:
    """Adds everything that stands on the parcels or along the streets; ``angle`` is the turn of the plan."""
    _batiments(chantier, placer, bati)
    _voies(chantier, placer, rues)
    _numeros(chantier, placer, numeros, angle)
    for detail in details:
        _detail(chantier, placer, detail, angle)
    _ensembles(chantier, placer)


def _batiments(chantier: Chantier, placer: Placement, bati: Bati) -> None:
    for b in bati.batiments:
        forme = poser(b.forme, placer)
        if forme is None:
            continue
        feuille = (
            chantier.parcelles[b.terrain].feuille if b.terrain >= 0 else chantier.feuille_de(forme.centroid)
        )
        attributs = {"DUR": b.dur}
        textes = []
        if b.nom:
            attributs["TEX"] = b.nom
            textes = [ecritures.dans("BATIMENT", forme)]
        chantier.creer("BATIMENT", feuille, attributs, forme, textes)


def par_feuille(chantier: Chantier, ligne: Any) -> dict[str, Any]:
    """The pieces of a line in each sheet, every piece in one sheet only, left side first on a limit."""
    codes = list(chantier.commune.feuilles)
    formes = np.array([f.geom for f in chantier.commune.feuilles.values()])
    arbre = shapely.STRtree(formes)
    pieces: dict[str, list[Any]] = {}
    for part in shapely.get_parts(ligne):
        p = shapely.get_coordinates(shapely.segmentize(part, _PAS))
        d = np.diff(p, axis=0)
        n = np.column_stack([-d[:, 1], d[:, 0]]) / np.maximum(np.hypot(*d.T), 1e-9)[:, None]
        milieux = shapely.points((p[:-1] + p[1:]) / 2 + 0.4 * n)
        proches = arbre.query_nearest(milieux, all_matches=False)[1]
        coupures = np.flatnonzero(np.diff(proches)) + 1
        for debut, fin in zip([0, *coupures], [*coupures, len(proches)], strict=True):
            morceau = shapely.simplify(shapely.linestrings(p[debut : fin + 1]), 0.006)
            morceau = shapely.transform(morceau, lambda c: np.round(c, 2))
            if morceau.length > 0.05:
                pieces.setdefault(codes[int(proches[debut])], []).append(morceau)
    resultat = {}
    for code, lignes in sorted(pieces.items()):
        longues = [x for x in lignes if x.length > 6] or [max(lignes, key=lambda x: x.length)]
        resultat[code] = longues[0] if len(longues) == 1 else _disjointes(longues)
    return resultat


def _disjointes(lignes: list[Any]) -> Any:
    """A multiple line of pieces that do not touch: where two do, the shorter one is left out."""
    garde: list[Any] = []
    for ligne in sorted(lignes, key=lambda x: -x.length):
        if all(ligne.distance(x) > 0.01 for x in garde):
            garde.append(ligne)
    return MultiLineString(garde) if len(garde) > 1 else garde[0]


def _voies(chantier: Chantier, placer: Placement, rues: Sequence[Voie]) -> None:
    for voie in rues:
        mots = ecritures.attributs_nom(voie.nom)
        ligne = poser(voie.ligne, placer)
        for code, part in par_feuille(chantier, ligne).items():
            if part.length < 10 and part.length < 0.5 * ligne.length:
                continue
            textes = ecritures.le_long("ZONCOMMUNI", part, mots, chantier.echelles[code])
            chantier.creer("ZONCOMMUNI", code, dict(mots), part, textes)
    _interrompre(objets_de(chantier, "ZONCOMMUNI"))


def _interrompre(axes: list[Objet]) -> None:
    """Leaves a gap in the longest axis where no sheet has an axis in several pieces."""
    if any(o.geom.geom_type == "MultiLineString" for o in axes):
        return
    axe = max(axes, key=lambda o: o.geom.length)
    moitie = axe.geom.length / 2
    pieces = [
        shapely.ops.substring(axe.geom, 0, moitie - 6.0),
        shapely.ops.substring(axe.geom, moitie + 6.0, axe.geom.length),
    ]
    axe.geom = shapely.transform(MultiLineString(pieces), lambda c: np.round(c, 2))


def _numeros(chantier: Chantier, placer: Placement, numeros: Sequence[Numero], angle: float) -> None:
    for numero in numeros:
        point = poser(numero.point, placer)
        premiere = chantier.parcelles[numero.terrains[0]]
        texte = ecritures.au_point("NUMVOIE", point, math.degrees(numero.cap + angle))
        objet = chantier.creer("NUMVOIE", premiere.feuille, {"TEX": numero.texte}, point, [texte])
        for k in numero.terrains:
            parcelle = chantier.parcelles[k]
            if parcelle.feuille == objet.feuille:
                objet.liens.append(("NUMVOIE_PARCELLE", parcelle.ident))


def _orientation(cap: float) -> str:
    return reel(math.degrees(cap) % 360.0, 6)


def _detail(chantier: Chantier, placer: Placement, detail: Detail, angle: float) -> None:
    attributs = {"SYM": detail.sym}
    if detail.nom:
        attributs["TEX"] = detail.nom
    geom = poser(detail.geom, placer)
    if geom is None:
        return
    if detail.type == "TLINE":
        for code, part in par_feuille(chantier, geom).items():
            chantier.creer("TLINE", code, dict(attributs), part)
        return
    feuille = chantier.feuille_de(shapely.point_on_surface(geom))
    textes = []
    if detail.type == "TPOINT":
        tourne = detail.cap + angle if detail.sym == "30" else 0.0
        attributs["ORI"] = _orientation(tourne)
        if detail.nom:
            textes = [ecritures.au_point("TPOINT", geom, 0.0, 3.0)]
    elif detail.nom:
        textes = [ecritures.dans("TSURF", geom)]
    chantier.creer(detail.type, feuille, attributs, geom, textes)


def _ensembles(chantier: Chantier, placer: Placement) -> None:
    """Named sites: the town hall by the square, an estate with a name of more than 72 bytes."""
    plan = chantier.plan
    centre = plan.trame.place.centroid
    bourg = [t for t in plan.terrains if t.usage == "maison" and t.facade is not None]
    mairie = min(bourg, key=lambda t: t.forme.distance(centre))
    neufs = [t for t in bourg if t.zone == LOTISSEMENT] or bourg
    rond = next((a.ligne.centroid for a in plan.trame.axes if a.genre == "raquette"), centre)
    residence = min(neufs, key=lambda t: t.forme.distance(rond))
    for terrain, nom in ((mairie, "Mairie École"), (residence, noms.RESIDENCE)):
        point = poser(Point(shapely.point_on_surface(terrain.forme)), placer)
        textes = [ecritures.au_point("VOIEP", point, 0.0, 2.0)]
        chantier.creer("VOIEP", chantier.feuille_de(point), {"TEX": nom}, point, textes)


def objets_de(chantier: Chantier, type_: str) -> list[Objet]:
    """Objects of one type so far."""
    return [o for o in chantier.commune.objets if o.type == type_]

"""The static plan of a parcel: its surroundings as the cadastral plan draws them, to scale."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from django.conf import settings
from django.db import connection

from cadastre.regles.noms import nom_lieu
from gis_data.plans import svg
from gis_data.plans.cadre import Bornes, Cadre, cadrer
from gis_data.plans.textes import Etiquette, Placeur, dans_la_surface, le_long

LARGEUR_MM, HAUTEUR_MM = 140, 112
MARGE_PARCELLE = 0.2
# Beyond these scales the drawing would be a mush.
ECHELLE_NUMEROS, ECHELLE_TRAIT_FIN = 2500, 5000
# Nothing of a plan needs more; a wood of 5 km² would otherwise bring a whole commune.
OBJETS_MAX = 6000

DESSINS: dict[str, svg.Attributs] = {
    "eau": {"fill": "#cfe3f1", "stroke": "#7fb0d3", "stroke_width": 2.5},
    "dur": {"fill": "#e2b9a8", "stroke": "#b98a76", "stroke_width": 2},
    "leger": {"fill": "#f0ddd3", "stroke": "#b98a76", "stroke_width": 2},
    "parcelle": {"fill": "none", "stroke": "#8a7a5c", "stroke_width": 2.5, "stroke_linejoin": "round"},
    "parcelle fine": {"fill": "none", "stroke": "#8a7a5c", "stroke_width": 1.5, "stroke_linejoin": "round"},
    "choisie": {
        "fill": "#b4611a",
        "fill_opacity": 0.18,
        "stroke": "#b4611a",
        "stroke_width": 8,
        "stroke_linejoin": "round",
        "fill_rule": "evenodd",
    },
}
_HALO: svg.Attributs = {
    "text_anchor": "middle",
    "font_family": svg.POLICE,
    "paint_order": "stroke",
    "stroke": "#ffffff",
    "stroke_width": 7,
    "stroke_linejoin": "round",
}
STYLES: dict[str, svg.Attributs] = {
    "choisie": {**_HALO, "fill": "#9a4f10", "font_weight": 700},
    "parcelle": {**_HALO, "fill": "#47586b"},
    "voie": {**_HALO, "fill": "#47586b", "font_weight": 600},
    "numero": {**_HALO, "fill": "#8a6d00"},
    "eau": {**_HALO, "fill": "#3a78a3", "font_style": "italic"},
    "lieudit": {**_HALO, "fill": "#5f6b57", "font_style": "italic"},
    "section": {**_HALO, "fill": "#8a4a12", "font_weight": 600},
    "commune": {**_HALO, "fill": "#6b4a8c", "font_weight": 600},
}
TAILLES = {"choisie": 48, "parcelle": 33, "voie": 34, "numero": 26, "eau": 30, "lieudit": 36}


@dataclass(frozen=True)
class ObjetDessine:
    """One object around the parcel: kind, key (idu, DUR), text, geometry in metres."""

    genre: str
    cle: str
    texte: str
    geom: shapely.Geometry


_AUTOUR = """
WITH e AS (SELECT ST_MakeEnvelope(%(xmin)s, %(ymin)s, %(xmax)s, %(ymax)s, %(srid)s) AS g)
SELECT o.genre, o.cle, o.texte, ST_AsBinary(ST_ClipByBox2D(o.geom, (SELECT g::box2d FROM e))) FROM (
    (SELECT 'parcelle' AS genre, COALESCE(p.idu, '') AS cle, COALESCE(p.numero::text, '') AS texte, p.geom
     FROM cadastre_parcelle p, e WHERE p.geom && e.g AND p.valide_au IS NULL LIMIT %(max)s)
    UNION ALL
    (SELECT 'batiment', COALESCE(b.dur, '01'), '', b.geom FROM cadastre_batiment b, e
     WHERE b.geom && e.g LIMIT %(max)s)
    UNION ALL (SELECT 'eau', '', c.nom, c.geom FROM cadastre_courseau c, e WHERE c.geom && e.g)
    UNION ALL (SELECT 'voie', '', a.nom, a.geom FROM cadastre_axevoie a, e
               WHERE a.geom && e.g AND a.nom <> '')
    UNION ALL (SELECT 'numero', '', n.numero, n.geom FROM cadastre_numerovoirie n, e
               WHERE n.geom && e.g AND n.numero <> '' LIMIT %(max)s)
    UNION ALL (SELECT 'lieudit', '', l.nom, l.geom FROM cadastre_lieudit l, e
               WHERE l.geom && e.g AND l.nom <> '')
) o
"""


def objets_autour(bornes: Bornes) -> list[ObjetDessine]:
    """What the plan in force holds within ``bornes``; one query."""
    xmin, ymin, xmax, ymax = bornes
    parametres: dict[str, Any] = {
        "xmin": xmin,
        "ymin": ymin,
        "xmax": xmax,
        "ymax": ymax,
        "srid": settings.TERRITOIRE_SRID,
        "max": OBJETS_MAX,
    }
    with connection.cursor() as curseur:
        curseur.execute(_AUTOUR, parametres)
        lignes = [ligne for ligne in curseur.fetchall() if ligne[3] is not None]
    geometries = shapely.from_wkb([bytes(ligne[3]) for ligne in lignes])
    return [
        ObjetDessine(genre, cle, texte, geom)
        for (genre, cle, texte, _), geom in zip(lignes, geometries, strict=True)
        if not geom.is_empty
    ]


def cadre_de(parcelle: shapely.Geometry) -> Cadre:
    """Frame with room around the parcel."""
    return cadrer(parcelle.bounds, LARGEUR_MM, HAUTEUR_MM, MARGE_PARCELLE)


def _geometries(objets: Iterable[ObjetDessine], cadre: Cadre) -> npt.NDArray[np.object_]:
    return svg.vers_le_dessin(np.array([o.geom for o in objets], dtype=object), cadre)


class Fond:
    """The plan in force within a frame: its drawings, and its texts by importance."""

    def __init__(self, cadre: Cadre, sauf: Collection[str] = ()) -> None:
        """Read what the frame shows but for the parcels ``sauf`` (``idu``); one query."""
        self.cadre = cadre
        self.objets: dict[str, list[ObjetDessine]] = {}
        # A little more than the frame, so that no outline is drawn along its edge.
        marge = 30 * cadre.unite_m
        xmin, ymin, xmax, ymax = cadre.bornes
        for objet in objets_autour((xmin - marge, ymin - marge, xmax + marge, ymax + marge)):
            if not (objet.genre == "parcelle" and objet.cle in sauf):
                self.objets.setdefault(objet.genre, []).append(objet)

    def de(self, genre: str) -> list[ObjetDessine]:
        """Objects of one kind."""
        return self.objets.get(genre, [])

    def traces(self) -> list[str]:
        """Drawings, bottom to top."""
        batiments = self.de("batiment")
        limites = DESSINS["parcelle" if self.cadre.denominateur <= ECHELLE_TRAIT_FIN else "parcelle fine"]
        return [
            svg.traces(_geometries(self.de("eau"), self.cadre), DESSINS["eau"]),
            svg.traces(_geometries([b for b in batiments if b.cle == "02"], self.cadre), DESSINS["leger"]),
            svg.traces(_geometries([b for b in batiments if b.cle != "02"], self.cadre), DESSINS["dur"]),
            svg.traces(_geometries(self.de("parcelle"), self.cadre), limites),
        ]

    def etiqueter(self, placeur: Placeur) -> None:
        """Texts where there is room: streets, water, parcels, numbers, lieux-dits."""
        for genre in ("voie", "eau"):
            _noms_le_long(placeur, genre, self.de(genre), self.cadre)
        parcelles = self.de("parcelle")
        numerotees = dans_la_surface(
            _geometries(parcelles, self.cadre), [o.texte for o in parcelles], TAILLES["parcelle"], "parcelle"
        )
        for etiquette in numerotees:
            placeur.placer(etiquette)
        numeros = self.de("numero") if self.cadre.denominateur <= ECHELLE_NUMEROS else []
        for objet, point in zip(numeros, _geometries(numeros, self.cadre), strict=True):
            if not point.is_empty:
                placeur.placer(Etiquette(objet.texte, point.x, point.y, TAILLES["numero"], "numero"))
        lieux = self.de("lieudit")
        for objet, surface in zip(lieux, _geometries(lieux, self.cadre), strict=True):
            _nom_de_lieu(placeur, objet.texte, surface)


def placeur_de(cadre: Cadre) -> Placeur:
    """Texts of a frame, away from its graphic scale and its north."""
    placeur = Placeur(cadre.largeur, cadre.hauteur)
    _, longueur = cadre.echelle_graphique()
    placeur.reserver(0, cadre.hauteur - 110, longueur + 160, cadre.hauteur)
    placeur.reserver(cadre.largeur - 130, 0, cadre.largeur, 140)
    return placeur


def textes(placeur: Placeur) -> list[str]:
    """The texts placed, drawn."""
    return [svg.texte(e, STYLES[e.style]) for e in placeur.etiquettes]


def _noms_le_long(placeur: Placeur, genre: str, objets: list[ObjetDessine], cadre: Cadre) -> None:
    """Each name once, on its longest piece that has room."""
    faits: set[str] = set()
    lignes = _geometries(objets, cadre)
    for i in np.argsort(-shapely.length(lignes)) if len(lignes) else []:
        nom = nom_lieu(objets[i].texte)
        if not nom or nom in faits:
            continue
        ligne = lignes[i] if genre == "voie" else _axe(lignes[i])
        etiquette = le_long(shapely.line_merge(ligne), nom, TAILLES[genre], genre)
        if etiquette and placeur.placer(etiquette):
            faits.add(nom)


def _axe(surface: shapely.Geometry) -> shapely.Geometry:
    """A line inside a long area: the long side of its envelope's middle, clipped to the area."""
    cadre = shapely.minimum_rotated_rectangle(surface)
    if cadre.is_empty or cadre.geom_type != "Polygon":
        return shapely.LineString()
    a, b, c, d = shapely.get_coordinates(cadre)[:4]
    if np.hypot(*(b - a)) < np.hypot(*(c - b)):
        a, b, c, d = b, c, d, a
    axe = shapely.LineString([(a + d) / 2, (b + c) / 2])
    return shapely.intersection(axe, shapely.make_valid(surface))


def _nom_de_lieu(placeur: Placeur, texte: str, surface: shapely.Geometry) -> None:
    nom = nom_lieu(texte)
    if surface.is_empty or surface.area < 40_000:
        return
    for point in (shapely.point_on_surface(surface), surface.centroid):
        for decalage in (0, -60, 60, -120, 120):
            if placeur.placer(Etiquette(nom, point.x, point.y + decalage, TAILLES["lieudit"], "lieudit")):
                return


def dessiner(parcelle: shapely.Geometry, idu: str, libelle: str, commune: str) -> tuple[str, int]:
    """(SVG of the plan, scale denominator) for the contour of a parcel in the territory's projection."""
    cadre = cadre_de(parcelle)
    fond = Fond(cadre, sauf=(idu,))
    placeur = placeur_de(cadre)
    placeur.placer(_etiquette_choisie(parcelle, libelle, cadre))
    fond.etiqueter(placeur)
    choisie = svg.vers_le_dessin(np.array([parcelle], dtype=object), cadre)
    corps = [
        *fond.traces(),
        svg.traces(choisie, DESSINS["choisie"]),
        *textes(placeur),
        svg.echelle_et_nord(cadre),
    ]
    titre = f"Plan de la parcelle {libelle}, {commune}"
    return svg.document(cadre, "".join(corps), titre, _description(fond)), cadre.denominateur


def _etiquette_choisie(parcelle: shapely.Geometry, libelle: str, cadre: Cadre) -> Etiquette:
    """The parcel's own reference: inside when it fits, over it otherwise."""
    dessin = svg.vers_le_dessin(np.array([parcelle], dtype=object), cadre, marge=0)
    dedans = dans_la_surface(dessin, [libelle], TAILLES["choisie"], "choisie")
    if dedans:
        return dedans[0]
    point = shapely.point_on_surface(dessin[0])
    return Etiquette(libelle, point.x, point.y, TAILLES["choisie"] * 0.75, "choisie")


def _description(fond: Fond) -> str:
    voies = sorted({nom_lieu(o.texte) for o in fond.de("voie")})[:6]
    phrases = [
        f"La parcelle est au centre, en ocre, parmi {len(fond.de('parcelle'))} autres parcelles "
        f"et {len(fond.de('batiment'))} bâtiments."
    ]
    if voies:
        phrases.append(f"Voies : {', '.join(voies)}.")
    phrases.append(f"Le nord est en haut. Échelle 1/{fond.cadre.denominateur} à l'impression.")
    return " ".join(phrases)

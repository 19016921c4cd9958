"""The small map beside the results: where they are, numbered as in the list."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from django.conf import settings
from django.db import connection

from cadastre.plan import Fond, placeur_de, textes
from cadastre.regles.ecritures import libelle_section
from cadastre.regles.noms import nom_commune
from gis_data.plans import svg
from gis_data.plans.cadre import Bornes, Cadre, cadrer
from gis_data.plans.textes import Placeur, dans_la_surface
from mairie.recherche import Resultat

LARGEUR_MM, HAUTEUR_MM = 120, 110
# A single place is shown with its surroundings, metres.
COTE_MIN_M = 240.0
# Parcels up to this scale, sections up to the next, communes beyond; nothing where it would say nothing.
ECHELLE_PARCELLES, ECHELLE_SECTIONS, ECHELLE_MAX = 15_000, 75_000, 500_000
CONTOURS_MAX = 400

_CONTOURS: dict[str, tuple[str, str, svg.Attributs]] = {
    "section": ("cadastre_section", "idu10", {"fill": "none", "stroke": "#b4611a", "stroke_width": 3}),
    "commune": ("cadastre_commune", "nom", {"fill": "none", "stroke": "#6b4a8c", "stroke_width": 4}),
}


def _au_territoire(lonlat: list[tuple[float, float]]) -> npt.NDArray[np.float64]:
    """Degrees → the territory's projection, (n, 2)."""
    with connection.cursor() as curseur:
        curseur.execute(
            """
            SELECT ST_X(g), ST_Y(g) FROM unnest(%s::float8[], %s::float8[]) WITH ORDINALITY AS t(x, y, rang)
            CROSS JOIN LATERAL (SELECT ST_Transform(ST_SetSRID(ST_MakePoint(x, y), 4326), %s) AS g) p
            ORDER BY rang
            """,
            [[x for x, _ in lonlat], [y for _, y in lonlat], settings.TERRITOIRE_SRID],
        )
        return np.array(curseur.fetchall(), dtype=float)


def _bornes(points: npt.NDArray[np.float64]) -> Bornes:
    (xmin, ymin), (xmax, ymax) = points.min(axis=0), points.max(axis=0)
    dx, dy = max(0.0, COTE_MIN_M - (xmax - xmin)) / 2, max(0.0, COTE_MIN_M - (ymax - ymin)) / 2
    return float(xmin - dx), float(ymin - dy), float(xmax + dx), float(ymax + dy)


def _contours(genre: str, cadre: Cadre) -> tuple[npt.NDArray[np.object_], list[str]]:
    """(outlines in drawing units, their names) of the sections or communes that the frame meets."""
    table, nom, _ = _CONTOURS[genre]
    xmin, ymin, xmax, ymax = cadre.bornes
    parametres: list[Any] = [
        cadre.unite_m * 3,
        xmin,
        ymin,
        xmax,
        ymax,
        settings.TERRITOIRE_SRID,
        CONTOURS_MAX,
    ]
    with connection.cursor() as curseur:
        curseur.execute(
            # Table and column come from the table above, never from a person.
            f"SELECT {nom}, ST_AsBinary(ST_SimplifyPreserveTopology(geom, %s)) FROM {table} "  # noqa: S608
            "WHERE geom && ST_MakeEnvelope(%s, %s, %s, %s, %s) LIMIT %s",
            parametres,
        )
        lignes = curseur.fetchall()
    geometries = np.array([shapely.from_wkb(bytes(g)) for _, g in lignes], dtype=object)
    lire = libelle_section if genre == "section" else nom_commune
    return svg.vers_le_dessin(geometries, cadre), [lire(texte) for texte, _ in lignes]


def _marques(points: npt.NDArray[np.float64]) -> list[str]:
    """Numbered discs, the first on top."""
    sortie = []
    for rang, (x, y) in reversed(list(enumerate(points, start=1))):
        sortie.append(
            f'<circle cx="{x:.0f}" cy="{y:.0f}" r="30" fill="#9a4f10" stroke="#ffffff" stroke-width="5"/>'
            f'<text x="{x:.0f}" y="{y + 12:.0f}" text-anchor="middle" font-family="{svg.POLICE}"'
            f' font-size="34" font-weight="700" fill="#ffffff">{rang}</text>'
        )
    return sortie


def dessiner_resultats(resultats: list[Resultat]) -> str:
    """SVG of results that have a ``point``; three queries at most."""
    terrain = _au_territoire([r.point for r in resultats if r.point])
    cadre = cadrer(_bornes(terrain), LARGEUR_MM, HAUTEUR_MM, marge=0.15)
    if cadre.denominateur > ECHELLE_MAX:
        return ""
    marques = cadre.projeter(terrain)
    placeur = placeur_de(cadre)
    for x, y in marques:
        placeur.reserver(x - 36, y - 36, x + 36, y + 36)
    if cadre.denominateur <= ECHELLE_PARCELLES:
        fond = Fond(cadre)
        fond.etiqueter(placeur)
        corps = fond.traces()
    else:
        corps = sections_ou_communes(cadre, placeur)
    corps += [*textes(placeur), *_marques(marques), svg.echelle_et_nord(cadre)]
    nombre = len(resultats)
    return svg.document(
        cadre,
        "".join(corps),
        f"Carte des {nombre} résultats" if nombre > 1 else "Carte du résultat",
        " ".join(f"{rang} : {r.titre}, {r.sous_titre}." for rang, r in enumerate(resultats, start=1)),
        identifiant="carte-resultats",
    )


def sections_ou_communes(cadre: Cadre, placeur: Placeur) -> list[str]:
    """A ground for small scales: outlines of sections and communes; names of the smallest placed."""
    corps = []
    genres = ("section", "commune") if cadre.denominateur <= ECHELLE_SECTIONS else ("commune",)
    for genre in genres:
        contours, noms = _contours(genre, cadre)
        corps.append(svg.traces(contours, _CONTOURS[genre][2]))
        if genre == genres[0]:
            for etiquette in dans_la_surface(contours, noms, 36, genre):
                placeur.placer(etiquette)
    return corps

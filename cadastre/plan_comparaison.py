"""Two vintages of a commune on one plan: what went, what came, what changed."""

from __future__ import annotations

from datetime import date

import numpy as np
import shapely

from cadastre.plan import Fond, placeur_de, textes
from cadastre.recherche.carte import ECHELLE_PARCELLES, sections_ou_communes
from cadastre.regles.ecritures import libelle
from cadastre.versions import etat_au
from gis_data.plans import svg
from gis_data.plans.cadre import cadrer
from gis_data.plans.textes import dans_la_surface

LARGEUR_MM, HAUTEUR_MM = 180, 110
# Above, the drawing would say nothing more.
PARCELLES_MAX = 2000

DESSINS: dict[str, svg.Attributs] = {
    "creee": {
        "fill": "#1f6f5c",
        "fill_opacity": 0.22,
        "fill_rule": "evenodd",
        "stroke": "#1f6f5c",
        "stroke_width": 4,
    },
    "modifiee": {
        "fill": "#b4611a",
        "fill_opacity": 0.16,
        "fill_rule": "evenodd",
        "stroke": "#b4611a",
        "stroke_width": 4,
    },
    "supprimee": {"fill": "none", "stroke": "#b3261e", "stroke_width": 6, "stroke_dasharray": "18 12"},
}


def _contours(commune: str, jour: date, idus: list[str]) -> dict[str, shapely.Geometry]:
    lignes = (
        etat_au(jour, commune)
        .filter(idu__in=idus[:PARCELLES_MAX], geom__isnull=False)
        .values_list("idu", "geom")
    )
    return {str(idu): shapely.from_wkb(bytes(geom.wkb)) for idu, geom in lignes if geom}


def dessiner_comparaison(
    commune: str, avant: date, apres: date, creees: list[str], supprimees: list[str], modifiees: list[str]
) -> str:
    """SVG of the changes; empty where none has a contour."""
    par_genre = {
        "creee": _contours(commune, apres, creees),
        "modifiee": _contours(commune, apres, modifiees),
        "supprimee": _contours(commune, avant, supprimees),
    }
    tous = [g for contours in par_genre.values() for g in contours.values()]
    if not tous:
        return ""
    xmin, ymin, xmax, ymax = shapely.total_bounds(np.array(tous, dtype=object))
    cadre = cadrer((float(xmin), float(ymin), float(xmax), float(ymax)), LARGEUR_MM, HAUTEUR_MM, marge=0.15)
    placeur = placeur_de(cadre)
    dessins, noms = [], []
    for genre, contours in par_genre.items():
        formes = svg.vers_le_dessin(np.array(list(contours.values()), dtype=object), cadre)
        dessins.append(svg.traces(formes, DESSINS[genre]))
        if genre != "supprimee":
            noms += dans_la_surface(formes, [libelle(idu) for idu in contours], 40, "choisie")
    for etiquette in noms:
        placeur.placer(etiquette)
    if cadre.denominateur <= ECHELLE_PARCELLES:
        fond = Fond(cadre, sauf=set(creees) | set(modifiees))
        fond.etiqueter(placeur)
        sous = fond.traces()
    else:
        sous = sections_ou_communes(cadre, placeur)
    corps = [*sous, *dessins, *textes(placeur)]
    corps.append(svg.echelle_et_nord(cadre))
    description = (
        f"{len(creees)} parcelles apparues en vert, {len(supprimees)} disparues en tirets rouges, "
        f"{len(modifiees)} modifiées en ocre. Le nord est en haut."
    )
    titre = f"Changements du plan entre le {avant:%d/%m/%Y} et le {apres:%d/%m/%Y}"
    return svg.document(cadre, "".join(corps), titre, description, identifiant="comparaison")

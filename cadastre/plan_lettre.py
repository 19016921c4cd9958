"""The map extract of a letter: the plan in force round a dossier's geometry, to scale, for paper."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from django.conf import settings
from django.contrib.gis.geos import Polygon
from django.db.models import F

from cadastre.models import VersionFeuille
from cadastre.plan import DESSINS, STYLES, Fond, placeur_de, textes
from gis_data.plans import svg
from gis_data.plans.cadre import UNITES_PAR_MM, Cadre, cadrer
from gis_data.plans.textes import Etiquette
from mairie.courriers.champs import Illustration
from mairie.courriers.plans import DemandePlan
from mairie.territoire import territoire

# A point or a line needs ground around it.
DEMI_COTE_M = 15.0
POINT_MM = 3.0
NUMEROS_MAX = 8
TAILLE_REPERE = 36.0


def dessiner(demande: DemandePlan) -> Illustration | None:
    """The extract, or null where no sheet of the plan covers the place."""
    emprise = _lire(demande)
    autour = emprise if emprise.area else shapely.buffer(emprise, DEMI_COTE_M)
    xmin, ymin, xmax, ymax = (float(v) for v in autour.bounds)
    cadre = cadrer((xmin, ymin, xmax, ymax), demande.largeur_mm, demande.hauteur_mm, marge=0.2)
    if demande.denominateur is not None:
        cadre = Cadre(cadre.x, cadre.y, demande.denominateur, demande.largeur_mm, demande.hauteur_mm)
    millesimes = _millesimes(cadre)
    if not millesimes:
        return None
    fond = Fond(cadre)
    placeur = placeur_de(cadre)
    for _, x, y in _places(demande, cadre):
        # Nothing of the plan is written under a mark.
        placeur.reserver(x - 40, y - 40, x + 40, y + 40)
    fond.etiqueter(placeur)
    dessin = svg.vers_le_dessin(np.array([emprise], dtype=object), cadre)
    corps = [
        *fond.traces(), *_emprise(dessin), *textes(placeur), *_reperes(demande, cadre),
        svg.echelle_et_nord(cadre),
    ]  # fmt: skip
    titre = f"Plan de situation, {demande.titre}"
    alt = f"{titre}, au 1/{cadre.denominateur}, nord en haut."
    numeros = [o.texte for o in fond.de("parcelle") if o.texte and shapely.intersects(o.geom, emprise)]
    if numeros:
        alt += f" Emprise sur les parcelles numérotées {', '.join(numeros[:NUMEROS_MAX])}."
    document = svg.imprimable(svg.document(cadre, "".join(corps), titre, alt))
    au = " et ".join(f"{m:%d/%m/%Y}" for m in millesimes)
    legende = (
        f"Échelle 1/{cadre.denominateur} sur une feuille imprimée sans réduction. Emprise du dossier en ocre."
        f" Plan cadastral : {territoire().producteur}, édition du {au}."
    )
    return Illustration(
        "image/svg+xml", document.encode(), alt, demande.largeur_mm, demande.hauteur_mm, legende
    )


def _lire(demande: DemandePlan) -> shapely.Geometry:
    geometrie = demande.emprise
    if geometrie.srid and geometrie.srid != settings.TERRITOIRE_SRID:
        geometrie = geometrie.transform(settings.TERRITOIRE_SRID, clone=True)
    return shapely.from_wkb(bytes(geometrie.wkb))


def _millesimes(cadre: Cadre) -> list[date]:
    """Oldest and newest vintage of the sheets shown; empty when none is loaded there."""
    boite = Polygon.from_bbox(cadre.bornes)
    boite.srid = settings.TERRITOIRE_SRID
    jours = sorted(
        # The version in force of a sheet is the one that the sheet names.
        VersionFeuille.objects.filter(feuille__version=F("pk"), geom__bboverlaps=boite).values_list(
            "millesime", flat=True
        )
    )
    return list(dict.fromkeys([jours[0], jours[-1]])) if jours else []


def _emprise(dessin: npt.NDArray[Any]) -> list[str]:
    (forme,) = dessin
    if forme.is_empty:
        return []
    if forme.area:
        return [svg.traces(dessin, DESSINS["choisie"])]
    if forme.length:
        return [svg.traces(dessin, {**DESSINS["choisie"], "fill": "none", "stroke_width": 12})]
    cercle = np.array([shapely.buffer(forme, POINT_MM * UNITES_PAR_MM)], dtype=object)
    return [svg.traces(cercle, {**DESSINS["choisie"], "fill_opacity": 0.35})]


def _places(demande: DemandePlan, cadre: Cadre) -> list[tuple[str, float, float]]:
    """Marks that the frame shows, in drawing units."""
    points = svg.vers_le_dessin(np.array([p for _, p in demande.reperes], dtype=object), cadre, marge=0)
    return [
        (texte, float(p.x), float(p.y))
        for (texte, _), p in zip(demande.reperes, points, strict=True)
        if not p.is_empty
    ]


def _reperes(demande: DemandePlan, cadre: Cadre) -> list[str]:
    """Each mark: its text on a white disc ringed in ochre."""
    style = {**STYLES["choisie"], "stroke_width": 0}
    sortie = []
    for texte, x, y in _places(demande, cadre):
        disque = svg.attributs(
            {"cx": x, "cy": y, "r": 30, "fill": "#ffffff", "stroke": "#b4611a", "stroke_width": 5}
        )
        sortie.append(f"<circle{disque}/>")
        sortie.append(svg.texte(Etiquette(texte, x, y, TAILLE_REPERE, "choisie"), style))
    return sortie

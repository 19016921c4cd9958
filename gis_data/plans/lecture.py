"""Objects of a layer within a frame, in the legal projection: what a tile carries, exact."""

from __future__ import annotations

import datetime
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from django.conf import settings
from django.contrib.gis.geos import Polygon
from django.db import OperationalError, connection, transaction
from django.db.models import F, Max, Min, QuerySet
from django.db.models.expressions import Combinable

from gis_data.carte.choix import objets_du_jour
from gis_data.carte.filtres import Filtres
from gis_data.couches import Attribut, Couche, Element
from gis_data.plans.cadre import Cadre
from gis_data.projections import transformateur
from gis_data.tuiles.requetes import Brut, sql_objets

# Declared sizes are in pixels: this much on paper. Eleven pixels make a text of six points.
PIXEL_MM = 0.2
# Paper bears more than a screen of the same scale.
FINESSE = 0.35
METRES_PAR_PIXEL = 40_075_016.685578488 / 512
# Texts, units and widths are hundredths of a millimetre at best: nothing is lost under this.
SIMPLIFIER_MM = 0.02
# Beyond the frame, so that no outline is drawn along its edge.
MARGE_MM = 4.0


class PlanTropCharge(ValueError):
    """More objects than one sheet may hold; the French message says what to do."""


class PlanTropLong(ValueError):
    """The database took too long; the French message says what to do."""


@dataclass(frozen=True)
class Lot:
    """Objects of one element, clipped to the frame and its margin: geometries in metres, attributes."""

    geometries: npt.NDArray[np.object_]
    attributs: list[dict[str, Any]]


def zoom_de(cadre: Cadre) -> float:
    """Zoom of the map at which the declared drawing is as dense as on this sheet."""
    _, latitude = transformateur(settings.TERRITOIRE_SRID, 4326).transform(cadre.x, cadre.y)
    metres = PIXEL_MM / 1000 * cadre.denominateur
    return math.log2(METRES_PAR_PIXEL * math.cos(math.radians(latitude)) / metres) + FINESSE


def _enveloppe(cadre: Cadre) -> str:
    m = MARGE_MM / 1000 * cadre.denominateur
    xmin, ymin, xmax, ymax = cadre.bornes
    bornes = ", ".join(f"{float(v)!r}" for v in (xmin - m, ymin - m, xmax + m, ymax + m))
    return f"ST_MakeEnvelope({bornes}, {settings.TERRITOIRE_SRID})"


def _colonne(attribut: Attribut) -> Combinable:
    source = attribut.expression
    return Brut(F(source)) if isinstance(source, str) else source


def sql_element(couche: Couche, element: Element, zoom: int, objets: QuerySet[Any], cadre: Cadre) -> str:
    """``SELECT`` of the objects of an element within the frame: WKB, then attributes and computed columns."""
    srid = settings.TERRITOIRE_SRID
    attributs = couche.attributs_tuile(element, zoom)
    tuile = [Brut(F(couche.geometrie_tuile))] if couche.geometrie_tuile else []
    colonnes = [Brut(F(couche.geometrie)), *tuile, Brut(F("pk")), *(_colonne(a) for a in attributs)]
    noms = ", ".join(["gl", *(["gm"] if tuile else []), "rang", *(f'"{a.nom}"' for a in attributs)])
    boite = _enveloppe(cadre)
    coupee = f"ST_ClipByBox2D(q.gl, {boite}::box2d)"
    # Texts stand on what the sheet shows of an area: its middle may well lie outside.
    propre = f"ST_CollectionExtract(ST_MakeValid({coupee}), ST_Dimension(q.gl) + 1)"
    mercator = f"ST_Transform({propre}, 3857)"
    deduite = element.geometrie != "{g}"
    if element.contours:
        bords = f"ST_SnapToGrid(ST_Boundary({propre}), 0.01)"
        union = f"ST_LineMerge(ST_UnaryUnion(ST_Collect({bords})))"
        selection = [f"ST_AsBinary({union})"]
    else:
        derivee = f"ST_Transform({element.geometrie.format(g=mercator, z=zoom)}, {srid})"
        selection = [f"ST_AsBinary({derivee if deduite else coupee})"]
        selection += [f'q."{a.nom}"' for a in attributs]
        selection += [f"{sql.format(g=mercator, z=zoom)}" for sql in element.calculs.values()]
    condition = f"q.gl && {boite}"
    if element.condition:
        brute = "q.gm" if tuile else "ST_Transform(q.gl, 3857)"
        condition += f" AND ({element.condition.format(g=brute, z=zoom)})"
    interne = sql_objets(objets, colonnes)
    suite = "" if element.contours else " ORDER BY q.rang"
    # Every part comes from the registry's own code; values of rows are written by mogrify.
    return f"SELECT {', '.join(selection)} FROM ({interne}) AS q({noms}) WHERE {condition}{suite}"  # noqa: S608


class Lecteur:
    """Reads elements for one sheet, within a number of objects and a time for all of them."""

    def __init__(
        self,
        cadre: Cadre,
        utilisateur: Any,
        jour: datetime.date | None,
        *,
        objets_max: int,
        duree_max_s: float,
        filtres: Filtres | None = None,
    ) -> None:
        self.cadre, self.utilisateur, self.jour = cadre, utilisateur, jour
        self.filtres = filtres
        self.objets_max, self.duree_max_s = objets_max, duree_max_s
        self.zoom = zoom_de(cadre)
        self.lus = 0

    def lire(self, couche: Couche, element: Element) -> Lot:
        """Objects of an element; ``PlanTropCharge`` or ``PlanTropLong``."""
        zoom = min(max(math.floor(self.zoom), element.zoom_min), element.zoom_max)
        objets = objets_du_jour(couche, self.utilisateur, self.jour, self.filtres)
        texte = sql_element(couche, element, zoom, objets, self.cadre)
        lignes = self._executer(f"{texte} LIMIT {self.objets_max - self.lus + 1}")
        # The one line of all outlines is there even where there are none.
        self.lus += sum(ligne[0] is not None for ligne in lignes)
        if self.lus > self.objets_max:
            raise PlanTropCharge(
                f"Cette feuille porterait plus de {_milliers(self.objets_max)} objets : choisissez une plus"
                " grande échelle ou un plus petit format, ou masquez des couches."
            )
        noms = [] if element.contours else [a.nom for a in couche.attributs_tuile(element, zoom)]
        noms += [] if element.contours else list(element.calculs)
        garde = [ligne for ligne in lignes if ligne[0] is not None]
        geometries = np.empty(len(garde), dtype=object)
        geometries[:] = shapely.from_wkb([bytes(ligne[0]) for ligne in garde]) if garde else []
        pleines = ~shapely.is_empty(geometries) if garde else np.empty(0, dtype=bool)
        attributs = [dict(zip(noms, map(_plate, ligne[1:]), strict=True)) for ligne in garde]
        return Lot(geometries[pleines], [a for a, plein in zip(attributs, pleines, strict=True) if plein])

    def _executer(self, texte: str) -> list[tuple[Any, ...]]:
        try:
            with transaction.atomic(), connection.cursor() as curseur:
                curseur.execute(f"SET LOCAL statement_timeout = {int(self.duree_max_s * 1000)}")
                # The text holds values already: no parameters, so that « % » means itself.
                curseur.execute(texte)
                lignes: list[tuple[Any, ...]] = curseur.fetchall()
                # Inside a caller's transaction « LOCAL » would last to its end.
                curseur.execute("SET LOCAL statement_timeout = DEFAULT")
                return lignes
        except OperationalError as erreur:
            if getattr(erreur.__cause__, "pgcode", "") == "57014":
                raise PlanTropLong(
                    "Cette feuille demande trop de calculs : choisissez une plus grande échelle ou masquez"
                    " des couches."
                ) from erreur
            raise

    def editions(self, couche: Couche) -> tuple[datetime.date, datetime.date] | None:
        """Oldest and newest edition of what the frame shows of a layer; null where nothing says it."""
        if isinstance(couche.edition, datetime.date):
            return couche.edition, couche.edition
        attribut = next((a for a in couche.attributs if a.nom == couche.edition), None)
        if attribut is None:
            return None
        xmin, ymin, xmax, ymax = self.cadre.bornes
        boite = Polygon.from_bbox((xmin, ymin, xmax, ymax))
        boite.srid = settings.TERRITOIRE_SRID
        objets = objets_du_jour(couche, self.utilisateur, self.jour, self.filtres).filter(
            **{f"{couche.geometrie}__bboverlaps": boite}
        )
        expression = attribut.expression
        source = F(expression) if isinstance(expression, str) else expression
        bornes = objets.order_by().annotate(e_jour=source).aggregate(a=Min("e_jour"), b=Max("e_jour"))
        return (bornes["a"], bornes["b"]) if bornes["a"] else None


def _plate(brute: Any) -> Any:
    """A value as tiles carry it: dates as texts."""
    return brute.isoformat() if isinstance(brute, datetime.date) else brute


def _milliers(nombre: int) -> str:
    return f"{nombre:,}".replace(",", "\u202f")

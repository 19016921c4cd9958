"""All that the plan knows of one parcel, in a fixed number of queries."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import shapely
from django.conf import settings
from django.db import connection

from cadastre.historique import VersionHistorique, arbre
from cadastre.models import Feuille, Parcelle, VersionFeuille
from cadastre.regles import contenance as regles
from cadastre.regles.credit import producteur
from cadastre.regles.ecritures import Parties, decouper
from cadastre.regles.noms import nom_lieu
from cadastre.territoire import nom_de_commune
from gis_data.formats.edigeo.nomenclature import nomenclature_2013

# A building belongs to the parcel from this area in common, or from half of itself.
AIRE_BATIMENT_M2, PART_BATIMENT = 1.0, 0.5
# A common boundary shorter than this is a mere point; between two sheets lines do not coincide.
FRONTIERE_M, TOLERANCE_FEUILLES_M, FRONTIERE_FEUILLES_M = 0.10, 0.5, 1.5
DISTANCE_AXE_M = 50


@dataclass(frozen=True)
class Ecart:
    """Drawn area against contenance, m²."""

    contenance: int
    surface: float
    tolerance: float

    @property
    def difference(self) -> float:
        """Positive where the drawing is larger."""
        return self.surface - self.contenance

    @property
    def dans_la_tolerance(self) -> bool:
        """The difference is explained by the precision of the plan."""
        return abs(self.difference) <= self.tolerance


@dataclass(frozen=True)
class BatimentSurParcelle:
    """A building, its ground area and the part of it on the parcel (m²)."""

    nature: str
    nom: str
    surface: float
    aire: float
    part: float

    @property
    def deborde(self) -> bool:
        """It also stands on another parcel."""
        return self.part < 0.99


@dataclass(frozen=True)
class Voisine:
    """A parcel that shares a boundary, and how long it is (metres)."""

    idu: str
    frontiere: float

    @property
    def libelle(self) -> str:
        """Usual writing."""
        return decouper(self.idu).libelle


_VOISINES = """
WITH p AS (SELECT ST_GeomFromWKB(%(geom)s, %(srid)s) AS g)
SELECT v.idu, v.longueur FROM (
    SELECT q.idu, CASE WHEN q.feuille_id = %(feuille)s
        THEN ST_Length(ST_Intersection(ST_Boundary(q.geom), ST_Boundary(p.g)))
        ELSE ST_Length(ST_Intersection(ST_Boundary(q.geom), ST_Buffer(p.g, %(tolerance)s, 2)))
        END AS longueur, q.feuille_id = %(feuille)s AS meme
    FROM cadastre_parcelle q, p
    WHERE q.valide_au IS NULL AND q.idu IS NOT NULL AND q.idu <> %(idu)s
      AND q.geom && ST_Expand(p.g, %(tolerance)s) AND ST_DWithin(q.geom, p.g, %(tolerance)s)
    LIMIT 500
) v WHERE v.longueur > CASE WHEN v.meme THEN %(frontiere)s ELSE %(frontiere_feuilles)s END
ORDER BY v.longueur DESC, v.idu
"""


def voisines(version: Parcelle) -> list[Voisine]:
    """Parcels of today that share a boundary with ``version``, the longest first; one query."""
    if version.geom is None:
        return []
    parametres: dict[str, Any] = {
        "geom": bytes(version.geom.wkb),
        "srid": settings.TERRITOIRE_SRID,
        "feuille": version.feuille_id,
        "idu": version.idu,
        "tolerance": TOLERANCE_FEUILLES_M,
        "frontiere": FRONTIERE_M,
        "frontiere_feuilles": FRONTIERE_FEUILLES_M,
    }
    with connection.cursor() as curseur:
        curseur.execute(_VOISINES, parametres)
        return [Voisine(idu, longueur) for idu, longueur in curseur.fetchall()]


_NUMEROS = """
SELECT n.numero, COALESCE((
    SELECT a.nom FROM cadastre_axevoie a
    WHERE a.nom <> '' AND ST_DWithin(a.geom, n.geom, %(distance)s) ORDER BY a.geom <-> n.geom LIMIT 1), '')
FROM cadastre_numerovoirieparcelle l JOIN cadastre_numerovoirie n ON n.id = l.numero_voirie_id
WHERE l.parcelle_id = %(id)s AND n.numero <> ''
"""

_BATIMENTS = """
SELECT b.dur, b.nom, COALESCE(b.surface_geometrique, ST_Area(b.geom), 0), l.aire, l.part
FROM cadastre_batimentparcelle l JOIN cadastre_batiment b ON b.id = l.batiment_id
WHERE l.parcelle_id = %(id)s AND (l.aire >= %(aire)s OR l.part >= %(part)s)
ORDER BY l.aire DESC, b.id
"""

_SUF = """
SELECT s.lettre, l.par_geometrie
FROM cadastre_subdivisionparcelle l JOIN cadastre_subdivisionfiscale s ON s.id = l.subdivision_id
WHERE l.parcelle_id = %(id)s AND s.lettre <> '' ORDER BY s.lettre
"""

_LIEUX = """
SELECT l.nom FROM cadastre_lieudit l, (SELECT ST_GeomFromWKB(%(geom)s, %(srid)s) AS g) p
WHERE l.geom && p.g AND ST_Intersects(l.geom, ST_PointOnSurface(p.g)) AND l.nom <> ''
ORDER BY ST_Area(l.geom) LIMIT 1
"""


def _cle_numero(numero: str) -> tuple[int, str]:
    chiffres = "".join(c for c in numero if c.isdigit())
    return int(chiffres or 0), numero


@dataclass
class Fiche:
    """The last version of a parcel with its surroundings. ``version.feuille.version`` is the sheet's."""

    version: Parcelle
    versions: list[Parcelle]
    commune: str
    historique: list[VersionHistorique] = field(default_factory=list)
    adresses: list[str] = field(default_factory=list)
    lieudit: str = ""
    batiments: list[BatimentSurParcelle] = field(default_factory=list)
    lettres: list[tuple[str, bool]] = field(default_factory=list)
    voisines: list[Voisine] = field(default_factory=list)

    @property
    def idu(self) -> str:
        """Identifier of 14 characters."""
        return str(self.version.idu)

    @cached_property
    def parties(self) -> Parties:
        """Parts of the identifier."""
        return decouper(self.idu)

    @property
    def supprimee(self) -> bool:
        """No version is in force."""
        return self.version.valide_au is not None

    @property
    def feuille(self) -> Feuille:
        """Its sheet."""
        return self.version.feuille

    @property
    def version_feuille(self) -> VersionFeuille | None:
        """The sheet's version in force."""
        return self.version.feuille.version

    @cached_property
    def contour(self) -> shapely.Geometry | None:
        """Contour in the territory's projection."""
        return shapely.from_wkb(bytes(self.version.geom.wkb)) if self.version.geom else None

    @cached_property
    def ecart(self) -> Ecart | None:
        """Drawn area against contenance; null where one is missing."""
        version = self.version_feuille
        p = self.version
        if self.contour is None or p.contenance is None or p.surface_geometrique is None or version is None:
            return None
        anneaux = [
            shapely.get_coordinates(anneau)
            for partie in shapely.get_parts(self.contour)
            for anneau in (partie.exterior, *partie.interiors)
        ]
        sigma = regles.sigma(version.qualite, version.confection, version.echelle)
        return Ecart(p.contenance, p.surface_geometrique, regles.tolerance(anneaux, sigma))

    @property
    def producteur(self) -> str:
        """Whom the plan is owed to."""
        return producteur([self.version_feuille.auteur if self.version_feuille else ""])

    @property
    def qualite(self) -> str:
        """Quality of the plan in words; empty where the file does not say."""
        return self._libelle("QUPL", self.version_feuille.qualite if self.version_feuille else "")

    @property
    def confection(self) -> str:
        """How the plan was made, in words."""
        return self._libelle("COPL", self.version_feuille.confection if self.version_feuille else "")

    @staticmethod
    def _libelle(attribut: str, code: str) -> str:
        if not code:
            return ""
        return nomenclature_2013().libelle(attribut, code) or f"code {code}"

    @property
    def surface_batie(self) -> int:
        """Ground area of the buildings on the parcel, m²: the sum of the lines as they are shown."""
        return sum(round(b.aire) for b in self.batiments)


def lire_fiche(idu: str) -> Fiche | None:
    """The page's content, or null for an identifier that has never existed."""
    versions = list(
        Parcelle.objects.filter(idu=idu)
        .select_related("feuille__version")
        .order_by("-valide_du")
        .defer("geom_3857")
    )
    if not versions:
        return None
    version = versions[0]
    fiche = Fiche(version, versions, nom_de_commune(version.commune))
    fiche.historique = arbre(idu)
    _lire_liens(fiche)
    fiche.voisines = voisines(version)
    return fiche


def _lire_liens(fiche: Fiche) -> None:
    version = fiche.version
    parametres: dict[str, Any] = {
        "id": version.pk,
        "distance": DISTANCE_AXE_M,
        "aire": AIRE_BATIMENT_M2,
        "part": PART_BATIMENT,
        "srid": settings.TERRITOIRE_SRID,
    }
    with connection.cursor() as curseur:
        curseur.execute(_NUMEROS, parametres)
        numeros = sorted(curseur.fetchall(), key=lambda n: (n[1], _cle_numero(n[0])))
        fiche.adresses = [f"{numero} {nom_lieu(voie)}".strip() for numero, voie in numeros]
        curseur.execute(_BATIMENTS, parametres)
        natures = {"01": "en dur", "02": "léger"}
        fiche.batiments = [
            BatimentSurParcelle(natures.get(dur, "nature non indiquée"), nom, surface, aire, part)
            for dur, nom, surface, aire, part in curseur.fetchall()
        ]
        curseur.execute(_SUF, parametres)
        fiche.lettres = curseur.fetchall()
        if version.geom is not None:
            curseur.execute(_LIEUX, {**parametres, "geom": bytes(version.geom.wkb)})
            ligne = curseur.fetchone()
            fiche.lieudit = nom_lieu(ligne[0]) if ligne else ""

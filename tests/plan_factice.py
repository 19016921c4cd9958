"""A tiny plan written straight into the tables: twelve parcels along a street, a river, all kinds of details.

Coordinates are Lambert 93, round a plainly invented commune; the parcels are squares of 30 m.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from django.contrib.gis.geos import LineString, MultiLineString, MultiPolygon, Point, Polygon
from django.db import connection

from cadastre import models as m
from gis_data.models import ImportTravail

# The parcels lie within one tile of zoom 17.
X0, Y0 = 899_942.0, 6_650_073.0
COTE = 30.0
INSEE = "25999"
MILLESIME = datetime.date(2025, 1, 15)


def rectangle(x: float, y: float, largeur: float, hauteur: float) -> MultiPolygon:
    """A rectangle whose lower left corner is at (x, y) metres from the plan's origin."""
    a, b = X0 + x, Y0 + y
    anneau = ((a, b), (a, b + hauteur), (a + largeur, b + hauteur), (a + largeur, b), (a, b))
    return MultiPolygon(Polygon(anneau), srid=2154)


def point(x: float, y: float) -> Point:
    """A point at (x, y) metres from the plan's origin."""
    return Point(X0 + x, Y0 + y, srid=2154)


def lonlat(x: float, y: float) -> tuple[float, float]:
    """Longitude and latitude of (x, y)."""
    p = point(x, y).transform(4326, clone=True)
    return p.x, p.y


@dataclass
class Plan:
    """What was written."""

    feuille: m.Feuille
    parcelles: list[m.Parcelle]


def _cle(idu: str) -> int:
    return int(idu[8:10], 36) * 100_000 + int(idu[10:])


def ecrire_plan() -> Plan:
    """Write the plan; two rows of six parcels, street between them, river in the south."""
    travail = ImportTravail.objects.create(genre="edigeo", etat="termine")
    feuille = m.Feuille.objects.create(
        id12=f"{INSEE}000AB01", commune=INSEE, prefixe="000", section="AB", subdivision="01"
    )
    version = m.VersionFeuille.objects.create(
        feuille=feuille,
        millesime=MILLESIME,
        empreinte="0" * 64,
        crs_declare="LAMB93",
        epsg=2154,
        qualite="01",
        confection="02",
        echelle=1000,
        geom=rectangle(-100, -100, 400, 300),
        import_travail=travail,
    )
    feuille.version = version
    feuille.save()
    commun: dict[str, Any] = {
        "feuille": feuille,
        "sous_ensemble": "S1",
        "date_maj": datetime.date(2024, 6, 1),
    }
    numeros = iter(range(1, 1000))

    def objet(modele: Any, **champs: Any) -> Any:
        return modele.objects.create(**commun, rid=f"Objet_{next(numeros)}", **champs)

    contour = rectangle(-100, -100, 400, 300)
    objet(m.OccurrenceCommune, insee=INSEE, nom="VALBRUNE-LES-ESSAIS", geom=contour, millesime=MILLESIME)
    m.Commune.objects.create(
        insee=INSEE, nom="VALBRUNE-LES-ESSAIS", feuille=feuille, millesime=MILLESIME, geom=contour
    )
    objet(m.OccurrenceSection, idu10=f"{INSEE}000AB", geom=contour, millesime=MILLESIME)
    m.Section.objects.create(
        idu10=f"{INSEE}000AB",
        commune=INSEE,
        prefixe="000",
        section="AB",
        feuille=feuille,
        millesime=MILLESIME,
        geom=contour,
    )
    parcelles = []
    for i in range(12):
        idu = f"{INSEE}000AB{i + 1:04d}"
        parcelles.append(
            objet(
                m.Parcelle,
                idu=idu,
                cle_idu=_cle(idu),
                idu_lu=idu[2:],
                commune=INSEE,
                prefixe="000",
                section="AB",
                numero=i + 1,
                valide_du=MILLESIME,
                contenance=900 + i,
                surface_geometrique=900.0,
                arpentee=i % 2 == 0,
                figuree=True,
                geom=rectangle((i % 6) * COTE, 0 if i < 6 else COTE + 10, COTE, COTE),
            )
        )
    # Without a drawing: found by reference, never on a tile.
    sans = f"{INSEE}000AB9001"
    parcelles.append(
        objet(
            m.Parcelle,
            idu=sans,
            cle_idu=_cle(sans),
            idu_lu=sans[2:],
            commune=INSEE,
            prefixe="000",
            section="AB",
            numero=9001,
            valide_du=MILLESIME,
            contenance=42,
            arpentee=False,
            figuree=False,
        )
    )
    dur = objet(m.Batiment, dur="01", nom="Mairie", geom=rectangle(5, 12, 12, 10), surface_geometrique=120.0)
    objet(m.Batiment, dur="02", geom=rectangle(40, 12, 8, 6), surface_geometrique=48.0)
    m.BatimentParcelle.objects.create(feuille=feuille, batiment=dur, parcelle=parcelles[0], aire=120, part=1)
    m.BatimentParcelle.objects.create(
        feuille=feuille, batiment=dur, parcelle=parcelles[1], aire=0.1, part=0.001
    )
    objet(m.LieuDit, nom="LES ESSARTS", geom=rectangle(-50, -90, 100, 185))
    lettre = objet(m.SubdivisionFiscale, lettre="a", geom=rectangle(60, 0, 15, 30))
    m.SubdivisionParcelle.objects.create(feuille=feuille, subdivision=lettre, parcelle=parcelles[2])
    objet(m.Charge, texte="ch", geom=rectangle(90, 0, 10, 10))
    objet(m.TronconRoute, nom="D 999", geom=rectangle(0, 30, 180, 10))
    objet(m.CoursEau, nom="La Brunette", geom=rectangle(-90, -30, 360, 8))
    axe = MultiLineString(LineString((X0, Y0 + 35), (X0 + 180, Y0 + 35)), srid=2154)
    objet(m.AxeVoie, nom="Rue du Lavoir", geom=axe)
    objet(m.EnsembleImmobilier, nom="Résidence des Essarts", geom=point(100, 60))
    numero = objet(m.NumeroVoirie, numero="12 bis", geom=point(15, 29))
    m.NumeroVoirieParcelle.objects.create(feuille=feuille, numero_voirie=numero, parcelle=parcelles[1])
    m.NumeroVoirieParcelle.objects.create(feuille=feuille, numero_voirie=numero, parcelle=parcelles[0])
    objet(m.PointCanevas, idu="99900001", orientation=0.0, sym="81", geom=point(-100, -100))
    for i, genre in enumerate(("BORNE", "BOULON", "CROIX")):
        objet(m.Borne, genre=genre, orientation=0.0, geom=point(i * COTE, 0))
    for i, sym in enumerate(("39", "40", "41", "42", "43", "44", "45", "46")):
        objet(m.SymboleLimite, sym=sym, orientation=90.0, geom=point(COTE, 2 + 3 * i))
    objet(m.DetailTopo, genre="TPOINT", sym="12", texte="Calvaire", orientation=0.0, geom=point(185, 35))
    ligne = LineString((X0 + 90, Y0 + 5), (X0 + 118, Y0 + 25), srid=2154)
    objet(m.DetailTopo, genre="TLINE", sym="21", geom=ligne)
    objet(m.DetailTopo, genre="TSURF", sym="65", geom=rectangle(130, 50, 8, 4))
    objet(m.Ecriture, texte="12", angle=30.0, hauteur=2.0, geom=point(10, 50))
    remplir_tuiles()
    return Plan(feuille, parcelles)


def remplir_tuiles() -> None:
    """Fill the Web Mercator columns, as the import does."""
    tables = (
        m.VersionFeuille,
        m.Commune,
        m.Section,
        m.Parcelle,
        m.Batiment,
        m.LieuDit,
        m.SubdivisionFiscale,
        m.Charge,
        m.TronconRoute,
        m.CoursEau,
        m.AxeVoie,
        m.DetailTopo,
    )
    with connection.cursor() as curseur:
        for modele in tables:
            table = modele._meta.db_table
            curseur.execute(f"UPDATE {table} SET geom_3857 = ST_Transform(geom, 3857) WHERE geom IS NOT NULL")

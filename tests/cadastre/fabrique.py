"""A few invented sheets, straight into the tables: the commune of Valbrune (25999) and its neighbour."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import Any

from django.contrib.gis.geos import LineString, MultiLineString, MultiPolygon, Point, Polygon

from cadastre import models as m

SRID = m.Parcelle._meta.get_field("geom").srid
X0, Y0 = 930_000.0, 6_700_000.0


def rectangle(
    x: float, y: float, largeur: float, hauteur: float, trou: tuple[float, ...] | None = None
) -> MultiPolygon:
    """Rectangle from its lower left corner, metres from the origin of the invented commune."""
    polygone = Polygon.from_bbox((X0 + x, Y0 + y, X0 + x + largeur, Y0 + y + hauteur))
    if trou:
        interieur = Polygon.from_bbox(
            (X0 + trou[0], Y0 + trou[1], X0 + trou[0] + trou[2], Y0 + trou[1] + trou[3])
        )
        polygone = Polygon(polygone.exterior_ring.coords, interieur.exterior_ring.coords)
    return MultiPolygon(polygone, srid=SRID)


def point(x: float, y: float) -> Point:
    return Point(X0 + x, Y0 + y, srid=SRID)


def ligne(*points: tuple[float, float]) -> MultiLineString:
    return MultiLineString(LineString([(X0 + x, Y0 + y) for x, y in points]), srid=SRID)


def commune(insee: str, nom: str, feuille: m.Feuille, geom: MultiPolygon) -> m.Commune:
    return m.Commune.objects.create(
        insee=insee, nom=nom, feuille=feuille, millesime=feuille.version.millesime, geom=geom
    )


def feuille(id12: str, millesime: date, geom: MultiPolygon | None = None, **champs: Any) -> m.Feuille:
    """A sheet with its version in force and its section."""
    f = m.Feuille.objects.create(
        id12=id12, commune=id12[:5], prefixe=id12[5:8], section=id12[8:10], subdivision=id12[10:]
    )
    valeurs: dict[str, Any] = {
        "empreinte": hashlib.sha256(id12.encode()).hexdigest(),
        "crs_declare": "LAMB93",
        "epsg": 2154,
        "qualite": "05",
        "confection": "03",
        "echelle": 2000,
        **champs,
    }
    f.version = m.VersionFeuille.objects.create(feuille=f, millesime=millesime, geom=geom, **valeurs)
    f.save()
    m.Section.objects.update_or_create(
        idu10=id12[:10],
        defaults={
            "commune": id12[:5],
            "prefixe": id12[5:8],
            "section": id12[8:10],
            "feuille": f,
            "millesime": millesime,
            "geom": geom,
        },
    )
    return f


_suite = iter(range(1, 10**9))


def commun(f: m.Feuille) -> dict[str, Any]:
    """Fields that every object of a sheet has."""
    return {"feuille": f, "sous_ensemble": "SeTOP_1", "rid": f"Objet_{next(_suite)}"}


def parcelle(idu: str, f: m.Feuille, geom: MultiPolygon | None, **champs: Any) -> m.Parcelle:
    """A version of a parcel; in force from the sheet's own vintage unless said."""
    aire = geom.area if geom else None
    valeurs: dict[str, Any] = {
        "contenance": round(aire) if aire is not None else None,
        "surface_geometrique": aire,
        "arpentee": False,
        "figuree": True,
        "valide_du": f.version.millesime,
        **champs,
    }
    return m.Parcelle.objects.create(
        idu=idu,
        cle_idu=int.from_bytes(hashlib.sha256(idu.encode()).digest()[:7], "big"),
        idu_lu=idu[2:],
        commune=idu[:5],
        prefixe=idu[5:8],
        section=idu[8:10],
        numero=int(idu[10:]),
        geom=geom,
        **commun(f),
        **valeurs,
    )


def valbrune() -> m.Feuille:
    """Sheet 25999 000 AB 01: four parcels on each side of a street, numbers, houses, a removed parcel.

    AB 1 … AB 4 stand south of the rue du Moulin, AB 5 (hole) and AB 6 north; AB 7 has no geometry;
    AB 8 was cut into AB 9 (60 %) and AB 10 (40 %) on 15/01/2020.
    """
    ancien, recent = date(2014, 3, 17), date(2020, 1, 15)
    f = feuille("25999000AB01", recent, rectangle(-50, -100, 400, 400))
    commune("25999", "VALBRUNE", f, rectangle(-200, -200, 800, 800))
    for n in range(1, 5):
        parcelle(f"25999000AB{n:04d}", f, rectangle(30 * (n - 1), 0, 30, 40), valide_du=ancien)
    parcelle("25999000AB0005", f, rectangle(0, 50, 60, 60, trou=(20, 70, 10, 10)), arpentee=True)
    parcelle("25999000AB0006", f, rectangle(20, 70, 10, 10), contenance=250)
    parcelle("25999000AB0007", f, None, contenance=1234, figuree=False)
    mere = parcelle("25999000AB0008", f, rectangle(200, 0, 100, 40), valide_du=ancien, valide_au=recent)
    for idu, x, largeur, part in (("25999000AB0009", 200, 60, "0.6"), ("25999000AB0010", 260, 40, "0.4")):
        fille = parcelle(idu, f, rectangle(x, 0, largeur, 40))
        m.Filiation.objects.create(
            parent=mere, enfant=fille, aire_commune=largeur * 40, part_parent=part, part_enfant="1"
        )
    rue = ligne((-20, 45), (320, 45))
    m.AxeVoie.objects.create(nom="RUE DU MOULIN", geom=rue, **commun(f))
    m.AxeVoie.objects.create(nom="CHEMIN DE L'ETANG", geom=ligne((0, 200), (300, 200)), **commun(f))
    m.LieuDit.objects.create(nom="LE GRAND PRE", geom=rectangle(-50, -100, 400, 130), **commun(f))
    m.LieuDit.objects.create(nom="AUX ÉGLANTINES", geom=rectangle(-50, 30, 400, 270), **commun(f))
    m.EnsembleImmobilier.objects.create(nom="RESIDENCE DES TILLEULS", geom=point(30, 80), **commun(f))
    for n, numero in ((1, "2"), (2, "4"), (3, "6B")):
        p = m.Parcelle.objects.get(idu=f"25999000AB{n:04d}")
        objet = m.NumeroVoirie.objects.create(numero=numero, geom=point(30 * n - 15, 41), **commun(f))
        m.NumeroVoirieParcelle.objects.create(numero_voirie=objet, parcelle=p, feuille=f)
    # Linked to no parcel: it stands in front of AB 5.
    m.NumeroVoirie.objects.create(numero="5", geom=point(40, 48), **commun(f))
    # On the other street, same number.
    m.NumeroVoirie.objects.create(numero="2", geom=point(30, 190), **commun(f))
    maison = m.Batiment.objects.create(
        dur="01", nom="", geom=rectangle(5, 5, 10, 8), surface_geometrique=80, **commun(f)
    )
    p1 = m.Parcelle.objects.get(idu="25999000AB0001")
    m.BatimentParcelle.objects.create(batiment=maison, parcelle=p1, feuille=f, aire=80, part=1)
    # Across AB 2 and AB 3, and a corner of 0.5 m² on AB 1 that is not counted.
    grange = m.Batiment.objects.create(
        dur="02", nom="", geom=rectangle(29.9, 20, 50, 5), surface_geometrique=250, **commun(f)
    )
    for n, aire in ((1, 0.5), (2, 150), (3, 99.5)):
        p = m.Parcelle.objects.get(idu=f"25999000AB{n:04d}")
        m.BatimentParcelle.objects.create(batiment=grange, parcelle=p, feuille=f, aire=aire, part=aire / 250)
    suf = m.SubdivisionFiscale.objects.create(lettre="z", geom=rectangle(0, 0, 15, 40), **commun(f))
    m.SubdivisionParcelle.objects.create(subdivision=suf, parcelle=p1, feuille=f)
    m.CoursEau.objects.create(nom="RUISSEAU DU VAL", geom=rectangle(-50, 260, 400, 8), **commun(f))
    return f

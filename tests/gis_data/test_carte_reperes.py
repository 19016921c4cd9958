"""Coordinates in every usual writing, against PostGIS; measures in the legal projection."""

from __future__ import annotations

import pytest
from django.contrib.gis.geos import Point

from gis_data.carte.mesure import MesureImpossible, lire_points, mesurer
from gis_data.carte.reperes import CoordonneesIllisibles, lire_coordonnees, systemes

LAT, LON = 47.15321, 6.35395


def en(srid: int) -> tuple[float, float]:
    p = Point(LON, LAT, srid=4326).transform(srid, clone=True)
    return p.x, p.y


X93, Y93 = en(2154)
X47, Y47 = en(3947)


def espace(v: float) -> str:
    return f"{v:,.1f}".replace(",", " ").replace(".", ",")


@pytest.mark.parametrize(
    ("texte", "systeme"),
    [
        (f"{LAT}, {LON}", "WGS 84"),
        ("47,15321 6,35395", "WGS 84"),
        ("47,15321, 6,35395", "WGS 84"),
        ("47,15321;6,35395", "WGS 84"),
        ("47.15321,6.35395", "WGS 84"),
        ("6.35395 47.15321", "WGS 84"),
        ("6,35395 E 47,15321 N", "WGS 84"),
        ("47°09'11,556\" N 6°21'14,22\" E", "WGS 84"),
        ("47° 09′ 11,556″ N  6° 21′ 14,22″ E", "WGS 84"),
        (f"{X93:.1f} {Y93:.1f}", "Lambert 93"),
        (f"X {X93:.1f} Y {Y93:.1f}", "Lambert 93"),
        (f"X = {X93:.1f} ; Y = {Y93:.1f}", "Lambert 93"),
        (f"{espace(X93)} {espace(Y93)}", "Lambert 93"),
        (f"{X93:.0f},{Y93:.0f}", "Lambert 93"),
        (f"{X47:.1f} {Y47:.1f}", "CC47"),
        (f"{espace(X47)} {espace(Y47)}", "CC47"),
    ],
)
def test_des_coordonnees_se_lisent_dans_toutes_les_ecritures(texte, systeme):
    (lecture,) = lire_coordonnees(texte, 2154)
    assert lecture.systeme == systeme
    assert lecture.lat == pytest.approx(LAT, abs=1e-5)
    assert lecture.lon == pytest.approx(LON, abs=1e-5)


def test_l_ouest_et_le_sud_sont_negatifs():
    (brest,) = lire_coordonnees("48,39 N 4,49 O", 2154)
    assert (brest.lat, brest.lon) == (48.39, -4.49)
    (reunion,) = lire_coordonnees("21,1 S 55,5 E", 2975)
    assert (reunion.lat, reunion.lon) == (-21.1, 55.5)


def test_un_systeme_impose_ne_lit_que_lui():
    texte = f"{X93:.1f} {Y93:.1f}"
    assert lire_coordonnees(texte, 2154, "legale")[0].systeme == "Lambert 93"
    for autre in ("degres", "cc47"):
        with pytest.raises(CoordonneesIllisibles):
            lire_coordonnees(texte, 2154, autre)


@pytest.mark.parametrize(
    "texte",
    ["", "abc", "12", "1 2", "47° 75' 0\" N 6° 0' 0\" E", "47 N 48 N", "6 E 7 E", "99999999 1", "0 0",
     "rue 12 47", "x" * 200, "NaN NaN", "1e400 1e400", "\0 \0"],
)  # fmt: skip
def test_un_texte_qui_n_est_aucun_lieu_se_dit(texte):
    with pytest.raises(CoordonneesIllisibles):
        lire_coordonnees(texte, 2154)


@pytest.mark.parametrize("srid", [2154, 5490, 2972, 2975, 4471, 4467])
def test_chaque_territoire_relit_sa_projection_legale(srid):
    import pyproj

    zone = pyproj.CRS.from_epsg(srid).area_of_use
    lon, lat = (zone.west + zone.east) / 2, (zone.south + zone.north) / 2
    p = Point(lon, lat, srid=4326).transform(srid, clone=True)
    lues = {lecture.systeme: lecture for lecture in lire_coordonnees(f"{p.x:.2f} {p.y:.2f}", srid)}
    legale = lues[systemes(srid)[0].nom]
    assert (legale.lon, legale.lat) == (pytest.approx(lon, abs=1e-6), pytest.approx(lat, abs=1e-6))


def test_le_navigateur_a_les_memes_zones_que_l_epsg():
    """proj4 texts are written by hand: each must say what its EPSG code says."""
    import pyproj

    for srid in (2154, 5490, 2972, 2975, 4471, 4467):
        for systeme in systemes(srid):
            zone = pyproj.CRS.from_epsg(systeme.srid).area_of_use
            lon = (zone.west + zone.east) / 2
            lat = systeme.zone or (zone.south + zone.north) / 2
            ecrit = pyproj.Transformer.from_crs(4326, systeme.proj4, always_xy=True).transform(lon, lat)
            vrai = Point(lon, lat, srid=4326).transform(systeme.srid, clone=True)
            assert ecrit == (pytest.approx(vrai.x, abs=0.01), pytest.approx(vrai.y, abs=0.01)), systeme


def test_la_vue_des_coordonnees(client, db):
    lieux = client.get("/carte/coordonnees", {"texte": f"{LAT}, {LON}"}).json()["lieux"]
    assert lieux == [{"systeme": "WGS 84", "lon": LON, "lat": LAT}]
    refus = client.get("/carte/coordonnees", {"texte": "nulle part"})
    assert refus.status_code == 400 and "deux nombres" in refus.json()["erreur"]


CARRE = [(0, 0), (100, 0), (100, 100), (0, 100)]


def lonlats(points):
    sortie = []
    for x, y in points:
        p = Point(X93 + x, Y93 + y, srid=2154).transform(4326, clone=True)
        sortie.append((p.x, p.y))
    return sortie


def test_une_longueur_et_une_surface_sont_celles_de_la_projection_legale():
    ligne = mesurer(lonlats(CARRE[:3]), surface=False)
    assert ligne.longueur == pytest.approx(200, abs=1e-4)
    assert ligne.troncons == (pytest.approx(100, abs=1e-4), pytest.approx(100, abs=1e-4))
    assert ligne.aire is None
    carre = mesurer(lonlats(CARRE), surface=True)
    assert carre.aire == pytest.approx(10_000, abs=0.01)
    assert carre.longueur == pytest.approx(400, abs=1e-4)
    assert not carre.croisee


def test_un_contour_croise_le_dit():
    noeud = mesurer(lonlats([CARRE[0], CARRE[2], CARRE[1], CARRE[3]]), surface=True)
    assert noeud.croisee


@pytest.mark.parametrize(
    ("texte", "mot"),
    [("abc", "point"), ("1,2,3", "point"), ("200,95", "hors du monde"), ("nan,1", "hors du monde"),
     (";".join(["6,47"] * 501), "Trop de points")],
)  # fmt: skip
def test_des_points_illisibles_se_disent(texte, mot):
    with pytest.raises(MesureImpossible, match=mot):
        lire_points(texte)


@pytest.mark.parametrize("surface", [False, True])
def test_il_faut_assez_de_points(surface):
    with pytest.raises(MesureImpossible, match="au moins"):
        mesurer([(6.0, 47.0)], surface=surface)


def test_la_vue_de_mesure(client, db):
    points = ";".join(f"{lon:.9f},{lat:.9f}" for lon, lat in lonlats(CARRE))
    mesure = client.get("/carte/mesure", {"genre": "surface", "points": points}).json()
    assert mesure["aire"] == pytest.approx(10_000, abs=0.01)
    assert mesure["projection"] == "Lambert 93"
    assert client.get("/carte/mesure", {"genre": "volume"}).status_code == 400
    assert client.get("/carte/mesure", {"points": "0,0"}).status_code == 400

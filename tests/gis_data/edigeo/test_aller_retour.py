"""What is written is read back equal, on invented sheets drawn at random."""

from __future__ import annotations

from datetime import date

import numpy as np
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gis_data.formats.edigeo.comparaison import differences
from gis_data.formats.edigeo.ecrivain import ecrire_lot
from gis_data.formats.edigeo.lecteur import lire_lot
from gis_data.formats.edigeo.modele import Feuille, Objets, Relations
from gis_data.formats.edigeo.nomenclature import nomenclature_2013

CLASSES = nomenclature_2013().classes
SURFACES = [
    t for t, c in CLASSES.items() if c.nature == "ARE" and t not in ("PARCELLE", "SUBDSECT", "SECTION")
]
LIGNES = [t for t, c in CLASSES.items() if c.nature == "LIN"]
POINTS = [t for t, c in CLASSES.items() if c.nature == "PCT" and t != "ECRITURE"]

LATIN_1 = st.characters(codec="latin-1", exclude_categories=("Cc",))
textes = st.one_of(
    st.text(LATIN_1, max_size=20),
    st.text(LATIN_1, min_size=60, max_size=200),
    st.text("0123456789+-.", max_size=12),
)
dates = st.one_of(st.none(), st.dates(date(1, 1, 1), date(2100, 1, 1)))
centimes = st.integers(-99_999_999, 999_999_999)
EMPRISE_M = 3000


@st.composite
def parcellaires(draw) -> list[shapely.Geometry]:
    """Areas that share their borders: the cells of a shaken grid, put together at random. Some cells
    belong to nobody (streets), some areas have holes or several parts."""
    n = draw(st.integers(1, 5))
    graine = draw(st.integers(0, 2**32 - 1))
    hasard = np.random.default_rng(graine)
    pas = 5000
    x, y = np.meshgrid(np.arange(n + 1) * pas, np.arange(n + 1) * pas, indexing="ij")
    sommets = np.stack([x, y], axis=-1) + hasard.integers(-1500, 1500, (n + 1, n + 1, 2)) + 90_000_000
    proprietaires = hasard.integers(-1, max(1, n * n // 2), (n, n))
    parcelles = []
    for proprietaire in np.unique(proprietaires[proprietaires >= 0]):
        cellules = [
            shapely.Polygon(sommets[[i, i + 1, i + 1, i], [j, j, j + 1, j + 1]] / 100)
            for i, j in zip(*np.nonzero(proprietaires == proprietaire), strict=True)
        ]
        parcelles.append(shapely.union_all(cellules))
    return parcelles


def _point(draw) -> tuple[float, float]:
    return draw(centimes) / 100, draw(centimes) / 100


@st.composite
def surfaces(draw) -> shapely.Geometry:
    """An area of its own: boxes side by side or apart, one with a hole."""
    x, y = draw(centimes), draw(centimes)
    parties = []
    for k in range(draw(st.integers(1, 3))):
        cote = draw(st.integers(300, 90_000))
        gauche = x + k * 100_000
        trous = [shapely.box(gauche + 100, y + 100, gauche + 200, y + 200)] if draw(st.booleans()) else []
        contour = shapely.box(gauche, y, gauche + cote, y + cote)
        parties.append(
            shapely.Polygon(
                shapely.get_coordinates(contour) / 100, [shapely.get_coordinates(t) / 100 for t in trous]
            )
        )
    return parties[0] if len(parties) == 1 else shapely.MultiPolygon(parties)


@st.composite
def lignes(draw) -> shapely.Geometry:
    """A line, or several that do not follow each other (those that do are read as one)."""
    parties = []
    for _ in range(draw(st.integers(1, 3))):
        sommets = [_point(draw) for _ in range(draw(st.integers(2, 5)))]
        if not parties or parties[-1][-1] != sommets[0]:
            parties.append(sommets)
    return shapely.LineString(parties[0]) if len(parties) == 1 else shapely.MultiLineString(parties)


@st.composite
def points(draw) -> shapely.Geometry:
    positions = [_point(draw) for _ in range(draw(st.sampled_from([1, 1, 1, 2])))]
    return shapely.Point(positions[0]) if len(positions) == 1 else shapely.MultiPoint(positions)


@st.composite
def colonnes(draw, type_: str, geoms: list, sous_ensemble: str, fixes: dict | None = None) -> Objets:
    n = len(geoms)
    connus = CLASSES[type_].attributs if type_ in CLASSES else ("COULEUR", "TEX")
    attributs = {}
    for nom in draw(st.lists(st.sampled_from(connus), unique=True)) if connus else []:
        valeurs = st.sampled_from(["TEX", "TEX2", "IDU"]) if nom == "ATR" else textes
        attributs[nom] = draw(st.lists(st.one_of(st.none(), valeurs), min_size=n, max_size=n))
    geom = np.full(n, None, dtype=object)
    geom[:] = geoms
    return Objets(
        type=type_,
        sous_ensemble=[sous_ensemble] * n,
        rid=[f"Objet_{type_}_{i}" if draw(st.booleans()) else f"{i}_{type_}" for i in range(n)],
        attributs=attributs | {nom: [valeur] * n for nom, valeur in (fixes or {}).items()},
        geom=geom,
        date_obs=[draw(dates) for _ in range(n)],
        date_maj=[draw(dates) for _ in range(n)],
    )


@st.composite
def feuilles(draw) -> Feuille:
    parcellaire = draw(parcellaires())
    en_s1 = draw(st.booleans())
    tout = shapely.union_all(parcellaire) if parcellaire else shapely.box(0, 0, 1, 1)
    contenu = [
        draw(colonnes("SUBDSECT", [tout], "SeTOP_2", {"IDU": "9990000A01"})),
        draw(colonnes("SECTION", [tout], "SeTOP_3")),
    ]
    if parcellaire:
        contenu.append(draw(colonnes("PARCELLE", parcellaire, "SeSPA_1" if en_s1 else "SeTOP_1")))
    for types, formes in (([*SURFACES, "KIOSQUE"], surfaces()), (LIGNES, lignes()), (POINTS, points())):
        for type_ in draw(st.lists(st.sampled_from(types), unique=True, max_size=3)):
            geoms = draw(st.lists(st.one_of(formes, formes, formes, st.none()), min_size=1, max_size=4))
            contenu.append(draw(colonnes(type_, geoms, "SeSPA_1")))
    contenu.sort(key=lambda o: (list(CLASSES).index(o.type) if o.type in CLASSES else 99, o.type))
    debuts, n = {}, 0
    for o in contenu:
        debuts[o.type] = n
        n += len(o)
    par_type = {o.type: o for o in contenu}
    relations = {}
    for premier, second in (("BATIMENT", "PARCELLE"), ("NUMVOIE", "PARCELLE"), ("BORNE", "PARCELLE")):
        if premier in par_type and second in par_type:
            paires = st.tuples(
                st.integers(0, len(par_type[premier]) - 1), st.integers(0, len(par_type[second]) - 1)
            )
            membres = [
                (debuts[premier] + i, debuts[second] + j) for i, j in draw(st.lists(paires, max_size=5))
            ]
            nom = f"{premier}_{second}"
            if membres:
                rids = [f"Rel_{nom}_{k}" for k in range(len(membres))]
                relations[nom] = Relations(nom, np.array(membres, dtype=np.int32), rids, len(membres))
    entete = {nom: draw(st.text(LATIN_1, min_size=1).map(str.strip)) or "x" for nom in ("auteur", "logiciel")}
    return Feuille(
        lot="ED0A01",
        code10="9990000A01",
        millesime=draw(st.dates(date(1990, 1, 1), date(2100, 1, 1))),
        crs="RGF93CC47",
        epsg=3947,
        objets=par_type,
        relations=relations,
        information="essai",
        **entete,
    )


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(feuilles())
def test_lire_ce_qui_est_ecrit_redonne_la_feuille(feuille):
    fichiers = ecrire_lot(feuille)
    relue = lire_lot(fichiers)
    assert differences(feuille, relue) == []
    sans_geometrie = {
        (type_, rid)
        for type_, objets in feuille.objets.items()
        for rid, geom in zip(objets.rid, objets.geom, strict=True)
        if geom is None
    }
    assert {
        (a.type, a.identifiant) for a in relue.anomalies if a.code == "GEOMETRIE_ABSENTE"
    } == sans_geometrie
    assert {a.code for a in relue.anomalies} <= {"GEOMETRIE_ABSENTE", "CLASSE_INCONNUE"}
    assert list(relue.objets) == list(feuille.objets)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(feuilles())
def test_ecrire_deux_fois_donne_les_memes_octets(feuille):
    fichiers = ecrire_lot(feuille)
    assert ecrire_lot(feuille) == fichiers
    assert ecrire_lot(lire_lot(fichiers)).keys() == fichiers.keys()

"""The generated ground: exact counts, tiling, shared vertices, every class, every special case."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from gis_data.demo import feuilles
from gis_data.demo.construction import construire
from gis_data.demo.village.noms import nom_commune
from gis_data.formats.edigeo.nomenclature import nomenclature_2013

from .communes import commune, objets

TAILLES = [(60, 1), (61, 2), (97, 3), (150, 5), (400, 7)]


@pytest.fixture(scope="module", params=TAILLES, ids=lambda t: f"{t[0]}-{t[1]}")
def village(request):
    return commune(*request.param)


def test_autant_de_parcelles_que_demande(village):
    attendu = next(n for n, g in TAILLES if commune(n, g) is village)
    assert len(village.parcelles) == attendu
    assert len({p.attributs["IDU"] for p in village.parcelles}) == attendu


def test_les_feuilles_pavent_la_commune(village):
    formes = [f.geom for f in village.feuilles.values()]
    assert shapely.union_all(formes).symmetric_difference(village.geom).area == 0
    assert shapely.coverage_is_valid(np.array(formes))
    sections = list(village.sections.values())
    assert shapely.union_all(sections).symmetric_difference(village.geom).area == 0
    assert village.geom.geom_type == "Polygon"


def test_les_parcelles_partagent_leurs_sommets_sans_trou_ni_recouvrement(village):
    formes = np.array([p.geom for p in village.parcelles])
    assert shapely.is_valid(formes).all()
    assert set(shapely.get_type_id(formes)) == {3}
    assert shapely.coverage_is_valid(formes)
    assert shapely.area(formes).min() > 8


def test_les_parcelles_sont_dans_leur_feuille_et_la_terre_publique_reste(village):
    par_feuille = {code: f.geom.buffer(1e-6) for code, f in village.feuilles.items()}
    assert all(par_feuille[p.feuille].covers(p.geom) for p in village.parcelles)
    public = village.geom.area - sum(p.geom.area for p in village.parcelles)
    assert 0.01 < public / village.geom.area < 0.25
    eau = shapely.union_all([o.geom for o in objets(village, "TRONFLUV")])
    assert shapely.intersection(eau, shapely.union_all([p.geom for p in village.parcelles])).area == 0


def test_tout_est_sur_la_grille_du_centimetre_et_valide(village):
    geoms = np.array([o.geom for o in village.objets])
    assert shapely.is_valid(geoms).all()
    c = shapely.get_coordinates(geoms)
    assert np.array_equal(c, np.round(c, 2))


def test_lieux_dits_pavent_chaque_feuille(village):
    for code, feuille in village.feuilles.items():
        lieux = [o.geom for o in objets(village, "LIEUDIT") if o.feuille == code]
        assert shapely.union_all(lieux).symmetric_difference(feuille.geom).area == 0


def test_chaque_classe_et_chaque_relation(village):
    lots = feuilles.construire(village).values()
    types = {t for f in lots for t, o in f.objets.items() if len(o)}
    relations = {n for f in lots for n, r in f.relations.items() if len(r.membres)}
    assert types == set(nomenclature_2013().classes)
    assert relations == set(nomenclature_2013().relations)


def test_cas_particuliers_des_parcelles(village):
    parcelles = village.parcelles
    troues = [p for p in parcelles if p.geom.interiors]
    remplissent = [
        q for p in troues for r in p.geom.interiors for q in parcelles if shapely.Polygon(r).equals(q.geom)
    ]
    assert len(remplissent) >= 3  # the enclave and the two that touch
    assert any(
        not any(shapely.Polygon(r).equals(q.geom) for q in parcelles)
        for p in troues
        for r in p.geom.interiors
    )  # the pond that no parcel covers
    doubles = [p for p in troues if len(p.geom.interiors) == 2]
    assert any(shapely.intersection(*p.geom.interiors).geom_type == "Point" for p in doubles)
    assert sum(p.attributs["INDP"] == "02" for p in parcelles) == 1
    assert sum("SUPF" not in p.attributs for p in parcelles) == 1
    assert sum(p.attributs.get("COAR") == "A" for p in parcelles) >= 1


def test_cas_particuliers_des_autres_objets(village):
    batiments = objets(village, "BATIMENT")
    assert any(b.geom.geom_type == "MultiPolygon" for b in batiments)
    assert any(b.geom.geom_type == "Polygon" and b.geom.interiors for b in batiments)
    assert {b.attributs["DUR"] for b in batiments} == {"01", "02"}
    par_ident = {p.ident: p for p in village.parcelles}
    assert any(
        sum(par_ident[i].geom.intersection(b.geom).area > 8 for _, i in b.liens) >= 2 for b in batiments
    )
    assert any(len(o.liens) == 2 for o in objets(village, "NUMVOIE"))
    assert all(o.liens for o in objets(village, "NUMVOIE"))
    assert any(o.geom.geom_type == "MultiPolygon" for o in objets(village, "TRONFLUV"))
    assert any(o.geom.geom_type == "MultiLineString" for o in objets(village, "ZONCOMMUNI"))
    textes = [v for o in village.objets for v in o.attributs.values()]
    assert any(len(v.encode("latin-1")) > 72 for v in textes)
    lieux = [
        " ".join(v for k, v in o.attributs.items() if k.startswith("TEX")) for o in objets(village, "LIEUDIT")
    ]
    assert any(" " in nom and not nom.isascii() for nom in lieux)
    assert any("TEX2" in o.attributs for o in objets(village, "LIEUDIT"))


def test_une_section_sur_deux_feuilles_et_les_trois_sections(village):
    sections = [f.section for f in village.feuilles.values()]
    assert set(sections) == {"0A", "AB", "ZA"}
    assert max(sections.count(s) for s in sections) >= 2


def test_chaque_numero_et_chaque_parcelle_a_son_ecriture_bien_placee(village):
    for p in village.parcelles:
        (texte,) = p.textes
        assert p.geom.contains(shapely.Point(texte.x, texte.y))
    assert all(len(o.textes) == 1 for o in objets(village, "NUMVOIE"))
    droits = [t for o in village.objets if o.type in ("PARCELLE", "NUMVOIE") for t in o.textes]
    assert all(-90 < t.angle <= 90 for t in droits)


def test_contenance_proche_de_l_aire_sans_lui_etre_egale(village):
    paires = [(float(p.attributs["SUPF"]), p.geom.area) for p in village.parcelles if "SUPF" in p.attributs]
    ecarts = [abs(s - a) / a for s, a in paires]
    assert max(ecarts) < 0.08
    assert sum(round(a) != s for s, a in paires) > 0.6 * len(paires)


def test_numeros_impairs_a_gauche_pairs_a_droite():
    village = commune(400, 7)
    numeros = {o.attributs["TEX"] for o in objets(village, "NUMVOIE")}
    assert {"1", "2", "3", "4"} <= numeros
    assert any(n.endswith("bis") for n in numeros)


def test_sections_demandees():
    village = commune(300, 4, 6)
    assert len(village.sections) == 6
    assert {s[0] for s in village.sections} == {"0", "A", "Z"}


@pytest.mark.parametrize(
    ("crs", "boite"),
    [
        ("LAMB93", (930_000, 6_650_000, 990_000, 6_710_000)),
        ("RGF93CC47", (1_900_000, 6_100_000, 2_000_000, 6_300_000)),
        ("LAMB2", (880_000, 200_000, 980_000, 300_000)),
        ("RGR92UTM", (310_000, 7_630_000, 380_000, 7_700_000)),
        ("RGAF09UTM20", (630_000, 1_760_000, 680_000, 1_830_000)),
        ("RGM04", (500_000, 8_560_000, 540_000, 8_600_000)),
    ],
)
def test_placee_dans_la_projection_demandee(crs, boite):
    village = commune(60, 1, 3, crs)
    assert shapely.box(*boite).contains(village.geom)
    assert len(village.parcelles) == 60
    assert shapely.coverage_is_valid(np.array([p.geom for p in village.parcelles]))


def test_nom_invente_et_toujours_le_meme():
    assert nom_commune("25999") == "VAUGREVE-LES-CARTES"
    assert nom_commune("74001") == nom_commune("74001") != nom_commune("74002")
    assert all(nom_commune(f"740{i:02d}").isascii() for i in range(20))


def test_demandes_impossibles():
    with pytest.raises(ValueError, match="60"):
        construire("25999", 59, 1)
    with pytest.raises(ValueError, match="trois sections"):
        construire("25999", 60, 1, 2)


@pytest.mark.lent
@pytest.mark.parametrize(("parcelles", "graine"), [(1000, 11), (2000, 7), (3000, 3)])
def test_grandes_communes(parcelles, graine):
    village = commune(parcelles, graine)
    formes = np.array([p.geom for p in village.parcelles])
    assert len(formes) == parcelles
    assert shapely.coverage_is_valid(formes)
    par_feuille = [sum(p.feuille == code for p in village.parcelles) for code in village.feuilles]
    assert min(par_feuille) > 60 and max(par_feuille) < 330

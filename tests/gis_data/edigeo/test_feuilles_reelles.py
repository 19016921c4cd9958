"""The thirteen real sheets: what the reader finds is what the files hold."""

from __future__ import annotations

import json
from functools import cache

import numpy as np
import pytest
import shapely

from gis_data.formats.edigeo.lecteur import lire_lot
from gis_data.formats.edigeo.modele import Feuille
from gis_data.formats.edigeo.textes import libelle, nombre
from tests.donnees import FEUILLES, donnees_partagees, fichiers_feuille

LUXIOL = [id12 for id12 in FEUILLES if id12.startswith("25354")]


@cache
def feuille(id12: str) -> Feuille:
    return lire_lot(fichiers_feuille(id12), departement=id12[:2])


@cache
def attendu(id12: str) -> dict:
    return json.loads((donnees_partagees() / "edigeo" / "expected" / f"{id12}.json").read_text())


@pytest.mark.parametrize("id12", FEUILLES)
def test_une_feuille_porte_son_identite_sa_date_et_sa_projection(id12):
    lue, fiche = feuille(id12), attendu(id12)
    assert lue.id12 == id12
    assert lue.code10 == id12[2:]
    assert lue.millesime.isoformat() == fiche["date_transmission"]
    assert (lue.crs, lue.epsg) == (fiche["crs_declare"], fiche["epsg"])
    assert lue.objets["COMMUNE"].attributs["TEX2"] == [fiche["nom_commune"]]
    assert lue.anomalies == ()


@pytest.mark.parametrize("id12", FEUILLES)
def test_tous_les_objets_et_toutes_les_relations_sont_lus(id12):
    lue, fiche = feuille(id12), attendu(id12)
    assert {type_: len(objets) for type_, objets in lue.objets.items()} == fiche["objets_lus"]
    relations = {nom: {"lues": r.lues, "resolues": len(r.membres)} for nom, r in lue.relations.items()}
    assert relations == fiche["relations"]


@pytest.mark.parametrize("id12", FEUILLES)
def test_les_surfaces_et_longueurs_sont_celles_de_gdal(id12):
    lue = feuille(id12)
    for couche, mesures in attendu(id12)["gdal"]["layers"].items():
        type_ = "ECRITURE" if couche == "ID_S_OBJ_Z_1_2_2" else couche.removesuffix("_id")
        geom = lue.objets[type_].geom
        assert len(geom) == mesures["count"]
        assert shapely.is_valid(geom).all()
        assert shapely.area(geom).sum() == pytest.approx(mesures["area_m2"], abs=0.01)
        if mesures["length_m"]:
            assert shapely.length(geom).sum() == pytest.approx(mesures["length_m"], abs=0.01)


@pytest.mark.parametrize("id12", FEUILLES)
def test_les_parcelles_trouees_sans_contenance_et_arpentees(id12):
    parcelles, fiche = feuille(id12).objets["PARCELLE"], attendu(id12)["gdal"]["parcels"]
    idu = np.array(parcelles.attributs["IDU"])
    trous = shapely.get_num_interior_rings(parcelles.geom)
    assert sorted(idu[trous > 0]) == sorted(fiche["with_holes"])
    supf = [nombre(texte) for texte in parcelles.attributs["SUPF"]]
    assert sorted(idu[[valeur is None for valeur in supf]]) == sorted(fiche["without_supf"])
    assert sum(valeur or 0 for valeur in supf) == pytest.approx(fiche["supf_sum_m2"])
    coar = parcelles.attributs.get("COAR", [])
    assert sum(valeur == "A" for valeur in coar) == fiche["arpentees_coar_A"]
    assert [round(v, 2) for v in shapely.total_bounds(parcelles.geom)] == fiche["bbox"]
    assert int(min(parcelles.date_obs).strftime("%Y%m%d")) == fiche["date_obs_min"]
    assert int(max(parcelles.date_maj).strftime("%Y%m%d")) == fiche["date_maj_max"]


@pytest.mark.parametrize("id12", FEUILLES)
def test_les_parcelles_connues(id12):
    lue = feuille(id12)
    parcelles, debut = lue.objets["PARCELLE"], lue.debuts["PARCELLE"]
    for connue in attendu(id12)["parcelles_connues"]:
        rang = parcelles.attributs["IDU"].index(connue["idu12"])
        geom = parcelles.geom[rang]
        assert nombre(parcelles.attributs["SUPF"][rang]) == connue["contenance_m2"]
        assert parcelles.attributs["TEX"][rang] == connue["numero"]
        assert geom.area == pytest.approx(connue["gdal_area_m2"], abs=0.01)
        assert len(shapely.get_rings(geom)) - 1 == connue["holes"]
        assert shapely.get_num_coordinates(geom) == connue["vertices"]
        assert [geom.centroid.x, geom.centroid.y] == pytest.approx(connue["centroid_native"], abs=0.01)
        assert int(parcelles.date_obs[rang].strftime("%Y%m%d")) == connue["date_obs"]
        assert int(parcelles.date_maj[rang].strftime("%Y%m%d")) == connue["date_maj"]
        liens = {n: int((r.membres == debut + rang).any(axis=1).sum()) for n, r in lue.relations.items()}
        assert {n: k for n, k in liens.items() if k} == connue["relations"]
        numeros = []
        if "NUMVOIE_PARCELLE" in lue.relations:
            membres = lue.relations["NUMVOIE_PARCELLE"].membres
            for numero in membres[membres[:, 1] == debut + rang, 0].tolist():
                type_, i = lue.objet(numero)
                numeros.append(libelle(lue.objets[type_].attributs, i))
        assert sorted(numeros) == sorted(connue["numvoies"])


def test_les_huit_feuilles_de_luxiol_pavent_la_commune_sans_reste_ni_recouvrement():
    feuilles = [feuille(id12) for id12 in LUXIOL]
    contours = [f.objets["SUBDSECT"].geom[0] for f in feuilles]
    commune = feuilles[0].objets["COMMUNE"].geom[0]
    assert shapely.symmetric_difference(shapely.union_all(contours), commune).area == 0
    assert sum(c.area for c in contours) == pytest.approx(commune.area, abs=1e-6)
    assert sum(len(f.objets["PARCELLE"]) for f in feuilles) == 511
    assert sum(len(f.objets["BATIMENT"]) for f in feuilles if "BATIMENT" in f.objets) == 252
    aire = sum(shapely.area(f.objets["PARCELLE"].geom).sum() for f in feuilles)
    assert aire == pytest.approx(6118216.07, abs=0.01)


@pytest.mark.parametrize("id12", FEUILLES)
def test_les_parcelles_ne_se_recouvrent_pas(id12):
    parcelles = feuille(id12).objets["PARCELLE"].geom
    assert shapely.union_all(parcelles).area == pytest.approx(shapely.area(parcelles).sum(), abs=1e-3)


def test_la_section_partagee_est_la_meme_dans_ses_deux_feuilles():
    b01, b02 = (feuille(f"380040000B0{n}").objets["SECTION"].geom[0] for n in (1, 2))
    assert b01.geom_type == "MultiPolygon"
    assert shapely.normalize(b01) == shapely.normalize(b02)

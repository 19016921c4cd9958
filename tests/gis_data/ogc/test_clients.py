"""Clients of the standard read the service as it is served: GDAL's OAPIF driver, OWSLib, QGIS."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest
from owslib.ogcapi.features import Features

from gis_data.ogc.reperes import EPSG
from tests.plan_factice import X0, Y0, ecrire_plan, lonlat

pytestmark = pytest.mark.django_db(transaction=True)
PYTHON_DU_SYSTEME = "/usr/bin/python3"


@pytest.fixture
def servi(live_server) -> str:
    """The tiny plan, served."""
    ecrire_plan()
    return live_server.url


def ogr(*arguments: str) -> str:
    r = subprocess.run(
        list(arguments),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env={**os.environ, "LANG": "C"},
    )
    assert r.returncode == 0, r.stderr
    return r.stdout + r.stderr


def test_gdal_liste_les_couches_et_lit_leurs_objets(servi):
    liste = ogr("ogrinfo", f"OAPIF:{servi}/ogc")
    assert "using driver `OAPIF' successful" in liste
    assert "parcelles (title: Parcelles)" in liste and "plu_zones" in liste
    lu = ogr("ogrinfo", "-al", "-so", f"OAPIF:{servi}/ogc", "parcelles", "-oo", "PAGE_SIZE=5")
    assert "Feature Count: 13" in lu
    assert "contenance: Integer" in lu and "valide_du: Date" in lu


def test_gdal_suit_les_pages_et_filtre_par_cadre(servi, tmp_path):
    sortie = tmp_path / "p.geojson"
    ogr(
        "ogr2ogr", "-f", "GeoJSON", str(sortie), f"OAPIF:{servi}/ogc", "parcelles", "-oo", "PAGE_SIZE=5"
    )  # fmt: skip
    objets = json.loads(sortie.read_text())["features"]
    assert sorted(o["properties"]["numero"] for o in objets) == [*range(1, 13), 9001]
    cadre = [str(v) for v in (*lonlat(5, 5), *lonlat(15, 15))]
    dedans = ogr("ogrinfo", "-ro", "-q", f"OAPIF:{servi}/ogc", "parcelles", "-spat", *cadre)
    assert len(re.findall(r"^OGRFeature", dedans, re.M)) == 1


def test_owslib_lit_les_couches_les_pages_et_les_projections(servi):
    service = Features(f"{servi}/ogc/")
    assert service.conformance()["conformsTo"]
    assert {"parcelles", "batiments"} <= set(service.feature_collections())
    assert service.collection("parcelles")["itemType"] == "feature"
    assert service.collection_queryables("parcelles")["properties"]["numero"]["type"] == "integer"
    page = service.collection_items("parcelles", limit=4)
    assert (page["numberMatched"], page["numberReturned"]) == (13, 4)
    suite = service.collection_items("parcelles", limit=4, offset=4)
    assert [o["properties"]["numero"] for o in suite["features"]] == [5, 6, 7, 8]
    assert len(service.collection_items("parcelles", numero=3)["features"]) == 1
    ouest, sud, est, nord = (*lonlat(5, 5), *lonlat(15, 15))
    dedans = service.collection_items("parcelles", bbox=[ouest, sud, est, nord], crs=f"{EPSG}2154")
    (objet,) = dedans["features"]
    assert [X0, Y0] in objet["geometry"]["coordinates"][0][0]
    assert service.collection_item("parcelles", objet["id"])["id"] == objet["id"]
    assert service.api()["openapi"].startswith("3.0")


def _qgis() -> bool:
    essai = subprocess.run([PYTHON_DU_SYSTEME, "-c", "import qgis.core"], capture_output=True, check=False)
    return essai.returncode == 0


def test_qgis_lit_les_objets_et_dessine_les_tuiles_avec_leur_style(servi, tmp_path):
    """Played where Debian's python3-qgis is installed; docs/qgis-et-ogc.md records a run."""
    if not _qgis():
        pytest.skip("QGIS n'est pas installé ici (apt-get install python3-qgis) : rien n'est vérifié")
    image = tmp_path / "plan.png"
    ouest, sud = lonlat(-20, -40)
    est, nord = lonlat(200, 120)
    script = Path(__file__).with_name("qgis_lecture.py")
    r = subprocess.run(
        [PYTHON_DU_SYSTEME, str(script), servi, "parcelles", str(image), f"{ouest},{sud},{est},{nord}"],
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "HOME": str(tmp_path), "PYTHONPATH": ""},
    )
    assert r.returncode == 0, r.stderr[-2000:]
    bilan = json.loads(r.stdout.strip().splitlines()[-1])
    assert bilan["oapif"]["valide"], bilan
    assert bilan["oapif"]["objets"] == 13 and bilan["oapif"]["dessines"] == 12
    assert {"idu", "numero", "contenance"} <= set(bilan["oapif"]["champs"])
    tuiles = bilan["tuiles"]
    assert tuiles["valide"] and tuiles["style"], bilan
    assert tuiles["calques"] > 20 and tuiles["couleurs"] > 5
    assert image.stat().st_size > 3000

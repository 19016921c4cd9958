"""Planning documents in a real browser: a package brought in, its report, the parcel, the map, the series."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from gis_data.contraintes.imports import importer_plu
from mairie.taches.ouvrier import vider_la_file
from tests.gis_data.contraintes import plans
from tests.gis_data.contraintes.lecture_directe import lire_sans_enfant
from tests.mairie.impression.lecture_pdf import pages
from tests.navigateur.carte import attendre_js, ouvrir
from tests.navigateur.conftest import TELEPHONE, entrer, violations
from tests.personnes import agent

TAILLES = ({"width": 1280, "height": 800}, TELEPHONE)


@pytest.fixture(autouse=True)
def _fichiers(settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = tmp_path / "media"
    lire_sans_enfant(monkeypatch)


def sans_defaut(ecran) -> None:
    """Neither axe nor the width of a phone finds anything."""
    for taille in TAILLES:
        ecran.page.set_viewport_size(taille)
        assert violations(ecran) == []
        assert ecran.page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth + 1")


def test_un_plu_s_importe_a_l_ecran_et_se_lit_sur_la_parcelle(ecran, plan_servi, tmp_path):
    entrer(ecran, agent("sig.technicien"))
    ecran.ouvrir("/carte/donnees/")
    sans_defaut(ecran)
    ecran.page.set_viewport_size(TAILLES[0])
    ecran.page.get_by_role("link", name="Importer un PLU").click()
    sans_defaut(ecran)
    ecran.page.set_input_files('input[type="file"]', plans.ecrire(tmp_path))
    ecran.page.locator("main").get_by_role("button", name=re.compile("Importer|Lire")).click()
    expect(ecran.page.locator("main")).to_contain_text("ZONE_URBA")
    sans_defaut(ecran)
    ecran.ouvrir("/parcelles/25999000AB0004/")
    zones = ecran.page.locator(".tableau-zones")
    expect(zones).to_contain_text("66,7")
    expect(zones).to_contain_text("33,3")
    expect(ecran.page.locator("main")).to_contain_text("non chargée")
    sans_defaut(ecran)


@pytest.mark.parametrize("zoom", [12, 14, 16, 18, 20])
def test_le_plu_se_dessine_a_chaque_zoom(ecran, plan_servi, tmp_path, zoom):
    importer_plu(chemin := plans.ecrire(tmp_path), chemin.name)
    ouvrir(ecran, zoom, "?couches=plu_zones,plu_prescriptions,plu_informations")
    attendre_js(ecran, 'etat.visible("plu_zones")')
    ecran.attendre_carte()
    assert {o["libelle"] for o in ecran.dessines("plu_zones") if "libelle" in o} & {"UA", "UB", "A", "N"}


def test_une_serie_se_demande_se_suit_et_se_telecharge(ecran, plan_servi, tmp_path):
    entrer(ecran, agent("sig.lecteur"))
    ecran.ouvrir("/carte/impression/serie/?format=a3")
    sans_defaut(ecran)
    ecran.page.set_viewport_size(TAILLES[0])
    ecran.page.get_by_label("Références, une par ligne").fill("AB 1\nAB 2")
    ecran.page.get_by_role("button", name="Préparer la série").click()
    expect(ecran.page.get_by_role("heading", level=1)).to_contain_text("Impression à l'échelle")
    assert vider_la_file() == 1
    lien = ecran.page.get_by_role("link", name="Voir le résultat")
    expect(lien).to_be_visible()
    octets = ecran.page.context.request.get(ecran.racine + str(lien.get_attribute("href"))).body()
    assert [round(p.largeur) for p in pages(octets)] == [297, 297]
    ecran.ouvrir("/carte/impression/serie/")
    expect(ecran.page.get_by_role("link", name="Télécharger (2 pages)")).to_be_visible()

"""The sewer network in a real browser: a click on a pipe says what lies beyond it; axe, keyboard, phone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.assainissement import fabrique_reseau as f
from tests.assainissement.fabrique_anc import acteur
from tests.navigateur.conftest import TELEPHONE, entrer, violations
from tests.plan_factice import lonlat

BASE = "/assainissement/reseau/"


@pytest.fixture
def reseau(plan_servi, ecran, tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path / "media"
    (tmp_path / "fichiers").mkdir()
    f.importer(f.fichier(tmp_path / "fichiers", f.dessine()))
    entrer(ecran, acteur("technicien"))


def test_un_clic_suit_l_eau_et_le_clavier_fait_de_meme(ecran, reseau):
    page = ecran.page
    ecran.ouvrir(BASE)
    expect(page.locator("#reseau-carte")).to_have_attribute("data-canalisations", "9")
    page.get_by_label("vers l'amont").check()

    def cliquer(*place):
        x, y = page.evaluate(
            """([lon, lat]) => {
              const { carte } = globalThis.carteReseau;
              carte.getContainer().scrollIntoView({ block: "center" });
              const cadre = carte.getContainer().getBoundingClientRect();
              const p = carte.latLngToContainerPoint([lat, lon]);
              return [cadre.left + p.x, cadre.top + p.y];
            }""",
            list(lonlat(*place)),
        )
        page.mouse.click(x, y)

    resultat = page.locator("#reseau-resultat")
    expect(page.locator("#reseau-carte")).to_have_attribute("data-noeuds", "9")
    cliquer(40, 40)
    expect(resultat).to_contain_text("R2, vers l'amont : 3 canalisations")
    cliquer(100, 40)
    expect(resultat).to_contain_text("G, vers l'amont : 5 canalisations")
    assert page.evaluate("globalThis.carteReseau.suivi.nombre") == 5
    assert violations(ecran) == []
    resultat.get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("G, vers l'amont")
    assert violations(ecran) == []
    # By keyboard, from the first page.
    ecran.ouvrir(BASE)
    page.get_by_role("textbox", name="Identifiant").fill("A")
    page.get_by_role("textbox", name="Identifiant").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("A, vers l'aval")
    page.get_by_role("link", name="Profil en long").click()
    expect(page.get_by_role("img", name=re.compile("Profil en long"))).to_be_visible()
    assert violations(ecran) == []
    page.set_viewport_size(TELEPHONE)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")

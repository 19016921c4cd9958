"""Constraints of the shape drawn on the map: zones with their shares, layers not loaded, refusals."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from gis_data.contraintes.imports import importer_plu
from tests.gis_data.contraintes import plans
from tests.gis_data.contraintes.lecture_directe import lire_sans_enfant
from tests.navigateur.carte import outil, ouvrir
from tests.navigateur.conftest import violations
from tests.plan_factice import lonlat


@pytest.fixture
def plu(tmp_path, plan_servi, monkeypatch, settings):
    settings.MEDIA_ROOT = tmp_path / "media"
    lire_sans_enfant(monkeypatch)
    importer_plu(chemin := plans.ecrire(tmp_path), chemin.name)


def dessiner(ecran, *points, doigt=False):
    for p in points:
        if doigt:
            ecran.page.touchscreen.tap(*ecran.pixel(*p))
        else:
            ecran.page.mouse.click(*ecran.pixel(*p))
        ecran.page.wait_for_timeout(400 if doigt else 60)


def test_une_surface_dit_ses_zones_et_leurs_parts(ecran, plu):
    """The ground of AB 4 lies across A and N."""
    ouvrir(ecran)
    volet = outil(ecran, "Mesurer")
    volet.get_by_role("radio", name="Surface").check()
    expect(volet.get_by_role("button", name="Contraintes de cette forme")).to_be_disabled()
    dessiner(ecran, (90, 0), (120, 0), (120, 30), (90, 30))
    volet.get_by_role("button", name="Contraintes de cette forme").click()
    expect(volet.locator("h2")).to_have_text("Contraintes de la forme")
    table = volet.locator(".contraintes-zones")
    expect(table.locator("tbody tr")).to_have_count(2)
    textes = table.locator("td:nth-child(3)").all_inner_texts()
    parts = [float(t.rstrip("% \u202f\xa0").replace(",", ".")) for t in textes]
    assert sum(parts) == pytest.approx(100, abs=0.01) and parts[0] == pytest.approx(66.7, abs=1.5)
    expect(volet).to_contain_text("Couches non chargées, donc sans réponse")
    expect(volet).to_contain_text("Rien trouvé")
    assert violations(ecran) == []
    # The shape stays drawn beside its report, and goes with it.
    expect(ecran.page.locator(".mesure-trait")).to_have_count(1)
    volet.get_by_role("button", name="Dessiner une autre forme").click()
    expect(volet.locator("h2")).to_have_text("Mesurer")
    expect(ecran.page.locator(".mesure-trait")).to_have_count(0)


def test_une_forme_tracee_au_clavier_dit_ses_contraintes(ecran, plu):
    """Corners laid at the middle of the map; no pointer is used."""
    ouvrir(ecran)
    ecran.page.locator(".carte-barre").get_by_role("button", name="Mesurer", exact=True).press("Enter")
    volet = ecran.page.locator("#volet")
    volet.get_by_role("radio", name="Surface").press("Space")
    carte = ecran.page.locator("#carte")
    carte.focus()
    for x, y in ((90, 0), (120, 0), (120, 30), (90, 30)):
        lon, lat = lonlat(x, y)
        ecran.page.evaluate(
            "([lon, lat]) => carteUrbanisme.carte.setView([lat, lon], 18, {animate: false})", [lon, lat]
        )
        carte.press("Enter")
    volet.get_by_role("button", name="Contraintes de cette forme").press("Enter")
    expect(volet.locator("h2")).to_have_text("Contraintes de la forme")
    expect(volet.locator(".contraintes-zones tbody tr")).to_have_count(2)
    # The keyboard is led to what was found, and back to the drawing.
    expect(volet).to_be_focused()
    # The same answer as one page to keep, in a tab of its own.
    with ecran.page.context.expect_event(
        "response", lambda r: r.url.endswith("/carte/impression/note.pdf")
    ) as note:
        volet.get_by_role("button", name="Note de renseignements (PDF)").press("Enter")
    assert note.value.status == 200 and note.value.headers["content-type"] == "application/pdf"
    volet.get_by_role("button", name="Dessiner une autre forme").press("Enter")
    expect(volet.locator("h2")).to_have_text("Mesurer")


def test_sans_document_le_zonage_est_non_charge(tactile, plan_servi):
    ouvrir(tactile)
    volet = outil(tactile, "Mesurer")
    dessiner(tactile, (75, 40), doigt=True)
    volet.get_by_role("button", name="Contraintes de cette forme").tap()
    expect(volet).to_contain_text("Couche non chargée : le zonage n'est pas connu ici.")


def test_une_surface_demesuree_est_refusee_avec_des_mots(ecran, plan_servi):
    ecran.tolerer("400")
    ouvrir(ecran, zoom=10)
    volet = outil(ecran, "Mesurer")
    volet.get_by_role("radio", name="Surface").check()
    for x, y in ((100, 200), (500, 200), (500, 600)):
        ecran.page.mouse.click(x, y)
        ecran.page.wait_for_timeout(60)
    volet.get_by_role("button", name="Contraintes de cette forme").click()
    expect(volet).to_contain_text("La forme couvre plus de 25 km² : dessinez un terrain.")

"""On a phone: the map takes the screen, a sheet slides up, the finger does everything."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.navigateur.carte import outil, ouvrir
from tests.navigateur.conftest import TELEPHONE


def test_la_carte_prend_l_ecran_et_la_fiche_glisse(tactile, plan_servi):
    ouvrir(tactile)
    carte = tactile.page.locator("#carte").bounding_box()
    assert carte["width"] == TELEPHONE["width"] and carte["height"] > 740
    tactile.page.touchscreen.tap(*tactile.pixel(75, 5))
    volet = tactile.page.locator("#volet")
    expect(volet.locator("h2")).to_have_text("Parcelle AB 3")
    boite = volet.bounding_box()
    assert boite["x"] == 0 and boite["width"] == TELEPHONE["width"]
    assert abs(boite["y"] + boite["height"] - TELEPHONE["height"]) <= 1
    # The chosen parcel stays in view, or the sheet leaves at least half of the map.
    assert boite["height"] < TELEPHONE["height"] / 2
    tactile.page.mouse.move(195, boite["y"] + 30)
    tactile.page.mouse.down()
    tactile.page.mouse.move(195, boite["y"] + 200, steps=4)
    tactile.page.mouse.up()
    expect(volet).to_be_hidden()
    assert tactile.page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")


def test_la_poignee_agrandit_la_fiche(tactile, plan_servi):
    ouvrir(tactile)
    volet = outil(tactile, "Couches")
    avant = volet.bounding_box()["height"]
    tactile.page.locator("#volet-poignee").tap()
    tactile.page.wait_for_timeout(400)
    assert volet.bounding_box()["height"] > avant * 1.5


def test_chaque_outil_s_ouvre_au_doigt(tactile, plan_servi):
    ouvrir(tactile)
    titres = {
        "Couches": "Couches",
        "Légende": "Légende",
        "Liste": "Objets visibles",
        "Mesurer": "Mesurer",
        "Partager": "Partager",
        "Coordonnées": "Coordonnées",
        "Imprimer": "Imprimer",
    }
    for nom, titre in titres.items():
        volet = outil(tactile, nom)
        expect(volet.locator("h2")).to_have_text(titre)
        largeur = tactile.page.evaluate("() => document.documentElement.scrollWidth")
        assert largeur <= TELEPHONE["width"], nom
        volet.get_by_role("button", name="Fermer le volet").tap()
        expect(volet).to_be_hidden()


def test_les_boutons_sont_assez_grands_pour_un_doigt(tactile, plan_servi):
    ouvrir(tactile)
    for bouton in tactile.page.locator(".carte-barre button:visible, .carte-outils button:visible").all():
        boite = bouton.bounding_box()
        assert boite["width"] >= 44 and boite["height"] >= 44, bouton.inner_text()

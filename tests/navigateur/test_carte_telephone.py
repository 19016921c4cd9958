"""On a phone: the map takes the screen, a sheet slides up, the finger does everything."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.couches import couche_datee
from tests.navigateur.carte import attendre_js, couches, outil, ouvrir
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


def test_chaque_fonction_se_joue_au_doigt(tactile, plan_servi):
    """Layers, list, coordinates, search, day: each by taps alone."""
    with couche_datee():
        ouvrir(tactile)
        barre = tactile.page.locator("#temps")
        expect(barre).to_contain_text("Toutes les dates")
        barre.get_by_role("button", name="Jour suivant").tap()
        expect(tactile.page).to_have_url(re.compile(r"jour=\d{4}-\d\d-\d\d"))
        volet = couches(tactile)
        tactile.page.get_by_role("checkbox", name="Bâtiments").tap()
        attendre_js(tactile, '!etat.visible("batiments")')
        volet.get_by_role("button", name="Affichage d'origine").tap()
        attendre_js(tactile, 'etat.visible("batiments")')
        volet.get_by_role("button", name="Fermer le volet").tap()
        outil(tactile, "Liste")
        volet.get_by_role("button", name="Parcelle AB 3", exact=True).tap()
        expect(volet.get_by_role("link", name="Fiche : Parcelle AB 3")).to_be_visible()
        volet.get_by_role("button", name="Fermer le volet").tap()
        outil(tactile, "Coordonnées")
        tactile.page.touchscreen.tap(*tactile.pixel(90, 60))
        expect(volet).to_contain_text("Point cliqué")
        volet.get_by_role("button", name="Fermer le volet").tap()
        champ = tactile.page.locator("#recherche-carte")
        champ.tap()
        champ.fill("ab 0004")
        tactile.page.locator("#resultats").get_by_role("option").first.tap()
        expect(volet.locator("h2")).to_have_text("Parcelle AB 4")

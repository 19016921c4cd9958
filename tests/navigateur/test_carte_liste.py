"""The list of the objects in view, and one section a layer under a click."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.navigateur.carte import attendre_js, carte_js, couches, outil, ouvrir


def test_la_liste_dit_la_vue_et_la_suit(ecran, plan_servi):
    ouvrir(ecran)
    volet = outil(ecran, "Liste")
    expect(volet.get_by_role("status")).to_contain_text(re.compile(r"\d+ objets dans la vue"))
    parcelles = volet.locator('details[data-couche="parcelles"]')
    expect(parcelles).to_have_attribute("open", "")
    expect(parcelles.get_by_role("row")).to_have_count(13)
    ecran.page.evaluate("() => carteUrbanisme.carte.setZoom(21)")
    expect(parcelles.locator("tbody tr")).not_to_have_count(12)
    ecran.page.evaluate("() => carteUrbanisme.carte.setView([46.5, 2], 17)")
    expect(volet.get_by_role("status")).to_contain_text("Rien à lister ici")


def test_la_liste_se_parcourt_au_clavier_et_montre_l_objet(ecran, plan_servi):
    ouvrir(ecran)
    volet = outil(ecran, "Liste")
    expect(volet).to_be_focused()
    bouton = volet.get_by_role("button", name="Parcelle AB 3", exact=True)
    bouton.focus()
    bouton.press("Enter")
    attendre_js(
        ecran,
        'plan.gl.getFeatureState({ source: "plan", sourceLayer: "parcelles", id: "25999000AB0003" }).choix',
    )
    expect(ecran.page.locator("path.lieu-trouve")).to_be_visible()
    fiche = volet.get_by_role("link", name="Fiche : Parcelle AB 3")
    expect(fiche).to_have_attribute("href", "/parcelles/25999000AB0003/")
    ecran.page.keyboard.press("Escape")
    expect(volet).to_be_hidden()
    expect(ecran.page.locator("path.lieu-trouve")).to_have_count(0)


def test_la_suite_d_une_longue_liste(ecran, plan_servi, monkeypatch):
    monkeypatch.setattr("gis_data.carte.liste.PAR_COUCHE", 5)
    monkeypatch.setattr("gis_data.carte.vues.PAR_COUCHE", 5)
    ouvrir(ecran)
    volet = outil(ecran, "Liste")
    lignes = volet.locator('details[data-couche="parcelles"] tbody tr')
    expect(lignes).to_have_count(5)
    volet.locator('details[data-couche="parcelles"]').get_by_role("button", name="5 suivants").click()
    expect(lignes).to_have_count(10)
    expect(volet.get_by_role("button", name="Parcelle AB 6", exact=True)).to_be_focused()


def test_un_clic_donne_une_section_par_couche(ecran, plan_servi):
    ouvrir(ecran)
    ecran.page.mouse.click(*ecran.pixel(10, 15))
    volet = ecran.page.locator("#volet")
    expect(volet.locator("h2")).to_have_text("Parcelle AB 1")
    expect(volet.get_by_role("heading", name="Bâtiments")).to_be_visible()
    expect(volet).to_contain_text("Mairie")
    # A layer switched off is asked no more.
    couches(ecran)
    ecran.page.get_by_role("checkbox", name="Bâtiments").uncheck()
    ecran.page.mouse.click(*ecran.pixel(10, 15))
    expect(volet.locator("h2")).to_have_text("Parcelle AB 1")
    expect(volet.get_by_role("heading", name="Bâtiments")).to_have_count(0)


def test_le_survol_nomme_la_parcelle(ecran, plan_servi):
    ouvrir(ecran)
    bulle = ecran.page.locator("#bulle")
    ecran.page.mouse.move(*ecran.pixel(44, 4))
    ecran.page.mouse.move(*ecran.pixel(45, 5))
    expect(bulle).to_have_text("AB 2")
    etat = 'plan.gl.getFeatureState({ source: "plan", sourceLayer: "parcelles", id: "25999000AB0002" })'
    assert carte_js(ecran, etat)["survol"] is True
    ecran.page.mouse.move(*ecran.pixel(100, 33))
    expect(bulle).to_be_hidden()
    assert carte_js(ecran, etat)["survol"] is False

"""The agents' frame in a real browser: rail, drawer, menus, parts of the house style, keyboard and axe."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.cadastre import fabrique
from tests.navigateur.conftest import TELEPHONE, entrer, violations
from tests.personnes import AUTRE_INSEE, INSEE, agent


@pytest.fixture
def agent_entre(ecran, transactional_db):
    """An agent of two communes, in the browser."""
    fabrique.valbrune()
    personne = agent("mairie.administrateur", codes=(INSEE, AUTRE_INSEE))
    entrer(ecran, personne)
    return personne


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("taille", ["bureau", "telephone"])
def test_la_charte_et_le_cadre_sont_accessibles(ecran, agent_entre, theme, taille):
    ecran.page.emulate_media(color_scheme=theme)
    if taille == "telephone":
        ecran.page.set_viewport_size(TELEPHONE)
    fautes = []
    for adresse in ("/bureau/charte/", "/reglages/premiers-pas/", "/cadastre/", "/"):
        ecran.ouvrir(adresse)
        fautes += [f"{adresse} {v}" for v in violations(ecran)]
        largeur = ecran.page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
        if largeur[0] > largeur[1]:
            fautes.append(f"{adresse} déborde : {largeur}")
    assert fautes == []


def test_le_menu_se_reduit_et_le_reste(ecran, agent_entre):
    ecran.ouvrir("/cadastre/")
    ecran.page.get_by_role("button", name="Réduire le menu").click()
    rail = ecran.page.locator("#rail")
    assert rail.bounding_box()["width"] < 80
    ecran.ouvrir("/recherche/")
    assert rail.bounding_box()["width"] < 80
    # Icons alone keep their names for who hears the page.
    expect(rail.get_by_role("link", name="Carte", exact=True)).to_be_visible()
    assert violations(ecran) == []
    ecran.page.get_by_role("button", name="Élargir le menu").click()
    assert rail.bounding_box()["width"] > 200


def test_le_menu_du_telephone_est_un_tiroir_au_clavier(ecran, agent_entre):
    ecran.page.set_viewport_size(TELEPHONE)
    ecran.ouvrir("/cadastre/")
    rail = ecran.page.get_by_role("navigation", name="Rubriques des agents")
    expect(rail).to_be_hidden()
    ouvrir = ecran.page.get_by_role("link", name="Menu", exact=True)
    ouvrir.focus()
    ecran.page.keyboard.press("Enter")
    expect(rail).to_be_visible()
    expect(rail.get_by_role("link").first).to_be_focused()
    assert violations(ecran) == []
    ecran.page.keyboard.press("Escape")
    expect(rail).to_be_hidden()
    expect(ouvrir).to_be_focused()
    assert ecran.page.url.endswith("/cadastre/")


def test_le_tiroir_marche_sans_script(ecran, agent_entre, browser):
    contexte = browser.new_context(java_script_enabled=False, viewport=TELEPHONE)
    contexte.add_cookies(ecran.page.context.cookies())
    page = contexte.new_page()
    page.goto(f"{ecran.racine}/cadastre/")
    page.get_by_role("link", name="Menu", exact=True).click()
    rail = page.get_by_role("navigation", name="Rubriques des agents")
    expect(rail).to_be_visible()
    page.get_by_role("link", name="Fermer le menu").click()
    expect(rail).to_be_hidden()
    contexte.close()


def test_la_commune_se_choisit_au_clavier(ecran, agent_entre):
    ecran.ouvrir("/recherche/")
    resume = ecran.page.locator(".menu-commune summary")
    resume.focus()
    ecran.page.keyboard.press("Enter")
    ecran.page.get_by_role("button", name="Commune fictive 25998").click()
    expect(resume).to_contain_text("Commune fictive 25998")
    expect(ecran.page).to_have_url(re.compile("/recherche/$"))


def test_un_menu_se_ferme_par_echap_et_par_un_clic_a_cote(ecran, agent_entre):
    ecran.ouvrir("/recherche/")
    cloche = ecran.page.locator("summary", has_text="Notifications")
    volet = ecran.page.get_by_text("Rien ne vous attend.")
    cloche.click()
    expect(volet).to_be_visible()
    assert violations(ecran) == []
    ecran.page.keyboard.press("Escape")
    expect(volet).to_be_hidden()
    expect(cloche).to_be_focused()
    cloche.click()
    ecran.page.locator("h1").click(position={"x": 5, "y": 5})
    expect(volet).to_be_hidden()


def test_l_explication_s_ouvre_et_rend_la_main(ecran, agent_entre):
    ecran.ouvrir("/bureau/charte/")
    bouton = ecran.page.get_by_role("button", name="pourquoi ?")
    bouton.focus()
    ecran.page.keyboard.press("Enter")
    tiroir = ecran.page.get_by_role("complementary", name="Pourquoi cette date ?")
    expect(tiroir).to_be_visible()
    assert violations(ecran) == []
    ecran.page.keyboard.press("Escape")
    expect(tiroir).to_be_hidden()
    expect(bouton).to_be_focused()


def test_la_carte_tient_dans_le_cadre_de_l_agent(ecran, agent_entre):
    for taille in ({"width": 1100, "height": 720}, TELEPHONE):
        ecran.page.set_viewport_size(taille)
        ecran.ouvrir_carte()
        boite = ecran.page.locator("#carte").bounding_box()
        assert boite["height"] > taille["height"] * 0.6
        assert boite["y"] + boite["height"] <= taille["height"] + 1
        hauteur = ecran.page.evaluate("[document.documentElement.scrollHeight, window.innerHeight]")
        assert hauteur[0] <= hauteur[1]

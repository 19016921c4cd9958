"""An agent's saved views."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.navigateur.carte import attendre_js, carte_js, outil, ouvrir
from tests.navigateur.conftest import entrer, violations
from tests.personnes import agent


def test_un_agent_garde_une_vue_et_la_retrouve(ecran, plan_servi):
    entrer(ecran, agent("mairie.lecteur"))
    ouvrir(ecran, 18, "?couches=-batiments")
    volet = outil(ecran, "Vues enregistrées")
    expect(volet).to_contain_text("Aucune vue enregistrée")
    champ = volet.get_by_label("Nom de la vue affichée")
    champ.fill("Sans les bâtiments")
    champ.press("Enter")
    vue = volet.get_by_role("button", name="Sans les bâtiments", exact=True)
    expect(vue).to_be_visible()
    assert violations(ecran) == []
    ecran.ouvrir_carte("/carte/?couches=-lieuxdits#15/47.2/6.3")
    outil(ecran, "Vues enregistrées")
    vue.press("Enter")
    attendre_js(ecran, 'carte.getZoom() === 18 && !etat.visible("batiments") && etat.visible("lieuxdits")')
    volet.get_by_role("button", name="Supprimer Sans les bâtiments").click()
    expect(vue).to_have_count(0)
    expect(champ).to_be_focused()


def test_au_doigt_une_vue_se_garde_se_rouvre_et_se_supprime(tactile, plan_servi):
    entrer(tactile, agent("mairie.lecteur"))
    ouvrir(tactile, 18, "?couches=-batiments")
    tactile.page.get_by_role("button", name="Plus", exact=True).tap()
    volet = tactile.page.locator("#volet")
    volet.get_by_role("button", name="Vues enregistrées", exact=True).tap()
    volet.get_by_label("Nom de la vue affichée").tap()
    tactile.page.keyboard.insert_text("Le bourg")
    volet.get_by_role("button", name="Enregistrer cette vue").tap()
    vue = volet.get_by_role("button", name="Le bourg", exact=True)
    expect(vue).to_be_visible()
    assert violations(tactile) == []
    tactile.ouvrir_carte("/carte/?couches=-lieuxdits#15/47.2/6.3")
    tactile.page.get_by_role("button", name="Plus", exact=True).tap()
    volet.get_by_role("button", name="Vues enregistrées", exact=True).tap()
    vue.tap()
    attendre_js(tactile, 'carte.getZoom() === 18 && !etat.visible("batiments")')
    volet.get_by_role("button", name="Supprimer Le bourg").tap()
    expect(vue).to_have_count(0)


def test_un_nom_deja_pris_se_dit(ecran, plan_servi):
    ecran.tolerer("400")
    entrer(ecran, agent("mairie.lecteur"))
    ouvrir(ecran)
    volet = outil(ecran, "Vues enregistrées")
    for _ in range(2):
        volet.get_by_label("Nom de la vue affichée").fill("Bourg")
        volet.get_by_role("button", name="Enregistrer cette vue").click()
        expect(volet.get_by_role("button", name="Bourg", exact=True)).to_have_count(1)
    expect(volet.get_by_role("alert")).to_contain_text("déjà une vue nommée")


def test_le_public_n_a_pas_de_vues(ecran, plan_servi):
    ouvrir(ecran)
    ecran.page.get_by_role("button", name="Plus", exact=True).click()
    expect(ecran.page.get_by_role("button", name="Vues enregistrées")).to_have_count(0)
    assert carte_js(ecran, "etat.garder") is True

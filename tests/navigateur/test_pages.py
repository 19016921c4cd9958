"""The pages without the map in a real browser: access, phone, keyboard, print, both themes."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.cadastre import fabrique
from tests.navigateur.conftest import TELEPHONE, violations

PAGES = (
    "/",
    "/demarches/",
    "/recherche/",
    "/recherche/?q=AB+1;+AB+8;+AB+9999",
    "/recherche/?q=rue+du+moulin",
    "/cadastre/",
    "/cadastre/25999/",
    "/cadastre/millesimes/",
    "/cadastre/feuilles/25999000AB01/",
    "/parcelles/25999000AB0001/",
    "/parcelles/25999000AB0007/",
    "/parcelles/25999000AB0008/",
)


@pytest.fixture
def valbrune_servie(transactional_db):
    """The invented commune, seen by the live server."""
    return fabrique.valbrune()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("ecran_de", ["bureau", "telephone"])
def test_chaque_page_est_accessible_et_tient_dans_l_ecran(ecran, valbrune_servie, theme, ecran_de):
    fabrique.m.VersionFeuille.objects.update(comptes={"lus": {"PARCELLE": 10}, "ecrits": {"PARCELLE": 9}})
    ecran.page.emulate_media(color_scheme=theme)
    if ecran_de == "telephone":
        ecran.page.set_viewport_size(TELEPHONE)
    fautes = []
    for adresse in PAGES:
        ecran.ouvrir(adresse)
        fautes += [f"{adresse} {v}" for v in violations(ecran)]
        largeur = ecran.page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
        if largeur[0] > largeur[1]:
            fautes.append(f"{adresse} déborde : {largeur}")
    assert fautes == []


def test_les_pages_d_erreur_sont_accessibles(ecran, valbrune_servie):
    ecran.tolerer("404")
    ecran.ouvrir("/nulle-part/")
    expect(ecran.page.locator("h1")).to_have_text("Page introuvable")
    assert violations(ecran) == []


def test_les_suggestions_se_parcourent_au_clavier(ecran, valbrune_servie):
    ecran.ouvrir("/cadastre/")
    ecran.page.keyboard.press("/")
    champ = ecran.page.get_by_role("combobox", name="Référence cadastrale, adresse ou lieu-dit")
    expect(champ).to_be_focused()
    ecran.page.keyboard.type("AB 8")
    options = ecran.page.get_by_role("option")
    expect(options).to_have_count(3)
    ecran.page.keyboard.press("ArrowDown")
    ecran.page.keyboard.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    expect(champ).to_have_attribute("aria-activedescendant", "resultat-1")
    assert violations(ecran) == []
    ecran.page.keyboard.press("Enter")
    expect(ecran.page).to_have_url(re.compile("/parcelles/25999000AB0009/$"))


def test_entree_sans_choix_mene_a_tous_les_resultats(ecran, valbrune_servie):
    ecran.ouvrir("/")
    ecran.page.get_by_role("combobox").fill("rue du moulin")
    ecran.page.keyboard.press("Enter")
    expect(ecran.page).to_have_url(re.compile(r"/recherche/\?q=rue\+du\+moulin$"))
    expect(ecran.page.get_by_role("status").first).to_contain_text("1 résultat")
    ecran.page.get_by_role("link", name="Rue du Moulin").focus()
    ecran.page.keyboard.press("Enter")
    expect(ecran.page).to_have_url(re.compile(r"/carte/\?lat="))
    ecran.attendre_carte()


def test_les_suggestions_se_voient_en_entier_au_telephone(ecran, valbrune_servie):
    ecran.page.set_viewport_size(TELEPHONE)
    ecran.ouvrir("/")
    ecran.page.get_by_role("combobox").fill("AB 8")
    dernier = ecran.page.get_by_role("option").nth(2)
    expect(dernier).to_be_visible()
    # What is painted at its middle is the suggestion itself, not what lies under it.
    dessus = dernier.evaluate(
        """(e) => { const b = e.getBoundingClientRect();
             return e.contains(document.elementFromPoint(b.left + b.width / 2, b.top + b.height / 2)); }"""
    )
    assert dessus


def test_la_reference_se_copie(ecran, valbrune_servie):
    ecran.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    ecran.ouvrir("/parcelles/25999000AB0001/")
    ecran.page.get_by_role("button", name="Copier « 25999 000 AB 0001 »").click()
    expect(ecran.page.get_by_text("Copié : 25999 000 AB 0001")).to_be_attached()
    assert ecran.page.evaluate("navigator.clipboard.readText()") == "25999 000 AB 0001"


def test_le_lien_d_evitement_mene_au_contenu(ecran, valbrune_servie):
    ecran.ouvrir("/cadastre/")
    ecran.page.keyboard.press("Tab")
    lien = ecran.page.get_by_role("link", name="Aller au contenu")
    expect(lien).to_be_focused()
    expect(lien).to_be_in_viewport()
    ecran.page.keyboard.press("Enter")
    expect(ecran.page.locator("main")).to_be_focused()


def test_le_plan_imprime_a_sa_taille_nominale(ecran, valbrune_servie):
    ecran.ouvrir("/parcelles/25999000AB0001/")
    ecran.page.emulate_media(media="print")
    boite = ecran.page.locator("svg.plan-svg").bounding_box()
    assert boite["width"] == pytest.approx(140 / 25.4 * 96, abs=0.5)
    assert boite["height"] == pytest.approx(112 / 25.4 * 96, abs=0.5)
    expect(ecran.page.locator("header.entete")).to_be_hidden()


def test_l_accueil_dessine_le_plan_derriere_la_question(ecran, valbrune_servie):
    fabrique.m.VersionFeuille.objects.update(comptes={"ecrits": {"NUMVOIE": 5}})
    ecran.ouvrir("/")
    ecran.attendre_carte()
    expect(ecran.page.locator("#ouverture-carte.prete canvas")).to_be_attached()
    # A finger that slides on it scrolls the page.
    assert (
        ecran.page.locator("#ouverture-carte").evaluate("(e) => getComputedStyle(e).pointerEvents") == "none"
    )


def test_la_documentation_de_l_api_s_affiche(ecran, valbrune_servie):
    ecran.ouvrir("/api/docs")
    expect(ecran.page.get_by_text("/api/cadastre/parcelles", exact=True)).to_be_visible()

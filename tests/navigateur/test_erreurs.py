"""Error pages in a real browser: both themes, both sizes, and the way back by keyboard."""

from __future__ import annotations

import itertools

import pytest
from playwright.sync_api import expect

from tests.navigateur.conftest import TELEPHONE, violations

pytestmark = [pytest.mark.urls("tests.mairie.urls_pannes"), pytest.mark.django_db(transaction=True)]

PAGES = {
    "/nulle-part/": "Page introuvable",
    "/essai/refus/": "Accès refusé",
    "/essai/douteux/": "Le service n'a pas compris la demande",
    "/essai/panne/": "Le service a rencontré une erreur",
    "/essai/base/": "Le service est momentanément indisponible",
}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("taille", ["bureau", "telephone"])
def test_les_pages_d_erreur_sont_accessibles_et_ramenent_a_l_accueil(ecran, theme, taille):
    ecran.tolerer("Failed to load resource")
    ecran.page.emulate_media(color_scheme=theme)
    if taille == "telephone":
        ecran.page.set_viewport_size(TELEPHONE)
    fautes = []
    for adresse, titre in PAGES.items():
        ecran.ouvrir(adresse)
        expect(ecran.page.locator("h1")).to_have_text(titre)
        fautes += [f"{adresse} {v}" for v in violations(ecran)]
        largeur = ecran.page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
        if largeur[0] > largeur[1]:
            fautes.append(f"{adresse} déborde : {largeur}")
    assert fautes == []
    ecran.page.get_by_role("link", name="Retour à l'accueil").focus()
    ecran.page.keyboard.press("Enter")
    expect(ecran.page.locator("h1")).to_have_text("Quel terrain cherchez-vous ?")


@pytest.mark.parametrize("largeur", [360, 390, 600, 900])
def test_les_parties_de_l_en_tete_ne_se_recouvrent_pas(ecran, largeur):
    ecran.page.set_viewport_size({"width": largeur, "height": 800})
    ecran.ouvrir("/")
    boites = [
        ecran.page.locator(f".entete {partie}").bounding_box()
        for partie in (".enseigne > span", ".principal", ".entete-connexion")
    ]
    for gauche, droite in itertools.pairwise(boites):
        assert gauche["x"] + gauche["width"] <= droite["x"] + 1, boites
    assert boites[-1]["x"] + boites[-1]["width"] <= largeur

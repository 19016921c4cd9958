"""axe on every part of the panel, on a desktop, a phone and in the dark."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.navigateur.carte import outil, ouvrir
from tests.navigateur.conftest import TELEPHONE, violations

OUTILS = ("Couches", "Légende", "Liste", "Mesurer", "Partager", "Coordonnées", "Imprimer")


def parcourir(ecran):
    ouvrir(ecran)
    trouvees = {"carte": violations(ecran)}
    ecran.page.mouse.click(*ecran.pixel(75, 5))
    expect(ecran.page.locator("#volet h2")).to_have_text("Parcelle AB 3")
    trouvees["objet"] = violations(ecran)
    for nom in OUTILS:
        outil(ecran, nom)
        ecran.page.wait_for_timeout(300)
        trouvees[nom] = violations(ecran)
    return {nom: v for nom, v in trouvees.items() if v}


def test_axe_ne_trouve_rien_sur_ordinateur(ecran, plan_servi):
    assert parcourir(ecran) == {}


def test_axe_ne_trouve_rien_sur_telephone(ecran, plan_servi):
    ecran.page.set_viewport_size(TELEPHONE)
    assert parcourir(ecran) == {}


@pytest.mark.browser_context_args(color_scheme="dark")
def test_axe_ne_trouve_rien_dans_le_theme_sombre(ecran, plan_servi):
    assert parcourir(ecran) == {}


def test_tout_s_atteint_par_la_touche_de_tabulation(ecran, plan_servi):
    ouvrir(ecran)
    ecran.page.locator("#carte").focus()
    atteints = []
    for _ in range(14):
        ecran.page.keyboard.press("Tab")
        atteints.append(ecran.page.evaluate("() => document.activeElement.textContent.trim()"))
    for nom in ("Couches", "Légende", "Liste", "Mesurer", "Partager", "Plus", "Zoom avant", "Ma position"):
        assert nom in atteints, atteints

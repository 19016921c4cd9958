"""The day shown, for layers that have dates."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.couches import couche_datee
from tests.navigateur.carte import attendre_js, couches, outil, ouvrir

VUS = 'plan.gl.queryRenderedFeatures({ layers: ["odp_essai-0-aplat"] })'
DESSINES = f"new Set({VUS}.map((o) => o.properties.numero))"


@pytest.fixture
def datee(plan_servi):
    with couche_datee() as nom:
        yield nom


def test_sans_couche_datee_la_barre_ne_parait_pas(ecran, plan_servi):
    ouvrir(ecran)
    expect(ecran.page.locator("#temps")).to_be_hidden()


def test_le_jour_filtre_le_dessin_le_clic_et_la_liste(ecran, datee):
    ouvrir(ecran, 18)
    barre = ecran.page.get_by_role("region", name="Date montrée par la carte")
    expect(barre).to_contain_text("Toutes les dates")
    attendre_js(ecran, f"{DESSINES}.size === 12")
    barre.get_by_label("Date", exact=True).fill("2026-01-05")
    attendre_js(ecran, f'[...{DESSINES}].sort().join() === "2,3,4"')
    expect(barre).to_contain_text("lundi 5 janvier 2026")
    expect(ecran.page).to_have_url(re.compile("jour=2026-01-05"))
    volet = outil(ecran, "Liste")
    liste = volet.locator(f'details[data-couche="{datee}"]')
    expect(liste.locator("tbody tr")).to_have_count(3)
    ecran.page.mouse.click(*ecran.pixel(15, 15))
    expect(volet).not_to_contain_text("Occupation 1")
    ecran.page.mouse.click(*ecran.pixel(45, 15))
    expect(volet).to_contain_text("Occupation 2")


def test_le_jour_se_change_au_clavier(ecran, datee):
    ouvrir(ecran, 18, "?jour=2026-01-05")
    attendre_js(ecran, f"{DESSINES}.size === 3")
    barre = ecran.page.locator("#temps")
    curseur = barre.get_by_role("slider", name="Jour montré")
    expect(curseur).to_have_attribute("aria-valuetext", "lundi 5 janvier 2026")
    curseur.press("ArrowRight")
    expect(barre).to_contain_text("mardi 6 janvier 2026")
    attendre_js(ecran, f'[...{DESSINES}].sort().join() === "3,4,5"')
    barre.get_by_role("button", name="Jour précédent").press("Enter")
    expect(barre).to_contain_text("lundi 5 janvier 2026")
    barre.get_by_role("checkbox", name="Toutes les dates").check()
    attendre_js(ecran, f"{DESSINES}.size === 12")
    expect(ecran.page).not_to_have_url(re.compile("jour="))


def test_la_barre_part_avec_sa_couche(ecran, datee):
    ouvrir(ecran)
    expect(ecran.page.locator("#temps")).to_be_visible()
    couches(ecran)
    ecran.page.get_by_role("checkbox", name="Occupations d'essai").uncheck()
    expect(ecran.page.locator("#temps")).to_be_hidden()

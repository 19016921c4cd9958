"""Filters of a layer on the map: drawing, list, address; by mouse, finger and keyboard."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.couches import couche_filtree
from tests.navigateur.carte import attendre_js, couches, outil, ouvrir
from tests.navigateur.conftest import violations

VUS = 'plan.gl.queryRenderedFeatures({ layers: ["odp_essai-0-aplat"] })'
DESSINES = f"new Set({VUS}.map((o) => o.properties.numero))"


@pytest.fixture
def filtree(plan_servi):
    with couche_filtree() as nom:
        yield nom


def reglages(ecran):
    volet = couches(ecran)
    groupe = volet.locator('.groupe[data-theme="Domaine public"]')
    if groupe.get_attribute("open") is None:
        groupe.locator("summary").first.click()
    return volet, volet.get_by_role("button", name="Opacité et filtres de Occupations d'essai", exact=True)


def test_un_filtre_borne_le_dessin_la_liste_et_l_adresse(ecran, filtree):
    ouvrir(ecran)
    attendre_js(ecran, f"{DESSINES}.size === 12")
    volet, bouton = reglages(ecran)
    bouton.press("Enter")
    en_cours = volet.get_by_role("checkbox", name="en cours 4")
    en_cours.press("Space")
    attendre_js(ecran, f'[...{DESSINES}].sort().join() === "1,2,3,4"')
    expect(volet).to_contain_text("filtrée")
    expect(ecran.page).to_have_url(re.compile(r"filtres=odp_essai\.etat:en"))
    lien = volet.get_by_role("link", name="CSV de Occupations d'essai")
    expect(lien).to_have_attribute("href", re.compile(r"^/carte/export/odp_essai\.csv\?filtres="))
    assert violations(ecran) == []
    volet.get_by_role("checkbox", name="clos, gardé 8").click()
    attendre_js(ecran, f"{DESSINES}.size === 12")
    en_cours.click()
    attendre_js(ecran, f"{DESSINES}.size === 8")
    # With the day: both bound.
    ecran.page.locator("#temps").get_by_label("Date", exact=True).fill("2026-01-06")
    attendre_js(ecran, f'[...{DESSINES}].sort().join() === "5"')
    liste = outil(ecran, "Liste").locator('details[data-couche="odp_essai"]')
    expect(liste.locator("tbody tr")).to_have_count(1)
    # The address opens the same view again, a value with a comma included.
    suite = ecran.page.url.removeprefix(ecran.racine)
    ecran.ouvrir_carte(suite)
    attendre_js(ecran, f'[...{DESSINES}].join() === "5"')
    couches(ecran).get_by_role("button", name="Affichage d'origine").click()
    attendre_js(ecran, f"{DESSINES}.size === 12")
    expect(ecran.page).not_to_have_url(re.compile("filtres="))


def test_un_filtre_se_joue_au_doigt(tactile, filtree):
    ouvrir(tactile)
    volet, bouton = reglages(tactile)
    bouton.tap()
    volet.get_by_role("checkbox", name="en cours 4").tap()
    attendre_js(tactile, 'etat.filtres.get("odp_essai").size === 1')
    volet.get_by_role("button", name="Tout montrer").tap()
    attendre_js(tactile, "etat.filtres.size === 0")
    assert tactile.page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")

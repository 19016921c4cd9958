"""The public simulators in a real browser: access, phone, keyboard, rows added, address kept short."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from mairie import simulateurs
from tests.navigateur.conftest import TELEPHONE, violations

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("ecran_de", ["bureau", "telephone"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_chaque_simulateur_est_accessible_et_tient_dans_l_ecran(ecran, theme, ecran_de):
    ecran.page.emulate_media(color_scheme=theme)
    if ecran_de == "telephone":
        ecran.page.set_viewport_size(TELEPHONE)
    fautes = []
    adresses = ["/simulateurs/"]
    for _, ceux_ci in simulateurs.par_theme():
        for un in ceux_ci:
            adresses += [un.adresse, f"{un.adresse}?{un.exemple}"]
    for adresse in [*adresses, "/simulateurs/delai/?type=PC&depot=2025-02-30"]:
        ecran.ouvrir(adresse)
        fautes += [f"{adresse} {v}" for v in violations(ecran)]
        largeur = ecran.page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
        if largeur[0] > largeur[1]:
            fautes.append(f"{adresse} déborde : {largeur}")
    assert fautes == []
    ecran.verifier()


def test_une_taxe_se_calcule_et_son_adresse_est_courte(ecran):
    ecran.ouvrir("/simulateurs/taxe-amenagement/")
    page = ecran.page
    page.get_by_label("Année de l'autorisation").select_option("2026")
    page.get_by_label("Où ?").select_option("HORS_IDF")
    page.get_by_label("Communal (%)").fill("5")
    page.get_by_role("group", name="Construction 1").get_by_label("Destination").select_option("BUREAU")
    page.get_by_role("group", name="Construction 1").get_by_label("Surface créée").fill("10")
    page.get_by_role("button", name="Ajouter : construction").click()
    seconde = page.get_by_role("group", name="Construction 2")
    expect(seconde.get_by_label("Destination")).to_be_focused()
    seconde.get_by_label("Destination").select_option("COMMERCE")
    seconde.get_by_label("Surface créée").fill("12,5")
    page.get_by_role("button", name="Calculer").click()
    # (10 + 12,5) × 892 × 5 %
    expect(page.locator(".simulateur-phrase")).to_contain_text("1\u202f003,50 €")
    assert "installations" not in page.url
    assert page.locator("#lien").input_value().endswith("locaux-1-surface_m2=12%2C5")
    ecran.verifier()

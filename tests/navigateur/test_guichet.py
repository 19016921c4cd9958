"""The permits' desk in a real browser: from a click on a parcel to the deposit, keyboard, access."""

from __future__ import annotations

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests.navigateur.conftest import TELEPHONE, entrer, violations
from tests.personnes import agent, commune
from tests.urba.fabrique_urba import dossier
from urba.models import DossierInstruction


@pytest.fixture
def guichet(ecran, plan_servi):
    commune()
    ecran.page.set_viewport_size({"width": 1280, "height": 900})

    def ouvrir(*roles: str) -> None:
        entrer(ecran, agent(*(f"urba.{r}" for r in roles)))

    return ouvrir


def test_d_une_parcelle_cliquee_au_depot(ecran, guichet):
    guichet("guichet")
    ecran.ouvrir("/parcelles/25999000AB0001/")
    page = ecran.page
    page.get_by_role("link", name="Nouveau dossier d'urbanisme ici").click()
    expect(page.locator("[name=references]")).to_have_value("25999000AB0001")
    page.locator("[name=nom]").fill("Personne fictive")
    page.locator("[name=objet]").fill("Maison individuelle")
    page.get_by_role("button", name="Enregistrer le dépôt").click()
    expect(page.locator("h1")).to_contain_text("PC 025 999")
    assert DossierInstruction.objects.get().parcelles.get().idu == "25999000AB0001"
    ecran.verifier()


def test_qui_ne_depose_pas_n_a_pas_le_lien(ecran, guichet):
    guichet("lecture")
    ecran.ouvrir("/parcelles/25999000AB0001/")
    expect(ecran.page.get_by_role("link", name="Nouveau dossier d'urbanisme ici")).to_have_count(0)


def test_le_panneau_de_la_carte_mene_au_depot(ecran, guichet):
    guichet("guichet")
    ecran.ouvrir_carte("/carte/?parcelle=25999000AB0001")
    lien = ecran.page.get_by_role("link", name="Nouveau dossier d'urbanisme ici")
    expect(lien).to_have_attribute("href", "/urba/deposer/?idu=25999000AB0001")


def test_les_raccourcis_se_lisent_servent_et_se_coupent(ecran, guichet):
    guichet("guichet")
    ecran.ouvrir("/urba/")
    page = ecran.page
    page.keyboard.press("?")
    aide = page.get_by_role("dialog", name="Raccourcis clavier")
    expect(aide).to_contain_text("Nouveau dossier")
    assert violations(ecran) == []
    page.keyboard.press("Escape")
    expect(aide).to_be_hidden()
    page.keyboard.press("g")
    page.keyboard.press("n")
    page.wait_for_url("**/urba/deposer/")
    # While one writes, letters are letters.
    champ = page.get_by_label("Projet", exact=True)
    champ.focus()
    page.keyboard.type("g?d")
    expect(champ).to_have_value("g?d")
    expect(aide).to_be_hidden()
    page.locator("h1").click()
    page.keyboard.press("?")
    page.get_by_label("Raccourcis actifs sur ce poste").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(aide).to_be_hidden()
    ecran.verifier()


@pytest.mark.parametrize("ecran_de", ["bureau", "telephone"])
def test_la_page_d_un_dossier_est_accessible_et_tient(ecran, guichet, ecran_de):
    surfaces = [{"destination": "habitation", "creee": "120", "demolie": "1"}]
    d = dossier("PCMI", le=timezone.localdate(), donnees={"surfaces": surfaces, "taux": {"communal": "5"}})
    guichet("instructeur")
    if ecran_de == "telephone":
        ecran.page.set_viewport_size(TELEPHONE)
    fautes = []
    for suite in ("", "technique/", "evenements/qualification/"):
        ecran.ouvrir(f"/urba/dossiers/{d.pk}/{suite}")
        fautes += [f"{suite} {v}" for v in violations(ecran)]
        largeur = ecran.page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
        if largeur[0] > largeur[1]:
            fautes.append(f"{suite} déborde : {largeur}")
    assert fautes == []
    ecran.verifier()

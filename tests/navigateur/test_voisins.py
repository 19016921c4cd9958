"""The live map of a request: its ground, its lots, its neighbours by the year of their deposit."""

from __future__ import annotations

from datetime import date

from playwright.sync_api import expect

from tests.navigateur.conftest import ATTENTE_MS, Ecran, entrer, violations
from tests.personnes import commune
from tests.plan_factice import rectangle
from tests.urba.fabrique_urba import acteur, dossier
from urba.models import Lot


def test_le_curseur_des_annees_ote_et_rend_les_voisins(ecran: Ecran, plan_servi):
    commune()
    ici = dossier("PA", le=date(2024, 3, 4), references="AB 1", objet="Lotissement")
    Lot.objects.create(dossier=ici, numero="7", emprise=rectangle(2, 2, 10, 10))
    dossier("DP", le=date(2022, 5, 3), references="AB 2", objet="Clôture")
    dossier(le=date(2025, 6, 3), references="AB 3", objet="Maison")
    entrer(ecran, acteur("lecture"))
    ecran.ouvrir(f"/urba/dossiers/{ici.pk}/")
    note = ecran.page.locator("#urba-voisins-note")
    expect(note).to_have_text("2 dossiers voisins sur la carte.", timeout=ATTENTE_MS)
    expect(ecran.page.locator(".urba-lot-numero")).to_have_text("7")
    curseur = ecran.page.get_by_label("Dossiers déposés jusqu'en")
    curseur.focus()
    ecran.page.keyboard.press("ArrowLeft")
    expect(note).to_have_text("1 dossier voisin sur la carte.")
    ecran.page.keyboard.press("Home")
    expect(ecran.page.locator("#urba-annee-dite")).to_have_text("2022")
    expect(note).to_have_text("1 dossier voisin sur la carte.")
    ecran.page.keyboard.press("End")
    expect(note).to_have_text("2 dossiers voisins sur la carte.")
    # The fixed drawing gives way to the map; the list stays for who reads rather than looks.
    expect(ecran.page.locator("#urba-plan-fixe")).to_be_hidden()
    expect(ecran.page.get_by_text("Dossiers voisins, à moins de 100 mètres (2)")).to_be_visible()
    assert violations(ecran) == []

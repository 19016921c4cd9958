"""Measured on the map of a phone: the public price by the street's numbers, the ground of a field report."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from domainepublic import tarifs
from domainepublic.models import Constat
from tests.domainepublic.fabrique_odp import acteur, type_
from tests.domainepublic.test_entre_numeros import poser_rue
from tests.navigateur.conftest import ATTENTE_MS, entrer, violations
from tests.personnes import INSEE, commune
from tests.plan_factice import lonlat


@pytest.fixture
def rue(tactile, plan_servi, time_machine):
    time_machine.move_to("2026-03-02T09:00:00+01:00")
    commune()
    type_("DEMEN")
    poser_rue()
    g = tarifs.creer_grille(
        insee=INSEE, libelle="Tarifs 2026", deliberation="2025-12", deliberation_le="2025-12-01",
        du="2026-01-01", au="2026-12-31",
    )  # fmt: skip
    g.refresh_from_db()
    tarifs.enregistrer_tarif(g, "D", {"type": "DEMEN", "unite": "ml", "periode": "jour", "prix": "2.50"})
    return tactile


def test_le_prix_se_mesure_sur_la_carte(rue):
    page = rue.page
    rue.ouvrir("/simulateurs/redevance/")
    page.get_by_label("Que voulez-vous installer ?").first.select_option("DEMEN")
    page.locator("[name=occupation-debut]").fill("2026-04-01")
    page.locator("[name=occupation-fin]").fill("2026-04-01")
    mesure = page.locator("[data-mesure]")
    expect(mesure.get_by_role("button", name="Surface")).to_be_hidden()
    mesure.get_by_label("Rue", exact=False).first.select_option("Rue du Lavoir")
    mesure.get_by_label("Du numéro").fill("12")
    mesure.get_by_label("Au numéro").fill("18")
    mesure.get_by_label("Longueur, en mètres").fill("12")
    mesure.get_by_role("button", name="Tracer").tap()
    expect(page.locator("[data-mesure-dit]")).to_contain_text("Mesuré : 12 m linéaires.")
    expect(page.locator("[name=occupation-quantite]")).to_have_value("12,00")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert violations(rue) == []
    page.get_by_role("button", name="Calculer le prix").tap()
    expect(page.locator(".simulateur-phrase")).to_contain_text("30,00 €")
    assert "geom" not in page.url and "csrf" not in page.url
    rue.verifier()


def test_l_agent_mesure_sur_la_carte_du_telephone(rue):
    """The map opens where the phone stands; a rectangle of typed sides is set by one tap."""
    page = rue.page
    lon, lat = lonlat(12, 32)
    entrer(rue, acteur("assermente"))
    rue.ouvrir(f"/terrain/constat/nouveau-{INSEE}-1/")
    expect(page.locator("html")).to_have_attribute("data-terrain", "pret", timeout=ATTENTE_MS)
    page.locator("[name=position]").fill(f"{lon:.7f} {lat:.7f} 5")
    page.get_by_label("sans titre").check()
    page.get_by_label("Type d'occupation").select_option("DEMEN")
    page.get_by_text("Mesurer sur la carte", exact=True).tap()
    page.get_by_role("button", name="Rectangle").tap()
    page.locator("[data-longueur]").fill("6")
    page.locator("[data-carte]").tap()
    expect(page.locator("[data-bilan]")).to_contain_text("12")
    assert violations(rue) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("button", name="Enregistrer", exact=True).tap()
    expect(page.locator("[data-message]").first).to_contain_text("enregistré", timeout=ATTENTE_MS)
    c = Constat.objects.get()
    assert c.dessin is not None and c.dessin.area == pytest.approx(12, abs=0.01)
    assert c.dessin.distance(c.geom) == 0
    rue.verifier()

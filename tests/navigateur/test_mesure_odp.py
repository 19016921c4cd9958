"""The public price measured on the map, on a phone: the street's numbers, then the amount."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from domainepublic import tarifs
from tests.domainepublic.fabrique_odp import type_
from tests.domainepublic.test_entre_numeros import poser_rue
from tests.navigateur.conftest import violations
from tests.personnes import INSEE, commune


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

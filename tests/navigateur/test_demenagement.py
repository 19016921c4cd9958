"""A mover on a phone, without account: twelve metres of kerb between two numbers (spec §14.1)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import expect

from domainepublic import tarifs
from domainepublic.models import DossierODP
from tests.domainepublic.fabrique_odp import type_
from tests.domainepublic.test_entre_numeros import poser_rue
from tests.navigateur.conftest import violations
from tests.personnes import INSEE, commune

VUES = os.environ.get("ODP_VUES", "")


@pytest.fixture
def rue(ecran, plan_servi, time_machine):
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
    ecran.page.set_viewport_size({"width": 390, "height": 844})
    return ecran


def test_douze_metres_de_trottoir_entre_deux_numeros(rue):
    ecran, page = rue, rue.page

    def voir(nom: str) -> None:
        if VUES:
            page.screenshot(path=Path(VUES, f"demenagement-{nom}.png"), full_page=True)

    def continuer(bouton: str, titre: str) -> None:
        page.get_by_role("button", name=bouton).click()
        expect(page.get_by_role("heading", level=1)).to_have_text(titre)

    ecran.ouvrir("/domaine-public/demande/")
    page.get_by_label("Déménagement", exact=True).check()
    continuer("Continuer", "Où ?")
    page.get_by_label("Rue", exact=False).first.select_option("Rue du Lavoir")
    page.get_by_label("Du numéro").fill("12")
    page.get_by_label("Au numéro").fill("18")
    page.get_by_label("Longueur, en mètres").fill("12")
    page.get_by_role("button", name="Tracer").click()
    expect(page.get_by_text("Tracé sur 12 m")).to_be_visible()
    expect(page.locator("[data-bilan]")).to_contain_text("12")
    page.get_by_label("Devant quel numéro ?").fill("12")
    voir("ou")
    assert violations(ecran) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    continuer("Continuer", "Quand ?")
    page.get_by_label("Premier jour").fill("2026-04-01")
    page.get_by_label("Dernier jour").fill("2026-04-01")
    continuer("Voir le prix et les pièces", "Prix, pièces et envoi")
    expect(page.locator(".odp-prix .odp-montant")).to_contain_text("30,00")
    voir("prix")
    page.get_by_label("Nom", exact=True).fill("Personne fictive")
    page.get_by_label("Numéro et rue").fill("12 rue du Lavoir")
    page.get_by_label("Code postal").fill("25999")
    page.get_by_label("Commune", exact=True).fill("Valbrune")
    page.get_by_label("Les renseignements que je donne sont exacts.").check()
    continuer("Envoyer ma demande", "Votre demande est enregistrée")
    voir("envoyee")
    d = DossierODP.objects.get()
    assert d.numero in page.locator(".odp-accuse").first.inner_text()
    assert round(d.emprises.get().geom.length, 1) == 12

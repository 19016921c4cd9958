"""A mover on a phone, without account: twelve metres of kerb between two numbers (spec §14.1)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import expect

from domainepublic import tarifs
from domainepublic.models import DossierODP, TypeOccupation
from mairie.models import Utilisateur
from tests.domainepublic.fabrique_odp import type_
from tests.domainepublic.test_entre_numeros import poser_rue
from tests.navigateur.conftest import violations
from tests.personnes import INSEE, commune

VUES = os.environ.get("ODP_VUES", "")


@pytest.fixture
def rue(tactile, plan_servi, time_machine):
    time_machine.move_to("2026-03-02T09:00:00+01:00")
    commune()
    type_("DEMEN")
    TypeOccupation.objects.filter(code="DEMEN").update(pieces="plan de la place")
    poser_rue()
    g = tarifs.creer_grille(
        insee=INSEE, libelle="Tarifs 2026", deliberation="2025-12", deliberation_le="2025-12-01",
        du="2026-01-01", au="2026-12-31",
    )  # fmt: skip
    g.refresh_from_db()
    tarifs.enregistrer_tarif(g, "D", {"type": "DEMEN", "unite": "ml", "periode": "jour", "prix": "2.50"})
    return tactile


class Gestes:
    """What the thumb does: each tap and each character, with the time that they take a practised person.

    Seconds of the keystroke-level model (Card, Moran and Newell), slow side, for a phone: a tap 1.1, a
    character 0.4, the thought before each field 1.35, a page 2. No clock of the machine comes in.
    """

    TAPE, CARACTERE, PENSEE, PAGE = 1.1, 0.4, 1.35, 2.0

    def __init__(self, page) -> None:
        self.page, self.tapes, self.caracteres, self.champs, self.pages = page, 0, 0, 0, 1

    def toucher(self, element) -> None:
        element.tap()
        self.tapes += 1

    def cocher(self, element) -> None:
        element.check()
        self.tapes += 1
        self.champs += 1

    def ecrire(self, element, texte: str) -> None:
        element.fill(texte)
        self.tapes += 1
        self.caracteres += len(texte)
        self.champs += 1

    def choisir(self, element, valeur: str, tapes: int = 2) -> None:
        """Open the list or the calendar of the phone, choose, accept."""
        if element.evaluate("e => e.tagName") == "SELECT":
            element.select_option(valeur)
        else:
            element.fill(valeur)
        self.tapes += tapes
        self.champs += 1

    def continuer(self, bouton: str, titre: str) -> None:
        self.toucher(self.page.get_by_role("button", name=bouton))
        expect(self.page.get_by_role("heading", level=1)).to_have_text(titre)
        self.pages += 1

    @property
    def secondes(self) -> float:
        return (
            self.tapes * self.TAPE + self.caracteres * self.CARACTERE + self.champs * self.PENSEE
            + self.pages * self.PAGE
        )  # fmt: skip


def test_douze_metres_de_trottoir_entre_deux_numeros(rue):
    """§14.1: no account, price and pieces before any personal data, ninety seconds of gestures at most."""
    ecran, page = rue, rue.page
    g = Gestes(page)

    def voir(nom: str) -> None:
        if VUES:
            page.screenshot(path=Path(VUES, f"demenagement-{nom}.png"), full_page=True)

    ecran.ouvrir("/domaine-public/demande/")
    g.cocher(page.get_by_label("Déménagement", exact=True))
    g.continuer("Continuer", "Où ?")
    assert page.locator("[name=nom], [name=courriel], [name=telephone], [type=password]").count() == 0
    g.choisir(page.get_by_label("Rue", exact=False).first, "Rue du Lavoir")
    g.ecrire(page.get_by_label("Du numéro"), "12")
    g.ecrire(page.get_by_label("Au numéro"), "18")
    g.ecrire(page.get_by_label("Longueur, en mètres"), "12")
    g.toucher(page.get_by_role("button", name="Tracer"))
    expect(page.get_by_text("Tracé sur 12 m")).to_be_visible()
    expect(page.locator("[data-bilan]")).to_contain_text("12")
    g.ecrire(page.get_by_label("Devant quel numéro ?"), "12")
    voir("ou")
    assert violations(ecran) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    g.continuer("Continuer", "Quand ?")
    g.choisir(page.get_by_label("Premier jour"), "2026-04-01", tapes=3)
    g.choisir(page.get_by_label("Dernier jour"), "2026-04-01", tapes=3)
    g.continuer("Voir le prix et les pièces", "Prix, pièces et envoi")
    prix = page.locator(".odp-prix .odp-montant")
    expect(prix).to_contain_text("30,00")
    nom = page.get_by_label("Nom", exact=True)
    for avant in (prix, page.get_by_text("Pièces à préparer"), page.get_by_text("Délai conseillé")):
        assert avant.bounding_box()["y"] < nom.bounding_box()["y"], "le prix et les pièces avant le nom"
    voir("prix")
    g.ecrire(nom, "Personne fictive")
    g.ecrire(page.get_by_label("Numéro et rue"), "12 rue du Lavoir")
    g.ecrire(page.get_by_label("Code postal"), "25999")
    g.ecrire(page.get_by_label("Commune", exact=True), "Valbrune")
    g.cocher(page.get_by_label("Les renseignements que je donne sont exacts."))
    g.continuer("Envoyer ma demande", "Votre demande est enregistrée")
    voir("envoyee")
    d = DossierODP.objects.get()
    assert d.numero in page.locator(".odp-accuse").first.inner_text()
    assert round(d.emprises.get().geom.length, 1) == 12
    assert (g.tapes, g.caracteres) == (23, 53), "un champ ou un bouton de plus se remarque ici"
    assert g.secondes <= 90, g.secondes
    assert not Utilisateur.objects.exists()

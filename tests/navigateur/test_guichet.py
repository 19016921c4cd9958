"""The permits' desk in a real browser: from a click on a parcel to the deposit, keyboard, access."""

from __future__ import annotations

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from mairie.models import Tiers
from tests.navigateur.conftest import TELEPHONE, entrer, violations
from tests.personnes import INSEE, agent, commune
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


class Gestes:
    """Clicks and keys of a person, counted: the estimate of docs/instruire.md is made of them."""

    # Seconds: key, pointing, click, hand to the keyboard, thinking (keystroke-level model).
    TOUCHE, POINTER, CLIC, MAIN, PENSER = 0.28, 1.1, 0.2, 0.4, 1.35

    def __init__(self, page) -> None:
        self.page, self.clics, self.touches, self.pensees = page, 0, 0, 0

    def cliquer(self, cible) -> None:
        self.pensees += 1
        self.clics += 1
        cible.click()

    def taper(self, texte: str) -> None:
        self.pensees += 1
        self.touches += len(texte)
        self.page.keyboard.type(texte)

    def touche(self, nom: str, fois: int = 1) -> None:
        self.touches += fois
        for _ in range(fois):
            self.page.keyboard.press(nom)

    @property
    def secondes(self) -> float:
        pointes = self.clics * (self.POINTER + self.CLIC + self.MAIN)
        return pointes + self.touches * self.TOUCHE + self.pensees * self.PENSER


def test_le_plus_court_chemin_de_la_parcelle_au_dossier_tient_en_deux_clics(ecran, guichet):
    connue = Tiers.objects.create(
        collectivite=INSEE, nom="Dupré", prenoms="Jeanne", voie="12 rue du Moulin", ville="Valbrune"
    )
    guichet("guichet")
    ecran.ouvrir("/parcelles/25999000AB0001/")
    page, moi = ecran.page, Gestes(ecran.page)
    moi.clics, moi.pensees = 1, 1  # the parcel, on the map
    moi.cliquer(page.get_by_role("link", name="Nouveau dossier d'urbanisme ici"))
    type_ = page.get_by_label("Type de dossier")
    expect(type_).to_be_focused()
    expect(page.locator("[data-phrase]")).to_contain_text("Prochain numéro : PC 025 999")
    moi.taper("PCMI")
    moi.touche("Tab")
    while page.evaluate("document.activeElement.name") != "nom":
        moi.touche("Tab")
    moi.taper("Dup")
    expect(page.get_by_role("option", name="Dupré Jeanne 12 rue du Moulin")).to_be_visible()
    moi.touche("ArrowDown")
    moi.touche("Enter")
    expect(page.get_by_label("Numéro et voie")).to_be_hidden()
    moi.touche("Tab")
    expect(page.get_by_label("Projet", exact=True)).to_be_focused()
    moi.taper("Piscine de 32 m2")
    moi.touche("Enter")
    expect(page.locator("h1")).to_contain_text("PC 025 999")
    d = DossierInstruction.objects.get()
    assert (d.type_detail, d.objet, d.demandeurs.get().tiers) == ("PCMI", "Piscine de 32 m2", connue)
    assert d.parcelles.get().idu == "25999000AB0001"
    assert moi.clics == 2
    assert moi.touches <= 36, moi.touches
    assert moi.secondes < 30, "two minutes leave room for a new person and a reading"
    ecran.verifier()


def test_les_pieces_du_type_se_cochent_et_le_formulaire_reste_accessible(ecran, guichet):
    guichet("guichet")
    ecran.ouvrir("/urba/deposer/?idu=25999000AB0001")
    page = ecran.page
    page.get_by_label("Type de dossier").select_option("PD")
    expect(page.get_by_label("PD1 – Plan de situation")).to_be_visible()
    page.get_by_role("button", name="Cocher les obligatoires").click()
    expect(page.locator("input[name=pieces]:checked")).to_have_count(3)
    assert violations(ecran) == []
    page.get_by_label("Nom ou raison sociale").fill("Essai")
    page.get_by_label("Projet", exact=True).fill("Démolition d'une grange")
    page.get_by_role("button", name="Enregistrer le dépôt").click()
    expect(page.locator("h1")).to_contain_text("PD 025 999")
    recues = page.locator("#pieces").locator("..").get_by_text("reçue", exact=True)
    expect(recues).to_have_count(3)
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
    guichet("instructeur", "guichet")
    if ecran_de == "telephone":
        ecran.page.set_viewport_size(TELEPHONE)
    fautes = []
    for suite in ("", "technique/", "evenements/qualification/", "terrain/"):
        ecran.ouvrir(f"/urba/dossiers/{d.pk}/{suite}")
        if suite == "terrain/":
            # The ground to draw anew is on its map.
            ecran.attendre_carte()
            expect(ecran.page.locator("[data-formes]")).to_contain_text("Surface 1")
        fautes += [f"{suite} {v}" for v in violations(ecran)]
        largeur = ecran.page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
        if largeur[0] > largeur[1]:
            fautes.append(f"{suite} déborde : {largeur}")
    assert fautes == []
    ecran.verifier()

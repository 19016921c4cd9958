"""The field without network in a browser: written offline, sent once, conflicts, another account, log-out."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from mairie.hors_ligne import declarer, registre
from tests.navigateur.conftest import TELEPHONE, entrer, violations
from tests.personnes import INSEE, agent, commune
from tests.terrain_exemple import CODE, PUITS, SAISIE

FICHE = f"/terrain/{CODE}/1/"


@pytest.fixture(autouse=True)
def puits(transactional_db):
    PUITS.vider()
    declarer(SAISIE)
    yield PUITS
    registre.retirer(CODE)


@pytest.fixture
def lui(transactional_db):
    commune(INSEE)
    return agent("mairie.administrateur")


def pret(ecran):
    expect(ecran.page.locator("html")).to_have_attribute("data-terrain", "pret", timeout=20_000)


def aller(ecran, adresse):
    """Go on in the same page's storage; ``ouvrir`` would pass by about:blank, which is no matter here."""
    ecran.page.goto(ecran.racine + adresse)
    pret(ecran)


def emporter(ecran):
    aller(ecran, "/terrain/")
    ecran.page.get_by_role("button", name="Emporter ces fiches").click()
    expect(ecran.page.locator("[data-message]")).to_have_text("2 fiches emportées sur cet appareil.")
    expect(ecran.page.locator("[data-emportee]").first).to_be_visible()


def couper(ecran):
    ecran.tolerer("ERR_INTERNET_DISCONNECTED|Failed to fetch|ERR_FAILED")
    ecran.page.context.set_offline(True)


def ecrire(ecran, niveau, remarque="écrit au bord du puits"):
    ecran.page.get_by_label("Niveau (cm)").fill(str(niveau))
    ecran.page.get_by_label("Remarque").fill(remarque)
    ecran.page.get_by_role("button", name="Enregistrer", exact=True).click()


def compteur(ecran):
    return ecran.page.locator("[data-compteur]")


def message(ecran):
    return ecran.page.locator("[data-message]")


def caches(ecran):
    return ecran.page.evaluate(
        "async () => (await caches.keys()).filter((n) => n.startsWith('terrain-pages-'))"
    )


def test_ecrit_sans_reseau_envoye_une_fois_au_retour(ecran, lui, puits):
    entrer(ecran, lui)
    ecran.page.set_viewport_size(TELEPHONE)
    emporter(ecran)
    couper(ecran)
    # The pages taken along open without network.
    aller(ecran, FICHE)
    expect(ecran.page.locator("h1")).to_have_text("Puits n° 1")
    expect(ecran.page.locator("[data-reseau]")).to_be_visible()
    ecrire(ecran, 140)
    expect(compteur(ecran)).to_have_text("1 non envoyé")
    expect(message(ecran)).to_contain_text("Gardé sur cet appareil")
    ecran.page.screenshot(path="/tmp/h1.png", full_page=True)
    aller(ecran, f"/terrain/{CODE}/2/")
    ecrire(ecran, 160)
    expect(compteur(ecran)).to_have_text("2 non envoyés")
    aller(ecran, "/terrain/")
    expect(ecran.page.locator("[data-attente-liste] li")).to_have_count(2)
    ecran.page.screenshot(path="/tmp/h2.png", full_page=True)
    # What was written is found again, still without network.
    aller(ecran, FICHE)
    expect(ecran.page.get_by_label("Niveau (cm)")).to_have_value("140")
    assert puits.ecritures == []
    ecran.page.context.set_offline(False)
    expect(compteur(ecran)).to_be_hidden(timeout=20_000)
    assert puits.valeurs["1"]["niveau"] == 140 and puits.valeurs["2"]["niveau"] == 160
    assert puits.valeurs["1"]["remarque"] == "écrit au bord du puits"
    assert sorted(cle for cle, _ in puits.ecritures) == ["1", "2"]
    # A page that was not taken says so.
    aller(ecran, FICHE)
    assert len(puits.ecritures) == 2


def test_une_reponse_perdue_en_route_ne_double_rien(ecran, lui, puits):
    """The server wrote, the network fell before the answer came."""
    entrer(ecran, lui)
    ecran.tolerer("ERR_FAILED|Failed to fetch")
    aller(ecran, FICHE)
    perdues = []

    def perdre(route):
        if route.request.method == "POST" and not perdues:
            perdues.append(route.fetch())
            route.abort()
        else:
            route.continue_()

    ecran.page.route(f"**{FICHE}", perdre)
    ecrire(ecran, 150)
    expect(compteur(ecran)).to_have_text("1 non envoyé")
    assert len(puits.ecritures) == 1 and perdues[0].status == 200
    ecran.page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(compteur(ecran)).to_be_hidden(timeout=20_000)
    expect(message(ecran)).to_have_text("Relevé du puits n° 1 enregistré.")
    assert len(puits.ecritures) == 1


def test_avec_le_reseau_deux_enregistrements_de_suite(ecran, lui, puits):
    entrer(ecran, lui)
    aller(ecran, FICHE)
    for niveau in (110, 111):
        ecrire(ecran, niveau)
        ecran.page.wait_for_timeout(100)
        expect(message(ecran)).to_have_text("Relevé du puits n° 1 enregistré.")
        expect(compteur(ecran)).to_be_hidden()
    assert puits.valeurs["1"]["niveau"] == 111 and len(puits.ecritures) == 2


@pytest.mark.parametrize("taille", ["bureau", "telephone"])
def test_un_conflit_se_tranche_champ_par_champ(ecran, lui, puits, taille):
    entrer(ecran, lui)
    if taille == "telephone":
        ecran.page.set_viewport_size(TELEPHONE)
    ecran.tolerer("409")
    emporter(ecran)
    couper(ecran)
    aller(ecran, FICHE)
    ecrire(ecran, 140)
    expect(compteur(ecran)).to_have_text("1 non envoyé")
    puits.changer("1", niveau=90, etat="abime")
    ecran.page.context.set_offline(False)
    cas = ecran.page.locator(".terrain-cas")
    expect(cas).to_contain_text(
        "Cette fiche a changé pendant que vous étiez sans réseau : Puits n° 1", timeout=20_000
    )
    expect(cas.locator("thead")).to_contain_text("Enregistré par Agent Essai")
    expect(cas.locator("tbody tr")).to_have_count(3)
    assert violations(ecran) == []
    ecran.page.screenshot(path=f"/tmp/h3-{taille}.png", full_page=True)
    # Mine for the level and the remark, theirs for the state.
    cas.get_by_role("radio", name="Abîmé").check()
    cas.get_by_role("button", name="Enregistrer ce choix").click()
    expect(message(ecran)).to_have_text("Relevé du puits n° 1 enregistré.")
    expect(compteur(ecran)).to_be_hidden()
    assert puits.valeurs["1"]["niveau"] == 140 and puits.valeurs["1"]["etat"] == "abime"
    assert len(puits.ecritures) == 1


def test_un_conflit_s_abandonne(ecran, lui, puits):
    entrer(ecran, lui)
    ecran.tolerer("409")
    aller(ecran, FICHE)
    puits.changer("1", niveau=90)
    ecrire(ecran, 140)
    ecran.page.get_by_role("button", name="Abandonner ma saisie").click()
    expect(ecran.page.get_by_label("Niveau (cm)")).to_have_value("90")
    pret(ecran)
    expect(compteur(ecran)).to_be_hidden()
    assert puits.ecritures == []


def test_une_saisie_refusee_attend_d_etre_corrigee(ecran, lui, puits):
    entrer(ecran, lui)
    ecran.tolerer("422")
    aller(ecran, FICHE)
    ecrire(ecran, 140, "refus")
    expect(ecran.page.locator(".terrain-cas")).to_contain_text("Cette remarque n'est pas acceptée.")
    expect(compteur(ecran)).to_have_text("1 non envoyé")
    aller(ecran, FICHE)
    expect(ecran.page.get_by_label("Remarque")).to_have_value("refus")
    ecrire(ecran, 140, "claire")
    expect(message(ecran)).to_have_text("Relevé du puits n° 1 enregistré.")
    expect(compteur(ecran)).to_be_hidden()
    assert len(puits.ecritures) == 1


def test_rien_d_une_personne_n_est_montre_ni_envoye_a_une_autre(ecran, lui, puits):
    entrer(ecran, lui)
    emporter(ecran)
    couper(ecran)
    aller(ecran, FICHE)
    ecrire(ecran, 140)
    expect(compteur(ecran)).to_have_text("1 non envoyé")
    # Another person takes the device; the first page is still open in its tab.
    autre = agent("mairie.administrateur", email="autre@exemple.invalid")
    entrer(ecran, autre)
    ecran.page.context.set_offline(False)
    expect(message(ecran)).to_contain_text("connecté à un autre compte", timeout=20_000)
    aller(ecran, "/terrain/")
    expect(compteur(ecran)).to_be_hidden()
    expect(ecran.page.locator("[data-attente]")).to_be_hidden()
    assert len(caches(ecran)) == 1
    aller(ecran, FICHE)
    expect(ecran.page.get_by_label("Niveau (cm)")).to_have_value("100")
    assert puits.ecritures == []
    # The first one comes back: hers is still there, and goes.
    entrer(ecran, lui)
    aller(ecran, "/terrain/")
    expect(message(ecran)).to_have_text("Relevé du puits n° 1 enregistré.", timeout=20_000)
    assert len(puits.ecritures) == 1


def test_la_deconnexion_efface_les_pages_et_garde_les_saisies(ecran, lui, puits):
    entrer(ecran, lui)
    emporter(ecran)
    couper(ecran)
    aller(ecran, FICHE)
    ecrire(ecran, 140)
    expect(compteur(ecran)).to_have_text("1 non envoyé")
    # Back on the network, but the entry cannot leave before the log-out.
    ecran.page.route("**/terrain/etat", lambda route: route.abort())
    ecran.page.context.set_offline(False)
    assert len(caches(ecran)) == 1
    ecran.page.get_by_title("Agent mairie.administrateur").click()
    questions = []
    ecran.page.once("dialog", lambda d: (questions.append(d.message), d.accept()))
    ecran.page.get_by_role("button", name="Se déconnecter").click()
    ecran.page.wait_for_url(lambda adresse: "/terrain/" not in adresse)
    ecran.page.wait_for_function(
        "async () => !(await caches.keys()).some((n) => n.startsWith('terrain-pages-'))"
    )
    assert len(questions) == 1 and "Une saisie n'est pas envoyée" in questions[0]
    ecran.page.unroute("**/terrain/etat")
    # Nothing opens without network any more.
    couper(ecran)
    ecran.tolerer("503")
    ecran.page.goto(ecran.racine + FICHE)
    expect(ecran.page.locator("h1")).to_have_text("Sans réseau")
    ecran.page.context.set_offline(False)
    entrer(ecran, lui)
    aller(ecran, FICHE)
    expect(message(ecran)).to_have_text("Relevé du puits n° 1 enregistré.", timeout=20_000)
    assert puits.valeurs["1"]["niveau"] == 140 and len(puits.ecritures) == 1


def test_l_ouvrier_ne_voit_que_les_pages_du_terrain(ecran, lui):
    entrer(ecran, lui)
    aller(ecran, "/terrain/")
    portees = ecran.page.evaluate(
        "async () => (await navigator.serviceWorker.getRegistrations()).map((r) => new URL(r.scope).pathname)"
    )
    assert portees == ["/terrain/"]
    ecran.ouvrir("/")
    assert ecran.page.evaluate("() => navigator.serviceWorker.controller") is None


def test_axe_ne_trouve_rien(ecran, lui):
    entrer(ecran, lui)
    fautes = {}
    for taille in ({"width": 1280, "height": 900}, TELEPHONE):
        ecran.page.set_viewport_size(taille)
        for adresse in ("/terrain/", FICHE):
            aller(ecran, adresse)
            fautes[f"{adresse} {taille['width']}"] = violations(ecran)
    assert {k: v for k, v in fautes.items() if v} == {}

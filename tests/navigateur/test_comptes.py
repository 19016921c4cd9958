"""The door and the administrateurs' screens in a real browser: keyboard only, accessible, phone width."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.navigateur.conftest import TELEPHONE
from tests.navigateur.test_pages import violations
from tests.personnes import MOT_DE_PASSE, agent, avec_mot_de_passe, avec_second_facteur, code_totp

PAGES = (
    "/connexion/compte/",
    "/connexion/double-facteur/",
    "/connexion/double-facteur/activer/",
    "/connexion/mot-de-passe/",
    "/connexion/adresse/",
    "/connexion/sessions/",
    "/administration/personnes/",
    "/administration/personnes/{pk}/",
    "/administration/personnes/{pk}/habiliter/",
    "/administration/invitations/",
    "/administration/invitations/nouvelle/",
    "/administration/delegations/",
    "/administration/delegations/nouvelle/",
    "/administration/collectivites/",
    "/administration/collectivites/25999/",
    "/administration/services/nouveau/",
)


@pytest.fixture
def administratrice(transactional_db):
    return avec_mot_de_passe(
        agent("mairie.administrateur", email="anne@exemple.invalid", nom="Anne Administratrice")
    )


def taper(ecran, texte: str) -> None:
    ecran.page.keyboard.type(texte)


def test_entrer_avec_un_code_au_clavier_seul(ecran, administratrice):
    secret = avec_second_facteur(administratrice)
    ecran.ouvrir("/connexion/?next=/connexion/compte/")
    # The first field has the focus already.
    expect(ecran.page.get_by_label("Adresse électronique")).to_be_focused()
    taper(ecran, administratrice.email)
    ecran.page.keyboard.press("Tab")
    taper(ecran, MOT_DE_PASSE)
    ecran.page.keyboard.press("Enter")
    expect(ecran.page.locator("h1")).to_have_text("Votre code")
    expect(ecran.page.get_by_label("Code", exact=True)).to_be_focused()
    assert violations(ecran) == []
    taper(ecran, code_totp(secret))
    ecran.page.keyboard.press("Enter")
    expect(ecran.page).to_have_url(re.compile("/connexion/compte/$"))
    expect(ecran.page.locator("h1")).to_have_text("Mon compte")


@pytest.mark.parametrize("ecran_de", ["bureau", "telephone"])
def test_les_pages_sont_accessibles_et_tiennent_dans_l_ecran(ecran, administratrice, ecran_de):
    if ecran_de == "telephone":
        ecran.page.set_viewport_size(TELEPHONE)
    captures = os.environ.get("CAPTURES_COMPTES")
    fautes = []

    def regarder(adresse: str) -> None:
        fautes.extend(f"{adresse} {v}" for v in violations(ecran))
        largeur = ecran.page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
        if largeur[0] > largeur[1]:
            fautes.append(f"{adresse} déborde : {largeur}")
        if captures:
            nom = adresse.strip("/").replace("/", "-") or "accueil"
            ecran.page.screenshot(path=Path(captures) / f"{ecran_de}-{nom}.png", full_page=True)

    for adresse in ("/connexion/", "/connexion/mot-de-passe/oublie/"):
        ecran.ouvrir(adresse)
        regarder(adresse)
    ecran.ouvrir("/connexion/")
    ecran.page.get_by_label("Adresse électronique").fill(administratrice.email)
    ecran.page.get_by_label("Mot de passe").fill(MOT_DE_PASSE)
    ecran.page.keyboard.press("Enter")
    ecran.page.wait_for_url(lambda url: not url.endswith("/connexion/"))
    for adresse in (p.format(pk=administratrice.pk) for p in PAGES):
        ecran.ouvrir(adresse)
        regarder(adresse)
    assert fautes == []

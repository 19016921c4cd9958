"""The generated screens in a real browser: list in step with its map, form, keyboard, phone, axe."""

from __future__ import annotations

import os
import re

import pytest
from playwright.sync_api import expect

from tests.mairie import essai_ecrans
from tests.matrice_ecrans import livraison
from tests.navigateur.conftest import TELEPHONE
from tests.navigateur.test_cadre_agent import entrer, violations
from tests.personnes import INSEE, agent
from tests.plan_factice import ecrire_plan, point

ADRESSE = "/essai/bancs/"


@pytest.fixture
def bancs(transactional_db, ecrans_essai, ecran):
    """A plan, twelve benches on it, an administrator in the browser."""
    plan = ecrire_plan()
    etats = ("neuf", "use", "casse")
    for n in range(12):
        essai_ecrans.Banc.objects.create(
            insee=INSEE,
            nom=f"Banc {n:02d}",
            etat=etats[n % 3],
            prix=100 * n + 0.5,
            pose_le=f"2026-01-{n + 1:02d}",
            abrite=n % 2 == 0,
            remarque="À repeindre avant la fête du village, côté rivière." if n == 3 else "",
            geom=point(12 * n + 20, 20 + 12 * (n % 4)),
        )
    entrer(ecran, agent("mairie.administrateur"))
    yield plan
    essai_ecrans.Banc.objects.all().delete()


@pytest.fixture
def photo(request, ecran):
    """Keeps a picture when PHOTOS names a folder: what was looked at."""
    dossier = os.environ.get("PHOTOS")

    def prendre(nom: str) -> None:
        if dossier:
            ecran.page.screenshot(path=f"{dossier}/{nom}.png", full_page=True)

    return prendre


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("taille", ["bureau", "telephone"])
def test_chaque_ecran_est_accessible_et_tient_dans_l_ecran(ecran, bancs, photo, theme, taille):
    ecran.page.emulate_media(color_scheme=theme)
    ecran.page.set_viewport_size(TELEPHONE if taille == "telephone" else {"width": 1280, "height": 800})
    cle = essai_ecrans.Banc.objects.get(nom="Banc 03").pk
    livraison(etat="echec", essais=3, erreur="ValueError : boum")
    fautes = []
    for nom, adresse in (
        ("liste", ADRESSE),
        ("liste-filtree", f"{ADRESSE}?etat=use&q=banc&prix_min=1"),
        ("liste-vide", f"{ADRESSE}?q=introuvable&etat=rouge"),
        ("fiche", f"{ADRESSE}{cle}/"),
        ("formulaire", f"{ADRESSE}{cle}/modifier/"),
        ("evenements", "/reglages/evenements/"),
    ):
        ecran.ouvrir(adresse)
        if (nom.startswith("liste") and taille == "bureau") or nom == "fiche":
            ecran.attendre_carte()
        fautes += [f"{adresse} {v}" for v in violations(ecran)]
        largeur = ecran.page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
        if largeur[0] > largeur[1]:
            fautes.append(f"{adresse} déborde : {largeur}")
        photo(f"{nom}-{taille}-{theme}")
    assert fautes == []


def test_la_fiche_montre_la_place_et_mene_a_la_grande_carte(ecran, bancs, photo):
    cle = essai_ecrans.Banc.objects.get(nom="Banc 03").pk
    ecran.ouvrir(f"{ADRESSE}{cle}/")
    ecran.attendre_carte()
    expect(ecran.page.locator("#fiche-carte .place")).to_be_visible()
    photo("fiche-place")
    dedans = ecran.page.evaluate(
        "globalThis.carteFiche.carte.getBounds().contains(globalThis.carteFiche.forme.getBounds())"
    )
    assert dedans
    ecran.page.get_by_role("link", name="Voir sur la grande carte").click()
    expect(ecran.page).to_have_url(re.compile(r"/carte/#18"))
    ecran.attendre_carte()


def test_les_filtres_agissent_aussitot_et_la_carte_suit(ecran, bancs):
    page = ecran.page
    page.set_viewport_size({"width": 1280, "height": 800})
    ecran.ouvrir_carte(ADRESSE)
    expect(page.locator("path.place")).to_have_count(12)
    # Another document would have lost this mark.
    page.evaluate("globalThis.memePage = true")
    page.get_by_role("checkbox", name=re.compile("^usé")).check()
    expect(page.locator("#ecran-nombre")).to_have_text(re.compile(r"4\s+résultats"))
    expect(page).to_have_url(re.compile(r"etat=use"))
    expect(page.locator("path.place")).to_have_count(4)
    page.get_by_label("Chercher", exact=True).press_sequentially("banc 01")
    expect(page.locator("#ecran-nombre")).to_have_text(re.compile(r"1\s+résultat"))
    expect(page.get_by_label("Chercher", exact=True)).to_be_focused()
    page.locator("#ecran tbody tr").hover()
    expect(page.locator("path.place.survolee")).to_have_count(1)
    assert page.evaluate("globalThis.memePage === true")
    page.get_by_role("link", name=re.compile("Tout retirer")).click()
    expect(page.locator("#ecran-nombre")).to_have_text(re.compile(r"12\s+résultats"))


def test_un_import_se_mene_a_l_ecran(ecran, bancs, photo, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    fichier = tmp_path / "bancs.csv"
    fichier.write_text(f"Nom;Commune;Prix\nBanc 01;{INSEE};7,50\nParc;{INSEE};12\nCher;{INSEE};beaucoup\n")
    page = ecran.page
    ecran.ouvrir(f"{ADRESSE}importer/")
    assert violations(ecran) == []
    page.get_by_label("Fichier CSV, XLSX ou ODS").set_input_files(fichier)
    page.get_by_role("button", name="Lire le fichier").click()
    page.get_by_role("button", name="Essayer à blanc").click()
    expect(page.get_by_text("Ligne 4 : Prix : Saisissez un nombre.")).to_be_visible()
    assert violations(ecran) == []
    photo("import")
    page.get_by_role("button", name="Importer sans les lignes refusées").click()
    expect(page.get_by_text("Import fait : 1 lignes créées, 1 modifiées.")).to_be_visible()
    assert essai_ecrans.Banc.objects.filter(nom="Parc").exists()

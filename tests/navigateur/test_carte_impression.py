"""The print panel: the frame on the map follows the choice, the file downloaded is the sheet chosen."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.mairie.impression.lecture_pdf import pages
from tests.navigateur.carte import attendre_js, outil, ouvrir
from tests.navigateur.conftest import violations

CADRE = ".cadre-impression"


def telecharger(ecran, volet, tmp_path) -> bytes:
    with ecran.page.expect_download() as attente:
        volet.get_by_role("button", name="Télécharger le PDF").click()
    fichier = tmp_path / "plan.pdf"
    attente.value.save_as(fichier)
    assert attente.value.suggested_filename.endswith(".pdf")
    return fichier.read_bytes()


@pytest.mark.parametrize(
    ("papier", "taille"), [("A4, en hauteur", (210, 297)), ("A3, en largeur", (420, 297))]
)
def test_le_pdf_telecharge_est_la_feuille_choisie(ecran, plan_servi, tmp_path, papier, taille):
    ouvrir(ecran)
    volet = outil(ecran, "Imprimer")
    volet.get_by_label("Titre").fill("Rue du Lavoir")
    volet.get_by_label("Échelle", exact=True).select_option("500")
    volet.get_by_label("Papier").select_option(label=papier)
    expect(volet.locator("#impression-etendue")).to_contain_text("m sur")
    page = pages(telecharger(ecran, volet, tmp_path))[0]
    assert (round(page.largeur), round(page.hauteur)) == taille
    assert "Rue du Lavoir" in page.texte and "1/500" in page.texte
    expect(volet.get_by_role("status")).to_contain_text("imprimez-la à 100 %")


def test_le_cadre_montre_ce_qui_s_imprime_et_part_avec_le_volet(ecran, plan_servi):
    ouvrir(ecran)
    volet = outil(ecran, "Imprimer")
    expect(ecran.page.locator(CADRE)).to_be_visible()
    volet.get_by_label("Échelle", exact=True).select_option("500")
    expect(volet.locator("#impression-etendue")).to_contain_text("93 m sur 108 m")
    avant = ecran.page.locator(CADRE).bounding_box()
    volet.get_by_label("Papier").select_option(label="A4, en largeur")
    expect(volet.locator("#impression-etendue")).to_contain_text("105 m sur 93 m")
    apres = ecran.page.locator(CADRE).bounding_box()
    assert apres["width"] > avant["width"] and apres["height"] < avant["height"]
    ecran.page.get_by_role("button", name="Fermer le volet").click()
    expect(ecran.page.locator(CADRE)).to_have_count(0)


def test_la_couche_masquee_sur_la_carte_ne_s_imprime_pas(ecran, plan_servi, tmp_path):
    ouvrir(ecran, demande="?couches=-batiments")
    attendre_js(ecran, '!etat.visible("batiments")')
    volet = outil(ecran, "Imprimer")
    volet.get_by_label("Échelle", exact=True).select_option("1000")
    page = pages(telecharger(ecran, volet, tmp_path))[0]
    assert "Parcelle" in page.texte and "Bâtiment en dur" not in page.texte


def test_un_refus_se_lit_dans_le_volet(ecran, plan_servi, settings):
    settings.IMPRESSION_OBJETS = 3
    ecran.tolerer("422")
    ouvrir(ecran)
    volet = outil(ecran, "Imprimer")
    volet.get_by_role("button", name="Télécharger le PDF").click()
    expect(volet.get_by_role("status")).to_contain_text("choisissez une plus grande échelle")
    expect(volet.get_by_role("button", name="Télécharger le PDF")).to_be_enabled()


def test_le_panneau_se_joue_au_clavier_et_sans_defaut_d_acces(ecran, plan_servi, tmp_path):
    ouvrir(ecran)
    volet = outil(ecran, "Imprimer")
    volet.get_by_label("Titre").focus()
    ecran.page.keyboard.type("Au clavier")
    with ecran.page.expect_download() as attente:
        ecran.page.keyboard.press("Enter")
    fichier = tmp_path / "clavier.pdf"
    attente.value.save_as(fichier)
    assert "Au clavier" in pages(fichier.read_bytes())[0].texte
    assert violations(ecran, "#volet") == []

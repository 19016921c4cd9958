"""Link, code for other sites, printed sheet, full screen, position, saved views."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.navigateur.carte import ICI, MILIEU, attendre_js, carte_js, outil, ouvrir


def test_le_lien_garde_tout_ce_qui_est_montre(ecran, plan_servi):
    ecran.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    ouvrir(ecran, 18, "?parcelle=25999000AB0002&couches=-batiments&opacites=parcelles:40")
    expect(ecran.page.locator("#volet h2")).to_have_text("Parcelle AB 2")
    volet = outil(ecran, "Partager")
    lien = volet.get_by_label("Lien vers cette vue").input_value()
    assert lien == (
        f"{ecran.racine}/carte/?parcelle=25999000AB0002&couches=-batiments&opacites=parcelles:40#18/{ICI}"
    )
    volet.get_by_role("button", name="Copier le lien").click()
    assert ecran.page.evaluate("() => navigator.clipboard.readText()") == lien
    code = volet.get_by_label("Code pour mettre la carte sur un autre site").input_value()
    assert "/carte/integree/?parcelle=25999000AB0002&amp;couches=-batiments" in code
    ecran.page.get_by_role("button", name="Zoom avant").click()
    expect(volet.get_by_label("Lien vers cette vue")).to_have_value(re.compile("#19/"))
    ecran.ouvrir_carte(lien.removeprefix(ecran.racine))
    expect(ecran.page.locator("#volet h2")).to_have_text("Parcelle AB 2")
    assert carte_js(ecran, 'etat.visible("batiments")') is False
    assert carte_js(ecran, 'etat.opacite("parcelles")') == 0.4


def test_l_apercu_a_titre_plan_legende_echelle_et_source(ecran, plan_servi):
    ouvrir(ecran)
    ecran.page.evaluate("() => { window.print = () => { window.imprime = true; }; }")
    volet = outil(ecran, "Imprimer")
    volet.get_by_label("Titre").fill("Rue du Lavoir <b>")
    volet.get_by_role("button", name="Aperçu").click()
    feuille = ecran.page.get_by_role("dialog", name="Rue du Lavoir <b>")
    expect(feuille).to_be_visible()
    expect(feuille).to_contain_text("Bâtiment en dur")
    expect(feuille).not_to_contain_text("Feuille du plan")
    expect(feuille).to_contain_text("DGFiP")
    # The scale bar is as long on the sheet as its length on the map.
    mesures = feuille.evaluate(
        """(f) => {
          const barre = f.querySelector(".feuille-echelle").getBoundingClientRect().width;
          const image = f.querySelector("img").getBoundingClientRect().width;
          const { carte } = globalThis.carteUrbanisme;
          const taille = carte.getSize();
          const larg = carte.distance(carte.containerPointToLatLng([0, taille.y / 2]),
            carte.containerPointToLatLng([taille.x, taille.y / 2]));
          return [(barre / image) * larg, Number.parseFloat(f.querySelector(".feuille-echelle").textContent)];
        }"""
    )
    assert mesures[0] == pytest.approx(mesures[1], rel=0.03)
    # Something is drawn on the picture: not all its pixels are alike.
    couleurs = feuille.evaluate(
        """(f) => { const t = document.createElement("canvas"); const i = f.querySelector("img");
          t.width = t.height = 60; const d = t.getContext("2d"); d.drawImage(i, 0, 0, 60, 60);
          return new Set(new Uint32Array(d.getImageData(0, 0, 60, 60).data.buffer)).size; }"""
    )
    assert couleurs > 20
    feuille.get_by_role("button", name="Imprimer").press("Enter")
    assert ecran.page.evaluate("() => window.imprime") is True
    ecran.page.keyboard.press("Escape")
    expect(feuille).to_be_hidden()


def test_le_plein_ecran(ecran, plan_servi):
    ouvrir(ecran)
    bouton = ecran.page.locator("#outil-plein-ecran")
    bouton.press("Enter")
    expect(bouton).to_have_attribute("aria-pressed", "true")
    expect(bouton).to_have_text("Quitter le plein écran")
    assert ecran.page.locator("#carte").bounding_box()["y"] == 0
    bouton.press("Enter")
    expect(bouton).to_have_attribute("aria-pressed", "false")


def test_ma_position(ecran, plan_servi):
    ecran.page.context.grant_permissions(["geolocation"])
    ecran.page.context.set_geolocation({"longitude": MILIEU[0], "latitude": MILIEU[1], "accuracy": 12})
    ecran.ouvrir_carte("/carte/#14/47.2/6.3")
    bouton = ecran.page.get_by_role("button", name="Ma position")
    bouton.click()
    expect(bouton).to_have_attribute("aria-pressed", "true")
    attendre_js(ecran, f"Math.abs(carte.getCenter().lat - {MILIEU[1]}) < 1e-4 && carte.getZoom() === 17")
    expect(ecran.page.locator("path.ma-position")).to_have_count(1)
    bouton.click()
    expect(ecran.page.locator("path.ma-position")).to_have_count(0)


def test_une_position_refusee_se_dit(ecran, plan_servi):
    ecran.page.context.clear_permissions()
    ouvrir(ecran)
    ecran.page.evaluate(
        "() => { navigator.geolocation.getCurrentPosition = (oui, non) => non({ code: 1, message: '' }); }"
    )
    ecran.page.get_by_role("button", name="Ma position").click()
    expect(ecran.page.get_by_role("alert").filter(has_text="position")).to_be_visible()

"""Coordinates under the pointer in each system, and going to coordinates typed."""

from __future__ import annotations

import re

import pytest
from django.contrib.gis.geos import Point
from playwright.sync_api import expect

from tests.navigateur.carte import MILIEU, carte_js, outil, ouvrir
from tests.plan_factice import X0, Y0


def lus(texte: str) -> tuple[float, float]:
    propre = texte.replace("\u202f", "").replace("\xa0", "")
    x, y = re.search(r"X ([\d,]+)\s+Y ([\d,]+)", propre).groups()
    return float(x.replace(",", ".")), float(y.replace(",", "."))


def test_les_coordonnees_suivent_le_pointeur_dans_le_systeme_choisi(ecran, plan_servi):
    ouvrir(ecran)
    sortie = ecran.page.locator("#coordonnees")
    choix = ecran.page.get_by_label("Système de coordonnées")
    ecran.page.mouse.move(*ecran.pixel(0, 0))
    expect(sortie).to_contain_text("Lambert 93")
    assert lus(sortie.inner_text()) == (pytest.approx(X0, abs=1), pytest.approx(Y0, abs=1))
    choix.select_option("cc")
    ecran.page.mouse.move(*ecran.pixel(0, 0))
    expect(sortie).to_contain_text("CC47")
    vrai = Point(X0, Y0, srid=2154).transform(3947, clone=True)
    assert lus(sortie.inner_text()) == (pytest.approx(vrai.x, abs=1), pytest.approx(vrai.y, abs=1))
    choix.select_option("dms")
    expect(sortie).to_have_text(re.compile(r"^\d+° \d\d′ \d\d,\d″ N\s+\d+° \d\d′ \d\d,\d″ E$"))
    choix.select_option("degres")
    expect(sortie).to_contain_text("° N")
    # The choice is kept for the next visit.
    ouvrir(ecran)
    expect(choix).to_have_value("degres")
    # Without a pointer on the map, they are those of its middle.
    ecran.page.mouse.move(5, 5)
    carte = ecran.page.locator("#carte")
    carte.focus()
    carte.press("ArrowDown")
    ecran.page.wait_for_timeout(400)
    for valeur in carte_js(ecran, "[carte.getCenter().lat.toFixed(5), carte.getCenter().lng.toFixed(5)]"):
        expect(sortie).to_contain_text(valeur.replace(".", ","))


@pytest.mark.parametrize(
    "texte", [f"{MILIEU[1]:.6f}, {MILIEU[0]:.6f}", f"{X0 + 90:.1f} {Y0 + 35:.1f}"], ids=["degres", "lambert"]
)
def test_aller_a_des_coordonnees_au_clavier(ecran, plan_servi, texte):
    ecran.ouvrir_carte("/carte/#15/47.2/6.3")
    volet = outil(ecran, "Coordonnées")
    champ = volet.get_by_label("Aller à des coordonnées")
    champ.fill(texte)
    champ.press("Enter")
    expect(volet).to_contain_text("Lieu demandé")
    lat, lon = carte_js(ecran, "[carte.getCenter().lat, carte.getCenter().lng]")
    assert (lat, lon) == (pytest.approx(MILIEU[1], abs=2e-5), pytest.approx(MILIEU[0], abs=2e-5))
    assert carte_js(ecran, "carte.getZoom()") == 18
    expect(ecran.page.locator("path.lieu-trouve")).to_be_visible()


def test_des_coordonnees_fausses_se_disent_et_rien_ne_bouge(ecran, plan_servi):
    ecran.tolerer("400")
    ouvrir(ecran)
    volet = outil(ecran, "Coordonnées")
    champ = volet.get_by_label("Aller à des coordonnées")
    champ.fill("quelque part")
    champ.press("Enter")
    expect(volet.get_by_role("alert")).to_contain_text("deux nombres")
    expect(champ).to_have_attribute("aria-invalid", "true")
    assert carte_js(ecran, "carte.getZoom()") == 18


def test_un_clic_lit_les_coordonnees_et_les_copie(ecran, plan_servi):
    ecran.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    ouvrir(ecran)
    volet = outil(ecran, "Coordonnées")
    ecran.page.mouse.click(*ecran.pixel(0, 0))
    expect(volet).to_contain_text("Point cliqué")
    volet.get_by_role("button", name="Copier les coordonnées Lambert 93").click()
    copie = ecran.page.evaluate("() => navigator.clipboard.readText()")
    assert lus(copie) == (pytest.approx(X0, abs=1), pytest.approx(Y0, abs=1))
    volet.get_by_role("button", name="Fermer le volet").click()
    expect(ecran.page.locator("path.lieu-trouve")).to_have_count(0)

"""The drawing field by mouse: every tool, undo, figures, repair."""

from __future__ import annotations

import re

import pytest
import shapely
from playwright.sync_api import expect

from tests.navigateur.dessin import (
    attendre_formes,
    bilan,
    bouton,
    cliquer,
    formes,
    message,
    outil,
    ouvrir,
    pixel,
)

pytestmark = pytest.mark.urls("tests.page_dessin")
# Parcel AB 3 of the tiny plan.
COINS = ((60, 0), (90, 0), (90, 30), (60, 30))


def surface(ecran, *points):
    outil(ecran, "Surface")
    cliquer(ecran, *points)
    bouton(ecran, "Terminer").click()


def test_une_surface_s_accroche_aux_coins_des_parcelles_et_s_envoie(ecran, plan_servi):
    ouvrir(ecran)
    outil(ecran, "Surface")
    # Six pixels beside each corner: some metre and a half.
    cliquer(ecran, *COINS, decalage=(6, 5))
    bouton(ecran, "Terminer").click()
    (forme,) = attendre_formes(ecran, 1)
    assert forme.area == pytest.approx(900, abs=0.05)
    expect(bilan(ecran)).to_contain_text("1 surface : 900 m² (9 a 00 ca), périmètre 120,0 m.")
    expect(bilan(ecran)).to_contain_text("Calculé par le serveur dans la projection légale (Lambert 93)")
    expect(bilan(ecran)).to_contain_text("Le dessin est valable.")
    ecran.page.get_by_role("button", name="Envoyer").click()
    expect(ecran.page.locator("#recu")).to_contain_text("MULTIPOLYGON (((90")


def test_sans_accrochage_le_point_reste_ou_on_le_pose(ecran, plan_servi):
    ouvrir(ecran, "point")
    ecran.page.get_by_label("Accrocher le tracé").uncheck()
    outil(ecran, "Point")
    cliquer(ecran, (60, 0), decalage=(6, 5))
    (forme,) = attendre_formes(ecran, 1)
    assert forme.distance(shapely.Point(60, 0)) > 0.5
    # A point has no figures: its summary ends with the verdict.
    expect(bilan(ecran)).to_have_text(re.compile(r"^\s*1 point\.\s*Le dessin est valable\.\s*$"))


def test_le_premier_coin_ou_un_double_clic_finit(ecran, plan_servi):
    ouvrir(ecran)
    outil(ecran, "Surface")
    cliquer(ecran, *COINS, COINS[0])
    attendre_formes(ecran, 1)
    outil(ecran, "Surface")
    cliquer(ecran, (30, 0), (60, 0))
    ecran.page.mouse.dblclick(*pixel(ecran, 60, 30))
    _, triangle = attendre_formes(ecran, 2)
    assert triangle.area == pytest.approx(450, abs=2)


def test_un_trace_se_defait_point_par_point_et_se_quitte(ecran, plan_servi):
    ouvrir(ecran)
    bouton_surface = outil(ecran, "Surface")
    expect(bouton_surface).to_have_attribute("aria-pressed", "true")
    expect(bouton(ecran, "Terminer")).to_be_disabled()
    cliquer(ecran, *COINS)
    expect(bouton(ecran, "Terminer")).to_be_enabled()
    bouton(ecran, "Retirer le dernier point").click()
    bouton(ecran, "Terminer").click()
    (triangle,) = attendre_formes(ecran, 1)
    assert triangle.area == pytest.approx(450, abs=1)
    outil(ecran, "Surface")
    cliquer(ecran, *COINS[:2])
    bouton(ecran, "Quitter l'outil").click()
    expect(bouton_surface).to_have_attribute("aria-pressed", "false")
    assert len(formes(ecran)) == 1


def test_les_mesures_suivent_le_pointeur(ecran, plan_servi):
    ouvrir(ecran)
    outil(ecran, "Surface")
    cliquer(ecran, (60, 0), (90, 0))
    ecran.page.mouse.move(*pixel(ecran, 90, 30))
    expect(bilan(ecran)).to_contain_text("Tracé en cours : 450 m²")


def test_une_seule_forme_remplace_la_precedente_et_annuler_la_rend(ecran, plan_servi):
    ouvrir(ecran, plusieurs=False)
    surface(ecran, *COINS)
    attendre_formes(ecran, 1)
    surface(ecran, (30, 0), (60, 0), (60, 30))
    expect(message(ecran)).to_contain_text("La forme remplace la précédente")
    assert formes(ecran)[0].area == pytest.approx(450, abs=1)
    bouton(ecran, "Annuler").click()
    assert formes(ecran)[0].area == pytest.approx(900, abs=1)
    ecran.page.get_by_role("button", name="Envoyer").click()
    expect(ecran.page.locator("#recu")).to_contain_text("POLYGON ((90")


def test_annuler_et_retablir_par_boutons_et_par_touches(ecran, plan_servi):
    ouvrir(ecran)
    surface(ecran, *COINS)
    surface(ecran, (30, 0), (60, 0), (60, 30))
    attendre_formes(ecran, 2)
    bouton(ecran, "Annuler").click()
    attendre_formes(ecran, 1)
    ecran.page.keyboard.press("Control+z")
    attendre_formes(ecran, 0)
    expect(bouton(ecran, "Annuler")).to_be_disabled()
    ecran.page.locator("[data-carte]").focus()
    ecran.page.keyboard.press("Control+y")
    attendre_formes(ecran, 1)
    ecran.page.keyboard.press("Control+Shift+Z")
    attendre_formes(ecran, 2)
    bouton(ecran, "Annuler").click()
    bouton(ecran, "Rétablir").click()
    attendre_formes(ecran, 2)
    bouton(ecran, "Tout effacer").click()
    attendre_formes(ecran, 0)
    # While a line grows, it is its last point that is undone.
    outil(ecran, "Surface")
    cliquer(ecran, *COINS)
    ecran.page.keyboard.press("Control+z")
    bouton(ecran, "Terminer").click()
    (triangle,) = attendre_formes(ecran, 1)
    assert triangle.area == pytest.approx(450, abs=1)


def test_prendre_une_parcelle_puis_la_rendre(ecran, plan_servi):
    ouvrir(ecran)
    outil(ecran, "Prendre une parcelle")
    cliquer(ecran, (75, 5))
    attendre_formes(ecran, 1)
    cliquer(ecran, (45, 5))
    une, deux = attendre_formes(ecran, 2)
    assert une.area == pytest.approx(900, abs=0.01) and une.bounds[0] == pytest.approx(60, abs=0.001)
    assert deux.bounds[0] == pytest.approx(30, abs=0.001)
    expect(ecran.page.locator("[data-formes]")).to_contain_text("Surface 1 (AB 3)900 m²")
    cliquer(ecran, (75, 5))
    expect(message(ecran)).to_have_text("Parcelle AB 3 retirée.")
    attendre_formes(ecran, 1)
    cliquer(ecran, (75, -8))
    expect(message(ecran)).to_have_text("Aucune parcelle n'est dessinée ici.")


def test_couper_en_deux(ecran, plan_servi):
    ouvrir(ecran)
    surface(ecran, *COINS)
    attendre_formes(ecran, 1)
    ecran.page.get_by_label("Accrocher le tracé").uncheck()
    outil(ecran, "Couper")
    cliquer(ecran, (70, -5), (70, 35))
    bouton(ecran, "Terminer").click()
    aires = sorted(f.area for f in attendre_formes(ecran, 2))
    assert aires == pytest.approx([300, 600], abs=15) and sum(aires) == pytest.approx(900, abs=0.1)
    # A line that crosses nothing is refused in words, and nothing is lost.
    ecran.tolerer("400")
    outil(ecran, "Couper")
    cliquer(ecran, (100, 5), (110, 10))
    bouton(ecran, "Terminer").click()
    expect(message(ecran)).to_contain_text("La ligne ne traverse pas la forme")
    assert len(formes(ecran)) == 2


@pytest.mark.parametrize(("cote", "aire"), [("à gauche", 60), ("à droite", 60), ("des deux côtés", 60)])
def test_une_bande_le_long_d_une_bordure(ecran, plan_servi, cote, aire):
    ouvrir(ecran)
    outil(ecran, "Bande")
    ecran.page.get_by_label("Largeur").fill("2,0")
    cote_choisi = ecran.page.get_by_label("Côté")
    cote_choisi.select_option(cote_choisi.locator("option", has_text=cote).get_attribute("value"))
    cliquer(ecran, (60, 30), (90, 30))
    bouton(ecran, "Terminer").click()
    (bande,) = attendre_formes(ecran, 1)
    bas, haut = bande.bounds[1], bande.bounds[3]
    attendu = {"à gauche": (30, 32), "à droite": (28, 30), "des deux côtés": (29, 31)}[cote]
    assert (bas, haut) == pytest.approx(attendu, abs=0.02)
    # Both sides: the ends are round.
    assert bande.area == pytest.approx(aire + (3.14 if cote == "des deux côtés" else 0), abs=0.1)


def test_un_disque_autour_d_un_point(ecran, plan_servi):
    ouvrir(ecran)
    outil(ecran, "Disque")
    ecran.page.get_by_label("Rayon").fill("5")
    cliquer(ecran, (60, 0))
    (disque,) = attendre_formes(ecran, 1)
    assert disque.area == pytest.approx(78.4, abs=0.3)
    # Or a rectangle of typed sides, turned along the street.
    outil(ecran, "Rectangle")
    ecran.page.get_by_label("Longueur", exact=False).first.fill("6")
    ecran.page.get_by_label("Profondeur").fill("2,5")
    ecran.page.get_by_label("Orientation").fill("90")
    cliquer(ecran, (90, 0))
    rectangle = attendre_formes(ecran, 2)[-1]
    assert rectangle.area == pytest.approx(15, abs=0.01)
    assert rectangle.bounds[2] - rectangle.bounds[0] == pytest.approx(6, abs=0.15)
    ecran.tolerer("400")
    outil(ecran, "Disque")
    ecran.page.get_by_label("Rayon").fill("cinq")
    cliquer(ecran, (60, 0))
    expect(message(ecran)).to_have_text("La largeur doit être un nombre de mètres.")


def test_elargir_retrecir_la_forme_choisie(ecran, plan_servi):
    ouvrir(ecran)
    surface(ecran, *COINS)
    surface(ecran, (30, 0), (60, 0), (60, 30), (30, 30))
    attendre_formes(ecran, 2)
    # A click on the shape chooses it, the list says so.
    cliquer(ecran, (75, 5))
    expect(ecran.page.locator("[data-forme]").first).to_have_attribute("aria-pressed", "true")
    outil(ecran, "Élargir")
    ecran.page.locator("[data-metres]").fill("-5")
    # Enter applies; it does not send the form around.
    ecran.page.locator("[data-metres]").press("Enter")
    ecran.page.wait_for_function("() => globalThis.dessins.get('dessin').formes.rang === 3")
    une, deux = formes(ecran)
    assert une.area == pytest.approx(400, abs=0.1) and deux.area == pytest.approx(900, abs=0.1)
    ecran.tolerer("400")
    ecran.page.locator("[data-metres]").fill("-50")
    bouton(ecran, "Appliquer").click()
    expect(message(ecran)).to_contain_text("Rien ne reste de cette forme")


def test_decaler_une_ligne(ecran, plan_servi):
    ouvrir(ecran, "ligne")
    outil(ecran, "Ligne")
    cliquer(ecran, (30, 30), (90, 30))
    bouton(ecran, "Terminer").click()
    attendre_formes(ecran, 1)
    expect(bilan(ecran)).to_contain_text("1 ligne : longueur 60,00 m.")
    outil(ecran, "Décaler")
    ecran.page.locator("[data-metres]").fill("1,5")
    bouton(ecran, "Appliquer").click()
    ecran.page.wait_for_function("() => globalThis.dessins.get('dessin').formes.rang === 2")
    (ligne,) = formes(ecran)
    assert ligne.bounds == pytest.approx((30, 31.5, 90, 31.5), abs=0.02)


def test_un_contour_croise_se_dit_et_se_repare(ecran, plan_servi):
    ouvrir(ecran)
    surface(ecran, COINS[0], COINS[2], COINS[1], COINS[3])
    expect(bilan(ecran)).to_contain_text("Le contour se croise.")
    bouton(ecran, "Réparer le contour").click()
    attendre_formes(ecran, 2)
    expect(message(ecran)).to_contain_text("Le contour est réparé. Vérifiez-le")
    expect(bilan(ecran)).to_contain_text("Le dessin est valable.")
    bouton(ecran, "Annuler").click()
    expect(bilan(ecran)).to_contain_text("Le contour se croise.")


def test_un_coin_se_deplace_et_un_geste_s_annule_d_un_coup(ecran, plan_servi):
    ouvrir(ecran)
    surface(ecran, *COINS)
    attendre_formes(ecran, 1)
    outil(ecran, "Modifier")
    depart, arrivee = pixel(ecran, 90, 30), pixel(ecran, 90, 40)
    ecran.page.mouse.move(*depart)
    ecran.page.mouse.down()
    ecran.page.mouse.move(arrivee[0], (depart[1] + arrivee[1]) / 2, steps=4)
    ecran.page.mouse.move(*arrivee, steps=4)
    ecran.page.mouse.up()
    ecran.page.wait_for_function("() => globalThis.dessins.get('dessin').formes.rang === 2")
    assert formes(ecran)[0].area == pytest.approx(1050, abs=1)
    bouton(ecran, "Annuler").click()
    assert formes(ecran)[0].area == pytest.approx(900, abs=0.1)
    bouton(ecran, "Quitter l'outil").click()
    expect(ecran.page.locator(".marker-icon")).to_have_count(0)


def test_un_outil_qui_a_besoin_d_une_forme_le_dit(ecran, plan_servi):
    ouvrir(ecran)
    outil(ecran, "Couper")
    expect(message(ecran)).to_have_text("Dessinez d'abord une forme : cet outil agit sur elle.")


def test_un_formulaire_refuse_remontre_le_dessin(ecran, plan_servi):
    ouvrir(ecran)
    surface(ecran, COINS[0], COINS[2], COINS[1], COINS[3])
    attendre_formes(ecran, 1)
    ecran.page.get_by_role("button", name="Envoyer").click()
    expect(ecran.page.locator(".errorlist")).to_contain_text("Le contour se croise. Corrigez le tracé.")
    attendre_formes(ecran, 1)
    expect(bilan(ecran)).to_contain_text("Le contour se croise.")

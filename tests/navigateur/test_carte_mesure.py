"""Measure by mouse, finger and keyboard; the figure is the server's, in the legal projection."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.navigateur.carte import MILIEU, outil, ouvrir


def nombre(texte: str) -> float:
    return float(re.sub(r"[^\d,]", "", texte.split("(", maxsplit=1)[0].replace("m²", "")).replace(",", "."))


def valeur(volet, libelle: str) -> float:
    return nombre(volet.locator("dt", has_text=libelle).locator("+ dd").inner_text())


def test_une_longueur_a_la_souris(ecran, plan_servi):
    ouvrir(ecran)
    volet = outil(ecran, "Mesurer")
    expect(volet).to_contain_text("Cliquez ou touchez la carte")
    for point in ((0, 0), (60, 0), (60, 30)):
        ecran.page.mouse.click(*ecran.pixel(*point))
        ecran.page.wait_for_timeout(60)
    expect(volet).to_contain_text("Calculé par le serveur dans la projection légale (Lambert 93)")
    assert valeur(volet, "Longueur") == pytest.approx(90, abs=0.5)
    assert valeur(volet, "Dernier côté") == pytest.approx(30, abs=0.5)
    # No parcel opens while a tool is in hand.
    expect(volet.locator("h2")).to_have_text("Mesurer")
    volet.get_by_role("button", name="Retirer le dernier point").click()
    expect(volet).to_contain_text("Calculé par le serveur")
    assert valeur(volet, "Longueur") == pytest.approx(60, abs=0.5)


def test_une_surface_et_la_fin_au_double_clic(ecran, plan_servi):
    ouvrir(ecran)
    zoom = ecran.page.evaluate("() => carteUrbanisme.carte.getZoom()")
    volet = outil(ecran, "Mesurer")
    volet.get_by_role("radio", name="Surface").check()
    for point in ((0, 0), (60, 0), (60, 30)):
        ecran.page.mouse.click(*ecran.pixel(*point))
        ecran.page.wait_for_timeout(60)
    ecran.page.mouse.dblclick(*ecran.pixel(0, 30))
    expect(volet).to_contain_text("Calculé par le serveur")
    assert valeur(volet, "Surface") == pytest.approx(1800, abs=20)
    assert valeur(volet, "Périmètre") == pytest.approx(180, abs=1)
    expect(volet.get_by_role("button", name="Terminer")).to_be_disabled()
    assert ecran.page.evaluate("() => carteUrbanisme.carte.getZoom()") == zoom
    # The next click begins anew.
    ecran.page.mouse.click(*ecran.pixel(90, 10))
    expect(volet).to_contain_text("Cliquez ou touchez la carte")


def test_l_estimation_suit_le_pointeur_avant_le_serveur(ecran, plan_servi):
    ouvrir(ecran)
    volet = outil(ecran, "Mesurer")
    ecran.page.mouse.click(*ecran.pixel(0, 0))
    ecran.page.mouse.move(*ecran.pixel(30, 0))
    expect(volet).to_contain_text("Estimation dans la projection légale")
    assert valeur(volet, "Longueur") == pytest.approx(30, abs=0.5)


def test_un_contour_croise_se_dit(ecran, plan_servi):
    ouvrir(ecran)
    volet = outil(ecran, "Mesurer")
    volet.get_by_role("radio", name="Surface").check()
    for point in ((0, 0), (60, 30), (60, 0), (0, 30)):
        ecran.page.mouse.click(*ecran.pixel(*point))
        ecran.page.wait_for_timeout(60)
    expect(volet).to_contain_text("Le contour se croise")


def test_au_clavier_entree_pose_et_retour_retire(ecran, plan_servi):
    ouvrir(ecran)
    volet = outil(ecran, "Mesurer")
    carte = ecran.page.locator("#carte")
    carte.focus()
    carte.press("Enter")
    carte.press("ArrowRight")
    ecran.page.wait_for_timeout(500)
    expect(ecran.page.locator("#mire")).to_be_visible()
    carte.press("Enter")
    expect(volet).to_contain_text("Calculé par le serveur")
    assert valeur(volet, "Longueur") > 5
    carte.press("Backspace")
    expect(volet).to_contain_text("Cliquez ou touchez la carte")
    carte.press("Escape")
    expect(volet).to_be_hidden()
    # The tool is laid down: Enter asks again what is here.
    carte.press("Enter")
    expect(volet.locator("h2")).not_to_have_text("Mesurer")


def test_au_doigt(tactile, plan_servi):
    ouvrir(tactile)
    volet = outil(tactile, "Mesurer")
    for point in ((60, 45), (110, 45)):
        tactile.page.touchscreen.tap(*tactile.pixel(*point))
        tactile.page.wait_for_timeout(400)
    expect(volet).to_contain_text("Calculé par le serveur")
    assert valeur(volet, "Longueur") == pytest.approx(50, abs=1)
    assert volet.bounding_box()["y"] > 300, MILIEU

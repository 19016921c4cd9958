"""What the tests of the map share: where to look, how to open a tool, how to read what is drawn."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Locator, expect

from tests.navigateur.conftest import Ecran
from tests.plan_factice import lonlat

MILIEU = lonlat(90, 35)
ICI = f"{MILIEU[1]:.5f}/{MILIEU[0]:.5f}"
DANS_PLUS = {"Coordonnées", "Imprimer", "Vues enregistrées"}


def ouvrir(ecran: Ecran, zoom: float = 18, demande: str = "", page: str = "/carte/") -> None:
    """The map in the middle of the tiny plan, all drawn."""
    ecran.ouvrir_carte(f"{page}{demande}#{zoom}/{ICI}")


def outil(ecran: Ecran, nom: str) -> Locator:
    """Open a tool by its button, on any screen; gives the panel."""
    bouton = ecran.page.locator(".carte-barre").get_by_role("button", name=nom, exact=True)
    if nom in DANS_PLUS or not bouton.is_visible():
        ecran.page.get_by_role("button", name="Plus", exact=True).click()
        noms = {"Liste": "Objets visibles"}
        bouton = ecran.page.locator("#volet").get_by_role("button", name=noms.get(nom, nom), exact=True)
    bouton.click()
    volet = ecran.page.locator("#volet")
    expect(volet).to_be_visible()
    return volet


def couches(ecran: Ecran) -> Locator:
    """The tree of layers, the group of the cadastral plan unfolded; gives the panel."""
    volet = outil(ecran, "Couches")
    plan = groupe_du_plan(volet)
    if plan.get_attribute("open") is None:
        plan.locator("summary").first.click()
    return volet


def groupe_du_plan(volet: Locator) -> Locator:
    return volet.locator('.groupe[data-theme="Plan cadastral"]')


def carte_js(ecran: Ecran, expression: str) -> Any:
    """Value of an expression over ``carte``, ``plan`` and ``etat``."""
    return ecran.page.evaluate(
        f"() => {{ const {{ carte, plan, etat }} = globalThis.carteUrbanisme; return {expression}; }}"
    )


def attendre_js(ecran: Ecran, expression: str) -> None:
    """Wait until an expression over ``carte``, ``plan`` and ``etat`` is true."""
    ecran.page.wait_for_function(
        f"() => {{ const {{ carte, plan, etat }} = globalThis.carteUrbanisme; return {expression}; }}"
    )

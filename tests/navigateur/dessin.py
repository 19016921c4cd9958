"""What the tests of the drawing share: open the page, click places of the tiny plan, read what is drawn."""

from __future__ import annotations

import json
import re
from typing import Any

import shapely
from playwright.sync_api import Locator, expect

from gis_data.dessin.lecture import lire_dessin
from tests.navigateur.conftest import Ecran
from tests.plan_factice import X0, Y0, lonlat

CHAMP = "dessin"


def cadrer(
    ecran: Ecran, nom: str = CHAMP, *, zoom: float = 18.5, ici: tuple[float, float] = (60, 20)
) -> None:
    """Look at a place of the plan and wait for what the drawing snaps to."""
    lon, lat = lonlat(*ici)
    ecran.page.wait_for_function(f"() => globalThis.dessins?.get('{nom}')?.carte")
    ecran.page.evaluate(
        f"([lon, lat, zoom]) => globalThis.dessins.get('{nom}').carte"
        ".setView([lat, lon], zoom, {animate: false})",
        [lon, lat, zoom],
    )
    carte = ecran.page.locator("[data-carte]")
    expect(carte).to_have_attribute("data-accroches", re.compile("[1-9]"))
    carte.scroll_into_view_if_needed()


def ouvrir(ecran: Ecran, genres: str = "surface", *, plusieurs: bool = True, **vue: Any) -> None:
    """The page with one drawing field, in the middle of the tiny plan."""
    ecran.ouvrir(f"/essai-dessin/?genres={genres}{'&plusieurs=1' if plusieurs else ''}")
    cadrer(ecran, **vue)


def pixel(ecran: Ecran, x: float, y: float, nom: str = CHAMP) -> tuple[float, float]:
    """Where a place of the tiny plan is on the screen."""
    lon, lat = lonlat(x, y)
    point = ecran.page.evaluate(
        """([nom, lon, lat]) => {
          const { carte } = globalThis.dessins.get(nom);
          const cadre = carte.getContainer().getBoundingClientRect();
          const p = carte.latLngToContainerPoint([lat, lon]);
          return [cadre.left + p.x, cadre.top + p.y];
        }""",
        [nom, lon, lat],
    )
    return point[0], point[1]


def outil(ecran: Ecran, nom: str) -> Locator:
    """Press a tool."""
    bouton = ecran.page.locator("[data-outil]").filter(has_text=nom)
    bouton.click()
    return bouton


def bouton(ecran: Ecran, nom: str) -> Locator:
    return ecran.page.locator(".dessin").get_by_role("button", name=nom, exact=True)


def cliquer(
    ecran: Ecran, *points: tuple[float, float], decalage: tuple[float, float] = (0, 0), nom: str = CHAMP
) -> None:
    """Click places one after the other, as a hand does: the pointer moves first."""
    ecran.page.locator("[data-carte]").scroll_into_view_if_needed()
    for point in points:
        x, y = pixel(ecran, *point, nom)
        ecran.page.mouse.move(x + decalage[0] - 3, y + decalage[1])
        ecran.page.mouse.move(x + decalage[0], y + decalage[1])
        ecran.page.mouse.click(x + decalage[0], y + decalage[1])
        ecran.page.wait_for_timeout(60)


def texte(ecran: Ecran, nom: str = CHAMP) -> str:
    """What the form would send."""
    return ecran.page.locator(f'textarea[name="{nom}"]').input_value()


def formes(ecran: Ecran, nom: str = CHAMP) -> list[Any]:
    """Simple shapes drawn, in metres from the plan's origin."""
    ecrit = texte(ecran, nom)
    if not ecrit:
        return []
    lues = lire_dessin(json.dumps(json.loads(ecrit)))
    return [shapely.transform(f, lambda c: c - (X0, Y0)) for f in shapely.get_parts(lues)]


def attendre_formes(ecran: Ecran, nombre: int, nom: str = CHAMP) -> list[Any]:
    """Wait until the drawing holds so many shapes."""
    ecran.page.wait_for_function(
        f"() => globalThis.dessins.get('{nom}').formes.liste.length === {nombre}", timeout=10_000
    )
    return formes(ecran, nom)


def message(ecran: Ecran) -> Locator:
    return ecran.page.locator("[data-message]")


def bilan(ecran: Ecran) -> Locator:
    return ecran.page.locator("[data-bilan]")

"""A real browser: the system's Chromium, watched for errors, forbidden contents and foreign hosts."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect

from mairie.models import Utilisateur
from tests.plan_factice import Plan, ecrire_plan, lonlat

# Playwright's loop runs in this thread; Django would refuse the ORM beside it.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")

DOSSIER = Path(__file__).parent
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
TELEPHONE = {"width": 390, "height": 844}
# Software rendering on a loaded machine.
ATTENTE_MS = 30_000


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All tests of this folder drive a browser."""
    for item in items:
        if item.path.is_relative_to(DOSSIER):
            item.add_marker("navigateur")


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Chromium of the system, quiet, with WebGL in software."""
    return {
        **browser_type_launch_args,
        "executable_path": CHROMIUM,
        "args": [
            "--no-sandbox",
            "--disable-gpu",
            "--enable-unsafe-swiftshader",
            "--disable-background-networking",
            "--disable-component-update",
            "--no-first-run",
        ],
    }


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """A French desktop."""
    return {
        **browser_context_args,
        "locale": "fr-FR",
        "timezone_id": "Europe/Paris",
        "viewport": {"width": 1100, "height": 720},
    }


class Ecran:
    """A page of the site and all that went wrong in it."""

    def __init__(self, page: Page, racine: str) -> None:
        self.page, self.racine = page, racine
        self.fautes: list[str] = []
        self.toleres: list[str] = []
        page.set_default_timeout(ATTENTE_MS)
        page.on("console", self._console)
        page.on("pageerror", lambda erreur: self.fautes.append(f"exception : {erreur}"))
        page.on("request", self._requete)

    def _console(self, message: ConsoleMessage) -> None:
        # Chromium reports a refused script or style as an error of the console.
        if message.type == "error":
            self.fautes.append(f"console : {message.text}")

    def _requete(self, requete: Request) -> None:
        hote = urlsplit(requete.url)
        if hote.scheme in ("http", "https", "ws", "wss") and f"{hote.scheme}://{hote.netloc}" != self.racine:
            self.fautes.append(f"hôte étranger : {requete.url}")

    def tolerer(self, motif: str) -> None:
        """Expect a fault that the test provokes itself."""
        self.toleres.append(motif)

    def ouvrir(self, chemin: str) -> None:
        """Go to an address of the site, anew even when only what follows the # differs."""
        self.page.goto("about:blank")
        self.page.goto(self.racine + chemin)

    def ouvrir_carte(self, chemin: str = "/carte/") -> None:
        """Go to a page that shows the map and wait until all is drawn."""
        self.ouvrir(chemin)
        self.attendre_carte()

    def attendre_carte(self) -> None:
        """Wait for the map's ``idle``."""
        expect(self.page.locator("html")).to_have_attribute("data-plan", "pret", timeout=ATTENTE_MS)

    def pixel(self, x: float, y: float) -> tuple[float, float]:
        """Where a place of the tiny plan is on the screen."""
        lon, lat = lonlat(x, y)
        point = self.page.evaluate(
            """([lon, lat]) => {
              const { carte } = globalThis.carteUrbanisme;
              const cadre = carte.getContainer().getBoundingClientRect();
              const p = carte.latLngToContainerPoint([lat, lon]);
              return [cadre.left + p.x, cadre.top + p.y];
            }""",
            [lon, lat],
        )
        return point[0], point[1]

    def dessines(self, couche: str) -> list[dict[str, Any]]:
        """Properties of the objects of a layer that the map draws now."""
        return self.page.evaluate(
            """(nom) => {
              const { gl } = globalThis.carteUrbanisme.plan;
              const calques = gl.getLayersOrder().filter((id) => gl.getLayer(id).metadata?.couche === nom);
              return gl.queryRenderedFeatures({ layers: calques }).map((o) => o.properties);
            }""",
            couche,
        )

    def verifier(self) -> None:
        """No fault but those expected."""
        restantes = [f for f in self.fautes if not any(re.search(m, f) for m in self.toleres)]
        assert restantes == []


# A button on its way from one colour to another has, for a tenth of a second, the contrast of neither.
TRANSITIONS_FINIES = """() => Promise.allSettled(
  document.getAnimations()
    .filter((a) => a.effect.getComputedTiming().endTime !== Infinity)
    .map((a) => a.finished)
).then(() => null)"""


def violations(ecran: Ecran, contexte: str | None = None) -> list[str]:
    """What axe finds wrong in the page (or under that selector), once its colours stand still."""
    ecran.page.evaluate(TRANSITIONS_FINIES)
    return [
        f"{v['id']} : {v['help']} {[n['target'] for n in v['nodes']][:3]}"
        for v in Axe().run(ecran.page, context=contexte).response["violations"]
    ]


def entrer(ecran: Ecran, personne: Utilisateur) -> None:
    """Give the browser a session of that person."""
    session = SessionStore()
    session[SESSION_KEY] = str(personne.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = personne.get_session_auth_hash()
    session.save()
    ecran.page.context.add_cookies([{"name": "sessionid", "value": session.session_key, "url": ecran.racine}])


@pytest.fixture
def ecran(page: Page, live_server: Any) -> Iterator[Ecran]:
    """A watched page; the test fails at its end when something went wrong in the browser."""
    surveille = Ecran(page, live_server.url)
    yield surveille
    surveille.verifier()


@pytest.fixture
def tactile(browser: Browser, live_server: Any) -> Iterator[Ecran]:
    """A watched phone: finger, no pointer."""
    contexte = browser.new_context(
        viewport=TELEPHONE, has_touch=True, is_mobile=True, locale="fr-FR", timezone_id="Europe/Paris"
    )
    surveille = Ecran(contexte.new_page(), live_server.url)
    yield surveille
    contexte.close()
    surveille.verifier()


@pytest.fixture
def plan_servi(transactional_db: None) -> Plan:
    """The tiny plan, seen by the live server."""
    return ecrire_plan()

"""The map in the page of another site."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import FrameLocator, expect

from gis_data.models import SiteEncadrant
from tests.navigateur.carte import ICI, carte_js, ouvrir


@pytest.fixture
def encadrer(ecran) -> Iterator[Callable[[str], tuple[FrameLocator, str]]]:
    """Open a page of another origin that frames an address of ours: the frame, and that origin."""
    adresse = {"": ""}

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            cadre = f'<!doctype html><iframe src="{adresse[""]}" width="600" height="500"></iframe>'
            self.wfile.write(cadre.encode() if self.path == "/" else b"")

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as serveur:
        threading.Thread(target=serveur.serve_forever, daemon=True).start()
        origine = f"http://127.0.0.1:{serveur.server_port}"
        ecran.tolerer(f"hôte étranger : {origine}")

        def ouvrir_page(chemin: str) -> tuple[FrameLocator, str]:
            adresse[""] = ecran.racine + chemin
            ecran.page.goto(origine)
            return ecran.page.frame_locator("iframe"), origine

        yield ouvrir_page
        serveur.shutdown()


def test_la_carte_integree_est_seule_sur_sa_page(ecran, plan_servi):
    ouvrir(ecran, 17, page="/carte/integree/")
    expect(ecran.page.locator("header.entete")).to_have_count(0)
    ecran.page.mouse.click(*ecran.pixel(45, 5))
    expect(ecran.page.locator("#volet h2")).to_have_text("Parcelle AB 2")
    expect(ecran.page.get_by_role("button", name="Partager")).to_have_count(0)
    # It leaves nothing in the visitor's browser.
    assert ecran.page.evaluate("() => localStorage.length") == 0
    assert carte_js(ecran, "etat.garder") is False


def test_un_site_liste_l_encadre_et_un_autre_non(ecran, plan_servi, encadrer):
    ecran.tolerer("frame-ancestors|ERR_BLOCKED_BY_RESPONSE|Framing")
    cadre, origine = encadrer(f"/carte/integree/#17/{ICI}")
    ecran.page.wait_for_timeout(1500)
    expect(cadre.locator("#carte")).to_have_count(0)
    SiteEncadrant.objects.create(origine=origine)
    cadre, _ = encadrer(f"/carte/integree/#17/{ICI}")
    expect(cadre.locator("html")).to_have_attribute("data-plan", "pret", timeout=30_000)
    # The other pages are framed by nobody.
    cadre, _ = encadrer(f"/carte/#17/{ICI}")
    ecran.page.wait_for_timeout(1500)
    expect(cadre.locator("#carte")).to_have_count(0)

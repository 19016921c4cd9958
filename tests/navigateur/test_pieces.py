"""Files in a real browser: chosen or dropped, refused one by one; zones of a photo made unreadable."""

from __future__ import annotations

import base64
import hashlib
import re

import pytest
from django.core.files.storage import default_storage
from playwright.sync_api import expect

from mairie.models import Piece
from mairie.pieces import service
from tests.mairie.adresses.fabrique import voie
from tests.mairie.pieces.fabrique import PDF, fichier, photo
from tests.navigateur.conftest import TELEPHONE, Ecran, entrer, violations
from tests.personnes import INSEE, agent, commune


@pytest.fixture
def rue(plan_servi, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    commune(INSEE)
    return voie("Rue du Lavoir")


@pytest.fixture
def image(rue):
    return service.deposer(rue, fichier(photo(800, 600), "photo.jpg"), par=agent("mairie.administrateur"))


def ouvrir(ecran: Ecran, chemin: str) -> None:
    entrer(ecran, agent("mairie.administrateur"))
    ecran.ouvrir(chemin)


def charge(nom: str, octets: bytes, mime: str = "application/pdf") -> dict[str, object]:
    return {"name": nom, "mimeType": mime, "buffer": octets}


def test_des_fichiers_choisis_partent_un_par_un_et_paraissent(ecran, rue):
    ouvrir(ecran, f"/adresses/voies/{rue.pk}/")
    ecran.page.get_by_label("Fichiers à déposer").set_input_files(
        [charge("plan.pdf", PDF), charge("vue.jpg", photo(), "image/jpeg")]
    )
    ecran.page.get_by_role("button", name="Déposer", exact=True).click()
    # Everything was received: the page shows it by itself.
    expect(ecran.page.locator(".pieces-liste .piece")).to_have_count(2)
    expect(ecran.page.locator(".pieces-liste .piece-image img").first).to_be_visible()
    assert sorted(Piece.objects.values_list("nom", flat=True)) == ["plan.pdf", "vue.jpg"]


def test_un_refus_se_lit_a_cote_de_ce_qui_est_recu(ecran, rue, settings):
    ecran.tolerer("422")
    settings.PIECE_TAILLE_MAX = 300_000
    ouvrir(ecran, f"/adresses/voies/{rue.pk}/")
    ecran.page.get_by_label("Fichiers à déposer").set_input_files(
        [
            charge("plan.pdf", PDF),
            charge("virus.pdf", b"MZ" + b"\0" * 400),
            charge("gros.pdf", PDF + b"\n" * 400_000),
        ]
    )
    ecran.page.get_by_role("button", name="Déposer", exact=True).click()
    lignes = ecran.page.locator(".depot-suivi li:has(.depot-nom)")
    expect(lignes.nth(0)).to_contain_text("Reçu.")
    expect(lignes.nth(1)).to_contain_text("« virus.pdf » est un programme renommé en .pdf")
    expect(lignes.nth(2)).to_contain_text("Il n'a pas été envoyé.")
    assert violations(ecran) == []
    ecran.page.get_by_role("link", name="Montrer les pièces reçues").click()
    expect(ecran.page.locator(".pieces-liste .piece")).to_have_count(1)


def test_un_fichier_glisse_est_depose(ecran, rue):
    ouvrir(ecran, f"/adresses/voies/{rue.pk}/")
    transfert = ecran.page.evaluate_handle(
        """(b64) => {
          const octets = Uint8Array.from(atob(b64), (c) => c.charCodeAt(0));
          const t = new DataTransfer();
          t.items.add(new File([octets], "glisse.pdf", { type: "application/pdf" }));
          return t;
        }""",
        base64.b64encode(PDF).decode(),
    )
    ecran.page.dispatch_event("form.depot", "dragenter", {"dataTransfer": transfert})
    expect(ecran.page.locator("form.depot")).to_have_class(re.compile("survole"))
    ecran.page.dispatch_event("form.depot", "drop", {"dataTransfer": transfert})
    expect(ecran.page.locator(".pieces-liste .piece")).to_have_count(1)
    assert Piece.objects.get().nom == "glisse.pdf"


def test_une_coupure_pendant_l_envoi_se_dit(ecran, rue):
    ecran.tolerer("ERR_FAILED")
    ouvrir(ecran, f"/adresses/voies/{rue.pk}/")
    ecran.page.route("**/deposer/", lambda route: route.abort())
    ecran.page.get_by_label("Fichiers à déposer").set_input_files([charge("plan.pdf", PDF)])
    ecran.page.get_by_role("button", name="Déposer", exact=True).click()
    expect(ecran.page.locator(".depot-suivi li")).to_contain_text("L'envoi a échoué")
    expect(ecran.page.get_by_role("button", name="Déposer", exact=True)).to_be_enabled()


def lire(nom: str) -> bytes:
    with default_storage.open(nom) as ouvert:
        return ouvert.read()


def tracer(ecran: Ecran, x0: float, y0: float, x1: float, y1: float) -> None:
    """A rectangle on the photo, in hundredths of it."""
    ecran.page.locator("#flou-photo").scroll_into_view_if_needed()
    b = ecran.page.locator("#flou-photo").bounding_box()
    ecran.page.mouse.move(b["x"] + b["width"] * x0 / 100, b["y"] + b["height"] * y0 / 100)
    ecran.page.mouse.down()
    ecran.page.mouse.move(b["x"] + b["width"] * x1 / 100, b["y"] + b["height"] * y1 / 100, steps=5)
    ecran.page.mouse.up()


def test_des_zones_tracees_rendent_la_copie_illisible(ecran, image):
    avant = lire(image.copie.name)
    ouvrir(ecran, f"/pieces/{image.uuid}/flouter/")
    expect(ecran.page.locator("#flou-photo")).to_have_js_property("complete", True)
    tracer(ecran, 30, 20, 70, 80)
    tracer(ecran, 5, 5, 15, 15)
    expect(ecran.page.locator(".flou-zone")).to_have_count(2)
    gauche = float(ecran.page.locator("[name=x]").first.input_value().replace(",", "."))
    assert gauche == pytest.approx(30, abs=0.5)
    # A click by mistake draws nothing; a zone withdrawn leaves the picture.
    tracer(ecran, 50, 50, 50, 50)
    expect(ecran.page.locator(".flou-zone")).to_have_count(2)
    ecran.page.get_by_role("button", name="Retirer").nth(1).click()
    expect(ecran.page.locator(".flou-zone")).to_have_count(1)
    ecran.page.get_by_role("button", name="Refaire la copie").click()
    expect(ecran.page.get_by_role("status").first).to_contain_text("La copie est refaite")
    une = Piece.objects.get()
    assert len(une.flous) == 1 and une.flous[0] == pytest.approx([0.3, 0.2, 0.4, 0.6], abs=0.01)
    # The copy is another picture; the file received is the same.
    assert une.copie.name != image.copie.name or lire(une.copie.name) != avant
    assert hashlib.sha256(lire(une.fichier.name)).hexdigest() == une.sha256 == image.sha256


def test_une_zone_se_donne_au_clavier(ecran, image):
    ouvrir(ecran, f"/pieces/{image.uuid}/flouter/")
    for nom, valeur in (("Gauche", "10"), ("Haut", "12,5"), ("Largeur", "20"), ("Hauteur", "30")):
        ecran.page.get_by_label(nom).first.fill(valeur)
    expect(ecran.page.locator(".flou-zone")).to_have_count(1)
    ecran.page.get_by_role("button", name="Refaire la copie").click()
    expect(ecran.page.get_by_role("status").first).to_contain_text("La copie est refaite")
    assert Piece.objects.get().flous[0] == pytest.approx([0.1, 0.125, 0.2, 0.3])


def test_une_zone_se_trace_au_doigt(tactile, image):
    entrer(tactile, agent("mairie.administrateur"))
    tactile.ouvrir(f"/pieces/{image.uuid}/flouter/")
    b = tactile.page.locator("#flou-photo").bounding_box()
    client = tactile.page.context.new_cdp_session(tactile.page)

    def doigt(genre: str, x: float, y: float) -> None:
        points = (
            [] if genre == "touchEnd" else [{"x": b["x"] + b["width"] * x, "y": b["y"] + b["height"] * y}]
        )
        client.send("Input.dispatchTouchEvent", {"type": genre, "touchPoints": points})

    doigt("touchStart", 0.2, 0.2)
    doigt("touchMove", 0.4, 0.4)
    doigt("touchMove", 0.6, 0.6)
    doigt("touchEnd", 0, 0)
    expect(tactile.page.locator(".flou-zone")).to_have_count(1)
    assert float(tactile.page.locator("[name=largeur]").first.input_value().replace(",", ".")) > 30


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("taille", ["bureau", "telephone"])
def test_les_pages_des_pieces_sont_accessibles_et_tiennent(ecran, image, rue, theme, taille):
    service.deposer(rue, fichier(), par=agent("mairie.administrateur"))
    ecran.page.emulate_media(color_scheme=theme)
    if taille == "telephone":
        ecran.page.set_viewport_size(TELEPHONE)
    plan = Piece.objects.get(nom="plan.pdf")
    fautes = []
    for chemin in (
        f"/adresses/voies/{rue.pk}/",
        f"/pieces/{image.uuid}/",
        f"/pieces/{plan.uuid}/",
        f"/pieces/{image.uuid}/flouter/",
    ):
        ouvrir(ecran, chemin)
        fautes += [f"{chemin} {v}" for v in violations(ecran)]
        largeur = ecran.page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
        if largeur[0] > largeur[1]:
            fautes.append(f"{chemin} déborde : {largeur}")
    assert fautes == []

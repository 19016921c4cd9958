"""Numbers on the map in a real browser: dragged, added by a click, typed; access and phone."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from django.contrib.gis.geos import LineString, MultiLineString
from django.test import Client
from playwright.sync_api import expect

from mairie.adresses.service import enregistrer_adresse, enregistrer_voie
from mairie.models import Adresse, Voie
from tests.navigateur.conftest import TELEPHONE, violations
from tests.personnes import INSEE, agent, commune
from tests.plan_factice import X0, Y0, point


@pytest.fixture
def rue(plan_servi):
    """A street of the tiny plan with two numbers, and an agent who may change them."""
    commune(INSEE)
    moi = agent("mairie.administrateur")
    axe = MultiLineString(LineString((X0, Y0 + 35), (X0 + 180, Y0 + 35)), srid=settings.TERRITOIRE_SRID)
    voie = enregistrer_voie(Voie(insee=INSEE), {"nom": "Rue du Lavoir", "axe": axe}, par=moi)
    for numero, x in ((1, 30), (2, 90)):
        enregistrer_adresse(Adresse(voie=voie), {"numero": numero, "position": point(x, 32)}, par=moi)
    return voie


def entrer(ecran, email: str = "mairie-administrateur-25999@exemple.invalid") -> None:
    client = Client()
    client.force_login(
        agent("mairie.administrateur", email=email), backend="django.contrib.auth.backends.ModelBackend"
    )
    ecran.page.context.add_cookies(
        [
            {
                "name": settings.SESSION_COOKIE_NAME,
                "value": client.cookies[settings.SESSION_COOKIE_NAME].value,
                "url": ecran.racine,
            }
        ]
    )


def glisser(ecran, numero: str, dx: int, dy: int) -> None:
    marque = ecran.page.locator(
        ".repere-numero.leaflet-marker-draggable > span", has_text=re.compile(f"^{numero}$")
    )
    boite = marque.bounding_box()
    x, y = boite["x"] + boite["width"] / 2, boite["y"] + boite["height"] / 2
    ecran.page.mouse.move(x, y)
    ecran.page.mouse.down()
    ecran.page.mouse.move(x + dx / 2, y + dy / 2, steps=4)
    ecran.page.mouse.move(x + dx, y + dy, steps=4)
    ecran.page.mouse.up()


def test_glisser_un_numero_l_enregistre(ecran, rue):
    entrer(ecran)
    ecran.ouvrir_carte(f"/adresses/voies/{rue.pk}/")
    glisser(ecran, "1", 60, 0)
    expect(ecran.page.locator("#carte-etat")).to_have_text("Numéro 1 déplacé et enregistré.")
    une = Adresse.objects.get(numero=1)
    assert une.position.x > point(31, 32).x and une.version == 2 and "position" in une.saisis
    # A second move takes the version that the first gave back.
    glisser(ecran, "1", 0, -40)
    expect(ecran.page.locator("#carte-etat")).to_have_text("Numéro 1 déplacé et enregistré.")
    assert Adresse.objects.get(numero=1).version == 3


def test_un_numero_change_ailleurs_revient_a_sa_place(ecran, rue):
    entrer(ecran)
    ecran.tolerer("409")
    ecran.ouvrir_carte(f"/adresses/voies/{rue.pk}/")
    une = Adresse.objects.get(numero=1)
    enregistrer_adresse(une, {"complement": "Le Pré"}, par=agent("mairie.administrateur"))
    avant = ecran.page.evaluate(f"globalThis.carteAdresses.marques.get({une.pk}).getLatLng().lng")
    glisser(ecran, "1", 60, 0)
    expect(ecran.page.locator("#carte-etat")).to_contain_text(
        "Numéro 1 remis à sa place. Cette adresse a été modifiée"
    )
    assert ecran.page.evaluate(f"globalThis.carteAdresses.marques.get({une.pk}).getLatLng().lng") == avant


def test_cliquer_la_carte_ajoute_un_numero(ecran, rue):
    entrer(ecran)
    ecran.ouvrir_carte(f"/adresses/voies/{rue.pk}/")
    boite = ecran.page.locator("#carte-adresses").bounding_box()
    ecran.page.mouse.click(boite["x"] + boite["width"] / 2, boite["y"] + boite["height"] / 2 - 60)
    expect(ecran.page).to_have_url(re.compile(r"/numero/\?lon=.*&lat="))
    ecran.attendre_carte()
    assert ecran.page.get_by_label("Longitude").input_value()
    expect(ecran.page.locator(".repere-place")).to_be_visible()
    ecran.page.get_by_label("Numéro", exact=True).fill("3")
    ecran.page.get_by_role("button", name="Enregistrer").click()
    expect(ecran.page.get_by_role("status").first).to_contain_text("est créée")
    trois = Adresse.objects.get(numero=3)
    assert trois.voie == rue and trois.position is not None and len(trois.parcelles) <= 1


def test_les_coordonnees_et_la_carte_vont_ensemble(ecran, rue):
    entrer(ecran)
    une = Adresse.objects.get(numero=1)
    ecran.ouvrir_carte(f"/adresses/numeros/{une.pk}/")
    longitude = ecran.page.get_by_label("Longitude")
    depart = longitude.input_value()
    boite = ecran.page.locator("#carte-adresses").bounding_box()
    ecran.page.mouse.click(boite["x"] + boite["width"] * 0.7, boite["y"] + boite["height"] * 0.4)
    expect(longitude).not_to_have_value(depart)
    ecran.page.get_by_role("button", name="Enregistrer").click()
    expect(ecran.page.get_by_role("status").first).to_contain_text("est enregistrée")
    assert Adresse.objects.get(numero=1).position.x > une.position.x


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("ecran_de", ["bureau", "telephone"])
def test_les_pages_sont_accessibles_et_tiennent(ecran, rue, theme, ecran_de):
    entrer(ecran)
    ecran.page.emulate_media(color_scheme=theme)
    if ecran_de == "telephone":
        ecran.page.set_viewport_size(TELEPHONE)
    une = Adresse.objects.get(numero=1)
    fautes = []
    for adresse in (
        "/adresses/",
        "/adresses/voies/",
        f"/adresses/voies/{rue.pk}/",
        "/adresses/voies/nouveau/",
        f"/adresses/numeros/{une.pk}/",
        "/adresses/numeros/",
        "/adresses/ecarts/",
    ):
        ecran.ouvrir(adresse)
        fautes += [f"{adresse} {v}" for v in violations(ecran)]
        largeur = ecran.page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
        if largeur[0] > largeur[1]:
            fautes.append(f"{adresse} déborde : {largeur}")
    assert fautes == []

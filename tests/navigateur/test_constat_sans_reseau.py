"""A report in a street without network; the phone starts again before it finds one (spec §14.13)."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from PIL import Image
from playwright.sync_api import expect

from domainepublic.models import Constat, DossierODP
from mairie.models import Piece
from tests.domainepublic.fabrique_odp import acteur, dossier, emprise, rect, type_
from tests.navigateur.conftest import ATTENTE_MS, TELEPHONE, Ecran, entrer, violations
from tests.personnes import INSEE, commune
from tests.plan_factice import lonlat, point

FICHE = f"/terrain/constat/nouveau-{INSEE}-1/"
ICI, AILLEURS = (12, 32), (110, 32)
PARIS = ZoneInfo("Europe/Paris")
# The browser has the true clock, the server that of the test.
LOIN = 4_102_444_800
PANNES = "ERR_INTERNET_DISCONNECTED|Failed to fetch|ERR_FAILED"


def photo() -> bytes:
    octets = io.BytesIO()
    Image.effect_noise((64, 48), 80).convert("RGB").save(octets, "JPEG", quality=90)
    return octets.getvalue()


class Telephone:
    """A phone whose memory is on the disk: what is not kept there does not come back."""

    def __init__(self, allumer, racine: str) -> None:
        self._allumer, self._racine = allumer, racine
        self.contexte = None

    def allumer(self, place: tuple[float, float], *, reseau: bool) -> Ecran:
        lon, lat = lonlat(*place)
        self.contexte = self._allumer({"longitude": lon, "latitude": lat, "accuracy": 6.4})
        self.contexte.set_offline(not reseau)
        page = self.contexte.pages[0] if self.contexte.pages else self.contexte.new_page()
        ecran = Ecran(page, self._racine)
        ecran.tolerer(PANNES)
        return ecran

    def eteindre(self) -> None:
        if self.contexte is not None:
            self.contexte.close()
            self.contexte = None


@pytest.fixture
def telephone(
    browser_type, browser_type_launch_args, tmp_path, live_server, plan_servi, settings, time_machine
):
    time_machine.move_to("2026-07-10T10:00:00+02:00")
    settings.MEDIA_ROOT = tmp_path / "media"
    commune()
    type_("BENNE")

    def allumer(position):
        return browser_type.launch_persistent_context(
            tmp_path / "telephone", viewport=TELEPHONE, has_touch=True, is_mobile=True, locale="fr-FR",
            timezone_id="Europe/Paris", geolocation=position, permissions=["geolocation"],
            **browser_type_launch_args,
        )  # fmt: skip

    appareil = Telephone(allumer, live_server.url)
    yield appareil
    appareil.eteindre()


def aller(ecran: Ecran, adresse: str) -> None:
    ecran.page.goto(ecran.racine + adresse)
    expect(ecran.page.locator("html")).to_have_attribute("data-terrain", "pret", timeout=ATTENTE_MS)


def test_photo_et_position_prises_sans_reseau_arrivent_apres_le_redemarrage_inchangees(telephone):
    agent = acteur("assermente")
    vue = photo()
    loin, pres = (dossier(emprise(geom=rect(x, 31), fin=date(2026, 6, 30))) for x in (100, 20))
    DossierODP.objects.update(etat="a_controler")
    ecran = telephone.allumer(ICI, reseau=True)
    entrer(ecran, agent)
    # As the server writes it: a phone that starts again forgets a cookie that has no end.
    (session,) = [c for c in telephone.contexte.cookies() if c["name"] == "sessionid"]
    telephone.contexte.add_cookies([{**session, "expires": LOIN}])
    aller(ecran, "/terrain/")
    # Ends to control: nearest first, from where the phone stands.
    groupe = ecran.page.locator("[data-groupe]", has_text="Contrôle de fin")
    expect(groupe.locator("li").first).to_contain_text(str(loin))
    groupe.get_by_role("button", name="Les plus proches d'abord").tap()
    expect(groupe.locator("li").first).to_contain_text(str(pres))
    expect(groupe.locator("[data-loin]").first).to_have_text("à 10 m")
    assert violations(ecran) == []
    ecran.page.get_by_role("button", name="Emporter").first.click()
    expect(ecran.page.locator("[data-message]")).to_contain_text("sur cet appareil")
    telephone.contexte.set_offline(True)
    aller(ecran, FICHE)
    # Three gestures: the photo, the place, what is seen (and which kind).
    ecran.page.get_by_label("Photos").set_input_files(
        {"name": "vue.jpg", "mimeType": "image/jpeg", "buffer": vue}
    )
    ecran.page.get_by_role("button", name="Prendre ma position").tap()
    expect(ecran.page.get_by_text("Position prise, à 6 m près.")).to_be_visible()
    ecran.page.get_by_label("sans titre").check()
    ecran.page.get_by_label("Type d'occupation").select_option("BENNE")
    # The tape measure needs no network either.
    ecran.page.get_by_label("Longueur (m)").fill("5,5")
    ecran.page.get_by_label("Largeur (m)").fill("2")
    vu_le = ecran.page.locator("[name=vu_le]").input_value()
    ecran.page.get_by_role("button", name="Enregistrer", exact=True).tap()
    expect(ecran.page.locator("[data-compteur]")).to_have_text("1 non envoyé")
    ecran.verifier()
    telephone.eteindre()
    assert not Constat.objects.exists()

    # Switched on again elsewhere, still without network: it waits, and says so.
    ecran = telephone.allumer(AILLEURS, reseau=False)
    aller(ecran, "/terrain/")
    expect(ecran.page.locator("[data-attente-liste] li")).to_have_count(1)
    aller(ecran, FICHE)
    expect(ecran.page.get_by_label("sans titre")).to_be_checked()
    assert not Constat.objects.exists()
    telephone.contexte.set_offline(False)
    expect(ecran.page.locator("[data-compteur]")).to_be_hidden(timeout=ATTENTE_MS)
    c = Constat.objects.get()
    assert (c.agent, c.conclusion, c.type.code, c.precision_m) == (
        agent,
        "sans_titre",
        "BENNE",
        Decimal("6.4"),
    )
    assert c.geom is not None and c.geom.distance(point(*ICI)) < 0.05, "là où il fut pris"
    assert (c.longueur_m, c.largeur_m, c.dessin) == (Decimal("5.50"), Decimal("2.00"), None)
    assert f"{c.vu_le.astimezone(PARIS):%Y-%m-%dT%H:%M}" == vu_le[:16]
    (piece,) = Piece.objects.du_dossier(c)
    with piece.fichier.open("rb") as garde:
        assert garde.read() == vue
    ecran.verifier()

"""The ground of a deposited request drawn anew: rights, bounds, the log, two agents at once."""

from __future__ import annotations

import json

import pytest
from django.contrib.gis.geos import MultiPolygon, Polygon
from django.test import Client

from mairie.models import JournalActe
from mairie.workflow import Refus
from tests.personnes import INSEE, commune
from tests.plan_factice import lonlat, rectangle
from tests.urba.fabrique_urba import acteur, dossier
from urba import redessin
from urba.couches import version
from urba.models import DossierInstruction

pytestmark = pytest.mark.django_db


@pytest.fixture
def d(plan):
    commune(INSEE)
    return dossier(references="AB 1")


def client_de(role):
    client = Client()
    client.force_login(acteur(role), backend="django.contrib.auth.backends.ModelBackend")
    return client


def dessin(x, y, cote):
    coins = [lonlat(x, y), lonlat(x + cote, y), lonlat(x + cote, y + cote), lonlat(x, y + cote)]
    return json.dumps({"type": "Polygon", "coordinates": [[*coins, coins[0]]]})


def test_le_terrain_se_redessine_a_l_ecran_et_le_journal_le_dit(d):
    client, adresse = client_de("guichet"), f"/urba/dossiers/{d.pk}/terrain/"
    assert adresse in client.get(f"/urba/dossiers/{d.pk}/").text
    page = client.get(adresse)
    # The union of the parcels is what to start from.
    assert "union des parcelles" in page.text and "MultiPolygon" in page.text
    vue = page.context["vue"]
    reponse = client.post(adresse, {"emprise": dessin(2, 2, 20), "vue": vue})
    assert reponse.status_code == 302
    d.terrain.refresh_from_db()
    assert d.terrain.emprise.area == pytest.approx(400, abs=0.5)
    assert d.terrain.emprise_parcelles.area == pytest.approx(900, abs=0.5)
    ligne = JournalActe.objects.get(action=redessin.ACTION)
    assert ligne.donnees == {"avant_m2": 900, "apres_m2": 400, "dessin": True}
    # Somebody else had the page open: nothing is written, the drawing stays in the form.
    autre = client.post(adresse, {"emprise": dessin(2, 2, 10), "vue": vue})
    assert autre.status_code == 422 and "Un autre agent vient de redessiner" in autre.text
    d.terrain.refresh_from_db()
    assert d.terrain.emprise.area == pytest.approx(400, abs=0.5)
    # Emptied: back to the parcels.
    client.post(adresse, {"emprise": "", "vue": autre.context["vue"]})
    d.terrain.refresh_from_db()
    assert d.terrain.emprise_dessinee is None and d.terrain.emprise.area == pytest.approx(900, abs=0.5)


def test_un_mauvais_dessin_est_refuse_avec_des_mots(d):
    client, adresse = client_de("instructeur"), f"/urba/dossiers/{d.pk}/terrain/"
    vue = client.get(adresse).context["vue"]
    for envoye, mots in (
        (dessin(60_000, 0, 20), "emprise est hors de la commune : vérifiez le dessin."),
        ("POINT (899950 6650080)", ""),
        ("n'importe quoi", ""),
    ):
        reponse = client.post(adresse, {"emprise": envoye, "vue": vue})
        assert reponse.status_code == 422 and mots in reponse.text and "errorlist" in reponse.text
    assert not JournalActe.objects.filter(action=redessin.ACTION).exists()


def test_qui_ne_depose_pas_ne_redessine_pas(d):
    adresse = f"/urba/dossiers/{d.pk}/terrain/"
    lecteur = client_de("lecture")
    assert lecteur.get(adresse).status_code == 403
    assert adresse not in lecteur.get(f"/urba/dossiers/{d.pk}/").text
    ailleurs = acteur("guichet", "25998")
    client = Client()
    client.force_login(ailleurs, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(adresse).status_code == 404


def test_une_decision_fige_le_terrain(d):
    par, forme = acteur("guichet"), rectangle(0, 0, 10, 10)
    vue = redessin.empreinte(d.terrain)
    DossierInstruction.objects.filter(pk=d.pk).update(etat="accorde")
    with pytest.raises(Refus, match="ne change plus"):
        redessin.redessiner(d, forme, par=par, vue=vue)
    DossierInstruction.objects.filter(pk=d.pk).update(etat="decide_a_notifier")
    avant = version()
    redessin.redessiner(d, forme, par=par, vue=vue)
    # The tiles already made show the old ground.
    assert version() != avant and version() == version()
    croise = Polygon.from_ewkt("SRID=2154;POLYGON((0 0, 9 9, 9 0, 0 9, 0 0))")
    with pytest.raises(Refus, match="se croise"):
        redessin.redessiner(d, MultiPolygon(croise, srid=2154), par=par, vue=vue)
    # The same drawing again is no line of the log.
    d.terrain.refresh_from_db()
    redessin.redessiner(d, forme, par=par, vue=redessin.empreinte(d.terrain))
    assert JournalActe.objects.filter(action=redessin.ACTION).count() == 1

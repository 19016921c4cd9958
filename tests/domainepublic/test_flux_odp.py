"""Public feeds: days asked, closed attributes, no name, cache, street's calendar and reader."""

from __future__ import annotations

import json
from datetime import date
from xml.etree import ElementTree

import icalendar
import pytest
from django.test import Client

from mairie.models import Voie
from tests.domainepublic.fabrique_odp import accorde, dossier, emprise, personne, rect
from tests.personnes import INSEE

pytestmark = pytest.mark.usefixtures("aller")
GEOJSON = "/domaine-public/flux/chantiers.geojson"


@pytest.fixture
def rue(aller) -> Voie:
    v = Voie.objects.create(insee=INSEE, nom="Rue du Lavoir & du Pré", code="0050")
    accorde(dossier(voie=v, demandeur=personne("Dupré Fictif"), objet="Secret"))
    dossier(emprise("DEPOT", geom=rect(20)), voie=v)
    return v


@pytest.mark.parametrize(
    ("jours", "nombre"),
    [
        ("du=2026-05-31", 0),
        ("du=2026-06-01", 1),
        ("du=2026-06-30", 1),
        ("du=2026-07-01", 0),
        ("du=2026-05-01&au=2026-06-01", 1),
        ("", 0),
    ],
)
def test_le_flux_montre_les_titres_de_ces_jours_et_eux_seuls(rue, jours, nombre):
    contenu = json.loads(Client().get(f"{GEOJSON}?{jours}").content)
    assert len(contenu["features"]) == nombre


@pytest.mark.parametrize("jour", ["2026-02-31", "2026-13-01", "demain"])
def test_un_jour_qui_n_existe_pas_est_refuse_en_francais(jour):
    reponse = Client().get(f"{GEOJSON}?au={jour}")
    assert reponse.status_code == 400
    assert reponse.json()["detail"] == "« au » attend une date, écrite AAAA-MM-JJ."


def test_le_flux_n_a_que_ses_attributs_et_aucun_nom(rue):
    reponse = Client().get(f"{GEOJSON}?du=2026-06-10&voie={INSEE}0050")
    trait = json.loads(reponse.content)["features"][0]
    assert set(trait["properties"]) == {"libelle", "voie", "du", "au", "effets", "lien"}
    assert 5 < trait["geometry"]["coordinates"][0][0][0][0] < 7, "en degrés"
    for mot in ("Dupré", "Secret", "ODP-"):
        assert mot not in reponse.content.decode()
    assert Client().get(f"{GEOJSON}?voie=259999999").status_code == 404
    assert Client().get(f"{GEOJSON}?du=demain").status_code == 400


def test_le_flux_se_garde_dix_minutes(rue):
    un = Client().get(f"{GEOJSON}?du=2026-06-10")
    assert un["Cache-Control"] == "public, max-age=600"
    assert Client().get(f"{GEOJSON}?du=2026-06-10", headers={"if-none-match": un["ETag"]}).status_code == 304


def test_l_agenda_et_le_fil_de_la_rue_se_relisent(rue):
    agenda = icalendar.Calendar.from_ical(Client().get(f"/domaine-public/flux/voie/{INSEE}0050.ics").content)
    evenements = agenda.walk("VEVENT")
    assert [(e["dtstart"].dt, e["dtend"].dt) for e in evenements] == [(date(2026, 6, 1), date(2026, 7, 1))]
    fil = ElementTree.fromstring(Client().get(f"/domaine-public/flux/voie/{INSEE}0050.rss").content)
    assert [x.text for x in fil.iter("title")][1] == "Benne, Rue du Lavoir & du Pré"
    assert "Dupré" not in ElementTree.tostring(fil, encoding="unicode")
    assert Client().get(f"/domaine-public/flux/voie/{rue.id_ban}.ics").status_code == 200
    assert Client().get(f"/domaine-public/flux/voie/{INSEE}0050.pdf").status_code == 404

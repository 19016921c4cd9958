"""Public feeds: days asked, closed attributes, no name, cache, street's calendar and reader."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from xml.etree import ElementTree

import icalendar
import pytest
import shapely
from django.test import Client

from domainepublic.models import DossierODP
from mairie.models import Voie
from tests.domainepublic.fabrique_odp import accorde, dossier, emprise, faire, ligne, personne, rect
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


# --- what real readers demand ---------------------------------------------------------------------

MARCHE = [{"jours": ["sam"], "de": "06:00", "a": "14:00"}]
SOIR = [{"jours": ["ven", "sam"], "de": "22:00", "a": "02:00"}]


def rue_de(*emprises, **champs) -> Voie:
    v = Voie.objects.create(insee=INSEE, nom="Rue du Lavoir & du Pré", code="0050")
    accorde(dossier(*emprises, voie=v, demandeur=personne("Dupré Fictif"), **champs))
    return v


def lire_agenda(v: Voie, **options) -> icalendar.Calendar:
    reponse = Client().get(f"/domaine-public/flux/voie/{INSEE}{v.code}.ics", **options)
    assert reponse["Content-Type"] == "text/calendar; charset=utf-8"
    return icalendar.Calendar.from_ical(reponse.content)


def heures(e: icalendar.Event) -> list[str]:
    """Local hours of an event."""
    return [f"{e[nom].dt:%Y-%m-%dT%H:%M}" for nom in ("dtstart", "dtend")]


@pytest.mark.parametrize("forme", ["{}", "W/{}", '"autre", {}', "*"])
def test_un_lecteur_ou_un_mandataire_rend_la_marque_a_sa_facon(rue, forme):
    """nginx makes it weak when it compresses: the answer is « nothing new » all the same."""
    adresse = f"/domaine-public/flux/voie/{INSEE}0050.ics"
    un = Client().get(adresse)
    deux = Client().get(adresse, headers={"if-none-match": forme.format(un["ETag"])})
    assert (deux.status_code, deux.content) == (304, b"")
    for nom in ("ETag", "Cache-Control", "Access-Control-Allow-Origin"):
        assert deux[nom] == un[nom]


def test_les_fils_ne_changent_que_si_la_rue_change(rue, aller):
    """Same bytes days later and under another name of the site; another mark once the file has moved."""
    adresses = [f"/domaine-public/flux/voie/{INSEE}0050.{x}" for x in ("ics", "rss")]
    avant = [Client().get(a)["ETag"] for a in adresses]
    aller(date(2026, 5, 30))
    assert [Client().get(a)["ETag"] for a in adresses] == avant
    uid = lire_agenda(rue).walk("VEVENT")[0]["uid"]
    assert lire_agenda(rue, headers={"host": "localhost"}).walk("VEVENT")[0]["uid"] == uid
    d = DossierODP.objects.get(etat="accorde")
    aller(date(2026, 6, 2))
    faire(d, "demander_prolongation", donnees={"fin": "2026-07-10"})
    apres = lire_agenda(rue).walk("VEVENT")[0]
    assert apres["uid"] == uid and int(apres["sequence"]) > 0
    assert [Client().get(a)["ETag"] for a in adresses] != avant


def test_l_agenda_a_tout_ce_que_la_norme_demande(rue):
    agenda = lire_agenda(rue)
    assert (agenda["method"], agenda["version"]) == ("PUBLISH", "2.0")
    (zone,) = agenda.walk("VTIMEZONE")
    assert str(zone["tzid"]) == "Europe/Paris" and len(zone.to_ical()) < 1_000, "les années utiles"
    (e,) = agenda.walk("VEVENT")
    assert e["dtstamp"].dt.tzinfo is not None and e["dtstamp"].dt.utcoffset() == timedelta(0)
    assert str(e["summary"]) == "Benne, Rue du Lavoir & du Pré"
    assert str(e["transp"]) == "TRANSPARENT", "la rue occupée n'occupe pas son lecteur"
    assert str(e["url"]).startswith("http://testserver/domaine-public/travaux/")
    brut = agenda.to_ical().decode()
    for mot in ("Dupré", "Secret", "€", "ODP-"):
        assert mot not in brut
    # An empty street is a calendar still: it holds its zone.
    vide = Voie.objects.create(insee=INSEE, nom="Rue Vide", code="0051")
    assert [x.name for x in lire_agenda(vide).subcomponents] == ["VTIMEZONE"]


def test_un_marche_du_samedi_revient_chaque_samedi_a_son_heure(aller):
    """From October to April: eight in the morning stays eight, over both changes of hour."""
    v = rue_de(emprise(debut=date(2026, 10, 1), fin=date(2027, 4, 10), creneaux=MARCHE))
    (e,) = lire_agenda(v).walk("VEVENT")
    assert heures(e) == ["2026-10-03T06:00", "2026-10-03T14:00"]
    assert str(e["dtstart"].params["tzid"]) == "Europe/Paris"
    regle = e["rrule"]
    assert (regle["freq"], regle["byday"]) == (["WEEKLY"], ["SA"])
    # 6 o'clock of summer time is 4 UTC: the last Saturday is 10 April 2027.
    assert regle["until"] == [datetime(2027, 4, 10, 4, tzinfo=UTC)]


def test_une_nuit_finit_le_lendemain_et_un_seul_jour_ne_revient_pas(aller):
    jour = date(2026, 10, 24)  # a Saturday: the clocks go back that night
    v = rue_de(emprise(debut=jour, fin=jour, creneaux=SOIR))
    (e,) = lire_agenda(v).walk("VEVENT")
    assert heures(e) == ["2026-10-24T22:00", "2026-10-25T02:00"]
    assert "rrule" not in e
    assert str(e["description"]).startswith("Le 24/10/2026.")
    assert "Vendredi et samedi\\, 22:00 – 02:00" in e.to_ical().decode().replace("\r\n ", "")


def test_ce_qui_n_a_pas_de_fin_ne_dure_pas_qu_un_jour(aller):
    v = rue_de(emprise("ENSEI", geom=ligne(), largeur=1, fin=None))
    (e,) = lire_agenda(v).walk("VEVENT")
    assert (e["dtstart"].dt, e["dtend"].dt) == (date(2026, 6, 1), date(2028, 1, 1))
    assert "sans date de fin" in str(e["description"])


def test_le_fil_est_celui_qu_attend_un_lecteur(rue):
    """RFC 822 dates that are not ahead, stable guids, its own address, and no character that XML refuses."""
    Voie.objects.filter(pk=rue.pk).update(nom="Rue du <Lavoir>\x0b & du Pré")
    reponse = Client().get(f"/domaine-public/flux/voie/{INSEE}0050.rss")
    canal = ElementTree.fromstring(reponse.content).find("channel")
    assert canal is not None
    lien = canal.find("{http://www.w3.org/2005/Atom}link")
    assert (
        lien is not None
        and lien.get("href") == f"http://testserver/domaine-public/flux/voie/{rue.id_ban}.rss"
    )
    (element,) = canal.findall("item")
    assert element.findtext("title") == "Benne, Rue du <Lavoir>  & du Pré"
    publie = parsedate_to_datetime(element.findtext("pubDate") or "")
    assert publie <= datetime.now(UTC)
    assert (canal.findtext("ttl"), canal.findtext("lastBuildDate")) != (None, None)
    assert (element.findtext("guid") or "").startswith("odp-")
    assert element.findtext("description") == "Du 01/06/2026 au 30/06/2026."


@pytest.mark.parametrize(
    ("creneaux", "jour", "la"),
    [
        (MARCHE, "2026-06-06", True),  # Saturday
        (MARCHE, "2026-06-07", False),
        (SOIR, "2026-06-07", True),  # the night of Saturday
        (SOIR, "2026-06-08", False),
        (SOIR, "2026-06-28", True),  # the day after the last, until two o'clock
        ([], "2026-06-28", False),
        ([], "2026-06-27", True),
    ],
)
def test_un_jour_sans_creneau_n_est_pas_occupe(aller, creneaux, jour, la):
    """The same answer for the feed and for the page of that day."""
    rue_de(emprise(fin=date(2026, 6, 27), creneaux=creneaux))
    lu = Client().get(f"{GEOJSON}?du={jour}").json()
    assert bool(lu["features"]) is la
    page = Client().get(f"/domaine-public/travaux/?jour={jour}")
    assert bool(page.context["chantiers"]) is la
    semaine = Client().get(f"{GEOJSON}?du=2026-06-01&au=2026-06-27").json()
    (trait,) = semaine["features"]
    assert shapely.geometry.shape(trait["geometry"]).geoms[0].exterior.is_ccw, "RFC 7946 §3.1.6"


def test_des_jours_a_l_envers_sont_refuses(rue):
    reponse = Client().get(f"{GEOJSON}?du=2026-06-10&au=2026-06-01")
    assert reponse.status_code == 400
    assert reponse.json()["detail"] == "« au » (01/06/2026) précède « du » (10/06/2026)."


def test_ce_qu_un_habitant_a_ecrit_n_est_public_nulle_part(aller):
    """Address in free words, object, landmark, name: each page and feed open to all, read whole."""
    secrets = {
        "adresse": "12 devant chez Mme Zanzibar",
        "objet": "Déménagement de Zanzibar",
        "canal": "portail",
    }
    v = rue_de(emprise(repere="Portail Zanzibar"), **secrets)
    annoncee = dossier(emprise("TERR_O", geom=rect(20), repere="Zanzibar"), voie=v, **secrets)
    faire(annoncee, "ouvrir_publicite", donnees={"au": "2026-03-20", "lieu": "site de la commune"})
    client, adresses = Client(), ["/domaine-public/publicite/", f"/domaine-public/publicite/{annoncee.pk}/"]
    chantier = client.get(f"{GEOJSON}?du=2026-06-10").json()["features"][0]
    adresses += [
        chantier["properties"]["lien"], f"{GEOJSON}?du=2026-06-10",
        "/domaine-public/travaux/?jour=2026-06-10",
        f"/domaine-public/flux/voie/{INSEE}0050.ics", f"/domaine-public/flux/voie/{INSEE}0050.rss",
    ]  # fmt: skip
    for adresse in adresses:
        reponse = client.get(adresse)
        assert reponse.status_code == 200, adresse
        assert "Zanzibar" not in reponse.content.decode(), adresse
    assert "12 Rue du Lavoir &amp; du Pré" in client.get(adresses[1]).content.decode()

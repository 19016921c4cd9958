"""The comparison of two vintages on screen and as a table."""

from __future__ import annotations

import csv
import html
import re
from datetime import date
from xml.etree import ElementTree

import pytest

from tests.cadastre import fabrique

pytestmark = pytest.mark.django_db
ADRESSE = "/cadastre/millesimes/"


@pytest.fixture
def deux_millesimes(valbrune):
    """The sheet of Valbrune delivered in 2014 and in 2020; AB 4 has another contenance since."""
    fabrique.m.VersionFeuille.objects.create(
        feuille=valbrune, millesime=date(2014, 3, 17), empreinte="0" * 64, crs_declare="LAMB93", epsg=2154
    )
    fabrique.m.Parcelle.objects.filter(idu__in=[f"25999000AB{n:04d}" for n in (5, 6, 7)]).update(
        valide_du=date(2014, 3, 17)
    )
    quatre = fabrique.m.Parcelle.objects.get(idu="25999000AB0004")
    quatre.valide_au = date(2020, 1, 15)
    quatre.save()
    fabrique.parcelle("25999000AB0004", valbrune, quatre.geom, contenance=1250)


def texte(reponse) -> str:
    assert reponse.status_code == 200
    brut = html.unescape(reponse.content.decode()).replace("\u202f", " ").replace("\xa0", " ")
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", brut))


def test_les_deux_derniers_millesimes_sont_compares_d_office(deux_millesimes, client):
    page = texte(client.get(ADRESSE))
    assert re.search(r"AB 8 devenue AB 9 \(60 %\) ?, AB 10 \(40 %\)", page)
    assert "AB 9 venue de AB 8 (100 %)" in page
    assert "AB 4 contenance 1 200 m² 1 250 m²" in page
    assert re.search(r"parcelles apparues 2 disparues 1 modifiées 1 inchangées[^0-9]*6", page)


def test_le_plan_montre_les_trois_genres(deux_millesimes, client):
    brut = client.get(ADRESSE).content.decode()
    racine = ElementTree.fromstring(re.search(r"<svg [^>]*plan-svg.*?</svg>", brut, re.S)[0])
    traits = {p.get("stroke") for p in racine.iter("{http://www.w3.org/2000/svg}path")}
    assert {"#1f6f5c", "#b4611a", "#b3261e"} <= traits
    assert "2 parcelles apparues en vert" in racine.find("{http://www.w3.org/2000/svg}desc").text


def test_des_dates_choisies(deux_millesimes, client):
    page = texte(client.get(ADRESSE, {"commune": "25999", "avant": "2020-01-15", "apres": "2020-06-01"}))
    assert "parcelles apparues 0 disparues 0 modifiées 0" in page


@pytest.mark.parametrize(
    ("avant", "apres"), [("2020-01-15", "2014-03-17"), ("hier", "demain"), ("2020-01-15", "")]
)
def test_des_dates_impossibles_sont_expliquees(deux_millesimes, client, avant, apres):
    page = texte(client.get(ADRESSE, {"avant": avant, "apres": apres}))
    assert "Deux dates sont attendues, la première avant la seconde." in page


def test_une_feuille_connue_seulement_depuis_est_dite(deux_millesimes, client):
    fabrique.feuille("25999000ZA01", date(2019, 1, 1), None)
    page = texte(client.get(ADRESSE, {"commune": "25999", "avant": "2014-03-17", "apres": "2020-01-15"}))
    assert "1 feuille n'est connue que depuis la première date" in page and "25999000ZA01" in page


def test_un_seul_millesime_ou_aucun_plan(valbrune, client):
    assert "n'a qu'un millésime" in texte(client.get(ADRESSE))
    assert client.get(ADRESSE, {"commune": "99999"}).status_code == 404


def test_sans_plan(db, client):
    assert "Aucune feuille n'est chargée" in texte(client.get(ADRESSE))
    assert client.get("/cadastre/millesimes.csv").status_code == 404


def test_le_csv_dit_tout(deux_millesimes, client):
    reponse = client.get("/cadastre/millesimes.csv")
    assert 'filename="changements-25999-2014-03-17-2020-01-15.csv"' in reponse.headers["Content-Disposition"]
    lignes = list(csv.reader(reponse.content.decode("utf-8-sig").splitlines(), delimiter=";"))
    assert lignes[0] == ["nature", "idu", "champ", "avant", "apres", "autre_parcelle", "part"]
    assert ["supprimee", "25999000AB0008", "", "", "", "25999000AB0009", "0.6"] in lignes
    assert ["creee", "25999000AB0010", "", "", "", "25999000AB0008", "1.0"] in lignes
    assert ["modifiee", "25999000AB0004", "contenance", "1200", "1250", "", ""] in lignes
    assert len(lignes) == 6

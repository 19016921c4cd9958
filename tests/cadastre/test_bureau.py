"""The read-only desk: communes, sheets, counts, findings, CSV."""

from __future__ import annotations

import csv
import html
import re
from datetime import date, timedelta

import pytest
import time_machine

from cadastre.bureau import est_ancien
from gis_data.models import ImportTravail
from mairie.exports import cellule
from tests.cadastre import fabrique

pytestmark = pytest.mark.django_db
m = fabrique.m
JOUR = "2020-06-01 12:00"


def texte(reponse) -> str:
    assert reponse.status_code == 200
    brut = html.unescape(reponse.content.decode()).replace("\u202f", " ").replace("\xa0", " ")
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", brut))


@pytest.fixture
def bureau(valbrune):
    """Two communes, three sheets, one finding open, one treated, one for information."""
    version = valbrune.version
    version.comptes = {
        "lus": {"PARCELLE": 10, "BATIMENT": 3, "INVENTEE": 1},
        "ecrits": {"PARCELLE": 9, "BATIMENT": 3, "INVENTEE": 1},
        "relations": {"NUMVOIE_PARCELLE": {"lues": 4, "ecrites": 3}},
    }
    version.save()
    travail = ImportTravail.objects.create(genre="edigeo", etat="termine")
    constats = (
        ("IDU_DOUBLON", "avertissement", None, False),
        ("IDU_INVALIDE", "erreur", "2020-02-01T00:00Z", True),
        ("DOMAINE_NON_CADASTRE", "information", None, True),
    )
    for code, gravite, traitee, ecrit in constats:
        m.Anomalie.objects.create(
            import_travail=travail,
            feuille=valbrune,
            code=code,
            gravite=gravite,
            detail=f"Constat {code}",
            traitee_le=traitee,
            ecrit=ecrit,
        )
    comptes = {"lus": {"PARCELLE": 50}, "ecrits": {"PARCELLE": 50}}
    fabrique.feuille("25999000ZA01", date(2019, 4, 1), fabrique.rectangle(0, 0, 9, 9), comptes=comptes)
    f = fabrique.feuille(
        "25998000AB01", date(2020, 5, 1), fabrique.rectangle(2000, 0, 300, 300), comptes=comptes
    )
    fabrique.commune("25998", "L ORGEVAL", f, fabrique.rectangle(2000, 0, 500, 500))


def test_un_plan_est_ancien_au_401e_jour():
    jour = date(2020, 6, 1)
    assert not est_ancien(jour - timedelta(days=400), jour)
    assert est_ancien(jour - timedelta(days=401), jour)
    assert not est_ancien(None, jour)


@time_machine.travel(JOUR)
def test_une_ligne_par_commune(bureau, client):
    page = texte(client.get("/cadastre/"))
    assert "2 communes" in page.replace("2 commune s", "2 communes") or "communes 2" in page
    ligne = page[page.index("Valbrune 25999") :]
    assert re.match(r"Valbrune 25999 2 59 01/04/2019 ancien 15/01/2020 \d\d/\d\d/\d{4}", ligne)
    assert re.search(r"L'Orgeval 25998 1 50 01/05/2020 01/05/2020", page)
    assert "feuille de plus de 400 jours 1" in page and "anomalie ouverte 1" in page


@time_machine.travel(JOUR)
def test_les_filtres_et_le_tri_des_communes(bureau, client):
    def ordre(adresse: str) -> list[str]:
        return re.findall(r"/cadastre/(\d{5})/", client.get(adresse).content.decode())

    assert ordre("/cadastre/") == ["25998", "25999"]
    assert ordre("/cadastre/?tri=-commune") == ["25999", "25998"]
    assert ordre("/cadastre/?tri=parcelles") == ["25998", "25999"]
    assert ordre("/cadastre/?tri=inconnu") == ["25998", "25999"]
    assert ordre("/cadastre/?q=orgeval") == ["25998"]
    assert ordre("/cadastre/?q=25999") == ["25999"]
    assert ordre("/cadastre/?anciennes=1") == ["25999"]
    assert ordre("/cadastre/?anomalies=1") == ["25999"]
    assert ordre("/cadastre/?q=rien") == []


def test_sans_plan_la_page_dit_comment_commencer(db, client):
    page = texte(client.get("/cadastre/"))
    assert "Aucune feuille n'est chargée." in page and "importer_edigeo" in page


@time_machine.travel(JOUR)
def test_les_feuilles_d_une_commune(bureau, client):
    page = texte(client.get("/cadastre/25999/"))
    assert re.search(r"AB 01 25999000AB01 1/2000 15/01/2020 9 13 sur 14 lus 1", page)
    assert re.search(r"ZA 01 25999000ZA01 1/2000 01/04/2019 ancien 50 50 aucune", page)
    assert "ZA 01" not in texte(client.get("/cadastre/25999/?section=AB"))
    assert "AB 01" not in texte(client.get("/cadastre/25999/?anciennes=1"))
    assert client.get("/cadastre/99999/").status_code == 404


def test_les_entetes_disent_l_ordre(bureau, client):
    page = client.get("/cadastre/25999/?tri=millesime&section=AB").content.decode()
    assert 'aria-sort="ascending"' in page and "tri=-millesime" in page and "section=AB" in page


@time_machine.travel(JOUR)
def test_le_csv_suit_les_filtres(bureau, client):
    reponse = client.get("/cadastre/25999/feuilles.csv?anomalies=1")
    assert reponse.headers["Content-Type"] == "text/csv; charset=utf-8"
    lignes = list(csv.DictReader(reponse.content.decode("utf-8-sig").splitlines(), delimiter=";"))
    assert [ligne["feuille"] for ligne in lignes] == ["25999000AB01"]
    assert (lignes[0]["objets_lus"], lignes[0]["objets_ecrits"], lignes[0]["millesime"]) == (
        "14",
        "13",
        "2020-01-15",
    )


@pytest.mark.parametrize("debut", ["=", "+", "-", "@", "\t", "\r"])
def test_une_cellule_n_est_jamais_une_formule(debut):
    assert cellule(f"{debut}1+1") == f"'{debut}1+1"
    assert (cellule(-5), cellule(None), cellule("a=b")) == (-5, "", "a=b")


@time_machine.travel(JOUR)
def test_la_page_d_une_feuille_rend_compte_de_tout(bureau, client):
    page = texte(client.get("/cadastre/feuilles/25999000AB01/"))
    assert re.search(r"Parcelles 10 9 1 ", page) and re.search(r"Bâtiments 3 3 0", page)
    assert "Classe INVENTEE 1 1 0" in page
    assert "NUMVOIE_PARCELLE 4 3" in page
    assert "Constat IDU_DOUBLON" in page and "non écrit" in page
    assert "traitée le 01/02/2020" in page
    assert "Millésime du 15 janvier 2020 en vigueur" in page
    assert client.get("/cadastre/feuilles/25999000XX01/").status_code == 404


def test_le_nombre_de_requetes_ne_depend_pas_du_nombre_de_feuilles(
    bureau, client, django_assert_max_num_queries
):
    for n in range(2, 12):
        fabrique.feuille(f"25999000ZA{n:02d}", date(2020, 1, 1), None)
    with django_assert_max_num_queries(6):
        client.get("/cadastre/")
    with django_assert_max_num_queries(10):
        client.get("/cadastre/25999/")

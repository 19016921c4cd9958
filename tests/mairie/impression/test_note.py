"""Note de renseignements d'urbanisme: its words, its states, its bounds, of a parcel, of a drawing."""

from __future__ import annotations

import io
import json
import re

import pypdf
import pytest

from gis_data.contraintes.imports import importer_plu, importer_sup
from tests.gis_data.contraintes import plans
from tests.gis_data.contraintes.lecture_directe import lire_sans_enfant
from tests.mairie.impression.lecture_pdf import pages
from tests.personnes import agent, commune
from tests.plan_factice import lonlat

pytestmark = pytest.mark.django_db
NOTE = "/parcelles/25999000AB0004/note-urbanisme.pdf"
DESSIN = "/carte/impression/note.pdf"


@pytest.fixture(autouse=True)
def _lecture(monkeypatch, settings, tmp_path):
    lire_sans_enfant(monkeypatch)
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def plu(tmp_path, plan):
    importer_plu(chemin := plans.ecrire(tmp_path), chemin.name)
    importer_sup(chemin := plans.ecrire_sup(tmp_path, "AC1"), chemin.name)


def texte(octets: bytes) -> str:
    return " ".join(" ".join(page.texte for page in pages(octets)).split())


def carre(x: float, y: float, cote: float) -> str:
    coins = [lonlat(x, y), lonlat(x + cote, y), lonlat(x + cote, y + cote), lonlat(x, y + cote)]
    return json.dumps({"type": "Polygon", "coordinates": [[*coins, coins[0]]]})


def test_la_note_d_une_parcelle_tient_sur_une_page_et_dit_ses_zones(plu, client):
    commune("25999", "Valbrune-les-Essais")
    reponse = client.get(NOTE)
    assert reponse.status_code == 200 and reponse["Content-Type"] == "application/pdf"
    assert reponse["Content-Security-Policy"].startswith("default-src 'none'")
    assert reponse["Cache-Control"] == "private, no-store"
    assert len(pages(reponse.content)) == 1
    mots = texte(reponse.content)
    for attendu in (
        "Note de renseignements d'urbanisme",
        "Parcelle AB 4, Valbrune-les-Essais",
        "AB 4 (25999000AB0004)",
        "Situation au 12 mars 2026",
        "couche non chargée",
        "rien trouvé",
        "PLU du 15/01/2024 (25999_PLU_20240115), en vigueur depuis le 15 janvier 2024",
        "DGFiP – Cadastre, édition du 15 janvier 2025",
        "ne vaut pas certificat d'urbanisme",
    ):
        assert attendu in mots, (attendu, mots)


def test_les_parts_de_la_note_font_cent_la_ou_le_plu_couvre(plu, client):
    """AB 4 runs from 90 to 120 m: a third in A, two thirds in N."""
    mots = texte(client.get(NOTE).content)
    parts = re.findall(r"\b([AN]) Zone \1.*?(\d+(?:,\d)?) % (\d+) m²", mots)
    assert {(zone, part) for zone, part, _ in parts} == {("N", "66,7"), ("A", "33,3")}
    assert sum(float(part.replace(",", ".")) for _, part, _ in parts) == pytest.approx(100)
    assert sum(int(m2) for _, _, m2 in parts) == 900 and "Total 100 % 900 m²" in mots


def test_sans_plu_la_note_dit_non_charge_et_jamais_rien_trouve(plan, client):
    mots = texte(client.get(NOTE).content)
    assert "Couche non chargée." in mots and "renseignez-vous en mairie" in mots
    assert "Total" not in mots and "rien trouvé" not in mots.partition("« Couche non chargée »")[0]


def test_la_note_est_un_pdf_balise_avec_titre_et_langue(plu, client):
    pdf = pypdf.PdfReader(io.BytesIO(client.get(NOTE).content))
    assert pdf.metadata.title == "Note de renseignements d'urbanisme – Parcelle AB 4"
    racine = pdf.trailer["/Root"]
    assert racine["/Lang"] == "fr" and racine["/MarkInfo"]["/Marked"]


@pytest.mark.parametrize(
    ("idu", "mot"),
    [
        ("25999000AB0099", "ne désigne pas une parcelle"),
        ("rien", "ne désigne pas une parcelle"),
        ("25999000AB9001", "pas de contour au plan"),
    ],
)
def test_une_parcelle_absente_ou_sans_contour_n_a_pas_de_note(plan, client, idu, mot):
    reponse = client.get(f"/parcelles/{idu}/note-urbanisme.pdf")
    assert reponse.status_code == 404 and mot in reponse.content.decode()


def test_la_fiche_propose_la_note_et_l_extrait_au_millieme(plan, client):
    page = client.get("/parcelles/25999000AB0004/").content.decode()
    assert NOTE in page
    (adresse,) = re.findall(r'href="(/carte/impression/plan\.pdf\?[^"]+)"', page)
    extrait = client.get(adresse.replace("&amp;", "&"))
    assert extrait.status_code == 200
    mots = texte(extrait.content)
    assert "Échelle 1/1 000" in mots and "Extrait du plan, parcelle" in mots
    assert "Objet de cette feuille" in mots


def test_une_parcelle_sans_contour_n_a_ni_note_ni_extrait(plan, client):
    page = client.get("/parcelles/25999000AB9001/").content.decode()
    assert "note-urbanisme.pdf" not in page and "/carte/impression/" not in page


def test_un_terrain_dessine_a_sa_note(plu, client):
    reponse = client.post(
        DESSIN, {"geometrie": carre(90, 100, 20), "titre": "Projet de grange", "jour": "2026-03-01"}
    )
    assert reponse.status_code == 200
    mots = texte(reponse.content)
    assert "Projet de grange" in mots and "Situation au 1er mars 2026" in mots
    assert re.search(r"UA .*?50 % 200 m².*UB .*?50 % 200 m²|UB .*?50 % 200 m².*UA .*?50 % 200 m²", mots)


@pytest.mark.parametrize(
    ("donnees", "mot"),
    [
        ({}, "Ce n'est pas une géométrie GeoJSON"),
        ({"geometrie": "{"}, "Ce n'est pas une géométrie GeoJSON"),
        ({"geometrie": "[" * 5000}, "Ce n'est pas une géométrie GeoJSON"),
        ({"geometrie": '{"type": "Polygon", "coordinates": []}'}, "vide"),
        ({"geometrie": '{"type": "Point", "coordinates": [900000, 6650000]}'}, "sort du territoire"),
        ({"geometrie": "carre", "jour": "bientôt"}, "Date illisible"),
        ({"geometrie": "x" * 2_000_001}, "trop lourd"),
    ],
)
def test_un_mauvais_dessin_est_refuse_avec_des_mots(plan, client, donnees, mot):
    if donnees.get("geometrie") == "carre":
        donnees = {**donnees, "geometrie": carre(0, 0, 10)}
    reponse = client.post(DESSIN, donnees, HTTP_ACCEPT="application/json")
    assert reponse.status_code == 400 and mot in reponse.json()["erreur"]


def test_les_notes_d_un_visiteur_comptent_parmi_ses_feuilles(plan, client, settings):
    settings.IMPRESSIONS_VISITEUR = 1
    assert client.get(NOTE).status_code == 200
    assert client.get(NOTE, HTTP_ACCEPT="text/html").status_code == 429
    client.force_login(agent("sig.lecteur"))
    assert client.get(NOTE).status_code == 200

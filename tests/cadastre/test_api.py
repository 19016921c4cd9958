"""The open API of the plan: filters, pages, GeoJSON, tags, refusals."""

from __future__ import annotations

import json
from datetime import date

import pytest
from ninja.throttling import AnonRateThrottle

from cadastre.versions import comparer
from tests.cadastre import fabrique

pytestmark = pytest.mark.django_db
BASE = "/api/cadastre"


def lire(client, chemin: str, statut: int = 200, **parametres):
    reponse = client.get(f"{BASE}/{chemin}", parametres)
    assert reponse.status_code == statut, reponse.content
    return reponse.json()


def idus(client, **parametres) -> list[str]:
    return [p["idu"][-4:].lstrip("0") for p in lire(client, "parcelles", **parametres)["resultats"]]


def test_les_parcelles_en_vigueur_par_pages(valbrune, client):
    page = lire(client, "parcelles", limite=2, debut=1)
    assert (page["total"], page["limite"], page["debut"]) == (9, 2, 1)
    assert [p["idu"] for p in page["resultats"]] == ["25999000AB0002", "25999000AB0003"]
    assert set(page["resultats"][0]) == {
        "idu", "commune", "prefixe", "section", "numero", "contenance", "surface_geometrique", "arpentee",
        "figuree", "feuille", "valide_du", "valide_au", "date_maj",
    }  # fmt: skip


def test_les_filtres_des_parcelles(valbrune, client):
    assert idus(client, idu="25999000AB0001, 25999000ab0004,25999000AB9999") == ["1", "4"]
    assert idus(client, commune="25998") == []
    assert idus(client, commune="25999", section="ab")[:2] == ["1", "2"]
    assert idus(client, section="A") == []


def test_l_etat_a_une_date(valbrune, client):
    assert "8" in idus(client, date="2019-12-31") and "9" not in idus(client, date="2019-12-31")
    assert "9" in idus(client, date="2020-01-15") and "8" not in idus(client, date="2020-01-15")


def test_une_emprise_et_une_geometrie(valbrune, client):
    cadre = fabrique.rectangle(10, 10, 10, 10)
    cadre.transform(4326)
    bbox = ",".join(map(str, cadre.extent))
    assert idus(client, bbox=bbox) == ["1"]
    assert idus(client, geom=cadre.geojson) == ["1"]
    point = fabrique.point(100, 10)
    point.transform(4326)
    assert idus(client, geom=point.geojson) == ["4"]


def test_une_emprise_plus_grande_que_le_territoire(valbrune, client):
    """The projection goes astray far away: the world's box must not find less than a country's."""
    tout = len(idus(client)) - 1  # one of them is not drawn
    for bbox in ("-180,-90,180,90", "-10,40,12,52", "-180,0,180,80"):
        assert len(idus(client, bbox=bbox)) == tout
    monde = '{"type":"Polygon","coordinates":[[[-180,-90],[180,-90],[180,90],[-180,90],[-180,-90]]]}'
    assert len(idus(client, geom=monde)) == tout
    assert idus(client, bbox="100,-40,110,-30") == []
    assert idus(client, geom='{"type":"Point","coordinates":[100,-30]}') == []


@pytest.mark.parametrize(
    ("parametre", "valeur"),
    [
        ("bbox", "1,2,3"),
        ("bbox", "a,b,c,d"),
        ("bbox", "6,47,5,46"),
        ("bbox", "nan,1,2,3"),
        ("bbox", "0,0,500,1"),
        ("geom", "n'importe quoi"),
        ("geom", '{"type":"Point","coordinates":[]}'),
        ("geom", '{"type":"Point","coordinates":[930000,6700000]}'),
        ("geom", '{"type":"Polygon","coordinates":[[[0,0],[1,1],[1,0],[0,1],[0,0]]]}'),
        ("geom", "POINT(0 0)"),
        ("geom", " " * 100_001),
        ("idu", "AB12"),
        ("idu", ",".join(["25999000AB0001"] * 201)),
    ],
)
def test_un_parametre_faux_est_refuse_avec_son_nom(valbrune, client, parametre, valeur):
    assert f"« {parametre} »" in lire(client, "parcelles", 400, **{parametre: valeur})["detail"]


@pytest.mark.parametrize(
    ("parametre", "valeur"),
    [
        ("limite", 0),
        ("limite", 1001),
        ("debut", -1),
        ("date", "hier"),
        ("commune", "1"),
        ("format", "xml"),
        ("section", "ABC"),
    ],
)
def test_un_type_faux_est_refuse_en_francais(valbrune, client, parametre, valeur):
    assert lire(client, "parcelles", 422, **{parametre: valeur})["detail"].startswith(
        f"Valeur refusée pour : « {parametre} »"
    )


def test_le_geojson_compte_ce_qui_repond(valbrune, client):
    reponse = client.get(f"{BASE}/parcelles", {"limite": 7, "format": "geojson"})
    assert reponse.headers["Content-Type"] == "application/geo+json"
    collection = reponse.json()
    assert (collection["numberMatched"], collection["numberReturned"]) == (9, 7)
    geometries = {e["id"]: e["geometry"] for e in collection["features"]}
    assert geometries["25999000AB0007"] is None
    assert geometries["25999000AB0001"]["type"] == "MultiPolygon"
    x, y = geometries["25999000AB0001"]["coordinates"][0][0][0]
    assert 5 < x < 7 and 46 < y < 48
    par_entete = client.get(f"{BASE}/parcelles", {"limite": 7}, headers={"Accept": "application/geo+json"})
    assert par_entete.json() == collection


def test_une_parcelle(valbrune, client):
    assert lire(client, "parcelles/25999000AB0008")["valide_au"] == "2020-01-15"
    assert lire(client, "parcelles/25999000AB0001", format="geojson")["type"] == "Feature"
    assert "n'a existé" in lire(client, "parcelles/25999000AB9999", 404)["detail"]
    assert "14 caractères" in lire(client, "parcelles/AB1", 404)["detail"]


def test_l_histoire(valbrune, client):
    histoire = lire(client, "parcelles/25999000AB0008/historique")
    assert [v["idu"][-2:] for v in histoire["versions"]] == ["08", "09", "10"]
    assert [(e["idu"][-2:], e["part"]) for e in histoire["versions"][0]["enfants"]] == [
        ("09", 0.6),
        ("10", 0.4),
    ]
    assert [(d["idu"][-2:], d["part"]) for d in histoire["aujourd_hui"]] == [("09", 0.6), ("10", 0.4)]


def test_les_voisines(valbrune, client):
    assert lire(client, "parcelles/25999000AB0002/voisins") == [
        {"idu": "25999000AB0001", "frontiere_m": 40.0},
        {"idu": "25999000AB0003", "frontiere_m": 40.0},
    ]


def test_les_references(valbrune, client):
    reponse = lire(client, "references", q="AB 1; AB 9999; mur")
    assert [r["idu"] for r in reponse["resultats"]] == ["25999000AB0001"]
    assert len(reponse["erreurs"]) == 2
    assert lire(client, "references", q="bonjour")["erreurs"][0].startswith("Aucune référence")
    assert lire(client, "references", 422)["detail"].startswith("Valeur refusée pour : « q »")


def test_les_autres_listes(valbrune, client):
    assert lire(client, "communes")["resultats"] == [
        {"insee": "25999", "nom": "Valbrune", "millesime": "2020-01-15"}
    ]
    assert lire(client, "sections", commune="25999")["resultats"][0]["idu"] == "25999000AB"
    (feuille,) = lire(client, "feuilles")["resultats"]
    assert (feuille["feuille"], feuille["echelle"], feuille["qualite"]) == ("25999000AB01", 2000, "05")
    assert [b["dur"] for b in lire(client, "batiments", parcelle="25999000AB0002")["resultats"]] == ["02"]
    assert lire(client, "batiments", commune="25998")["total"] == 0
    assert [n["nom"] for n in lire(client, "lieuxdits", q="églantines")["resultats"]] == ["AUX ÉGLANTINES"]
    for liste in ("communes", "sections", "batiments", "lieuxdits"):
        assert lire(client, liste, format="geojson")["features"][0]["geometry"]["type"] == "MultiPolygon"


def test_l_etiquette_change_avec_le_plan(valbrune, client):
    premiere = client.get(f"{BASE}/parcelles", {"limite": 1})
    etiquette = premiere.headers["ETag"]
    assert premiere.headers["Cache-Control"] == "public, no-cache"
    suite = {"If-None-Match": etiquette}
    deuxieme = client.get(f"{BASE}/parcelles", {"limite": 1}, headers=suite)
    assert deuxieme.status_code == 304 and deuxieme.content == b""
    assert client.get(f"{BASE}/parcelles", {"limite": 2}, headers=suite).status_code == 200
    assert client.get(f"{BASE}/parcelles?limite=1&format=geojson", headers=suite).status_code == 200
    valbrune.version.pk = None
    valbrune.version.millesime = "2021-01-01"
    valbrune.version.save()
    assert client.get(f"{BASE}/parcelles", {"limite": 1}, headers=suite).status_code == 200


def test_une_erreur_ne_porte_pas_d_etiquette(valbrune, client):
    assert "ETag" not in client.get(f"{BASE}/parcelles/25999000AB9999").headers


def test_le_debit_est_borne(valbrune, client, monkeypatch):
    monkeypatch.setattr(AnonRateThrottle, "allow_request", lambda self, request: False)
    monkeypatch.setattr(AnonRateThrottle, "wait", lambda self: 12.0)
    reponse = client.get(f"{BASE}/communes")
    assert reponse.status_code == 429 and reponse.headers["Retry-After"] == "12"
    assert "réessayez dans 12 s" in reponse.json()["detail"]


def test_la_documentation_est_servie_sans_autre_hote(client, db):
    page = client.get("/api/docs").content.decode()
    assert 'lang="fr"' in page and "ninja/swagger-ui-bundle.js" in page
    assert "https://cdn" not in page
    document = client.get("/api/openapi.json").json()
    chemins = document["paths"]
    assert {
        f"{BASE}/{c}" for c in ("parcelles", "parcelles/{idu}", "references", "communes", "feuilles")
    } <= set(chemins)
    noms = {p["name"] for p in chemins[f"{BASE}/parcelles"]["get"]["parameters"]}
    assert noms == {"idu", "commune", "section", "bbox", "geom", "date", "limite", "debut", "format"}
    json.dumps(document)


def test_le_nombre_de_requetes_ne_depend_pas_de_la_page(valbrune, client, django_assert_max_num_queries):
    with django_assert_max_num_queries(3):
        lire(client, "parcelles")
    with django_assert_max_num_queries(3):
        lire(client, "parcelles", format="geojson")


def test_ce_qui_a_change_entre_deux_dates(valbrune, client):
    demande = {"commune": "25999", "avant": "2019-12-31", "apres": "2020-01-15"}
    document = lire(client, "comparaisons", **demande)
    assert set(document) == {
        "commune", "avant", "apres", "creees", "supprimees", "modifiees", "inchangees", "filiation",
    }  # fmt: skip
    assert document == comparer("25999", date(2019, 12, 31), date(2020, 1, 15))
    assert "25999000AB0009" in document["creees"] and "25999000AB0008" in document["supprimees"]
    inverse = {**demande, "avant": "2020-01-15", "apres": "2019-12-31"}
    assert "précéder" in lire(client, "comparaisons", 400, **inverse)["detail"]
    assert "25998" in lire(client, "comparaisons", 404, **{**demande, "commune": "25998"})["detail"]
    assert "« avant »" in lire(client, "comparaisons", 422, **{**demande, "avant": "hier"})["detail"]


def test_une_adresse_inconnue_repond_en_json(client):
    assert "/api/docs" in lire(client, "n-existe-pas", 404)["detail"]

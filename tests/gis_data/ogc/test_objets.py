"""Features of a layer: pages, boxes, days, properties, coordinate systems, refusals in words."""

from __future__ import annotations

import datetime
import json

import pytest
import shapely
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cadastre.models import Parcelle
from gis_data.couches import couche
from gis_data.ogc import parametres
from gis_data.ogc.reperes import CRS84, EPSG, reperes
from tests.couches import couche_datee
from tests.plan_factice import X0, Y0, lonlat

ITEMS = "/ogc/collections/parcelles/items"


def lire(client, statut: int = 200, adresse: str = ITEMS, **demandes):
    reponse = client.get(adresse, {nom.replace("_crs", "-crs"): v for nom, v in demandes.items()})
    assert reponse.status_code == statut, reponse.content
    return reponse


def page(client, **demandes) -> dict:
    return lire(client, **demandes).json()


def numeros(collection: dict) -> list[int]:
    return [o["properties"]["numero"] for o in collection["features"]]


def liens(collection: dict) -> dict[str, str]:
    return {lien["rel"]: lien["href"] for lien in collection["links"]}


def test_une_page_dit_ses_objets_leur_nombre_et_ses_liens(client, plan):
    reponse = lire(client, limit=5)
    assert reponse["Content-Type"] == "application/geo+json"
    assert reponse["Content-Crs"] == f"<{CRS84}>"
    collection = reponse.json()
    assert collection["type"] == "FeatureCollection"
    assert (collection["numberMatched"], collection["numberReturned"]) == (13, 5)
    premiere = collection["features"][0]
    assert premiere["id"] == plan.parcelles[0].idu
    assert list(premiere["properties"]) == [a.nom for a in couche("parcelles").attributs]
    assert {"self", "alternate", "next", "collection"} <= set(liens(collection))
    lon, lat = lonlat(15, 45)
    assert shapely.from_geojson(json.dumps(premiere["geometry"])).distance(shapely.Point(lon, lat)) < 1e-3


def test_suivre_next_puis_prev_parcourt_tout_dans_l_ordre(client, plan):
    vus, collection = [], page(client, limit=5)
    vus += numeros(collection)
    pages = [collection]
    while suite := liens(collection).get("next"):
        collection = client.get(suite).json()
        pages.append(collection)
        vus += numeros(collection)
    assert vus == [*range(1, 13), 9001]
    assert [p["numberReturned"] for p in pages] == [5, 5, 3]
    assert {p["numberMatched"] for p in pages} == {13}
    assert "prev" not in liens(pages[0])
    arriere = client.get(liens(pages[2])["prev"]).json()
    assert numeros(arriere) == numeros(pages[1])
    debut = client.get(liens(arriere)["prev"]).json()
    assert numeros(debut) == numeros(pages[0]) and "prev" not in liens(debut)


def test_les_liens_gardent_les_filtres(client, plan):
    collection = page(client, limit=2, arpentee="false", bbox="-180,-90,180,90")
    suite = client.get(liens(collection)["next"]).json()
    assert suite["numberMatched"] == collection["numberMatched"]
    assert not set(numeros(suite)) & set(numeros(collection))


def test_un_decalage_saute_des_objets(client, plan):
    assert numeros(page(client, limit=3, offset=4)) == [5, 6, 7]
    assert "prev" in liens(page(client, limit=3, offset=4))
    assert page(client, offset=5000)["features"] == []


def test_la_page_suivante_ne_lit_pas_les_objets_passes(client, plan):
    """Two queries a page whatever its rank, the second one by the key and without OFFSET."""
    premiere = page(client, limit=5)
    with CaptureQueriesContext(connection) as requetes:
        client.get(liens(premiere)["next"])
    textes = [q["sql"] for q in requetes if "cadastre_parcelle" in q["sql"]]
    assert len(textes) <= 2
    assert not any("OFFSET" in t for t in textes)
    assert any('"cadastre_parcelle"."id" >' in t for t in textes)


def test_le_nombre_de_requetes_ne_depend_pas_de_la_page(client, plan):
    page(client, limit=1)
    comptes = []
    for limite in (1, 12):
        with CaptureQueriesContext(connection) as requetes:
            page(client, limit=limite)
        comptes.append(len(requetes))
    assert comptes[0] == comptes[1] <= 3


def test_un_milliard_d_objets_demandes_en_donne_une_page_entiere(client, plan, monkeypatch):
    """Core §7.15.2: a limit above the maximum is brought to the maximum, not refused."""
    monkeypatch.setattr(parametres, "LIMITE_MAX", 4)
    for limite in (10**9, 10**30):
        assert page(client, limit=limite)["numberReturned"] == 4


@pytest.mark.parametrize("limite", ["0", "-1", "beaucoup", "1.5", "", "9" * 41])
def test_une_limite_qui_n_en_est_pas_une_est_refusee(client, plan, limite):
    assert "limit" in lire(client, 400, limit=limite).json()["description"]


# --- boxes --------------------------------------------------------------------------------------


def cadre(x: float, y: float, largeur: float, hauteur: float) -> tuple[float, float, float, float]:
    """A box of the tiny plan, in degrees."""
    return (*lonlat(x, y), *lonlat(x + largeur, y + hauteur))


def ecrite(valeurs) -> str:
    return ",".join(f"{v:.9f}" for v in valeurs)


def test_un_cadre_ne_garde_que_ce_qui_le_touche(client, plan):
    assert numeros(page(client, bbox=ecrite(cadre(5, 35, 10, 10)))) != []
    dedans = page(client, bbox=ecrite(cadre(5, 5, 10, 10)))
    assert dedans["numberMatched"] == dedans["numberReturned"] == 1
    ouest, sud, est, nord = cadre(5, 5, 10, 10)
    avec_altitudes = page(client, bbox=ecrite((ouest, sud, 0, est, nord, 500)))
    assert numeros(avec_altitudes) == numeros(dedans)


def test_un_cadre_se_dit_dans_chaque_systeme_et_l_ordre_de_ses_axes(client, plan):
    ouest, sud, est, nord = cadre(5, 5, 10, 10)
    attendus = numeros(page(client, bbox=ecrite((ouest, sud, est, nord))))
    legal = (X0 + 5, Y0 + 5, X0 + 15, Y0 + 15)
    with connection.cursor() as curseur:
        curseur.execute(
            "SELECT ST_XMin(g), ST_YMin(g), ST_XMax(g), ST_YMax(g) FROM"
            " (SELECT ST_Transform(ST_MakeEnvelope(%s, %s, %s, %s, 2154), 3857) AS g) AS t",
            legal,
        )
        mercator = curseur.fetchone()
    for code, valeurs in ((4326, (sud, ouest, nord, est)), (2154, legal), (3857, mercator)):
        assert numeros(page(client, bbox=ecrite(valeurs), bbox_crs=f"{EPSG}{code}")) == attendus


@pytest.mark.parametrize(
    ("cadre_", "systeme"),
    [
        ("-180,-90,180,90", CRS84),
        ("-400,-200,400,200", CRS84),
        ("-90,-180,90,180", f"{EPSG}4326"),
        ("-20037508,-20037508,20037508,20037508", f"{EPSG}3857"),
        ("-1e12,-1e12,1e12,1e12", f"{EPSG}3857"),
        ("-1e9,-1e9,1e9,1e9", f"{EPSG}2154"),
    ],
)
def test_le_monde_entier_contient_tout_ce_qui_est_dessine(client, plan, cadre_, systeme):
    assert page(client, bbox=cadre_, bbox_crs=systeme)["numberMatched"] == 12


def test_hors_du_territoire_il_n_y_a_rien(client, plan):
    assert page(client, bbox="100,-40,110,-30")["numberMatched"] == 0


@pytest.mark.parametrize(
    ("cadre_", "mots"),
    [
        ("6.4,47.1,6.3,47.2", "l'ouest (6.4) dépasse l'est (6.3)"),
        ("6.3,47.2,6.4,47.1", "le sud (47.2) dépasse le nord (47.1)"),
        ("6.3,47.2,6.4", "quatre nombres"),
        ("a,b,c,d", "quatre nombres"),
        ("nan,0,1,2", "quatre nombres"),
        ("0,0,inf,2", "quatre nombres"),
        ("", "quatre nombres"),
    ],
)
def test_un_cadre_retourne_ou_illisible_est_refuse_avec_des_mots(client, plan, cadre_, mots):
    erreur = lire(client, 400, bbox=cadre_).json()
    assert erreur["code"] == "InvalidParameterValue"
    assert mots in erreur["description"] and "bbox" in erreur["description"]


# --- coordinate systems -------------------------------------------------------------------------


@pytest.mark.parametrize("legal", [2154, 5490, 2972, 2975, 4471, 4467])
def test_l_ordre_des_axes_est_celui_de_l_autorite(legal):
    """Latitude first for EPSG:4326 alone; the legal projections write east before north."""
    connus = reperes(legal)
    assert list(connus) == [CRS84, f"{EPSG}4326", f"{EPSG}{legal}", f"{EPSG}3857"]
    assert [r.nord_d_abord for r in connus.values()] == [False, True, False, False]


def test_la_reponse_vient_dans_le_systeme_demande(client, plan):
    lon, lat = lonlat(0, 30)
    for code, attendu, tolerance in (
        (4326, (lat, lon), 1e-8),
        (2154, (X0, Y0 + 30), 1e-3),
    ):
        reponse = lire(client, limit=12, crs=f"{EPSG}{code}")
        assert reponse["Content-Crs"] == f"<{EPSG}{code}>"
        sommets = [
            tuple(sommet)
            for o in reponse.json()["features"]
            for polygone in o["geometry"]["coordinates"]
            for anneau in polygone
            for sommet in anneau
        ]
        assert min(abs(x - attendu[0]) + abs(y - attendu[1]) for x, y in sommets) < tolerance
    mercator = page(client, limit=1, crs=f"{EPSG}3857")["features"][0]
    x, _ = mercator["geometry"]["coordinates"][0][0][0]
    assert abs(x - lon * 111_319.49) < 200


def test_les_anneaux_tournent_comme_la_norme_le_veut(client, plan):
    for objet in page(client)["features"]:
        if objet["geometry"]:
            forme = shapely.from_geojson(json.dumps(objet["geometry"]))
            assert all(p.exterior.is_ccw for p in forme.geoms)


@pytest.mark.parametrize("nom", ["crs", "bbox-crs"])
def test_un_systeme_inconnu_est_refuse(client, plan, nom):
    erreur = client.get(ITEMS, {nom: f"{EPSG}27572"})
    assert erreur.status_code == 400 and "Systèmes offerts" in erreur.json()["description"]


# --- properties, days ---------------------------------------------------------------------------


def test_une_propriete_filtre(client, plan):
    assert numeros(page(client, numero=3)) == [3]
    assert numeros(page(client, numero=3, section="AB")) == [3]
    assert numeros(page(client, numero=3, section="ZZ")) == []
    assert page(client, valide_du="2025-01-15")["numberMatched"] == 13
    assert page(client, commune="25999", feuille="25999000AB01")["numberMatched"] == 13
    assert page(client, millesime="1999-01-01")["numberMatched"] == 0
    # An attribute that is computed filters too.
    batis = page(client, adresse="/ogc/collections/batiments/items")
    mots = {o["properties"]["parcelles"] for o in batis["features"]} - {None}
    for mot in mots:
        trouves = page(client, adresse="/ogc/collections/batiments/items", parcelles=mot)
        assert {o["properties"]["parcelles"] for o in trouves["features"]} == {mot}
    assert mots


@pytest.mark.parametrize(
    ("nom", "valeur"),
    [
        ("numero", "douze"),
        ("numero", "9" * 30),
        ("surface_geometrique", "nan"),
        ("arpentee", "peut-être"),
        ("valide_du", "2025-13-45"),
        ("section", "A\0B"),
        ("section", "A" * 501),
    ],
)
def test_une_valeur_qui_n_est_pas_du_genre_attendu_est_refusee(client, plan, nom, valeur):
    assert nom in lire(client, 400, **{nom: valeur}).json()["description"]


def test_un_parametre_inconnu_est_refuse_et_les_connus_sont_dits(client, plan):
    erreur = lire(client, 400, bboxx="1,2,3,4").json()["description"]
    assert "« bboxx »" in erreur and "bbox, bbox-crs" in erreur and "numero" in erreur
    for adresse in (
        "/ogc/",
        "/ogc/collections",
        "/ogc/conformance",
        "/ogc/api",
        "/ogc/collections/parcelles",
    ):
        assert client.get(adresse, {"limit": 1}).status_code == 400


def test_les_jours_des_couches_datees(client, plan):
    """Parcel n holds from 1 January + n days, three days; the 12th stays."""
    with couche_datee() as nom:
        adresse = f"/ogc/collections/{nom}/items"

        def du(texte):
            return sorted(numeros(page(client, adresse=adresse, datetime=texte)))

        assert du("2026-01-04") == [1, 2, 3]
        assert du("2026-01-04T10:00:00Z") == [1, 2, 3]
        # One hour to midnight in Greenwich is already the day after here.
        assert du("2026-01-03T23:30:00Z") == [1, 2, 3]
        assert du("2026-01-04/2026-01-05") == [1, 2, 3, 4]
        assert du("../2026-01-03") == du("/2026-01-03") == [1, 2]
        assert du("2026-02-01/..") == [12]
        assert len(du("../..")) == 12
    # A layer without dates answers as without the parameter.
    assert page(client, datetime="1900-01-01")["numberMatched"] == 13


@pytest.mark.parametrize(
    "texte",
    ["hier", "2026-02-30", "2026-01-02/2026-01-01", "2026-01-01T00:00:00", "a/b/c", "/", "", "2026-01-01/x"],
)
def test_une_date_illisible_est_refusee(client, plan, texte):
    assert "datetime" in lire(client, 400, datetime=texte).json()["description"]


# --- one feature --------------------------------------------------------------------------------


def test_un_objet_se_lit_par_son_identifiant(client, plan):
    idu = plan.parcelles[3].idu
    reponse = client.get(f"{ITEMS}/{idu}", {"crs": f"{EPSG}2154"})
    objet = reponse.json()
    assert reponse["Content-Crs"] == f"<{EPSG}2154>"
    assert (objet["id"], objet["properties"]["numero"]) == (idu, 4)
    assert {"self", "alternate", "collection"} <= {lien["rel"] for lien in objet["links"]}
    batiments = page(client, adresse="/ogc/collections/batiments/items")["features"]
    pk = batiments[0]["id"]
    lu = client.get(f"/ogc/collections/batiments/items/{pk}").json()
    assert lu["properties"] == batiments[0]["properties"]


@pytest.mark.parametrize("identifiant", ["25999000ZZ9999", "x", "%00", "²", "9" * 40])
@pytest.mark.parametrize("nom", ["parcelles", "batiments"])
def test_un_objet_inconnu_est_introuvable(client, plan, nom, identifiant):
    reponse = client.get(f"/ogc/collections/{nom}/items/{identifiant}")
    assert reponse.status_code == 404
    assert reponse.json()["code"] == "NotFound"


def test_une_parcelle_close_n_est_plus_servie(client, plan):
    Parcelle.objects.filter(numero=4).update(valide_au=datetime.date(2026, 1, 1))
    assert client.get(f"{ITEMS}/{plan.parcelles[3].idu}").status_code == 404


def test_une_parcelle_sans_dessin_a_une_geometrie_nulle(client, plan):
    (objet,) = page(client, numero=9001)["features"]
    assert objet["geometry"] is None


# --- headers ------------------------------------------------------------------------------------


def test_une_page_inchangee_n_est_pas_renvoyee(client, plan):
    premiere = lire(client, limit=3)
    assert premiere["Cache-Control"] == "no-cache" and "Accept" in premiere["Vary"]
    seconde = client.get(f"{ITEMS}?limit=3", headers={"if-none-match": premiere["ETag"]})
    assert seconde.status_code == 304 and seconde.content == b""
    Parcelle.objects.filter(numero=2).update(contenance=1)
    assert client.get(f"{ITEMS}?limit=3", headers={"if-none-match": premiere["ETag"]}).status_code == 200


def test_le_service_ne_se_lit_que_par_get(client, plan):
    for adresse in (ITEMS, "/ogc/", "/ogc/collections"):
        assert client.post(adresse).status_code == 405

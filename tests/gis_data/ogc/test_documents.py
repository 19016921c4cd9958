"""What the service says of itself: landing page, conformance, collections, OpenAPI, pages for people."""

from __future__ import annotations

import re

import pytest

from gis_data.couches import couche, couches
from gis_data.ogc.documents import CONFORMITE
from gis_data.ogc.parametres import LIMITE, LIMITE_MAX
from gis_data.ogc.reperes import CRS84, EPSG

PUBLIQUES = [c.nom for c in couches() if c.publique]
NAVIGATEUR = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
PAGES = [
    "/ogc/",
    "/ogc/conformance",
    "/ogc/collections",
    "/ogc/collections/parcelles",
    "/ogc/collections/parcelles/queryables",
    "/ogc/collections/parcelles/items",
    "/ogc/collections/parcelles/items/25999000AB0001",
    "/ogc/api",
]


def rels(document: dict) -> dict[str, dict[str, str]]:
    return {lien["rel"]: lien for lien in document["links"]}


def test_l_accueil_mene_partout(client, plan):
    liens = rels(client.get("/ogc/").json())
    assert {"self", "alternate", "service-desc", "service-doc", "conformance", "data"} <= set(liens)
    for rel in ("service-desc", "service-doc", "conformance", "data"):
        reponse = client.get(liens[rel]["href"])
        assert reponse.status_code == 200
        if rel == "service-desc":
            assert reponse["Content-Type"] == liens[rel]["type"]


def test_les_classes_de_conformite(client, db):
    assert client.get("/ogc/conformance").json()["conformsTo"] == list(CONFORMITE)


def test_chaque_couche_publique_est_une_collection(client, plan):
    decrites = {c["id"]: c for c in client.get("/ogc/collections").json()["collections"]}
    assert list(decrites) == PUBLIQUES
    for nom, decrite in decrites.items():
        assert decrite["title"] == couche(nom).libelle
        assert decrite["crs"] == [CRS84, f"{EPSG}4326", f"{EPSG}2154", f"{EPSG}3857"]
        assert decrite["storageCrs"] == f"{EPSG}2154"
        ouest, sud, est, nord = decrite["extent"]["spatial"]["bbox"][0]
        assert ouest < est and sud < nord
        seule = client.get(f"/ogc/collections/{nom}").json()
        assert {k: v for k, v in seule.items() if k != "links"} == {
            k: v for k, v in decrite.items() if k != "links"
        }
        assert {"self", "alternate", "items", "license"} <= set(rels(seule))


@pytest.mark.parametrize("adresse", PAGES)
def test_chaque_ressource_se_lit_en_page_et_en_json(client, plan, adresse):
    programme = client.get(adresse)
    assert "json" in programme["Content-Type"] and programme.status_code == 200
    programme.json()
    page = client.get(adresse, headers=NAVIGATEUR)
    assert page["Content-Type"].startswith("text/html")
    texte = page.content.decode()
    assert '<html lang="fr">' in texte and "<h1>" in texte
    # The policy of the house: no script or style inside the page.
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=", texte)
    assert client.get(adresse, {"f": "html"})["Content-Type"].startswith("text/html")
    assert "json" in client.get(f"{adresse}?f=json", headers=NAVIGATEUR)["Content-Type"]
    assert page["Cache-Control"] == "private, no-cache"


@pytest.mark.parametrize(
    ("accept", "html"),
    [
        ("", False),
        ("*/*", False),
        ("application/json", False),
        ("application/geo+json, text/html;q=0.5", False),
        ("text/html;q=0", False),
        ("text/html", True),
        ("text/html;q=0.9, */*;q=0.1", True),
        ("text/html;q=beaucoup", False),
    ],
)
def test_l_en_tete_accept_decide(client, db, accept, html):
    reponse = client.get("/ogc/", headers={"accept": accept})
    assert reponse["Content-Type"].startswith("text/html") is html


def test_une_forme_inconnue_est_refusee(client, db):
    reponse = client.get("/ogc/?f=xml")
    assert reponse.status_code == 400 and "json, html" in reponse.json()["description"]


def test_un_refus_se_lit_dans_la_forme_demandee(client, plan):
    adresse = "/ogc/collections/parcelles/items?bbox=6.4,47,6.3,48"
    page = client.get(adresse, headers=NAVIGATEUR)
    assert page.status_code == 400
    assert "dépasse" in page.content.decode() and page["Cache-Control"] == "no-store"
    absente = client.get("/ogc/collections/nulle_part", headers=NAVIGATEUR)
    assert absente.status_code == 404 and "nulle_part" in absente.content.decode()


def test_la_liste_pour_les_personnes_a_ses_mots_ses_pages_et_ses_formes(client, plan):
    texte = client.get("/ogc/collections/parcelles/items?limit=5", headers=NAVIGATEUR).content.decode()
    assert "13 objets" in texte and 'rel="next"' in texte and 'rel="prev"' not in texte
    assert "oui" in texte or "non" in texte
    suite = re.search(r'rel="next" href="([^"]+)"', texte)[1].replace("&amp;", "&")
    assert "f=html" in suite and 'rel="prev"' in client.get(suite).content.decode()
    vide = client.get("/ogc/collections/parcelles/items?numero=777", headers=NAVIGATEUR).content.decode()
    assert "Aucun objet" in vide and "Tout montrer" in vide


def test_une_page_ne_laisse_pas_passer_de_balises(client, plan):
    from cadastre.models import LieuDit

    LieuDit.objects.update(nom="<script>alert(1)</script>")
    texte = client.get("/ogc/collections/lieuxdits/items", headers=NAVIGATEUR).content.decode()
    assert "<script>alert" not in texte and "&lt;script&gt;alert" in texte


# --- OpenAPI ------------------------------------------------------------------------------------


def test_la_description_openapi_est_valide(client, plan):
    """Against the official schema of OpenAPI 3.0, which comes with schemathesis's own checks."""
    import schemathesis

    document = client.get("/ogc/api").json()
    assert document["openapi"].startswith("3.0")
    schema = schemathesis.openapi.from_dict(document)
    operations = [op.ok() for op in schema.get_all_operations()]
    assert len(operations) == 3 + 4 * len(PUBLIQUES)
    refs = set(re.findall(r'"\$ref": "#/components/([^"]+)"', __import__("json").dumps(document)))
    for ref in refs:
        genre, nom = ref.split("/")
        assert nom in document["components"][genre]


def test_la_description_dit_les_limites_et_les_proprietes(client, plan):
    document = client.get("/ogc/api").json()
    limite = document["components"]["parameters"]["limit"]["schema"]
    assert (limite["default"], limite["maximum"]) == (LIMITE, LIMITE_MAX)
    objets = document["paths"]["/collections/parcelles/items"]["get"]
    filtres = {p["name"] for p in objets["parameters"] if "name" in p}
    assert filtres == {a.nom for a in couche("parcelles").attributs}


def test_les_proprietes_qui_filtrent_sont_la_liste_fermee(client, plan):
    for nom in PUBLIQUES:
        reponse = client.get(f"/ogc/collections/{nom}/queryables")
        assert reponse["Content-Type"] == "application/schema+json"
        assert list(reponse.json()["properties"]) == [a.nom for a in couche(nom).attributs]

"""The parcel page, its GeoJSON and its plan."""

from __future__ import annotations

import html
import re
from datetime import date
from xml.etree import ElementTree

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cadastre.fiche import lire_fiche
from mairie import panneaux as registre
from mairie.panneaux import Panneau
from tests.cadastre import fabrique

pytestmark = pytest.mark.django_db
SVG = "{http://www.w3.org/2000/svg}"
# Queries of the panels of the trades, all together.
PANNEAUX = 12


def page(client, idu: str) -> str:
    reponse = client.get(f"/parcelles/{idu}/")
    assert reponse.status_code == 200
    return html.unescape(reponse.content.decode()).replace("\u202f", " ").replace("\xa0", " ")


def svg(client, idu: str) -> ElementTree.Element:
    brut = client.get(f"/parcelles/{idu}/").content.decode()
    return ElementTree.fromstring(re.search(r"<svg [^>]*plan-svg.*?</svg>", brut, re.S)[0])


def test_le_titre_et_les_surfaces(valbrune, client):
    texte = page(client, "25999000AB0001")
    assert "<title>Valbrune · AB 1 · Valbrune</title>" in texte
    assert "<h1>Valbrune · AB 1</h1>" in texte
    assert "1 200 m²" in texte and "12 a 00 ca" in texte
    assert "concorde" in texte and "hors tolérance" not in texte
    assert "25999000AB01" in texte and "1/2000" in texte and "15 janvier 2020" in texte
    assert "Plan de qualité P5" in texte


def test_un_ecart_de_contenance_se_voit_avec_sa_tolerance(valbrune, client):
    texte = page(client, "25999000AB0006")
    assert "hors tolérance" in texte
    assert "écart − 150 m²" in texte and "tolérance ± 15 m²" in texte


def test_toutes_les_ecritures_se_copient(valbrune, client):
    texte = page(client, "25999000AB0001")
    for ecriture in ("Valbrune AB 1", "25999000AB0001", "25999 000 AB 0001", "999000AB0001"):
        assert f'data-copier="{ecriture}"' in texte
    assert 'data-copier="http://testserver/parcelles/25999000AB0001/"' in texte


def test_l_adresse_et_le_lieu_dit(valbrune, client):
    texte = page(client, "25999000AB0001")
    assert "2 Rue du Moulin" in texte and "Le Grand Pre" in texte
    assert "aucun numéro au plan" in page(client, "25999000AB0004")


def test_les_batiments_touches_de_moins_d_un_metre_carre_ne_comptent_pas(valbrune, client):
    un = lire_fiche("25999000AB0001")
    assert [(b.nature, round(b.aire)) for b in un.batiments] == [("en dur", 80)]
    deux = lire_fiche("25999000AB0002")
    assert [(b.nature, b.aire, b.deborde) for b in deux.batiments] == [("léger", 150, True)]


def test_un_petit_batiment_compte_des_la_moitie(valbrune):
    f = fabrique.m.Parcelle.objects.get(idu="25999000AB0004")
    abri = fabrique.m.Batiment.objects.create(
        dur=None,
        nom="",
        geom=fabrique.rectangle(95, 5, 1, 1),
        surface_geometrique=1,
        **fabrique.commun(valbrune),
    )
    lien = fabrique.m.BatimentParcelle.objects.create(
        batiment=abri, parcelle=f, feuille=valbrune, aire=0.49, part=0.49
    )
    assert lire_fiche("25999000AB0004").batiments == []
    lien.part = 0.5
    lien.save()
    assert [b.nature for b in lire_fiche("25999000AB0004").batiments] == ["nature non indiquée"]


def test_les_voisines_ont_une_limite_commune(valbrune):
    assert [v.libelle for v in lire_fiche("25999000AB0002").voisines] == ["AB 1", "AB 3"]
    assert [round(v.frontiere) for v in lire_fiche("25999000AB0002").voisines] == [40, 40]
    # The enclave fills the hole.
    assert [v.libelle for v in lire_fiche("25999000AB0006").voisines] == ["AB 5"]


def test_un_simple_point_commun_n_est_pas_un_voisinage(valbrune):
    fabrique.parcelle("25999000AB0020", valbrune, fabrique.rectangle(120, 40, 10, 5))
    assert "AB 20" not in [v.libelle for v in lire_fiche("25999000AB0004").voisines]


def test_entre_deux_feuilles_un_leger_ecart_est_admis(valbrune):
    autre = fabrique.feuille("25999000AC01", date(2020, 1, 15), fabrique.rectangle(-100, -200, 400, 200))
    fabrique.parcelle("25999000AC0001", autre, fabrique.rectangle(0, -30.3, 30, 30))
    fabrique.parcelle("25999000AC0002", autre, fabrique.rectangle(40, -31, 30, 30))
    assert "AC 1" in [v.libelle for v in lire_fiche("25999000AB0001").voisines]
    assert "AC 2" not in [v.libelle for v in lire_fiche("25999000AB0002").voisines]


def test_les_particularites_et_les_lettres(valbrune, client):
    assert "arpentée" in page(client, "25999000AB0005")
    assert '<span class="lettre">z</span>' in page(client, "25999000AB0001")


def test_une_parcelle_supprimee_dit_ce_qu_elle_est_devenue(valbrune, client):
    texte = page(client, "25999000AB0008")
    assert "n'existe plus au plan depuis le 15 janvier 2020" in texte
    assert re.search(r'href="/parcelles/25999000AB0009/">AB 9</a> \(60 %\)', texte)
    assert re.search(r'href="/parcelles/25999000AB0010/">AB 10</a> \(40 %\)', texte)


def test_ce_qu_une_parcelle_est_devenue_n_est_pas_sa_voisine(valbrune, client):
    texte = page(client, "25999000AB0008")
    voisines = texte[texte.index("Parcelles voisines") :]
    assert "/parcelles/25999000AB0009/" not in voisines.split("Histoire")[0]


def test_l_histoire_est_un_arbre_vu_de_chaque_parcelle(valbrune, client):
    texte = page(client, "25999000AB0008")
    arbre = texte[texte.index('class="arbre"') :]
    assert arbre.index("AB 8") < arbre.index("AB 9") < arbre.index("AB 10")
    assert "reçoit 60 %" in arbre and "du 17/03/2014 au 15/01/2020" in arbre
    texte = page(client, "25999000AB0009")
    arbre = texte[texte.index('class="arbre"') :]
    assert arbre.index("AB 8") < arbre.index("AB 9") and "donne aussi 1 autre parcelle" in arbre
    assert "Inchangée depuis le premier plan chargé" in page(client, "25999000AB0001")


def test_une_histoire_qui_boucle_ne_bloque_pas(valbrune, client):
    m = fabrique.m
    a, b = m.Parcelle.objects.get(idu="25999000AB0009"), m.Parcelle.objects.get(idu="25999000AB0008")
    m.Filiation.objects.create(parent=a, enfant=b, aire_commune=1, part_parent="0.1", part_enfant="0.1")
    assert page(client, "25999000AB0008")


def test_une_parcelle_sans_contour_a_sa_page(valbrune, client):
    texte = page(client, "25999000AB0007")
    assert "n'a pas de contour au plan" in texte and "« non figurée »" in texte
    assert "plan-svg" not in texte and "Voir sur la carte" not in texte
    assert "1 234 m²" in texte


def test_un_identifiant_qui_n_a_jamais_existe_est_introuvable(valbrune, client):
    assert client.get("/parcelles/25999000AB9999/").status_code == 404
    assert client.get("/parcelles/25999000AB9999.geojson").status_code == 404
    assert client.get("/parcelles/n'importe quoi/").status_code == 404


@pytest.mark.parametrize(
    "ecrit", ["AB1", "AB 0001", "25999 AB 1", "25999 000 AB 0001", "999000AB0001", "valbrune ab 1"]
)
def test_une_autre_ecriture_renvoie_a_la_page(valbrune, client, ecrit):
    reponse = client.get(f"/parcelles/{ecrit}/")
    assert reponse.status_code == 302 and reponse.headers["Location"] == "/parcelles/25999000AB0001/"


def test_le_geojson_est_en_degres_avec_une_liste_fermee_de_proprietes(valbrune, client):
    reponse = client.get("/parcelles/25999000AB0005.geojson")
    assert reponse.headers["Content-Type"] == "application/geo+json"
    objet = reponse.json()
    assert objet["type"] == "Feature" and objet["geometry"]["type"] == "MultiPolygon"
    (anneaux,) = objet["geometry"]["coordinates"]
    assert len(anneaux) == 2
    x, y = anneaux[0][0]
    assert 5 < x < 7 and 46 < y < 48 and len(str(x).split(".")[1]) >= 8
    assert set(objet["properties"]) == {
        "idu", "commune", "prefixe", "section", "numero", "contenance", "surface_geometrique", "arpentee",
        "figuree", "feuille", "valide_du", "valide_au", "date_maj",
    }  # fmt: skip
    assert client.get("/parcelles/25999000AB0007.geojson").json()["geometry"] is None


def test_le_plan_a_un_titre_une_echelle_et_le_nord(valbrune, client):
    racine = svg(client, "25999000AB0001")
    assert racine.get("role") == "img"
    assert racine.get("aria-labelledby") == "plan-titre plan-description"
    assert racine.find(f"{SVG}title").text == "Plan de la parcelle AB 1, Valbrune"
    assert "Rue du Moulin" in racine.find(f"{SVG}desc").text
    textes = [t.text for t in racine.iter(f"{SVG}text")]
    assert {"AB 1", "2", "N", "Rue du Moulin"} <= set(textes)
    assert "style" not in ElementTree.tostring(racine, encoding="unicode").replace("font-style", "")


def test_le_plan_est_a_l_echelle_annoncee(valbrune, client):
    racine = svg(client, "25999000AB0001")
    denominateur = int(racine.get("data-denominateur"))
    choisie = next(p for p in racine.iter(f"{SVG}path") if p.get("stroke") == "#b4611a")
    xs = [int(x) for x in re.findall(r"[ML](-?\d+) ", choisie.get("d"))]
    # The parcel is 30 m wide; a unit is a tenth of a millimetre.
    assert (max(xs) - min(xs)) * denominateur / 10_000 == pytest.approx(30, abs=0.15)
    largeur = racine.get("viewBox").split()[2]
    assert largeur == "1400"


def test_un_nom_hostile_ne_sort_pas_de_son_texte(valbrune, client):
    fabrique.m.AxeVoie.objects.all().update(nom="<script>x</script>")
    brut = client.get("/parcelles/25999000AB0001/").content.decode()
    assert "<script>x" not in brut and "&lt;script&gt;x" in brut


def test_les_panneaux_absents_sont_non_charges(valbrune, client, monkeypatch):
    texte = page(client, "25999000AB0001")
    assert re.search(r"Établissements recevant du public : <span[^>]*>non chargé", texte)
    essai = Panneau("Essai", "bi-star", nombre=3)
    monkeypatch.setattr(registre, "_declarations", dict(registre._declarations))
    registre.declarer("parcelle", "essai", "Essai", "bi-star", lambda objet, qui: essai)
    registre.declarer("parcelle", "panne", "Panne", "bi-star", lambda objet, qui: 1 / 0)
    texte = page(client, "25999000AB0001")
    assert re.search(r"Essai\s*<span class=\"etiquette\">3</span>", texte)
    assert re.search(r"Panne : <span[^>]*>indisponible pour le moment", texte)


def test_le_nombre_de_requetes_ne_depend_pas_de_ce_qui_est_autour(
    valbrune, client, django_assert_num_queries
):
    with CaptureQueriesContext(connection) as requetes:
        client.get("/parcelles/25999000AB0001/")
    assert len(requetes) <= 16 + PANNEAUX
    for n in range(30, 60):
        p = fabrique.parcelle(f"25999000AB{n:04d}", valbrune, fabrique.rectangle(n - 30, -1, 1, 1))
        b = fabrique.m.Batiment.objects.create(dur="01", geom=p.geom, **fabrique.commun(valbrune))
        fabrique.m.BatimentParcelle.objects.create(batiment=b, parcelle=p, feuille=valbrune, aire=1, part=1)
    with django_assert_num_queries(len(requetes)):
        client.get("/parcelles/25999000AB0001/")


def test_une_parcelle_absente_dit_ce_que_sa_section_contient(valbrune, client):
    for adresse in ("/parcelles/25999000AB9999/", "/parcelles/25999000AB9999.geojson"):
        reponse = client.get(adresse)
        assert reponse.status_code == 404
        assert "Aucune parcelle AB 9999 à Valbrune. Section AB" in html.unescape(reponse.content.decode())


@pytest.mark.parametrize("ecrit", ["xxx", "%00", "AB", "x" * 5000, "25998 AB 1"])
def test_une_ecriture_sans_parcelle(valbrune, client, ecrit):
    reponse = client.get(f"/parcelles/{ecrit}/")
    assert reponse.status_code == 404
    assert "ne désigne pas une parcelle précise" in html.unescape(reponse.content.decode())


@pytest.mark.parametrize(
    "adresse",
    ["/", "/sante/", "/parcelles/25999000AB0001/", "/parcelles/25999000AB0001.geojson", "/cadastre/",
     "/cadastre/25999/", "/cadastre/25999/feuilles.csv", "/cadastre/feuilles/25999000AB01/",
     "/cadastre/millesimes/"],
)  # fmt: skip
def test_une_page_se_lit_et_ne_s_ecrit_pas(valbrune, client, adresse):
    for methode in (client.post, client.put, client.delete):
        assert methode(adresse).status_code == 405
    assert client.head(adresse).status_code == 200


@pytest.mark.parametrize("adresse", ["/cadastre/feuilles/%00/", "/carte/objet/parcelles/%00"])
def test_un_octet_nul_dans_une_adresse(valbrune, client, adresse):
    assert client.get(adresse).status_code == 404

"""Layers declared by a technician: from a file to the map, the click, the constraints."""

from __future__ import annotations

import io
from datetime import date

import pytest
import shapely

from gis_data.contraintes.calcul import contraintes
from gis_data.contraintes.declarees import registre, service
from gis_data.couches import CoucheInconnue, couche
from gis_data.models import CoucheDeclaree, ObjetDeclare
from gis_data.ouverture import FichierRefuse
from tests.gis_data.contraintes.plans import X0, Y0, carre
from tests.gis_data.ouverture.fabriques import ecrire, zipper
from tests.gis_data.test_tuiles import lire, tuile_de
from tests.personnes import agent
from tests.plan_factice import lonlat

pytestmark = pytest.mark.django_db
MOTEUR = "django.contrib.auth.backends.ModelBackend"
CHAMPS = [
    {"champ": "alea", "libelle": "Aléa", "genre": "texte"},
    {"champ": "cote", "libelle": "Cote", "genre": "reel"},
]


def fichier(tmp_path, formes=None, **champs):
    formes = formes or [carre(0, 0), carre(1, 1)]
    champs = champs or {
        "nom": ["Le Trou", "La Cave"], "alea": ["fort", "faible"], "cote": [12.5, 3.0],
        "proprietaire": ["X", "Y"],
    }  # fmt: skip
    return ecrire(tmp_path / "cavites.gpkg", formes, champs, layer="cavites")


def declarer(tmp_path, publique=True, champs=CHAMPS, **options) -> CoucheDeclaree:
    c = service.declarer("Cavités", "risques", source="Essai", publique=publique, **options)
    chemin = fichier(tmp_path)
    service.charger(c, chemin, chemin.name)
    service.publier(c, champs, champ_titre="nom")
    return c


def identifier(client, nom: str, x: float, y: float):
    lon, lat = lonlat(x, y)
    return client.get("/carte/identifier", {"lon": lon, "lat": lat, "zoom": 16, "couches": nom})


def test_une_couche_declaree_va_du_fichier_a_la_carte(plan, tmp_path, client):
    c = declarer(tmp_path)
    assert c.nom == "risques_cavites" and c.nombre == 2 and c.forme == "surface"
    tuile = lire(client, c.nom, 15, 50, 50)
    assert sorted(tuile[c.nom]["titre"]) == ["La Cave", "Le Trou"]
    (objet,) = identifier(client, c.nom, 50, 50).json()["objets"]
    assert objet["titre"] == "Le Trou"
    assert {(x["libelle"], x["valeur"]) for x in objet["lignes"]} >= {("Aléa", "fort"), ("Cote", "12,5")}
    descriptions = {d["nom"]: d for d in client.get("/carte/couches.json").json()["couches"]}
    assert descriptions[c.nom]["theme"] == "Risques" and descriptions[c.nom]["objets"] == 2
    assert "Cavités" in client.get("/carte/").content.decode()


def test_les_champs_non_gardes_sont_effaces_pour_de_bon(plan, tmp_path):
    declarer(tmp_path)
    assert all(set(o.attributs) == {"alea", "cote", "nom"} for o in ObjetDeclare.objects.all())
    assert "proprietaire" not in str(list(ObjetDeclare.objects.values()))


def test_une_couche_publique_ne_garde_pas_un_champ_qui_designe_une_personne(plan, tmp_path):
    c = service.declarer("Cavités", "risques", source="Essai", publique=True)
    chemin = fichier(tmp_path)
    service.charger(c, chemin, chemin.name)
    with pytest.raises(FichierRefuse, match="proprietaire"):
        service.publier(c, [{"champ": "proprietaire", "libelle": "Qui", "genre": "texte"}])
    with pytest.raises(FichierRefuse, match="proprietaire"):
        service.publier(c, [], champ_titre="proprietaire")
    c.refresh_from_db()
    assert c.chargee_le is None


def test_une_couche_interne_devenue_publique_est_refusee_si_elle_nomme_des_personnes(plan, tmp_path):
    c = declarer(
        tmp_path, publique=False, champs=[{"champ": "proprietaire", "libelle": "Qui", "genre": "texte"}]
    )
    with pytest.raises(FichierRefuse, match="proprietaire"):
        service.modifier(c, publique=True)
    c.refresh_from_db()
    assert c.publique is False


def test_tant_que_ses_champs_ne_sont_pas_choisis_une_couche_ne_montre_rien(plan, tmp_path, client):
    c = service.declarer("Cavités", "risques", source="Essai", publique=True)
    chemin = fichier(tmp_path)
    service.charger(c, chemin, chemin.name)
    assert lire(client, c.nom, 15, 50, 50) == {}
    r = contraintes(shapely.box(X0, Y0, X0 + 30, Y0 + 30), date(2026, 1, 1))
    assert {x.nom: x.etat.value for x in r.consultees}[c.nom] == "non_chargee"


def test_une_couche_annoncee_est_dite_non_chargee_sur_la_carte(plan, client):
    c = service.declarer("Argiles", "risques", source="Essai", publique=True)
    assert identifier(client, c.nom, 50, 50).json()["non_chargees"] == [c.nom]


def test_une_couche_declaree_compte_parmi_les_contraintes(plan, tmp_path):
    c = declarer(tmp_path)
    terrain = shapely.box(X0 + 50, Y0, X0 + 150, Y0 + 100)
    (lue,) = [x for x in contraintes(terrain, date(2026, 1, 1)).consultees if x.nom == c.nom]
    (objet,) = lue.objets
    assert (objet.libelle, objet.mesure, objet.pct, objet.nature) == ("Le Trou", 5000, 50.0, "risque")
    assert objet.details == (("Aléa", "fort"), ("Cote", "12.5"))
    service.modifier(c, contrainte=False)
    assert c.nom not in {x.nom for x in contraintes(terrain, date(2026, 1, 1)).consultees}


def test_une_couche_interne_n_existe_que_pour_les_agents_habilites(plan, tmp_path, client):
    c = declarer(tmp_path, publique=False)
    z, x, y = tuile_de(50, 50, 15)
    adresse = f"/tuiles/{c.nom}/{z}/{x}/{y}.pbf"
    assert client.get(adresse).status_code == 404
    assert identifier(client, c.nom, 50, 50).status_code == 404
    assert c.nom not in client.get("/carte/couches.json").content.decode()
    client.force_login(agent("mairie.lecteur"), backend=MOTEUR)
    assert client.get(adresse).status_code == 404
    client.force_login(agent("sig.lecteur"), backend=MOTEUR)
    reponse = client.get(adresse)
    assert reponse.status_code == 200 and reponse["Cache-Control"] == "private, no-store"


def test_une_couche_interne_d_une_commune_n_est_que_pour_ses_agents(plan, tmp_path, client):
    c = declarer(tmp_path, publique=False, communes=["25998"])
    z, x, y = tuile_de(50, 50, 15)
    for codes, statut in ((("25999",), 404), (("25998",), 200)):
        client.force_login(agent("sig.lecteur", codes=codes), backend=MOTEUR)
        assert client.get(f"/tuiles/{c.nom}/{z}/{x}/{y}.pbf").status_code == statut


def test_une_couche_d_une_autre_commune_ne_dit_rien_de_ce_terrain(plan, tmp_path, monkeypatch):
    c = declarer(tmp_path, communes=["25998"])
    terrain = shapely.box(X0 + 50, Y0, X0 + 150, Y0 + 100)

    def consultee():
        return [x for x in contraintes(terrain, date(2026, 1, 1)).consultees if x.nom == c.nom]

    monkeypatch.setattr("gis_data.contraintes.rencontres.communes_de", lambda wkb: [("25999", "Ici")])
    assert consultee() == []
    # On both sides of the boundary: found in one, and the other is said to have none.
    deux = [("25998", "Là-bas"), ("25999", "Ici")]
    monkeypatch.setattr("gis_data.contraintes.rencontres.communes_de", lambda wkb: deux)
    (lue,) = consultee()
    assert lue.objets and lue.ailleurs == ("Ici",)
    monkeypatch.setattr("gis_data.contraintes.rencontres.communes_de", lambda wkb: None)
    assert consultee()[0].ailleurs == ()


def test_un_nouveau_fichier_remplace_tout_ou_rien(plan, tmp_path, client):
    c = declarer(tmp_path)
    autre = ecrire(tmp_path / "n.gpkg", [carre(0, 0)], {"alea": ["nul"]}, layer="n")
    with pytest.raises(FichierRefuse, match="cote"):
        service.charger(c, autre, autre.name)
    c.refresh_from_db()
    assert c.objets.count() == 2 and c.version == 1
    bon = ecrire(
        tmp_path / "b.gpkg", [carre(0, 0)], {"nom": ["Neuf"], "alea": ["nul"], "cote": [1.0], "x": [1]}
    )
    service.charger(c, bon, bon.name)
    c.refresh_from_db()
    assert (c.nombre, c.version) == (1, 2)
    assert ObjetDeclare.objects.get().attributs == {"alea": "nul", "cote": 1.0, "nom": "Neuf"}
    assert ObjetDeclare.objects.get().titre == "Neuf"
    assert list(lire(client, c.nom, 15, 50, 50)[c.nom]["titre"]) == ["Neuf"]


def test_lignes_points_et_formes_melees_se_dessinent(plan, tmp_path, client):
    for nom, formes in (
        ("lignes", [shapely.LineString([(X0, Y0), (X0 + 60, Y0 + 60)])]),
        ("points", [shapely.Point(X0 + 50, Y0 + 50)]),
    ):
        c = service.declarer(nom, "sig", source="Essai", publique=True)
        chemin = ecrire(tmp_path / f"{nom}.gpkg", formes, {"a": ["x"]})
        service.charger(c, chemin, chemin.name)
        service.publier(c, [])
        assert f"sig_{nom}_{nom}" in lire(client, c.nom, 15, 50, 50)


@pytest.mark.parametrize(
    ("octets", "nom", "mot"),
    [
        (b"pas un gpkg", "a.gpkg", "GeoPackage"),
        (b'{"type":"FeatureCollection","features":[]}', "a.geojson", "aucune géométrie"),
        (b"x", "a.kml", "n'est pas accepté"),
        (
            b'{"type":"Feature","properties":{},"geometry":{"type":"Point","coordinates":[100,10]}}',
            "a.geojson",
            "hors du territoire",
        ),
    ],
)
def test_un_mauvais_fichier_est_refuse_et_rien_n_est_garde(plan, octets, nom, mot):
    c = service.declarer("Cavités", "risques", source="Essai")
    with pytest.raises(FichierRefuse, match=mot):
        service.charger(c, io.BytesIO(octets), nom)
    assert not ObjetDeclare.objects.exists()


def test_un_shapefile_sans_table_ou_de_plusieurs_couches_dit_quoi_faire(plan, tmp_path):
    c = service.declarer("Cavités", "risques", source="Essai")
    ecrire(tmp_path / "a.shp", [carre(0, 0)], {"A": ["a"]})
    with pytest.raises(FichierRefuse, match=r"a\.dbf"):
        service.charger(c, io.BytesIO(zipper(tmp_path, sauf=(".dbf",))), "a.zip")
    ecrire(tmp_path / "b.shp", [carre(0, 0)], {"A": ["a"]})
    with pytest.raises(FichierRefuse, match="plusieurs couches"):
        service.charger(c, io.BytesIO(zipper(tmp_path)), "a.zip")
    assert service.charger(c, io.BytesIO(zipper(tmp_path)), "a.zip", couche_du_fichier="b").nombre == 1


def test_une_couche_retiree_disparait_partout(plan, tmp_path, client):
    c = declarer(tmp_path)
    assert lire(client, c.nom, 15, 50, 50)
    service.supprimer(c)
    z, x, y = tuile_de(50, 50, 15)
    assert client.get(f"/tuiles/risques_cavites/{z}/{x}/{y}.pbf").status_code == 404
    with pytest.raises(CoucheInconnue):
        couche("risques_cavites")
    assert not ObjetDeclare.objects.exists()


def test_deux_couches_de_meme_nom_ont_deux_noms_techniques(plan):
    noms = [service.declarer("Cavités", "risques", source="Essai").nom for _ in range(3)]
    assert noms == ["risques_cavites", "risques_cavites_2", "risques_cavites_3"]


def test_un_champ_au_nom_piege_ne_casse_pas_la_requete(plan, tmp_path, client):
    piege = "a'; DROP TABLE x; -- %s"
    c = service.declarer("Piège", "sig", source="Essai", publique=True)
    chemin = fichier(tmp_path, [carre(0, 0)], **{piege: ["v"]})
    service.charger(c, chemin, chemin.name)
    service.publier(c, [{"champ": piege, "libelle": "Piège", "genre": "texte"}])
    (objet,) = identifier(client, c.nom, 50, 50).json()["objets"]
    assert ("Piège", "v") in {(x["libelle"], x["valeur"]) for x in objet["lignes"]}
    assert lire(client, c.nom, 15, 50, 50)


def test_le_registre_ne_relit_que_si_quelque_chose_a_change(
    plan, tmp_path, client, django_assert_num_queries
):
    declarer(tmp_path)
    registre.rafraichir()
    with django_assert_num_queries(0):
        registre.rafraichir()

"""Screens of streets and numbers over HTTP: rights, entry, map, export, search."""

from __future__ import annotations

import html
import re

import pytest
from django.test import Client

from mairie.adresses import parcelles
from mairie.adresses.service import recevoir_plan
from mairie.models import Adresse, BaseAdresses, EcartAdresse, JournalActe, Voie
from tests.mairie.adresses.fabrique import MOULIN, adresse, au_plan, degres, point, voie
from tests.personnes import AUTRE_INSEE, INSEE, agent, commune

pytestmark = pytest.mark.django_db
IDU = f"{INSEE}000AB0001"


@pytest.fixture(autouse=True)
def _communes(monkeypatch):
    commune(INSEE, "Valbrune"), commune(AUTRE_INSEE)
    monkeypatch.setattr(parcelles, "_fournisseurs", [lambda x, y: IDU if x < 900_500 else None])


def connecter(*roles: str, codes=(INSEE,)) -> Client:
    client = Client()
    client.force_login(agent(*roles, codes=codes), backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def gestion():
    return connecter("mairie.administrateur")


@pytest.fixture
def lecture():
    return connecter("mairie.lecteur")


def texte(reponse) -> str:
    return html.unescape(reponse.content.decode())


def saisie(numero=7, x=5.0, **champs) -> dict:
    lon, lat = degres(point(x, 5))
    return {
        "numero": numero,
        "suffixe": "",
        "longitude": f"{lon:.7f}".replace(".", ","),
        "latitude": f"{lat:.7f}",
        "complement": "",
        "type_position": "",
        "idus": "",
        **champs,
    }


def test_l_etat_des_bases_dit_ce_qui_reste(gestion):
    rue = voie()
    adresse(rue, 1, certifiee=True)
    adresse(rue, 2, position=None)
    adresse(voie("Rue d'ailleurs", AUTRE_INSEE), 1)
    page = texte(gestion.get("/adresses/"))
    assert "Valbrune" in page and AUTRE_INSEE not in page
    assert "(50 %)" in page and f"/adresses/{INSEE}/bal.csv" in page
    assert f"/adresses/numeros/?commune={INSEE}&placee=0" in page


def test_une_base_vide_dit_comment_commencer(lecture):
    assert "importer_ban" in texte(lecture.get("/adresses/"))


def test_saisir_une_voie_puis_un_numero(gestion):
    gestion.post(
        "/adresses/voies/nouveau/",
        {"nature": "voie", "nom": "Rue du Moulin", "code": "25999 0050", "insee": INSEE},
    )
    rue = Voie.objects.get()
    assert (rue.insee, rue.code, rue.type_voie, rue.source) == (INSEE, "0050", "rue", "saisie")
    reponse = gestion.post(f"/adresses/voies/{rue.pk}/numero/", saisie(suffixe="BIS"))
    assert reponse.headers["Location"] == f"/adresses/voies/{rue.pk}/"
    a = Adresse.objects.get()
    assert (a.numero, a.suffixe, a.parcelles, a.insee) == (7, "bis", [IDU], INSEE)
    assert a.position.distance(point(5, 5)) < 0.02
    assert JournalActe.objects.filter(action="mairie.adresse_modifiee", insee=INSEE).exists()


FAUTES = [
    ({"numero": "10000"}, "9999"),
    ({"numero": ""}, "obligatoire"),
    ({"suffixe": "é"}, "sans accent"),
    ({"latitude": ""}, "les deux coordonnées"),
    ({"longitude": "abc"}, ""),
    ({"longitude": "181"}, "180"),
    ({"idus": "AB 12"}, "n'est pas un identifiant de parcelle"),
    ({"longitude": "", "latitude": "", "certifiee": "on"}, "Placez l'adresse"),
]


@pytest.mark.parametrize(
    ("cherche", "trouves"),
    [("7 moulin", ["7"]), ("moulin", ["7", "12"]), ("12", ["12"]), ("9" * 30, []), ("place", [])],
)
def test_la_liste_des_numeros_se_cherche(lecture, cherche, trouves):
    rue = voie("Rue du Moulin")
    for numero in (7, 12):
        adresse(rue, numero)
    page = texte(lecture.get("/adresses/numeros/", {"q": cherche}))
    assert [n for n in ("7", "12") if f"{n} Rue du Moulin" in page] == trouves


@pytest.mark.parametrize(("faute", "message"), FAUTES)
def test_une_faute_est_dite_et_la_saisie_gardee(gestion, faute, message):
    rue = voie()
    reponse = gestion.post(f"/adresses/voies/{rue.pk}/numero/", saisie(complement="Le Pré", **faute))
    page = texte(reponse)
    assert reponse.status_code == 422 and message in page and 'value="Le Pré"' in page
    assert not Adresse.objects.exists()


def test_un_numero_deja_pris_est_refuse(gestion):
    rue = voie()
    adresse(rue, 7)
    assert "Le 7 existe déjà" in texte(gestion.post(f"/adresses/voies/{rue.pk}/numero/", saisie()))


def test_une_voie_de_meme_nom_est_refusee(gestion):
    voie("Rue du Moulin")
    reponse = gestion.post(
        "/adresses/voies/nouveau/", {"nature": "voie", "nom": "rue du MOULIN", "insee": INSEE}
    )
    assert "Une voie porte déjà ce nom" in texte(reponse) and Voie.objects.count() == 1


@pytest.mark.parametrize("nom", ["=1+1", "RUE DU MOULIN", "ab"])
def test_un_nom_que_la_base_nationale_refuse_l_est_ici(gestion, nom):
    reponse = gestion.post("/adresses/voies/nouveau/", {"nature": "voie", "nom": nom, "insee": INSEE})
    assert reponse.status_code == 422 and not Voie.objects.exists()


def test_corriger_un_numero(gestion):
    a = adresse(voie(), 7, position=point(5, 5))
    page = texte(gestion.get(f"/adresses/numeros/{a.pk}/"))
    assert f"{INSEE}_xxxx_00007" in page
    gestion.post(f"/adresses/numeros/{a.pk}/", saisie(x=30, certifiee="on", active="on", version=a.version))
    a.refresh_from_db()
    assert a.certifiee and a.certifiee_le and a.position.distance(point(30, 5)) < 0.02 and a.version == 2


def test_ce_qui_n_est_pas_deplace_garde_sa_place_au_millimetre(gestion):
    a = adresse(voie(), 7, position=point(5.1234, 5))
    gestion.post(f"/adresses/numeros/{a.pk}/", saisie(x=5.1234, complement="Le Pré", active="on", version=1))
    a.refresh_from_db()
    assert a.position == point(5.1234, 5) and a.complement == "Le Pré"


def test_deux_agents_sur_un_numero_le_second_est_prevenu(gestion):
    a = adresse(voie(), 7, position=point(5, 5))
    gestion.post(f"/adresses/numeros/{a.pk}/", saisie(x=30, active="on", version=1))
    reponse = gestion.post(f"/adresses/numeros/{a.pk}/", saisie(x=90, active="on", version=1))
    assert reponse.status_code == 422 and "après que vous l'avez ouverte" in texte(reponse)
    a.refresh_from_db()
    assert a.position.distance(point(30, 5)) < 0.02


def test_placer_un_numero_depuis_la_carte(gestion):
    a = adresse(voie(), 7, position=point(5, 5), parcelles=[])
    lon, lat = degres(point(40, 5))
    reponse = gestion.post(f"/adresses/numeros/{a.pk}/placer/", {"lon": lon, "lat": lat, "version": 1})
    assert reponse.json() == {"version": 2, "parcelles": [IDU]}
    a.refresh_from_db()
    assert a.position.distance(point(40, 5)) < 0.02 and "position" in a.saisis
    reponse = gestion.post(f"/adresses/numeros/{a.pk}/placer/", {"lon": lon, "lat": lat, "version": 1})
    assert reponse.status_code == 409 and "modifiée" in reponse.json()["message"]


@pytest.mark.parametrize(
    ("lon", "lat"), [("x", "1"), ("", ""), ("nan", "nan"), ("inf", "1"), ("200", "1"), ("1", "91")]
)
def test_un_point_insense_est_refuse(gestion, lon, lat):
    a = adresse(voie(), 7, position=point(5, 5))
    reponse = gestion.post(f"/adresses/numeros/{a.pk}/placer/", {"lon": lon, "lat": lat, "version": 1})
    assert reponse.status_code == 400 and reponse.json()["message"]
    a.refresh_from_db()
    assert a.position == point(5, 5)


def test_une_autre_commune_est_introuvable(gestion):
    rue = voie("Rue d'ailleurs", AUTRE_INSEE)
    a = adresse(rue, 1)
    rue_, numero = f"/adresses/voies/{rue.pk}/", f"/adresses/numeros/{a.pk}/"
    for chemin in (rue_, f"{rue_}modifier/", f"{rue_}numero/", numero):
        assert gestion.get(chemin).status_code == 404, chemin
    for chemin in (f"{rue_}modifier/", f"{rue_}numero/", numero, f"{numero}placer/"):
        assert gestion.post(chemin, {"lon": 1, "lat": 1, "version": 1}).status_code == 404, chemin
    assert JournalActe.objects.filter(nature="refus").count() == 8
    for liste in ("/adresses/voies/", "/adresses/numeros/"):
        assert "Rue d'ailleurs" not in texte(gestion.get(liste))


def test_qui_lit_ne_modifie_pas(lecture):
    rue = voie()
    a = adresse(rue, 1)
    assert lecture.get(f"/adresses/numeros/{a.pk}/").status_code == 200
    assert 'name="numero"' not in texte(lecture.get(f"/adresses/numeros/{a.pk}/"))
    assert 'id="placement"' not in texte(lecture.get(f"/adresses/voies/{rue.pk}/"))
    for chemin in (
        f"/adresses/numeros/{a.pk}/",
        f"/adresses/numeros/{a.pk}/placer/",
        f"/adresses/voies/{rue.pk}/numero/",
    ):
        assert lecture.post(chemin, saisie()).status_code == 403, chemin
    assert Adresse.objects.count() == 1


def test_le_droit_ne_passe_pas_d_une_commune_a_l_autre():
    moi = agent("mairie.administrateur")
    agent("mairie.lecteur", codes=(AUTRE_INSEE,), email=moi.email)
    client = Client()
    client.force_login(moi, backend="django.contrib.auth.backends.ModelBackend")
    rue = voie("Rue d'ailleurs", AUTRE_INSEE)
    a = adresse(rue, 1)
    assert client.get(f"/adresses/voies/{rue.pk}/").status_code == 200
    for chemin in (
        f"/adresses/numeros/{a.pk}/",
        f"/adresses/numeros/{a.pk}/placer/",
        f"/adresses/voies/{rue.pk}/numero/",
    ):
        assert client.post(chemin, saisie(version=1)).status_code == 403, chemin
    client.post("/adresses/voies/nouveau/", {"nature": "voie", "nom": "Rue forgée", "insee": AUTRE_INSEE})
    assert not Voie.objects.filter(nom="Rue forgée").exists()


def test_les_ecarts_se_tranchent_de_la_liste(gestion):
    adresse(voie(), 1, position=point(0, 5))
    recevoir_plan(INSEE, [MOULIN], [au_plan("1", 40)])
    page = texte(gestion.get("/adresses/ecarts/"))
    assert "position différente" in page and "à 40,0 m" in page and "1 Rue du Moulin" in page
    ecart = EcartAdresse.objects.get()
    gestion.post("/adresses/ecarts/", {"action": "prendre", "objets": [ecart.pk], "confirme": "1"})
    ecart.refresh_from_db()
    assert ecart.decision == "prendre" and Adresse.objects.get().position == point(40, 5)
    assert "Aucun écart" in texte(gestion.get("/adresses/ecarts/"))


def test_certifier_par_lot_dit_ce_qui_ne_peut_pas_l_etre(gestion):
    rue = voie()
    une, deux = adresse(rue, 1), adresse(rue, 2, position=None)
    reponse = gestion.post(
        "/adresses/numeros/",
        {"action": "certifier", "objets": [une.pk, deux.pk], "confirme": "1"},
        follow=True,
    )
    une.refresh_from_db(), deux.refresh_from_db()
    assert une.certifiee and not deux.certifiee
    assert "n'est pas placée" in texte(reponse)


def test_l_export_est_ouvert_a_tous_et_sans_commune_inconnue(client):
    adresse(voie(), 1)
    reponse = client.get(f"/adresses/{INSEE}/bal.csv")
    assert reponse["Content-Type"] == "text/csv; charset=utf-8"
    assert reponse["Content-Disposition"] == f'attachment; filename="bal-{INSEE}.csv"'
    assert reponse.content.decode().splitlines()[1].startswith(f";;;{INSEE}_xxxx_00001;{INSEE};Valbrune;")
    for faux in ("00000", "zzz", AUTRE_INSEE):
        assert client.get(f"/adresses/{faux}/bal.csv").status_code == 404


def test_regler_la_base(gestion):
    base = BaseAdresses.objects.create(insee=INSEE)
    page = gestion.get(f"/adresses/bases/{base.pk}/modifier/").content.decode()
    depart = html.unescape(re.search(r'name="_depart" value="([^"]*)"', page)[1])
    national = "0246e48c-f33d-433a-8984-034219be842e"
    gestion.post(
        f"/adresses/bases/{base.pk}/modifier/",
        {"code_postal": "25999", "id_ban_commune": national, "_depart": depart},
    )
    base.refresh_from_db()
    assert (base.code_postal, str(base.id_ban_commune)) == ("25999", national)


@pytest.mark.parametrize(
    ("q", "trouve"),
    [
        ("7 rue du moulin", True),
        ("7 r du moulin valbrune", True),
        ("7 bis rue du moulin", False),
        ("8 rue du moulin", False),
    ],
)
def test_la_recherche_trouve_ce_que_le_plan_n_a_pas(client, q, trouve):
    a = adresse(voie(), 7, parcelles=[IDU])
    resultats = client.get("/recherche/", {"q": q}, headers={"accept": "application/json"}).json()[
        "resultats"
    ]
    assert bool([r for r in resultats if r["titre"] == "7 Rue du Moulin"]) is trouve
    if trouve:
        assert resultats[0]["url"] == f"/parcelles/{IDU}/" and resultats[0]["point"]
        agente = connecter("mairie.lecteur")
        lu = agente.get("/recherche/", {"q": q}, headers={"accept": "application/json"}).json()["resultats"]
        assert lu[0]["url"] == f"/adresses/numeros/{a.pk}/"


def test_la_recherche_laisse_au_cadastre_ce_qui_est_au_plan(client):
    recevoir_plan(INSEE, [MOULIN], [au_plan("7", 5)])
    for q in ("7 rue du moulin", "rue du moulin"):
        assert (
            client.get("/recherche/", {"q": q}, headers={"accept": "application/json"}).json()["resultats"]
            == []
        )


def test_une_voie_saisie_se_cherche(client):
    voie("Impasse de l'Étang")
    lu = client.get("/recherche/", {"q": "impasse etang"}, headers={"accept": "application/json"}).json()
    assert [r["titre"] for r in lu["resultats"]] == ["Impasse de l'Étang"]


def test_choisir_une_adresse_dans_un_formulaire(lecture):
    rue = voie()
    a = adresse(rue, 7, "bis", parcelles=[IDU])
    adresse(voie("Rue du Moulin", AUTRE_INSEE), 7)
    assert lecture.get("/adresses/choisir/", {"q": "7 rue du mou"}).json()["adresses"] == [
        {"voie": rue.pk, "adresse": a.pk, "texte": "7 bis Rue du Moulin", "insee": INSEE, "parcelles": [IDU]}
    ]
    assert [x["texte"] for x in lecture.get("/adresses/choisir/", {"q": "moulin"}).json()["adresses"]] == [
        "Rue du Moulin"
    ]
    assert lecture.get("/adresses/choisir/", {"q": ""}).json() == {"adresses": []}

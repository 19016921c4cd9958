"""Field reports: received once, tied to the title found, an infraction and its bill; measures and DiaLog."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from io import BytesIO
from uuid import uuid4

import pytest
import shapely
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from domainepublic import constats, releves, tarifs
from domainepublic.models import Constat, DossierODP, LigneFacturable
from domainepublic.regles import vehicules
from domainepublic.regles.tables import dialog as table
from gis_data.dessin.lecture import en_geojson
from mairie.hors_ligne.reception import cle_personne
from mairie.models import Piece, Voie
from mairie.workflow import Refus
from tests.domainepublic.fabrique_odp import accorde, acteur, dossier, emprise, ligne, personne, rect, type_
from tests.domainepublic.test_ecrans_odp import client_de, texte
from tests.domainepublic.test_redevances_odp import grille
from tests.personnes import AUTRE_INSEE, INSEE, agent

pytestmark = pytest.mark.usefixtures("aller")
NOUVEAU = f"/terrain/constat/nouveau-{INSEE}-1/"


def photo() -> SimpleUploadedFile:
    octets = BytesIO()
    Image.new("RGB", (8, 8), "grey").save(octets, "JPEG")
    return SimpleUploadedFile("vue.jpg", octets.getvalue(), "image/jpeg")


def position(geom=None) -> str:
    p = (geom or rect()).centroid.transform(4326, clone=True)
    return f"{p.x:.7f} {p.y:.7f} 6.4"


def terrain(role: str = "assermente") -> tuple[Client, dict[str, str]]:
    compte = agent(f"domainepublic.{role}", codes=(INSEE,))
    client = client_de(role)
    return client, {"personne": cle_personne(compte), "version": "0", "vu_le": "2026-06-10T10:00"}


def envoyer(client: Client, commun: dict, adresse: str = NOUVEAU, uuid=None, **champs):
    corps = {**commun, "client_uuid": str(uuid or uuid4()), **champs}
    return client.post(adresse, corps, headers={"accept": "application/json"})


def test_un_constat_sans_titre_arrive_une_fois_avec_sa_photo_intacte(aller):
    type_("BENNE")
    aller(date(2026, 6, 10))
    client, commun = terrain()
    uuid = uuid4()
    champs = {"conclusion": "sans_titre", "type": "BENNE", "position": position(), "texte": "Gravats"}
    vue = photo()
    octets = vue.read()
    for attendu in (False, True):
        vue.seek(0)
        reponse = envoyer(client, commun, uuid=uuid, photos=[vue], **champs)
        assert reponse.status_code == 200, reponse.json()
        assert reponse.json().get("deja", False) is attendu
    c = Constat.objects.get()
    assert (c.numero, c.etat, c.precision_m) == ("CST-25999-2026-00001", "a_traiter", Decimal("6.4"))
    assert c.geom is not None and rect().distance(c.geom) < 0.1
    (piece,) = Piece.objects.du_dossier(c)
    with piece.fichier.open("rb") as garde:
        assert garde.read() == octets


@pytest.mark.parametrize(
    ("brut", "gardee"), [("2 48 1e40", "9999.0"), ("2 48 99999999", "9999.0"), ("2 48 -3", "0.0")]
)
def test_une_precision_demesuree_se_borne_et_n_arrete_rien(brut, gardee):
    assert constats.lire_position(brut)["precision"] == Decimal(gardee)


@pytest.mark.parametrize(
    ("champs", "attendu"),
    [
        ({"conclusion": "sans_titre", "type": "BENNE"}, "Prenez la position"),
        ({"conclusion": "sans_titre", "lieu": "ici"}, "quel type d'occupation"),
        ({"conclusion": "conforme", "position": "six quarante"}, "Deux nombres"),
        ({"conclusion": "conforme", "position": "nan 2"}, "Deux nombres"),
        ({"conclusion": "conforme", "position": "2 48 inf"}, "Deux nombres"),
        ({"conclusion": "conforme", "position": "2.35 48.85 5"}, "hors de la commune"),
        ({"conclusion": "conforme", "lieu": "ici", "vu_le": "2026-06-11T10:00"}, "dans l'avenir"),
    ],
)
def test_un_constat_faux_attend_d_etre_corrige(aller, champs, attendu):
    type_("BENNE")
    aller(date(2026, 6, 10))
    client, commun = terrain()
    reponse = envoyer(client, commun, **champs)
    assert reponse.status_code == 422 and attendu in json.dumps(reponse.json(), ensure_ascii=False)
    faux = SimpleUploadedFile("vue.jpg", b"pas une image", "image/jpeg")
    assert envoyer(client, commun, conclusion="conforme", lieu="ici", photos=[faux]).status_code == 422
    assert not Constat.objects.exists()


def test_un_controle_se_rattache_au_titre_de_la_fiche_ou_du_lieu(aller):
    d = accorde(dossier())
    aller(date(2026, 6, 10))
    client, commun = terrain()
    accueil = texte(client.get("/terrain/"))
    assert "Nouveau constat n° 1" in accueil and d.numero in accueil
    fiche = f"/terrain/constat/dossier-{d.pk}/"
    assert d.numero in texte(client.get(fiche))
    assert envoyer(client, commun, fiche, conclusion="conforme", lieu="sur place").status_code == 200
    assert envoyer(client, commun, conclusion="non_conforme", position=position()).status_code == 200
    assert [c.dossier for c in Constat.objects.all()] == [d, d]
    assert "CST-25999-2026-00002" in texte(client.get(d.get_absolute_url()))
    # Neither another commune nor another role may.
    assert client_de("assermente", insee=AUTRE_INSEE).get(fiche).status_code == 404
    assert client_de("lecture").get(fiche).status_code == 403


def constat(aller, **champs) -> Constat:
    type_("BENNE")
    aller(date(2026, 6, 10))
    from django.utils import timezone

    options = {
        "conclusion": "sans_titre", "type": type_("BENNE"), "position": rect().centroid, "photos": [photo()],
        **champs,
    }  # fmt: skip
    return constats.dresser(
        constats.NouveauConstat(insee=INSEE, vu_le=timezone.now(), client_uuid=uuid4(), **options),
        par=acteur("assermente"),
    )


def test_un_constat_sans_titre_ouvre_une_infraction_puis_se_facture_une_fois(aller):
    grille(prix="2.00")
    c = constat(aller, quantite=Decimal(8), jours_estimes=3)
    client = client_de("assermente")
    assert client.post(f"{c.get_absolute_url()}infraction/", {}).status_code == 302
    d = DossierODP.objects.get()
    assert (d.etat, d.canal, d.numero) == ("infraction", "terrain", "ODP-25999-2026-00001")
    c.refresh_from_db()
    assert c.dossier == d and c.etat == "rattache"
    assert constats.ouvrir_infraction(c, None, par=acteur("assermente")) == d
    with pytest.raises(Refus, match="qui occupait"):
        constats.facturer_sans_titre(d, date(2026, 6, 10))
    DossierODP.objects.filter(pk=d.pk).update(demandeur=personne())
    d.refresh_from_db()
    with pytest.raises(Refus, match="n'est pas passé"):
        constats.facturer_sans_titre(d, date(2026, 6, 11))
    aller(date(2026, 6, 12))
    finances = client_de("finances")
    ici = f"{d.get_absolute_url()}facturer-sans-titre/"
    for _ in range(2):
        finances.post(ici, {"jusqu_au": "2026-06-12"})
    x = LigneFacturable.objects.get()
    attendu = constats.prix_sans_titre(d, date(2026, 6, 12))
    assert attendu is not None and x.montant == attendu.montant and x.entree["occupation"]["sans_titre"]


def tarif(unite: str, code: str = "BENNE") -> None:
    type_(code)
    g = grille()
    g.tarifs.all().delete()
    tarifs.enregistrer_tarif(g, code, {"type": code, "unite": unite, "periode": "jour", "prix": "2.00"})


@pytest.mark.parametrize(
    ("unite", "releve", "quantite", "source"),
    [
        ("m2", {"quantite": "3.50", "dessin": rect()}, "3.50", "écrite par l'agent"),
        ("m2", {"dessin": rect(), "longueur_m": "9", "largeur_m": "1"}, "8.00", "mesurée sur le dessin"),
        ("ml", {"dessin": rect()}, "4.00", "mesurée sur le dessin"),
        ("ml", {"dessin": ligne(longueur=12)}, "12.00", "mesurée sur le dessin"),
        ("m2", {"dessin": ligne(longueur=12), "largeur_m": "1.5"}, "18.00", "mesurée sur le dessin"),
        ("m2", {"dessin": ligne(longueur=12)}, "1", "faute de mesure : à corriger"),
        ("m2", {"longueur_m": "5.5", "largeur_m": "2"}, "11.00", "d'après les dimensions relevées"),
        ("ml", {"longueur_m": "5.5"}, "5.50", "d'après les dimensions relevées"),
        ("m2", {"longueur_m": "5.5"}, "1", "faute de mesure : à corriger"),
        ("unite", {"dessin": rect()}, "1", "une, faute d'autre nombre"),
    ],
)
def test_la_quantite_proposee_vient_de_ce_qui_est_mesure(aller, unite, releve, quantite, source):
    code = "BENNE" if unite == "unite" else "ECHAF"
    tarif(unite, code)
    champs = {n: Decimal(v) if isinstance(v, str) else v for n, v in releve.items()}
    c = constat(aller, type=type_(code), **champs)
    proposee = releves.proposer(c)
    assert proposee is not None
    assert (proposee.valeur, proposee.unite, proposee.source) == (Decimal(quantite), unite, source)


def test_ce_qui_est_mesure_sur_place_se_garde_se_montre_et_se_facture(aller):
    """Drawn on the phone: kept, shown, proposed; the agent's own figure wins; the ground is that drawn."""
    tarif("m2")
    aller(date(2026, 6, 10))
    client, commun = terrain()
    forme = json.dumps(en_geojson(shapely.from_wkb(bytes(rect().wkb))))
    champs = {
        "conclusion": "sans_titre",
        "type": "BENNE",
        "dessin": forme,
        "longueur_m": "4",
        "largeur_m": "2",
    }
    # The drawing is a place: no position of the device is needed.
    reponse = envoyer(client, commun, photos=[photo()], **champs)
    assert reponse.status_code == 200, reponse.json()
    c = Constat.objects.get()
    assert c.dessin is not None and c.dessin.area == pytest.approx(8, abs=0.01)
    assert c.geom is not None and rect().contains(c.geom) and c.precision_m is None
    reponse = client.get(c.get_absolute_url())
    assert "<svg" in reponse.content.decode()
    for mot in ("surface de 8 m²", "longueur 4 m, largeur 2 m", "Proposée : 8 m², mesurée sur le dessin."):
        assert mot in texte(reponse)
    ici = f"{c.get_absolute_url()}infraction/"
    assert "supérieur à 0" in texte(client.post(ici, {"quantite": "0"}, follow=True))
    assert client.post(ici, {"quantite": "7,5"}).status_code == 302
    e = DossierODP.objects.get().emprises.get()
    assert (e.quantite, e.quantite_source, e.unite) == (Decimal("7.50"), "saisie", "m2")
    assert e.surface.area == pytest.approx(8, abs=0.01), "le sol dessiné, et non un rond"
    loin = json.dumps(en_geojson(shapely.from_wkb(bytes(rect(50_000).wkb))))
    refus = envoyer(client, commun, conclusion="conforme", dessin=loin, lieu="ici")
    assert refus.status_code == 422 and "hors de la commune" in refus.json()["erreur"]
    assert envoyer(client, commun, conclusion="conforme", lieu="ici", longueur_m="0").status_code == 422


def test_un_constat_se_rattache_ou_se_classe_avec_un_motif(aller):
    d = accorde(dossier())
    c, autre = constat(aller, conclusion="non_conforme"), constat(aller)
    client = client_de("assermente")
    client.post(f"{c.get_absolute_url()}rattacher/", {"numero": "ODP-25999-2026-99999"})
    c.refresh_from_db()
    assert c.etat == "a_traiter"
    client.post(f"{c.get_absolute_url()}rattacher/", {"numero": d.numero})
    client.post(f"{autre.get_absolute_url()}classer/", {"motif": " "})
    autre.refresh_from_db()
    assert autre.etat == "a_traiter"
    client.post(f"{autre.get_absolute_url()}classer/", {"motif": "Place libérée aussitôt."})
    c.refresh_from_db()
    autre.refresh_from_db()
    assert (c.dossier, c.etat, autre.etat) == (d, "rattache", "sans_suite")
    assert "CST-25999-2026-00001" in texte(client.get("/domaine-public/constats/"))


# --- traffic measures, DiaLog ---------------------------------------------------------------------


def mesure(**champs) -> dict[str, str]:
    return {
        "type": "circulation_interdite",
        "debut": "2026-06-01",
        "fin": "2026-06-30",
        "sens": "deux",
        **champs,
    }


@pytest.mark.parametrize(
    ("champs", "attendu"),
    [
        ({"fin": "2026-05-30"}, "précède le début"),
        ({"du_numero": "12"}, "Donnez les deux numéros"),
        ({"de": "08:00"}, "Donnez les deux heures"),
        ({"type": "vitesse_limitee"}, "à quelle vitesse"),
        ({"tonnage_max": "3.5"}, "cochez-les"),
        ({"tonnage_max": "4", "concernes": ["poids_lourds"]}, "choix valide"),
        ({"exceptes": ["voisins"]}, "choix valide"),
        ({"de": "08:00", "a": "08:00"}, "Les deux heures sont les mêmes"),
    ],
)
def test_une_mesure_fausse_est_dite(champs, attendu):
    d = dossier()
    reponse = client_de("instructeur").post(f"{d.get_absolute_url()}mesures/ajouter/", mesure(**champs))
    assert reponse.status_code == 422 and attendu in texte(reponse)


def test_les_mesures_font_la_charge_dialog_et_se_figent_a_la_signature():
    voie = Voie.objects.create(insee=INSEE, nom="Rue du Lavoir", code="0050")
    d = dossier(voie=voie)
    client = client_de("instructeur")
    ici = d.get_absolute_url()
    assert "aucune mesure" in texte(client.get(f"{ici}dialog/"))
    numeros = {"voie": voie.pk, "du_numero": "2", "au_numero": "14", "de": "08:00", "a": "18:00"}
    assert client.post(f"{ici}mesures/ajouter/", mesure(**numeros)).status_code == 302
    client.post(f"{ici}mesures/ajouter/", mesure(type="trottoir_neutralise"))
    d.refresh_from_db()
    assert d.modifie_circulation
    page = texte(client.get(f"{ici}dialog/"))
    assert "Sans équivalent dans DiaLog" in page and "trottoir" in page
    fichier = client.get(f"{ici}dialog/?fichier=1")
    charge = json.loads(fichier.content)
    assert fichier["Content-Disposition"] == f'attachment; filename="dialog-{d.numero}.json"'
    assert charge["status"] == "draft" and len(charge["measures"]) == 1
    lieu = charge["measures"][0]["locations"][0]["namedStreet"]
    assert (lieu["roadName"], lieu["fromHouseNumber"], lieu["toHouseNumber"]) == ("Rue du Lavoir", "2", "14")
    accorde(d)
    refuse = client.post(f"{ici}mesures/ajouter/", mesure())
    assert refuse.status_code == 422 and "ne changent plus" in texte(refuse)
    client.post(f"{ici}mesures/{d.mesures.first().pk}/retirer/")
    assert d.mesures.count() == 2
    charge = json.loads(client.get(f"{ici}dialog/?fichier=1").content)
    assert (charge["identifier"], charge["status"]) == ("2026-ODP-0001", "published")


def test_une_rue_fermee_aux_poids_lourds_sauf_riverains_le_dit_partout():
    """What the agent ticks is in the order, on the file, on the public page, and in the payload."""
    from domainepublic.courriers import valeurs

    voie = Voie.objects.create(insee=INSEE, nom="Rue du Lavoir", code="0050")
    d, client = dossier(voie=voie), client_de("instructeur")
    ici = d.get_absolute_url()
    coches = {
        "type": "circulation_interdite", "voie": voie.pk, "tonnage_max": "3.5",
        "concernes": ["poids_lourds", "matieres_dangereuses"], "exceptes": ["riverains", "secours"],
        "jours": ["lun", "mar"], "de": "20:00", "a": "00:00",
    }  # fmt: skip
    assert client.post(f"{ici}mesures/ajouter/", mesure(**coches)).status_code == 302
    assert client.post(f"{ici}mesures/ajouter/", mesure(jours=["sam"])).status_code == 302
    fermee, samedi = d.mesures.order_by("pk")
    assert fermee.creneaux == [{"jours": ["lun", "mar"], "de": "20:00", "a": "24:00"}]
    assert (samedi.vehicules, samedi.heures) == ({}, ["samedi"])
    qui = (
        "pour les poids lourds de plus de 3,5 t et les véhicules transportant des matières dangereuses"
        " seulement, sauf riverains et véhicules de secours"
    )
    dits = [x["texte"] for x in valeurs.mesures(d)]
    assert dits[0].startswith(f"Circulation interdite, {qui}, Rue du Lavoir, du")
    assert dits[0].endswith("lundi, mardi de 20:00 à 24:00") and dits[1].endswith(", samedi")
    assert qui in texte(client.get(ici)) and "lundi et mardi, 20:00 – 24:00" in texte(client.get(ici))
    charge = json.loads(client.get(f"{ici}dialog/?fichier=1").content)["measures"][0]
    assert charge["vehicleSet"] == {
        "allVehicles": False, "restrictedTypes": ["heavyGoodsVehicle", "hazardousMaterials"],
        "exemptedTypes": ["localResident", "emergencyServices"], "heavyweightMaxWeight": 3.5,
    }  # fmt: skip
    (periode,) = charge["periods"]
    assert periode["dailyRange"]["applicableDays"] == ["monday", "tuesday"]
    d.refresh_from_db()
    accorde(d)
    assert qui in texte(Client().get(f"/domaine-public/travaux/{d.emprises.get().pk}/"))


def test_les_mots_des_vehicules_couvrent_ceux_de_l_echange():
    assert set(vehicules.CONCERNES_LISIBLES) == set(table.CONCERNES)
    assert set(vehicules.EXCEPTES_LISIBLES) == set(table.EXCEPTES)
    assert vehicules.vehicules_en_mots({}) == ""
    assert vehicules.vehicules_en_mots({"exceptes": ["riverains"]}) == "sauf riverains"


def test_sans_voie_la_charge_dit_le_lieu_par_le_dessin():
    d = dossier(emprise(), adresse="Place du Lavoir")
    client = client_de("instructeur")
    client.post(f"{d.get_absolute_url()}mesures/ajouter/", mesure())
    lieu = json.loads(client.get(f"{d.get_absolute_url()}dialog/?fichier=1").content)["measures"][0][
        "locations"
    ]
    assert lieu[0]["rawGeoJSON"]["label"] == "Place du Lavoir"
    assert json.loads(lieu[0]["rawGeoJSON"]["geometry"])["type"] == "MultiPolygon"

"""The phone form on the server: written once, classified, photos bare, refused with words (spec §9.1)."""

from __future__ import annotations

import base64
import io
import json
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from assainissement import controles, illustrations, observations, terrain, terrain_formulaire
from assainissement.models import Controle, PhotoControle
from mairie.hors_ligne.reception import cle_personne
from mairie.models import Courrier, Piece
from mairie.pieces.demo import vue_jpeg
from tests.assainissement.fabrique_anc import acteur, controle, faire, repondre, zone_enjeu
from tests.assainissement.test_prestataires import client, firme, plusieurs


def trait() -> str:
    tampon = io.BytesIO()
    Image.new("RGB", (60, 30), "white").save(tampon, "PNG")
    return "data:image/png;base64," + base64.b64encode(tampon.getvalue()).decode()


def saisie(personne, c: Controle, *, uuid=None, version=None, **champs):
    valeurs = {
        "issue": "visite_faite",
        "date_visite": "2026-03-02",
        "present": "l'occupant",
        "r_elements_probants": "oui",
        "observations_libres": "",
        "presence": "",
    }
    return {
        **valeurs,
        **champs,
        "client_uuid": str(uuid or uuid4()),
        "version": str(c.ecritures if version is None else version),
        "personne": cle_personne(personne),
    }


def envoyer(qui: Client, c: Controle, donnees):
    return qui.post(f"/terrain/controle_anc/{c.pk}/", donnees, headers={"accept": "application/json"})


@pytest.fixture
def technicien(aller):
    from assainissement.courriers import charger

    charger()
    return acteur("technicien")


def test_un_controle_rempli_sur_place_est_ecrit_une_fois_classe_et_son_rapport_prepare(technicien):
    c = controle(agent=technicien)
    lui = client(technicien)
    page = lui.get(f"/terrain/controle_anc/{c.pk}/")
    assert page.status_code == 200 and 'data-fait="incomplete"' in page.content.decode()
    assert page.headers["X-Hors-Ligne"] == cle_personne(technicien)
    photo = vue_jpeg("jardin")
    une = saisie(
        technicien, c, r_incomplete_fosse_seule="oui", c_incomplete_fosse_seule="vu", presence="signee",
        n_capacite_eh="4,5", n_charge_eh="5", signature=trait(), croquis=trait(),
        legendes=json.dumps([{"legende": "La fosse", "point": "incomplete_fosse_seule"}]),
    )  # fmt: skip
    reponses = [
        envoyer(lui, c, {**une, "photos": [SimpleUploadedFile("vue.jpg", photo, "image/jpeg")]})
        for _ in range(2)
    ]
    assert [r.status_code for r in reponses] == [200, 200]
    assert reponses[1].json()["deja"] is True
    c.refresh_from_db()
    assert c.etat == "rapport_redige"
    assert observations.conclure(c)[0]["regle"] == "R4"
    assert c.nombres == {"capacite_eh": "4.5", "charge_eh": "5"}
    assert c.travaux.get().motif == "incomplete"
    vue = PhotoControle.objects.get()
    assert (vue.legende, vue.point.code, vue.rang) == ("La fosse", "incomplete_fosse_seule", 1)
    assert sorted(p.code for p in Piece.objects.du_dossier(c)) == ["croquis", "photo", "signature"]
    # What is stored says neither where nor by which device it was taken.
    assert Image.open(io.BytesIO(photo)).getexif()
    with Image.open(vue.piece.fichier) as gardee:
        assert not gardee.getexif() and max(gardee.size) <= 1600
    assert Courrier.objects.get(dossier_id=c.pk).libelle == "Rapport de visite"


def test_une_photo_ajoutee_au_bureau_entre_dans_le_rapport_apres_celles_du_telephone(technicien):
    c = controle(agent=technicien)
    lui = client(technicien)
    depot = f"/pieces/assainissement.controle/{c.pk}/deposer/"
    for code, nom in (("photo", "bureau"), ("croquis", "plan"), ("autre", "hors rapport")):
        image = SimpleUploadedFile(f"{nom}.jpg", vue_jpeg(nom), "image/jpeg")
        assert lui.post(depot, {"fichiers": image, "code": code}).status_code == 302
    une = saisie(technicien, c, legendes=json.dumps([{"legende": "La fosse", "point": ""}]))
    photo = SimpleUploadedFile("vue.jpg", vue_jpeg("jardin"), "image/jpeg")
    assert envoyer(lui, c, {**une, "photos": [photo]}).status_code == 200
    assert illustrations.photos(c)[0][1] == "La fosse"
    lues = {champ.code: champ.image(c) for champ in illustrations.champs()}
    assert [lues[f"photo_{n}"] is not None for n in (1, 2, 3)] == [True, True, False]
    assert lues["croquis"] is not None
    # A private home: neither where nor by which device, the sketch either.
    for piece in Piece.objects.du_dossier(c).filter(code__in=("photo", "croquis")):
        assert b"Exif" not in piece.fichier.read(), piece.code


def test_un_constat_change_entre_temps_se_montre_cote_a_cote(technicien):
    c = controle(agent=technicien)
    une = saisie(technicien, c, r_usure="oui")
    repondre(c, usure="non")
    recue = envoyer(client(technicien), c, une)
    assert recue.status_code == 409
    (ligne,) = (x for x in recue.json()["conflit"] if x["champ"] == "r_usure")
    assert (ligne["saisi"], ligne["actuel"]) == ("Oui", "Non")
    c.refresh_from_db()
    assert c.observations.get(point__code="usure").reponse == "non" and c.etat == "a_planifier"
    # An appointment fixed by the office meanwhile is no conflict.
    vu = c.ecritures
    faire(c, "fixer_rdv", donnees={"le": "2026-03-02", "creneau": "9 h"})
    assert envoyer(client(technicien), c, saisie(technicien, c, version=vu, r_usure="oui")).status_code == 200


def test_une_visite_manquee_se_dit_sur_place(technicien):
    c = controle(agent=technicien)
    lui = client(technicien)
    refus = envoyer(lui, c, saisie(technicien, c, issue="constater_absence"))
    assert refus.status_code == 422 and "rendez-vous proposé ou fixé" in refus.json()["erreur"]
    faire(c, "fixer_rdv", donnees={"le": "2026-03-02", "creneau": "9 h"})
    assert envoyer(lui, c, saisie(technicien, c, issue="constater_absence")).status_code == 200
    c.refresh_from_db()
    assert c.etat == "absent" and not c.observations.exists()


@pytest.mark.parametrize(
    ("champs", "champ", "mot"),
    [
        ({"date_visite": "2026-03-03"}, "date_visite", "avenir"),
        ({"n_capacite_eh": "beaucoup"}, "n_capacite_eh", "nombre"),
        ({"n_nb_plaintes_tiers": "1,5"}, "n_nb_plaintes_tiers", "entier"),
        ({"presence": "signee"}, "presence", "signer"),
        ({"presence": "sans_presence"}, "raison", "pourquoi"),
        ({"signature": "data:image/svg+xml;base64,AAAA"}, "signature", "lisible"),
        ({"croquis": "data:image/png;base64,%%%"}, "croquis", "lisible"),
        ({"r_usure": "peut-être"}, "r_usure", ""),
    ],
)
def test_une_saisie_fautive_est_refusee_en_mots_et_n_ecrit_rien(technicien, champs, champ, mot):
    c = controle(agent=technicien)
    recue = envoyer(client(technicien), c, saisie(technicien, c, **champs))
    assert recue.status_code == 422
    assert mot in " ".join(recue.json()["champs"][champ])
    c.refresh_from_db()
    assert (c.etat, c.ecritures) == ("a_planifier", 0)


def test_trop_de_photos_trop_lourdes_ou_qui_n_en_sont_pas(technicien, monkeypatch):
    c = controle(agent=technicien)
    lui, octets = client(technicien), vue_jpeg("jardin")

    def photos(nombre, contenu=octets):
        return [SimpleUploadedFile(f"{n}.jpg", contenu, "image/jpeg") for n in range(nombre)]

    sept = envoyer(lui, c, {**saisie(technicien, c), "photos": photos(7)})
    assert sept.status_code == 422 and "6 au plus" in sept.json()["champs"]["photos"][0]
    monkeypatch.setattr(terrain_formulaire, "POIDS_MAX", len(octets) + 1)
    lourdes = envoyer(lui, c, {**saisie(technicien, c), "photos": photos(2)})
    assert lourdes.status_code == 422 and "au plus en une fois" in lourdes.json()["champs"]["photos"][0]
    assert terrain_formulaire.PHOTOS_MAX == 6
    fausse = envoyer(lui, c, {**saisie(technicien, c), "photos": photos(1, b"pas une image")})
    assert fausse.status_code == 422 and "photo-1.jpg" in fausse.json()["erreur"]
    c.refresh_from_db()
    assert (c.etat, PhotoControle.objects.count(), Piece.objects.du_dossier(c).count()) == (
        "a_planifier",
        0,
        0,
    )


def test_chacun_n_emporte_que_ses_controles_et_un_autre_numero_n_existe_pas(technicien):
    p = firme()
    prestataire = p.comptes.get()
    sien, autre = plusieurs(2)
    controles.affecter(sien, None, p)
    controles.affecter(autre, technicien)
    assert [cle for cle, _ in terrain.objets(prestataire)] == [str(sien.pk)]
    assert [cle for cle, _ in terrain.objets(technicien)] == [str(autre.pk)]
    lui = client(prestataire)
    assert str(sien.installation.numero) not in lui.get(f"/terrain/controle_anc/{autre.pk}/").content.decode()
    for cle in (autre.pk, 999_999, "x", "9" * 30):
        assert lui.get(f"/terrain/controle_anc/{cle}/").status_code == 404
        envoi = lui.post(f"/terrain/controle_anc/{cle}/", saisie(prestataire, autre))
        assert envoi.status_code == 404
    assert envoyer(lui, sien, saisie(prestataire, sien)).status_code == 200
    accueil = lui.get("/terrain/").content.decode()
    assert "Préparer ma tournée" in accueil and f"/terrain/controle_anc/{autre.pk}/" not in accueil
    sien.refresh_from_db()
    assert sien.etat == "visite_faite"
    # The report once written, nothing more is taken; the reason is told.
    faire(sien, "rediger", donnees={"presence": "signee"})
    ferme = envoyer(lui, sien, saisie(prestataire, sien))
    assert ferme.status_code == 422 and "ne changent plus" in ferme.json()["erreur"]


def test_les_zones_a_enjeu_sont_proposees_et_les_faits_montres(technicien):
    zone_enjeu()
    c = controle(agent=technicien)
    fiche = terrain.lire(technicien, str(c.pk))
    assert fiche.valeurs["r_zone_sanitaire"] == "oui"
    assert dict(fiche.faits)["Propriétaire"] == "Personne fictive"
    assert "fosse toutes eaux" in dict(fiche.faits)["Filière"]

"""Screens of the technician."""

from __future__ import annotations

import html
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from gis_data.demo.urbanisme import defauts
from gis_data.models import CoucheDeclaree, DocumentUrbanisme, ImportTravail, PluZone
from tests.gis_data.contraintes import plans
from tests.gis_data.contraintes.test_declarees import fichier
from tests.personnes import agent

pytestmark = pytest.mark.django_db
MOTEUR = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def technicien(client, plan):
    client.force_login(agent("sig.technicien"), backend=MOTEUR)
    return client


def televerse(chemin) -> SimpleUploadedFile:
    return SimpleUploadedFile(chemin.name, chemin.read_bytes())


def texte(reponse) -> str:
    return re.sub(r"\s+", " ", html.unescape(reponse.content.decode()))


def test_seul_un_technicien_entre(client, plan):
    assert client.get("/carte/donnees/").status_code == 302
    client.force_login(agent("mairie.administrateur"), backend=MOTEUR)
    assert client.get("/carte/donnees/").status_code == 403
    assert client.post("/carte/donnees/importer/plu/").status_code == 403


def test_un_plu_televerse_mene_a_son_rapport(technicien, tmp_path):
    reponse = technicien.post(
        "/carte/donnees/importer/plu/", {"fichier": televerse(plans.ecrire(tmp_path))}, follow=True
    )
    page = texte(reponse)
    assert "25999_PLU_20240115" in page and "ZONE_URBA" in page
    travail = ImportTravail.objects.get(genre="plu")
    assert travail.etat == "termine" and travail.utilisateur.email.startswith("sig-technicien")
    assert PluZone.objects.count() == 4
    accueil = texte(technicien.get("/carte/donnees/"))
    assert "PLU du 15/01/2024" in accueil and "En vigueur" in accueil


def test_un_paquet_refuse_dit_pourquoi_et_n_ecrit_rien(technicien, tmp_path):
    chemin = defauts.ecrire("sans-dbf", plans.plan(), tmp_path)
    reponse = technicien.post("/carte/donnees/importer/plu/", {"fichier": televerse(chemin)})
    assert reponse.status_code == 422
    assert "rien n'a changé" in texte(reponse) and "ZONE_URBA_20240115.dbf" in texte(reponse)
    assert not DocumentUrbanisme.objects.exists()
    travail = ImportTravail.objects.get(genre="plu")
    assert "Rien n'a été écrit" in texte(technicien.get(f"/carte/donnees/rapports/{travail.pk}/"))


def test_un_technicien_n_importe_pas_le_document_d_une_autre_commune(client, plan, tmp_path):
    autre = agent("sig.technicien", codes=("25998",))
    client.force_login(autre, backend=MOTEUR)
    chemin = plans.ecrire(tmp_path)
    reponse = client.post("/carte/donnees/importer/plu/", {"fichier": televerse(chemin)})
    assert reponse.status_code == 422
    assert "vous n'importez pas de document pour ce territoire" in texte(reponse)
    assert not DocumentUrbanisme.objects.exists() and not PluZone.objects.exists()
    # Its own technician may, and what he loaded stays when the other tries again.
    client.force_login(agent("sig.technicien"), backend=MOTEUR)
    assert client.post("/carte/donnees/importer/plu/", {"fichier": televerse(chemin)}).status_code == 302
    en_place = DocumentUrbanisme.objects.get().pk
    client.force_login(autre, backend=MOTEUR)
    assert client.post("/carte/donnees/importer/plu/", {"fichier": televerse(chemin)}).status_code == 422
    assert DocumentUrbanisme.objects.get().pk == en_place and PluZone.objects.count() == 4


def test_les_remarques_du_rapport_sont_les_plus_graves_d_abord(technicien, tmp_path):
    chemin = defauts.ecrire("codes-inconnus", plans.plan(), tmp_path)
    reponse = technicien.post("/carte/donnees/importer/plu/", {"fichier": televerse(chemin)}, follow=True)
    assert "Type de zone « ZZ » inconnu du standard" in texte(reponse)


def test_un_document_se_retire_apres_confirmation(technicien, tmp_path, django_capture_on_commit_callbacks):
    technicien.post("/carte/donnees/importer/plu/", {"fichier": televerse(plans.ecrire(tmp_path))})
    document = DocumentUrbanisme.objects.get()
    adresse = f"/carte/donnees/documents/{document.pk}/retirer/"
    assert "Retirer « PLU du 15/01/2024 » ?" in texte(technicien.get(adresse))
    with django_capture_on_commit_callbacks(execute=True):
        technicien.post(adresse)
    assert not DocumentUrbanisme.objects.exists() and not PluZone.objects.exists()
    assert not list((tmp_path / "media").rglob("*.pdf"))


def couche(**valeurs) -> dict:
    return {
        "libelle": "Cavités", "theme": "risques", "source": "Essai", "contrainte": "on", "publique": "on",
        "zoom_min": "11", "description": "", "millesime": "2022-06-01", **valeurs,
    }  # fmt: skip


def test_une_couche_se_declare_se_choisit_et_se_montre_sans_developpeur(technicien, tmp_path):
    reponse = technicien.post(
        "/carte/donnees/couches/nouvelle/",
        couche(**{"fichier-fichier": televerse(fichier(tmp_path))}),
        follow=True,
    )
    page = texte(reponse)
    assert "2 objets lus" in page and "Choisissez les champs à garder" in page and "proprietaire" in page
    declaree = CoucheDeclaree.objects.get()
    style = {
        "style-couleur": "#1f5fa8",
        "style-motif": "lignes",
        "style-opacite": "0.3",
        "style-epaisseur": "2",
    }
    noms = re.findall(r'name="(champ\d+)-libelle"[^>]*value="([^"]+)"', reponse.content.decode())
    champs = {f"{prefixe}-libelle": f"Champ {nom}" for prefixe, nom in noms}
    champs |= {f"{prefixe}-garder": "on" for prefixe, nom in noms if nom == "alea"}
    reponse = technicien.post(
        f"/carte/donnees/couches/{declaree.pk}/",
        couche(libelle="Cavités souterraines", champ_titre="nom", **style, **champs),
        follow=True,
    )
    declaree.refresh_from_db()
    assert "La couche est enregistrée" in texte(reponse)
    assert declaree.libelle == "Cavités souterraines" and declaree.chargee_le is not None
    assert declaree.champs == [{"champ": "alea", "libelle": "Champ alea", "genre": "texte"}]
    assert declaree.style["motif"] == "lignes" and declaree.champ_titre == "nom"
    assert "Cavités souterraines" in texte(technicien.get("/carte/"))


def test_sans_fichier_la_couche_est_annoncee(technicien):
    reponse = technicien.post("/carte/donnees/couches/nouvelle/", couche(), follow=True)
    assert "non chargée" in texte(reponse).lower()
    assert CoucheDeclaree.objects.get().chargee_le is None


def test_un_mauvais_fichier_ne_declare_rien(technicien):
    mauvais = SimpleUploadedFile("a.gpkg", b"rien")
    reponse = technicien.post("/carte/donnees/couches/nouvelle/", couche(**{"fichier-fichier": mauvais}))
    assert reponse.status_code == 422 and "n'est pas déclarée" in texte(reponse)
    assert not CoucheDeclaree.objects.exists()


@pytest.mark.parametrize(("zoom", "mot"), [("7", "8 à 18"), ("19", "8 à 18"), ("x", "nombre entier")])
def test_un_zoom_hors_de_la_carte_est_refuse(technicien, zoom, mot):
    reponse = technicien.post("/carte/donnees/couches/nouvelle/", couche(zoom_min=zoom))
    assert reponse.status_code == 422 and mot in texte(reponse)


def test_un_fichier_refuse_laisse_la_couche_comme_elle_etait(technicien, tmp_path):
    technicien.post(
        "/carte/donnees/couches/nouvelle/", couche(**{"fichier-fichier": televerse(fichier(tmp_path))})
    )
    declaree = CoucheDeclaree.objects.get()
    mauvais = SimpleUploadedFile("a.gpkg", b"rien")
    reponse = technicien.post(
        f"/carte/donnees/couches/{declaree.pk}/remplacer/", {"fichier-fichier": mauvais}, follow=True
    )
    assert "la couche n'a pas changé" in texte(reponse) and declaree.objets.count() == 2


def test_une_couche_se_retire(technicien):
    technicien.post("/carte/donnees/couches/nouvelle/", couche())
    declaree = CoucheDeclaree.objects.get()
    technicien.post(f"/carte/donnees/couches/{declaree.pk}/retirer/")
    assert not CoucheDeclaree.objects.exists()


def test_une_couche_est_de_la_commune_de_son_technicien_et_de_lui_seul(client, technicien):
    technicien.post("/carte/donnees/couches/nouvelle/", couche(libelle="Grottes"))
    declaree = CoucheDeclaree.objects.get()
    assert declaree.communes == ["25999"]
    client.force_login(agent("sig.technicien", codes=("25998",)), backend=MOTEUR)
    assert "Grottes" not in texte(client.get("/carte/donnees/"))
    adresse = f"/carte/donnees/couches/{declaree.pk}/"
    assert client.get(adresse).status_code == 404
    for suite in ("remplacer/", "retirer/"):
        assert client.post(adresse + suite).status_code == 404
    # One declared for the whole territory, before communes were asked, is of all technicians.
    CoucheDeclaree.objects.update(communes=[])
    assert client.get(adresse).status_code == 200


def test_qui_travaille_pour_deux_communes_choisit_lesquelles(client, plan):
    client.force_login(agent("sig.technicien", codes=("25999", "25998")), backend=MOTEUR)
    page = texte(client.get("/carte/donnees/couches/nouvelle/"))
    assert "Communes concernées" in page and page.count('name="communes"') == 2
    reponse = client.post("/carte/donnees/couches/nouvelle/", couche())
    assert reponse.status_code == 422 and "Cochez au moins une commune" in texte(reponse)
    reponse = client.post("/carte/donnees/couches/nouvelle/", couche(communes=["25000"]))
    assert reponse.status_code == 422 and not CoucheDeclaree.objects.exists()
    client.post("/carte/donnees/couches/nouvelle/", couche(communes=["25998", "25999"]))
    declaree = CoucheDeclaree.objects.get()
    assert declaree.communes == ["25998", "25999"]
    style = {
        "style-couleur": "#1f5fa8", "style-motif": "", "style-opacite": "0.3", "style-epaisseur": "2",
    }  # fmt: skip
    client.post(f"/carte/donnees/couches/{declaree.pk}/", couche(communes=["25998"], **style))
    declaree.refresh_from_db()
    assert declaree.communes == ["25998"]
    # Who works for one of them only changes nothing of what both have.
    CoucheDeclaree.objects.update(communes=["25998", "25999"])
    client.force_login(agent("sig.technicien"), backend=MOTEUR)
    assert client.get(f"/carte/donnees/couches/{declaree.pk}/").status_code == 404

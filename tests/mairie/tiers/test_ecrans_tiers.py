"""Screens of persons over HTTP: who sees what, what is noted, what is refused."""

from __future__ import annotations

import html
import io
import re
import zipfile

import pytest
from django.test import Client

from mairie.models import FusionTiers, JournalActe, NonDoublon, Tiers
from mairie.tiers import fusion
from tests.mairie.tiers.fabrique import personne, siret, societe
from tests.personnes import AUTRE_INSEE, INSEE, agent, commune

pytestmark = pytest.mark.django_db
ADRESSE = {"voie": "12 rue du Moulin", "code_postal": "25999", "ville": "Essai"}


@pytest.fixture(autouse=True)
def _communes():
    commune(INSEE), commune(AUTRE_INSEE)


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


def test_la_liste_ne_montre_que_les_personnes_de_sa_commune(lecture):
    personne("Dici", "Zoé", **ADRESSE)
    personne("Dailleurs", collectivite=AUTRE_INSEE)
    page = texte(lecture.get("/tiers/"))
    assert "Dici" in page and "Dailleurs" not in page


@pytest.mark.parametrize("q", ["durand", "ZOE DURAND", "Durant Zoé", "z@exemple.invalid"])
def test_la_liste_se_cherche_sans_accent_ni_ordre(lecture, q):
    personne("Durand", "Zoé", courriel="z@exemple.invalid")
    personne("Autre", "Noé")
    page = texte(lecture.get("/tiers/", {"q": q}))
    assert "Durand Zoé" in page and "Autre Noé" not in page


def test_un_siret_ecrit_avec_des_espaces_se_cherche(lecture):
    s = societe("Bâtisseurs fictifs", siret=siret())
    page = texte(lecture.get("/tiers/", {"q": s.siret_lisible}))
    assert "Bâtisseurs fictifs" in page


def test_une_fiche_lue_est_notee_au_journal(lecture):
    t = personne("Dici", "Zoé")
    assert "Dici Zoé" in texte(lecture.get(f"/tiers/{t.pk}/"))
    ligne = JournalActe.objects.get(action="mairie.tiers_fiche_lue")
    assert (ligne.objet_id, ligne.insee, ligne.nature) == (str(t.pk), INSEE, "consultation")
    assert ligne.finalite and "Dici" not in ligne.resume


def test_la_fiche_d_une_autre_commune_est_introuvable_et_l_essai_note(gestion):
    t = personne(collectivite=AUTRE_INSEE)
    for adresse in (f"/tiers/{t.pk}/", f"/tiers/{t.pk}/modifier/", f"/tiers/{t.pk}/droits/"):
        assert gestion.get(adresse).status_code == 404, adresse
    assert gestion.post(f"/tiers/{t.pk}/copie.zip").status_code == 404
    assert gestion.get(f"/tiers/{personne().pk}/fusionner/{t.pk}/").status_code == 404
    assert JournalActe.objects.filter(nature="refus").count() == 5
    assert not JournalActe.objects.filter(action="mairie.tiers_fiche_lue").exists()


def test_qui_lit_seulement_ne_modifie_pas(lecture):
    a, b = personne(), personne()
    for adresse in ("/tiers/nouveau/", f"/tiers/{a.pk}/modifier/", "/tiers/doublons/",
                    f"/tiers/{a.pk}/fusionner/{b.pk}/", f"/tiers/{a.pk}/droits/"):  # fmt: skip
        assert lecture.get(adresse).status_code == 403, adresse
        assert lecture.post(adresse).status_code == 403, adresse
    assert "Modifier" not in texte(lecture.get(f"/tiers/{a.pk}/"))


def test_le_droit_dans_une_commune_ne_vaut_pas_dans_l_autre():
    moi = agent("mairie.administrateur")
    agent("mairie.lecteur", codes=(AUTRE_INSEE,), email=moi.email)
    client = Client()
    client.force_login(moi, backend="django.contrib.auth.backends.ModelBackend")
    t = personne(collectivite=AUTRE_INSEE)
    assert client.get(f"/tiers/{t.pk}/").status_code == 200
    assert client.get(f"/tiers/{t.pk}/modifier/").status_code == 403
    assert client.get(f"/tiers/{t.pk}/droits/").status_code == 403
    reponse = client.post("/tiers/nouveau/", {"nature": "personne", "nom": "X", "collectivite": AUTRE_INSEE})
    assert reponse.status_code == 422 and Tiers.objects.count() == 1


SAISIE = {"nature": "personne", "nom": "Durand", "prenoms": "Zoé", "collectivite": INSEE, **ADRESSE}


def test_saisir_puis_corriger(gestion):
    reponse = gestion.post("/tiers/nouveau/", SAISIE, follow=True)
    t = Tiers.objects.get()
    assert reponse.redirect_chain == [(f"/tiers/{t.pk}/", 302)] and (t.collectivite, t.ville) == (
        INSEE,
        "Essai",
    )
    parti_de = re.search(
        r'name="_depart" value="([^"]*)"', gestion.get(f"/tiers/{t.pk}/modifier/").content.decode()
    )
    gestion.post(
        f"/tiers/{t.pk}/modifier/", {**SAISIE, "ville": "Autre", "_depart": html.unescape(parti_de[1])}
    )
    t.refresh_from_db()
    assert (t.ville, t.version) == ("Autre", 2)
    page = texte(gestion.get(f"/tiers/{t.pk}/"))
    assert "Fiche modifiée" in page and "Fiche créée" in page


def test_une_faute_garde_la_saisie_et_dit_le_champ(gestion):
    reponse = gestion.post(
        "/tiers/nouveau/",
        {
            "nature": "morale",
            "raison_sociale": "Bois fictif",
            "siret": "732 829 320 00075",
            "collectivite": INSEE,
        },
    )
    page = texte(reponse)
    assert reponse.status_code == 422
    assert "La clé de ce SIRET est fausse" in page and 'value="Bois fictif"' in page


def test_une_fiche_qui_ressemble_se_cree_seulement_en_le_disant(gestion):
    deja = personne("DURAND", "Zoe", **ADRESSE)
    reponse = gestion.post("/tiers/nouveau/", SAISIE)
    page = texte(reponse)
    assert reponse.status_code == 422 and f'href="/tiers/{deja.pk}/"' in page
    assert "même nom, même adresse" in page and Tiers.objects.count() == 1
    gestion.post("/tiers/nouveau/", {**SAISIE, "malgre": "on"})
    assert Tiers.objects.count() == 2


def test_les_doublons_se_comparent_se_fusionnent_et_s_annulent(gestion):
    a, b = (
        personne("Durand", "Zoé", **ADRESSE),
        personne("Durand", "Zoé", courriel="z@exemple.invalid", **ADRESSE),
    )
    page = texte(gestion.get("/tiers/doublons/"))
    assert f"/tiers/{a.pk}/fusionner/{b.pk}/" in page and "même nom, même adresse" in page
    assert "complète la fiche gardée" in texte(gestion.get(f"/tiers/{a.pk}/fusionner/{b.pk}/"))
    gestion.post(f"/tiers/{a.pk}/fusionner/{b.pk}/")
    a.refresh_from_db()
    assert a.courriel == "z@exemple.invalid"
    assert f'href="/tiers/{a.pk}/"' in texte(gestion.get(f"/tiers/{b.pk}/"))
    assert gestion.get("/tiers/").content.decode().count("Durand") == 1
    assert gestion.get(f"/tiers/{b.pk}/modifier/").status_code == 302
    faite = FusionTiers.objects.get()
    reponse = gestion.post(f"/tiers/fusions/{faite.pk}/annuler/", follow=True)
    assert "revenues comme avant" in texte(reponse)
    b.refresh_from_db()
    assert b.fusionne_dans_id is None


def test_on_prend_les_valeurs_choisies(gestion):
    a, b = personne("Durant", "Zoé"), personne("Durand", "Zoé")
    gestion.post(f"/tiers/{a.pk}/fusionner/{b.pk}/", {"valeur_nom": "autre", "valeur_fusionne_dans": "autre"})
    a.refresh_from_db()
    assert a.nom == "Durand"


def test_une_fusion_impossible_le_dit(gestion):
    a, b = personne("Durand"), societe("Durand", siret=siret())
    reponse = gestion.post(f"/tiers/{a.pk}/fusionner/{b.pk}/", follow=True)
    assert "personne morale ne se fusionnent pas" in texte(reponse)
    reponse = gestion.get(f"/tiers/{a.pk}/fusionner/{a.pk}/")
    assert "deux fiches différentes" in texte(reponse)


def test_dire_que_ce_sont_deux_personnes(gestion):
    a, b = personne("Durand", "Zoé", **ADRESSE), personne("Durand", "Zoé", **ADRESSE)
    gestion.post("/tiers/doublons/", {"un": a.pk, "autre": b.pk})
    assert NonDoublon.objects.count() == 1
    assert "Aucun doublon" in texte(gestion.get("/tiers/doublons/"))


@pytest.mark.parametrize("saisi", ["", "abc", "-1", "9" * 30, "٣"])
def test_un_numero_forge_est_introuvable(gestion, saisi):
    assert gestion.post("/tiers/doublons/", {"un": saisi, "autre": saisi}).status_code == 404


def test_la_fusion_d_une_autre_commune_ne_s_annule_pas(gestion):
    autre = agent("mairie.administrateur", codes=(AUTRE_INSEE,))
    f = fusion.fusionner(personne(collectivite=AUTRE_INSEE), personne(collectivite=AUTRE_INSEE), par=autre)
    assert gestion.post(f"/tiers/fusions/{f.pk}/annuler/").status_code == 404
    f.refresh_from_db()
    assert f.annulee_le is None


def test_la_copie_est_un_zip_note_au_journal(gestion):
    t = personne("Durand", "Zoé")
    assert gestion.get(f"/tiers/{t.pk}/copie.zip").status_code == 405
    reponse = gestion.post(f"/tiers/{t.pk}/copie.zip")
    assert reponse["Content-Type"] == "application/zip" and "no-store" in reponse["Cache-Control"]
    assert zipfile.ZipFile(io.BytesIO(reponse.content)).namelist() == ["donnees.json"]
    assert JournalActe.objects.filter(action="mairie.tiers_copie_donnee", objet_id=str(t.pk)).exists()


def test_effacer_demande_d_avoir_compris(gestion):
    t = personne("Durand", "Zoé")
    reponse = gestion.post(f"/tiers/{t.pk}/droits/", {"motif": "demande"})
    assert "Cochez cette case" in texte(reponse)
    reponse = gestion.post(f"/tiers/{t.pk}/droits/", {"motif": "demande", "confirme": "on"}, follow=True)
    assert "Durand" not in texte(reponse) and "Personne effacée" in texte(reponse)


def test_chercher_une_personne_pour_un_dossier(lecture):
    t = personne("Durand", "Zoé", **ADRESSE)
    personne("Durand", "Ali", collectivite=AUTRE_INSEE)
    reponse = lecture.get("/tiers/choisir/", {"q": "durand"})
    assert reponse.json() == {
        "personnes": [
            {
                "id": t.pk,
                "nom": "Durand Zoé",
                "adresse": "12 rue du Moulin, 25999 Essai",
                "nature": "personne",
            }
        ]
    }
    assert lecture.get("/tiers/choisir/").json() == {"personnes": []}


def test_la_recherche_generale_ne_montre_les_personnes_qu_aux_agents_de_la_commune(lecture, client):
    t = personne("Introuvable", "Zoé")
    adresse = "/recherche/?q=introuvable"
    assert f"/tiers/{t.pk}/" in texte(lecture.get(adresse))
    assert "Introuvable Zoé" not in texte(client.get(adresse))
    for autre in (connecter(), connecter("mairie.dpo"), connecter("mairie.lecteur", codes=(AUTRE_INSEE,))):
        assert f"/tiers/{t.pk}/" not in texte(autre.get(adresse))


def test_un_export_de_personnes_est_note(lecture):
    personne("Durand", "=HYPERLINK()")
    reponse = lecture.get("/tiers/?export=csv")
    contenu = b"".join(reponse.streaming_content) if reponse.streaming else reponse.content
    assert b"Durand" in contenu
    assert JournalActe.objects.get(action="mairie.tiers_exportes").donnees["lignes"] == 1

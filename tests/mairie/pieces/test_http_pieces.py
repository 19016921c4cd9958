"""Files over HTTP: who reads, who deposits, how they are served, what a form with a bad file keeps."""

from __future__ import annotations

import html
import io
import uuid
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from mairie.models import JournalActe, Piece
from mairie.pieces import service
from tests.mairie.adresses.fabrique import voie
from tests.mairie.pieces.fabrique import PDF, docx, fichier, photo
from tests.mairie.tiers.fabrique import personne
from tests.personnes import AUTRE_INSEE, INSEE, agent, commune

pytestmark = pytest.mark.django_db


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


@pytest.fixture
def rue():
    return voie()


@pytest.fixture
def plan(rue):
    return service.deposer(rue, fichier(), par=agent("mairie.administrateur"), code="plan", libelle="Plan")


@pytest.fixture
def image(rue):
    return service.deposer(
        rue, fichier(photo(), "photo.jpg"), par=agent("mairie.administrateur"), code="photo"
    )


def texte(reponse) -> str:
    return html.unescape(reponse.content.decode())


def envoyer(client, rue, *fichiers, json=False, **champs):
    entetes = {"accept": "application/json"} if json else {}
    return client.post(
        f"/pieces/mairie.voie/{rue.pk}/deposer/",
        {"fichiers": list(fichiers), "code": "plan", **champs},
        headers=entetes,
    )


def test_deposer_plusieurs_fichiers_dont_un_refuse(gestion, rue):
    reponse = envoyer(
        gestion, rue, fichier(), fichier(b"MZ" + b"\0" * 99, "virus.pdf"), fichier(docx(), "note.docx")
    )
    assert reponse.headers["Location"] == f"/adresses/voies/{rue.pk}/"
    assert sorted(Piece.objects.values_list("nom", flat=True)) == ["note.docx", "plan.pdf"]
    page = texte(gestion.get(f"/adresses/voies/{rue.pk}/"))
    assert "« virus.pdf » est un programme renommé en .pdf" in page
    assert "plan.pdf" in page and "non vérifiée par un antivirus" in page


def test_un_fichier_trop_lourd_est_laisse_les_autres_gardes(gestion, rue, settings):
    settings.PIECE_TAILLE_MAX = 300_000
    gros = fichier(PDF + b"\n" * 900_000, "gros.pdf")
    reponse = envoyer(gestion, rue, fichier(), gros, fichier(docx(), "note.docx"), json=True)
    lus = {f["nom"]: f["refus"] for f in reponse.json()["fichiers"]}
    assert lus["plan.pdf"] == lus["note.docx"] == "" and "trop lourd" in lus["gros.pdf"]
    assert Piece.objects.count() == 2


def test_un_envoi_annonce_a_200_mo_est_refuse_sans_etre_lu(gestion, rue, settings):
    class Corps(io.RawIOBase):
        lus = 0

        def read(self, taille=-1):
            Corps.lus += 1
            return b""

    adresse = f"/pieces/mairie.voie/{rue.pk}/deposer/"
    reponse = gestion.generic(
        "POST",
        adresse,
        b"",
        content_type="multipart/form-data; boundary=x",
        **{"CONTENT_LENGTH": str(settings.PIECES_ENVOI_MAX + 1), "wsgi.input": Corps()},
    )
    assert reponse.status_code == 413 and Corps.lus == 0


def test_le_meme_fichier_deux_fois_le_dit(gestion, rue):
    envoyer(gestion, rue, fichier())
    assert envoyer(gestion, rue, fichier(), json=True).json()["fichiers"][0]["deja"] is True
    assert Piece.objects.count() == 1


def test_sans_fichier_on_le_demande(gestion, rue):
    reponse = envoyer(gestion, rue, json=True)
    assert reponse.status_code == 422 and "Choisissez" in reponse.json()["fichiers"][0]["refus"]


def test_remplacer_par_la_page(gestion, rue, plan):
    envoyer(gestion, rue, fichier(PDF + b"\n% 2", "v2.pdf"), remplace=str(plan.uuid))
    deux = Piece.objects.get(version=2)
    assert deux.code == "plan" and deux.courante
    page = texte(gestion.get(f"/pieces/{deux.uuid}/"))
    assert "Version 2 (celle-ci)" in page and f"/pieces/{plan.uuid}/" in page
    assert envoyer(gestion, rue, fichier(), remplace=str(uuid.uuid4())).status_code == 404
    assert envoyer(gestion, rue, fichier(), remplace="pas un uuid").status_code == 404


def test_qui_lit_telecharge_mais_ne_depose_ni_ne_publie(lecture, rue, plan, image):
    assert lecture.get(f"/pieces/{plan.uuid}/").status_code == 200
    assert envoyer(lecture, rue, fichier(docx(), "n.docx")).status_code == 403
    for geste in (f"{plan.uuid}/publier", f"{plan.uuid}/retirer", f"{image.uuid}/flouter"):
        assert lecture.post(f"/pieces/{geste}/", {"visible": "1", "motif": "x"}).status_code == 403, geste
    assert "data-depot" not in texte(lecture.get(f"/adresses/voies/{rue.pk}/"))


def test_une_autre_commune_ne_trouve_rien(plan, image, rue):
    autre = connecter("mairie.administrateur", codes=(AUTRE_INSEE,))
    for chemin in (
        f"{plan.uuid}/",
        f"{plan.uuid}/fichier",
        f"{plan.uuid}/vignette",
        f"{plan.uuid}/apercu/1",
        f"{image.uuid}/copie",
        f"{image.uuid}/flouter/",
        f"mairie.voie/{rue.pk}/toutes.zip",
    ):
        assert autre.get(f"/pieces/{chemin}").status_code == 404, chemin
    for chemin in (f"{plan.uuid}/publier/", f"{plan.uuid}/retirer/", f"{image.uuid}/flouter/"):
        assert autre.post(f"/pieces/{chemin}").status_code == 404, chemin
    assert envoyer(autre, rue, fichier(docx(), "n.docx")).status_code == 404
    assert JournalActe.objects.filter(nature="refus").count() == 11
    plan.refresh_from_db()
    assert not plan.visible_public and not plan.retiree_le


@pytest.mark.parametrize("genre", ["mairie.utilisateur", "mairie.piece", "rien.du_tout", "mairie.voie"])
def test_un_genre_ou_un_numero_forge_est_introuvable(gestion, genre):
    for pk in (999_999, 10**25):
        assert gestion.post(f"/pieces/{genre}/{pk}/deposer/", {"fichiers": [fichier()]}).status_code == 404


def test_le_telechargement_n_execute_rien_et_est_note(lecture, plan):
    reponse = lecture.get(f"/pieces/{plan.uuid}/fichier")
    assert b"".join(reponse.streaming_content) == PDF
    assert reponse["Content-Disposition"].startswith('attachment; filename="plan.pdf"')
    assert reponse["X-Content-Type-Options"] == "nosniff" and "sandbox" in reponse["Content-Security-Policy"]
    assert (
        "default-src 'none'" in reponse["Content-Security-Policy"] and "no-store" in reponse["Cache-Control"]
    )
    ligne = JournalActe.objects.get(action="mairie.piece_lue")
    assert (ligne.objet_id, ligne.insee) == (str(plan.pk), INSEE)


def test_un_nom_accentue_ou_malin_ne_casse_pas_l_entete(lecture, rue):
    p = service.deposer(rue, fichier(PDF, 'été "x";\r\nSet-Cookie.pdf'), par=agent("mairie.administrateur"))
    entete = lecture.get(f"/pieces/{p.uuid}/fichier")["Content-Disposition"]
    assert "\n" not in entete and entete.count('"') == 2 and "filename*=UTF-8''%C3%A9t%C3%A9" in entete


def test_les_images_montrees_sont_les_notres(lecture, plan, image):
    for chemin in (
        f"{plan.uuid}/vignette",
        f"{plan.uuid}/apercu/1",
        f"{image.uuid}/copie",
        f"{image.uuid}/vignette",
    ):
        reponse = lecture.get(f"/pieces/{chemin}")
        assert reponse["Content-Type"] == "image/jpeg" and reponse.content[:2] == b"\xff\xd8", chemin
    assert lecture.get(f"/pieces/{plan.uuid}/apercu/2").status_code == 404
    assert lecture.get(f"/pieces/{plan.uuid}/copie").status_code == 404


def test_publier_montre_la_copie_d_une_photo_jamais_le_fichier(gestion, client, image):
    adresse = f"/pieces/{image.uuid}/publique"
    assert client.get(adresse).status_code == 404
    # Nobody has looked at it yet.
    gestion.post(f"/pieces/{image.uuid}/publier/", {"visible": "1"})
    assert client.get(adresse).status_code == 404
    gestion.post(f"/pieces/{image.uuid}/publier/", {"visible": "1", "rien_a_flouter": "1"})
    vue = client.get(adresse)
    assert vue.status_code == 200 and b"Appareil" not in vue.content and b"Exif" not in vue.content
    assert client.get(f"/pieces/{image.uuid}/fichier").status_code == 302
    gestion.post(f"/pieces/{image.uuid}/publier/", {"visible": "0"})
    assert client.get(adresse).status_code == 404


def test_le_public_recoit_un_fichier_sous_un_nom_a_nous(gestion, client, rue):
    """People put their own name in that of their files."""
    admin = agent("mairie.administrateur")
    p = service.deposer(rue, fichier(PDF, "Jeanne Exemple.PDF"), par=admin, code="deliberation")
    service.publier(p, True, par=admin)
    entete = client.get(f"/pieces/{p.uuid}/publique")["Content-Disposition"]
    assert entete.startswith('attachment; filename="deliberation.pdf"') and "Jeanne" not in entete


def test_une_version_remplacee_ou_retiree_n_est_plus_publique(gestion, client, rue, plan):
    gestion.post(f"/pieces/{plan.uuid}/publier/", {"visible": "1"})
    assert client.get(f"/pieces/{plan.uuid}/publique").status_code == 200
    envoyer(gestion, rue, fichier(PDF + b"\n2"), remplace=str(plan.uuid))
    assert client.get(f"/pieces/{plan.uuid}/publique").status_code == 404
    deux = Piece.objects.get(version=2)
    gestion.post(f"/pieces/{deux.uuid}/publier/", {"visible": "1"})
    gestion.post(f"/pieces/{deux.uuid}/retirer/", {"motif": "périmé"})
    assert client.get(f"/pieces/{deux.uuid}/publique").status_code == 404


def test_les_pieces_d_une_personne_ne_se_publient_jamais(gestion, client):
    p = service.deposer(personne(), fichier(), par=agent("mairie.administrateur"))
    reponse = gestion.post(f"/pieces/{p.uuid}/publier/", {"visible": "1"}, follow=True)
    assert (
        "ne se publient pas" in texte(reponse) and client.get(f"/pieces/{p.uuid}/publique").status_code == 404
    )


def test_flouter_par_le_formulaire(gestion, image):
    page = texte(gestion.get(f"/pieces/{image.uuid}/flouter/"))
    assert 'name="largeur"' in page
    zones = {"x": ["10", ""], "y": ["10", ""], "largeur": ["20,5", ""], "hauteur": ["30", ""]}
    gestion.post(f"/pieces/{image.uuid}/flouter/", zones)
    image.refresh_from_db()
    assert image.flous == [[0.1, 0.1, 0.205, 0.3]]
    reponse = gestion.post(f"/pieces/{image.uuid}/flouter/", {**zones, "x": ["90", ""]}, follow=True)
    assert "sort de la photo" in texte(reponse)
    reponse = gestion.post(f"/pieces/{image.uuid}/flouter/", {**zones, "x": ["a", ""]}, follow=True)
    assert "quatre pourcentages" in texte(reponse)


def test_tout_telecharger(lecture, rue, plan, image):
    reponse = lecture.get(f"/pieces/mairie.voie/{rue.pk}/toutes.zip")
    with zipfile.ZipFile(io.BytesIO(b"".join(reponse.streaming_content))) as z:
        noms = z.namelist()
        assert len(noms) == 3 and "SHA256SUMS.txt" in noms
        assert plan.sha256 in z.read("SHA256SUMS.txt").decode()
        assert PDF in [z.read(n) for n in noms]
    assert lecture.get(f"/pieces/mairie.voie/{voie('Rue vide').pk}/toutes.zip").status_code == 404


def test_le_retour_reste_sur_le_site(gestion, rue):
    reponse = envoyer(gestion, rue, fichier(), retour="https://ailleurs.invalid/")
    assert reponse.headers["Location"] == f"/adresses/voies/{rue.pk}/"


def test_une_vue_ordinaire_garde_ses_gros_fichiers(rf, settings):
    """The limit is that of the views that receive pieces: others keep their own."""
    from mairie.pieces.reception import refuses

    settings.PIECE_TAILLE_MAX = 10
    requete = rf.post("/ailleurs/", {"f": SimpleUploadedFile("gros.zip", b"x" * 1000)})
    assert requete.FILES["f"].size == 1000 and refuses(requete, "f") == []

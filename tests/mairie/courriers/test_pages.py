"""Letters, templates and letterheads on screen: who sees, who writes, what is refused and how it is said."""

from __future__ import annotations

import io
import re

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image

from mairie.courriers import rendu
from mairie.courriers.envois import lire_pdf
from mairie.courriers.services import finaliser
from mairie.courriers.sujets import Destinataire
from mairie.models import Courrier, EnTete, JournalActe, ModeleCourrier, Phrase
from tests.mairie.courriers.fabrique import (
    CORPS,
    brouillon,
    finalisee,
    modele,
    redacteur,
    texte_pdf,
    ville,
)
from tests.personnes import AUTRE_INSEE, INSEE, agent, commune

pytestmark = pytest.mark.django_db


def connecter(personne) -> Client:
    client = Client()
    client.force_login(personne, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def client_redacteur():
    return connecter(redacteur())


def saisie(c: Courrier, **champs: str) -> dict[str, str]:
    """What the form of a draft sends."""
    noms = (
        "objet",
        "corps",
        "mode",
        "destinataire",
        "destinataire_adresse",
        "destinataire_courriel",
        "copies",
    )
    return {**{n: getattr(c, n) for n in noms}, "version": str(c.version), "acte": "enregistrer", **champs}


def adresse(c: Courrier, suite: str = "") -> str:
    return f"/courriers/{c.pk}/{suite}"


# --- who ----------------------------------------------------------------------------------------


def test_une_lettre_d_une_autre_commune_n_existe_pas():
    c = brouillon()
    client = connecter(agent("mairie.administrateur", codes=(AUTRE_INSEE,)))
    pages = (adresse(c), adresse(c, "lettre.pdf"), f"/courriers/dossier/mairie.general/{ville().pk}/")
    assert [client.get(p).status_code for p in pages] == [404, 404, 404]
    for acte in ("signer", "envoyer", "suivre", "abandonner", "reprendre"):
        assert client.post(adresse(c, f"{acte}/")).status_code == 404
    assert client.post(adresse(c), saisie(c)).status_code == 404
    refus = JournalActe.objects.filter(action="mairie.acces_introuvable")
    assert refus.exists()


def test_un_lecteur_lit_sans_ecrire():
    c = brouillon()
    client = connecter(agent("mairie.lecteur"))
    page = client.get(adresse(c)).content.decode()
    assert "vous pouvez le lire, pas le modifier" in page and "forme-lettre" not in page
    assert client.post(adresse(c), saisie(c)).status_code == 403
    bureau = f"/courriers/dossier/mairie.general/{ville().pk}/"
    assert "pas en écrire" in client.get(bureau).content.decode()
    assert client.post(f"{bureau}preparer/", {"modele": "libre"}).status_code == 403


def test_un_genre_inconnu_n_existe_pas(client_redacteur):
    assert client_redacteur.get("/courriers/dossier/zut.zut/1/").status_code == 404


# --- desk ---------------------------------------------------------------------------------------


def test_le_bureau_propose_les_modeles_et_prepare(client_redacteur):
    m, ici = modele(etape="réception"), ville()
    bureau = f"/courriers/dossier/mairie.general/{ici.pk}/"
    page = client_redacteur.get(bureau).content.decode()
    assert "Réception" in page and "Accusé" in page and "Aucune lettre" in page
    reponse = client_redacteur.post(f"{bureau}preparer/", {"modele": m.pk})
    c = Courrier.objects.get()
    assert reponse["Location"] == adresse(c) and c.modele.modele == m
    libre = client_redacteur.post(f"{bureau}preparer/", {"modele": "libre"})
    assert libre.status_code == 302 and Courrier.objects.count() == 2
    faux = client_redacteur.post(f"{bureau}preparer/", {"modele": "999999"}, follow=True)
    assert "Choisissez un modèle" in faux.content.decode() and Courrier.objects.count() == 2
    assert client_redacteur.get("/courriers/nouveau/")["Location"] == bureau


def test_la_liste_montre_les_lettres_et_s_exporte(client_redacteur):
    c = finalisee()
    page = client_redacteur.get("/courriers/").content.decode()
    assert c.numero in page and "finalisée" in page
    assert c.numero in client_redacteur.get("/courriers/?export=csv").getvalue().decode()
    assert c.numero not in client_redacteur.get("/courriers/?etat=brouillon").content.decode()


# --- draft --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("etat", "objet", "lu"),
    [
        ("brouillon", "attestant une décision tacite – [numero]", "attestant une décision tacite"),
        ("brouillon", "[numero] : récépissé de dépôt", "récépissé de dépôt"),
        ("brouillon", "Votre demande", "Votre demande"),
        # Once finalised a bracket is the writer's own.
        ("finalise", "copie [conforme]", "copie [conforme]"),
    ],
)
def test_l_objet_d_un_brouillon_se_lit_sans_ses_champs(etat, objet, lu):
    assert Courrier(etat=etat, objet=objet).objet_lisible == lu


def test_un_brouillon_s_enregistre_et_se_montre(client_redacteur):
    c = brouillon()
    page = client_redacteur.get(adresse(c)).content.decode()
    assert "data-editeur" in page and "[date_jour]" in page and "Champs du dossier" in page
    reponse = client_redacteur.post(adresse(c), saisie(c, corps="Bonjour,\n\nÀ bientôt."), follow=True)
    assert "Le brouillon est enregistré" in reponse.content.decode()
    c.refresh_from_db()
    assert c.corps == "<p>Bonjour,</p><p>À bientôt.</p>"
    apercu = client_redacteur.get(adresse(c, "lettre.pdf"))
    assert apercu["Content-Type"] == "application/pdf" and apercu["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-ancestors 'self'" in apercu["Content-Security-Policy"]
    assert apercu["Cache-Control"] == "private, no-store"
    assert "À bientôt." in texte_pdf(apercu.content) and "PROJET" in texte_pdf(apercu.content)


def test_un_champ_inconnu_garde_le_texte_saisi(client_redacteur):
    c = brouillon()
    reponse = client_redacteur.post(adresse(c), saisie(c, corps="<p>Mon texte [zut]</p>"))
    page = reponse.content.decode()
    assert reponse.status_code == 422
    assert "Rien n&#x27;est enregistré" in page or "Rien n'est enregistré" in page
    assert "Mon texte [zut]" in page and "Paragraphe 1" in page
    c.refresh_from_db()
    assert c.corps == CORPS


def test_l_enregistrement_automatique_repond_en_json(client_redacteur):
    c = brouillon()
    entete = {"headers": {"Accept": "application/json"}}
    bien = client_redacteur.post(adresse(c), saisie(c, destinataire=""), **entete)
    assert bien.json()["version"] == 1
    assert "Le nom du destinataire" in bien.json()["manques"]
    mal = client_redacteur.post(adresse(c), saisie(c, version="1", corps="<p>[zut]</p>"), **entete)
    assert mal.status_code == 422 and "zut" in mal.json()["fautes"][0]
    perime = client_redacteur.post(adresse(c), saisie(c, version="0"), **entete)
    assert perime.status_code == 422 and "a changé" in perime.json()["fautes"][0]


def test_deux_agents_ne_perdent_rien(client_redacteur):
    c = brouillon()
    client_redacteur.post(adresse(c), saisie(c, corps="<p>Texte du premier</p>"))
    reponse = client_redacteur.post(adresse(c), saisie(c, corps="<p>Texte du second</p>"))
    page = reponse.content.decode()
    assert reponse.status_code == 409
    assert "Texte du premier" in page and "Texte du second" in page
    version = re.search(r'name="version" value="(\d+)"', page)[1]
    client_redacteur.post(adresse(c), saisie(c, corps="<p>Texte du second</p>", version=version))
    c.refresh_from_db()
    assert "second" in c.corps


def test_une_phrase_s_ajoute_sans_javascript(client_redacteur):
    c = brouillon()
    mienne = Phrase.objects.create(
        metier="mairie", categorie="Fin", libelle="Fin", texte="<p>Bien à vous.</p>"
    )
    autre = Phrase.objects.create(
        metier="mairie",
        categorie="Fin",
        libelle="Ailleurs",
        texte="<p>X</p>",
        collectivite=commune(AUTRE_INSEE),
    )
    page = client_redacteur.get(adresse(c)).content.decode()
    assert "Insérer la phrase" in page and "Ailleurs" not in page
    client_redacteur.post(adresse(c), saisie(c, acte="phrase", phrase=str(mienne.pk)))
    c.refresh_from_db()
    assert c.corps.endswith("<p>Bien à vous.</p>")
    client_redacteur.post(adresse(c), saisie(c, acte="phrase", phrase=str(autre.pk)))
    c.refresh_from_db()
    assert "<p>X</p>" not in c.corps


def test_les_phrases_du_dossier_viennent_d_abord(monkeypatch):
    from dataclasses import replace

    from mairie.courriers import sujets
    from mairie.courriers.ecran import phrases_de
    from tests.mairie.courriers.fabrique import GENERAL

    for libelle, filtres in (("a", []), ("b", ["zone:UA"]), ("c", ["zone:N"])):
        Phrase.objects.create(metier="mairie", categorie="x", libelle=libelle, texte="x", filtres=filtres)
    c = brouillon()
    avec_mots = replace(GENERAL, mots=lambda d: ["zone:N"])
    monkeypatch.setattr(sujets, "_sujets", {GENERAL.genre: avec_mots})
    assert [p.libelle for p in phrases_de(c)] == ["c", "a", "b"]


def test_finaliser_dit_ce_qui_manque_puis_fige(client_redacteur):
    c = brouillon()
    manque = client_redacteur.post(adresse(c), saisie(c, destinataire="", acte="finaliser"))
    assert "Le nom du destinataire" in manque.content.decode()
    c.refresh_from_db()
    reponse = client_redacteur.post(
        adresse(c), saisie(c, destinataire="Jeanne", acte="finaliser"), follow=True
    )
    page = reponse.content.decode()
    c.refresh_from_db()
    assert c.etat == "finalise" and c.numero in page and "Enregistrer la signature" in page
    pdf = client_redacteur.get(adresse(c, "lettre.pdf"))
    assert pdf.content == lire_pdf(c) and "inline" in pdf["Content-Disposition"]
    assert "attachment" in client_redacteur.get(adresse(c, "lettre.pdf?telecharger"))["Content-Disposition"]


def test_une_lettre_finalisee_entre_temps_renvoie_a_elle(client_redacteur):
    c = brouillon()
    finaliser(c, par=redacteur(), version=0)
    reponse = client_redacteur.post(adresse(c), saisie(c, objet="x"), follow=True)
    assert "déjà finalisée" in reponse.content.decode()


def test_le_metier_fait_confirmer(client_redacteur, monkeypatch):
    from dataclasses import replace

    from mairie.courriers import sujets
    from tests.mairie.courriers.fabrique import GENERAL

    c = brouillon()
    prudent = replace(GENERAL, avertir=lambda c, acte: ["La fenêtre s'est fermée hier."])
    monkeypatch.setattr(sujets, "_sujets", {GENERAL.genre: prudent})
    page = client_redacteur.post(adresse(c), saisie(c, acte="finaliser")).content.decode()
    assert "La fenêtre s" in page and 'name="confirmer"' in page
    c.refresh_from_db()
    assert c.etat == "brouillon"
    client_redacteur.post(adresse(c), saisie(c, acte="finaliser", confirmer="oui"))
    c.refresh_from_db()
    assert c.etat == "finalise"
    jour = timezone.localdate().isoformat()
    demande = client_redacteur.post(adresse(c, "signer/"), {"le": jour}).content.decode()
    assert "À lire avant de continuer" in demande and f'name="le" value="{jour}"' in demande
    client_redacteur.post(adresse(c, "signer/"), {"le": jour, "confirmer": "oui"})
    c.refresh_from_db()
    assert c.etat == "signe"


# --- after --------------------------------------------------------------------------------------


def test_signer_envoyer_suivre_abandonner(client_redacteur):
    c, jour = finalisee(mode="recommande"), timezone.localdate().isoformat()
    fichier = SimpleUploadedFile("signe.pdf", b"%PDF-1.7\n%%EOF", "application/pdf")
    client_redacteur.post(adresse(c, "signer/"), {"le": jour, "signataire": "Élue", "fichier": fichier})
    client_redacteur.post(
        adresse(c, "envoyer/"), {"mode": "recommande", "le": jour, "numero_recommande": "1A"}
    )
    client_redacteur.post(adresse(c, "suivre/"), {"fait": "presentation", "le": jour})
    c.refresh_from_db()
    assert (c.etat, c.signataire, c.numero_recommande) == ("presente", "Élue", "1A")
    assert lire_pdf(c) == b"%PDF-1.7\n%%EOF"
    page = client_redacteur.get(adresse(c)).content.decode()
    assert "Première présentation" in page and "Élue" in page
    refuse = client_redacteur.post(
        adresse(c, "abandonner/"), {"motif": "x", "version": c.version}, follow=True
    )
    assert "cette action n&#x27;y est plus possible" in refuse.content.decode()


@pytest.mark.parametrize(
    ("acte", "donnees", "dit"),
    [
        ("signer", {"le": "pas une date"}, "Signée le"),
        ("signer", {"le": "2099-01-01"}, "avenir"),
        ("envoyer", {"mode": "pigeon", "le": "2026-01-01"}, "Mode"),
        ("suivre", {"fait": "presentation", "le": "2026-01-01"}, "Ce qui s"),
        ("abandonner", {"motif": "", "version": "1"}, "Dites pourquoi"),
        ("abandonner", {"motif": "x", "version": "abc"}, "a changé"),
        ("reprendre", {}, "Seule une lettre abandonnée"),
    ],
)
def test_une_saisie_fausse_est_dite(client_redacteur, acte, donnees, dit):
    c = finalisee()
    reponse = client_redacteur.post(adresse(c, f"{acte}/"), donnees, follow=True)
    assert dit in reponse.content.decode()
    c.refresh_from_db()
    assert c.etat == "finalise"


def test_un_acte_inconnu_n_existe_pas(client_redacteur):
    assert client_redacteur.post(adresse(finalisee(), "zut/")).status_code == 404


def test_un_pdf_altere_n_est_pas_montre(client_redacteur):
    c = finalisee()
    with default_storage.open(c.pdf.name, "ab") as fichier:
        fichier.write(b"x")
    reponse = client_redacteur.get(adresse(c, "lettre.pdf"))
    assert reponse.status_code == 500 and c.sha256 in reponse.content.decode()


def test_un_apercu_impossible_dit_pourquoi(client_redacteur, settings):
    c = brouillon()
    rendu.atelier.fermer()
    settings.COURRIER_RENDU_S = 0
    reponse = client_redacteur.get(adresse(c, "lettre.pdf"))
    assert reponse.status_code == 422 and "dépassé" in reponse.content.decode()


def test_lire_une_lettre_laisse_une_trace(client_redacteur):
    c = finalisee()
    client_redacteur.get(adresse(c))
    ligne = JournalActe.objects.get(action="mairie.lettre_lue")
    assert (ligne.nature, ligne.objet_id, ligne.finalite) == ("consultation", str(c.pk), "suivi du dossier")


# --- public check -------------------------------------------------------------------------------


def test_un_acte_public_se_verifie_sans_nom():
    c = finalisee(public=True, forme="acte", serie="mairie.arrete", libelle="Arrêté", code="arrete")
    page = Client().get(f"/actes/{c.code}/").content.decode()
    assert "pas encore signé" in page
    from mairie.courriers.envois import signer

    signer(c, par=redacteur(), le=timezone.localdate())
    page = Client().get(f"/actes/{c.code}/").content.decode()
    assert c.numero in page and c.sha256 in page and "est enregistré par" in page
    for secret in (c.destinataire, c.objet, "VALBRUNE", "Camille"):
        assert secret not in page
    juste = SimpleUploadedFile("a.pdf", lire_pdf(c))
    assert "bien lui" in Client().post(f"/actes/{c.code}/", {"fichier": juste}).content.decode()
    faux = SimpleUploadedFile("a.pdf", lire_pdf(c) + b" ")
    assert "pas le même fichier" in Client().post(f"/actes/{c.code}/", {"fichier": faux}).content.decode()
    assert "Choisissez d" in Client().post(f"/actes/{c.code}/").content.decode()


def test_ce_qui_n_est_pas_public_ne_se_verifie_pas():
    for c in (finalisee(), brouillon(public=True, code="arrete", forme="acte")):
        assert Client().get(f"/actes/{c.code}/").status_code == 404


# --- templates ----------------------------------------------------------------------------------


def forme_modele(**champs: str) -> dict[str, str]:
    return {
        "jeton": "0", "objet": "Essai", "corps": "<p>Bonjour</p>", "forme": "lettre", "mode": "simple",
        "a_signer": "on", **champs,
    }  # fmt: skip


def test_un_modele_se_cree_s_ecrit_se_met_en_service_et_se_reprend(client_redacteur):
    ici = ville()
    neuf = {
        "metier": "mairie", "collectivite": ici.pk, "libelle": "Convocation", "code": "convocation",
        "serie": "mairie.courrier", "actif": "on",
    }  # fmt: skip
    reponse = client_redacteur.post("/courriers/modeles/nouveau/", neuf)
    m = ModeleCourrier.objects.get(code="convocation")
    assert reponse["Location"] == f"/courriers/modeles/{m.pk}/"
    double = client_redacteur.post("/courriers/modeles/nouveau/", neuf).content.decode()
    assert "banniere-danger" in double or "errorlist" in double
    assert ModeleCourrier.objects.filter(code="convocation").count() == 1
    url = f"/courriers/modeles/{m.pk}/"
    faux = client_redacteur.post(url, forme_modele(corps="<p>[zut]</p>"))
    assert faux.status_code == 422 and "[zut]" in faux.content.decode()
    client_redacteur.post(url, forme_modele())
    essai = client_redacteur.get(f"{url}version-1.pdf?essai=mairie.general:{ici.pk}")
    assert "Bonjour" in texte_pdf(essai.content) and "Courrier général" in texte_pdf(essai.content)
    assert "(exemple)" in texte_pdf(client_redacteur.get(f"{url}version-1.pdf").content)
    client_redacteur.post(f"{url}publier/", {"le": timezone.localdate().isoformat()})
    client_redacteur.post(url, forme_modele(corps="<p>Deux</p>"))
    client_redacteur.post(f"{url}restaurer/", {"numero": "1"})
    page = client_redacteur.get(url).content.decode()
    assert "en service" in page and "Reprise de la version 1" in page
    assert m.versions.get(numero=2).corps == "<p>Bonjour</p>"
    client_redacteur.post(f"{url}proposer/")
    m.refresh_from_db()
    assert not m.actif
    assert client_redacteur.post(f"{url}zut/").status_code == 404
    assert "Convocation" in client_redacteur.get("/courriers/modeles/").content.decode()


def test_deux_personnes_sur_un_modele(client_redacteur):
    from mairie.courriers.modeles import copier_pour

    m = copier_pour(modele(), ville(), par=redacteur())
    url = f"/courriers/modeles/{m.pk}/"
    client_redacteur.post(url, forme_modele(corps="<p>Un</p>"))
    page = client_redacteur.post(url, forme_modele(corps="<p>Deux</p>")).content.decode()
    assert "a changé pendant" in page and "&lt;p&gt;Deux&lt;/p&gt;" in page
    jeton = re.search(r'name="jeton" value="(\d+)"', page)[1]
    client_redacteur.post(url, forme_modele(corps="<p>Deux</p>", jeton=jeton))
    assert m.versions.get(publiee_le=None).corps == "<p>Deux</p>"


@pytest.mark.parametrize("le", ["2020-01-01", "2026-02-31"])
def test_une_mise_en_service_fausse_est_dite(client_redacteur, le):
    from mairie.courriers.modeles import copier_pour

    m = copier_pour(modele(), ville(), par=redacteur())
    reponse = client_redacteur.post(f"/courriers/modeles/{m.pk}/publier/", {"le": le}, follow=True)
    assert "passé" in reponse.content.decode() or "existe pas" in reponse.content.decode()
    assert m.versions.get().publiee_le is None


def test_le_modele_commun_s_adapte_sans_se_changer():
    commune(AUTRE_INSEE)
    m, client = modele(), connecter(redacteur())
    url = f"/courriers/modeles/{m.pk}/"
    page = client.get(url).content.decode()
    assert "faites-en une copie" in page and "Adapter pour cette collectivité" in page
    for interdit in (url, f"{url}publier/", f"{url}restaurer/", f"{url}proposer/"):
        assert client.post(interdit, forme_modele()).status_code == 403
    assert client.post(f"{url}copier/", {"collectivite": AUTRE_INSEE}).status_code == 403
    reponse = client.post(f"{url}copier/", {"collectivite": INSEE})
    copie = ModeleCourrier.objects.get(collectivite__code=INSEE)
    assert reponse["Location"] == f"/courriers/modeles/{copie.pk}/"


def test_le_modele_d_une_autre_commune_n_existe_pas():
    m = ModeleCourrier.objects.create(
        metier="mairie", code="la", libelle="Là", collectivite=commune(AUTRE_INSEE)
    )
    client = connecter(redacteur())
    assert client.get(f"/courriers/modeles/{m.pk}/").status_code == 404
    assert client.get(f"/courriers/modeles/{m.pk}/version-1.pdf").status_code == 404


def test_une_phrase_s_ecrit_et_ses_fautes_se_disent(client_redacteur):
    ici = ville()
    donnees = {
        "metier": "mairie", "collectivite": ici.pk, "categorie": "Fin", "libelle": "Merci",
        "texte": "Merci [zut]", "filtres": "zone:UA, type:PC, zone:UA", "actif": "on",
    }  # fmt: skip
    page = client_redacteur.post("/courriers/phrases/nouveau/", donnees).content.decode()
    assert "[zut]" in page and not Phrase.objects.exists()
    client_redacteur.post("/courriers/phrases/nouveau/", {**donnees, "texte": "Merci."})
    p = Phrase.objects.get()
    assert (p.texte, p.filtres) == ("<p>Merci.</p>", ["zone:UA", "type:PC"])
    commune(AUTRE_INSEE)
    refuse = client_redacteur.post(
        "/courriers/phrases/nouveau/", {**donnees, "collectivite": "", "texte": "x"}
    )
    assert Phrase.objects.count() == 1 and refuse.status_code == 422


# --- letterheads --------------------------------------------------------------------------------


def png() -> SimpleUploadedFile:
    sortie = io.BytesIO()
    Image.new("RGB", (20, 20), "green").save(sortie, "PNG")
    return SimpleUploadedFile("logo.png", sortie.getvalue(), "image/png")


def test_un_en_tete_se_regle_avec_son_logo(client_redacteur):
    ville()
    EnTete.objects.all().delete()
    assert "à régler" in client_redacteur.get("/reglages/en-tetes/").content.decode()
    url = f"/reglages/en-tetes/{INSEE}/"
    # The frame names the territory and its plan, whatever collectivité the page speaks of.
    assert "« DGFiP – Cadastre »" in client_redacteur.get(url).content.decode()
    donnees = {"nom": "Ville", "lieu": "Ici", "signataire_nom": "X", "version": "0", "fichier": png()}
    assert client_redacteur.post(url, donnees)["Location"] == "/reglages/en-tetes/"
    pose = EnTete.objects.get()
    assert (pose.nom, pose.logo_mime, pose.version) == ("Ville", "image/png", 1)
    logo = client_redacteur.get(f"{url}logo/")
    assert logo["Content-Type"] == "image/png" and "sandbox" in logo["Content-Security-Policy"]
    perime = client_redacteur.post(url, {"nom": "Autre", "version": "0"}, follow=True)
    assert "a changé pendant" in perime.content.decode()
    client_redacteur.post(url, {"nom": "Ville", "version": "1", "sans_logo": "on"})
    assert client_redacteur.get(f"{url}logo/").status_code == 404
    metier = client_redacteur.post(f"{url}urba/", {"nom": "Urbanisme", "version": "0"})
    assert metier.status_code == 302 and EnTete.objects.filter(metier="urba").exists()


@pytest.mark.parametrize(
    "contenu", [b"MZ\x90\x00", b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", b"x" * 3_000_000]
)
def test_un_logo_faux_est_refuse(client_redacteur, contenu):
    ville()
    fichier = SimpleUploadedFile("logo.png", contenu, "image/png")
    reponse = client_redacteur.post(
        f"/reglages/en-tetes/{INSEE}/", {"nom": "Ville", "version": "0", "fichier": fichier}
    )
    assert reponse.status_code == 200 and "errorlist" in reponse.content.decode()
    assert EnTete.objects.get().version == 0


def test_l_en_tete_d_une_autre_commune_n_existe_pas(client_redacteur):
    commune(AUTRE_INSEE)
    assert client_redacteur.get(f"/reglages/en-tetes/{AUTRE_INSEE}/").status_code == 404
    assert client_redacteur.get(f"/reglages/en-tetes/{INSEE}/zut/").status_code == 404
    assert connecter(agent("mairie.lecteur")).get("/reglages/en-tetes/").status_code == 403


def test_une_finalisation_refusee_garde_le_texte_et_ne_parle_pas_de_conflit(client):
    c = brouillon(destinataire=Destinataire("Jeanne Dupré"))
    client.force_login(redacteur(), backend="django.contrib.auth.backends.ModelBackend")
    champs = {"objet": "Objet neuf", "corps": "<p>Texte neuf</p>", "mode": "simple", "destinataire": "Jeanne"}
    reponse = client.post(f"/courriers/{c.pk}/", {**champs, "version": c.version, "acte": "finaliser"})
    assert reponse.status_code == 422
    page = reponse.content.decode()
    assert "Il manque : L&#x27;adresse du destinataire" in page
    assert "a changé pendant" not in page
    c.refresh_from_db()
    assert (c.objet, c.etat) == ("Objet neuf", "brouillon")

"""Outgoing mail: queued with what asks for it, sent once, tried again, shown while the server is away."""

from __future__ import annotations

import email
import subprocess
import sys
import threading
from datetime import timedelta
from email import policy

import pytest
from django.core import mail
from django.core.mail import EmailMessage, get_connection, send_mail
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from mairie import courriels
from mairie.courriels import CourrielRefuse, PieceJointe, envoyer_en_attente, mettre_en_file
from mairie.models import CourrielSortant, JournalActe
from tests.mairie.serveur_smtp import serveur_smtp
from tests.personnes import AUTRE_INSEE, INSEE, agent, commune

pytestmark = pytest.mark.django_db


@pytest.fixture
def smtp(settings):
    with serveur_smtp() as boite:
        settings.EMAIL_HOST, settings.EMAIL_PORT = boite.hote, boite.port
        settings.COURRIEL_TRANSPORT = "mairie.courriels_smtp.ServeurSMTP"
        yield boite


@pytest.fixture
def sans_serveur(settings):
    settings.COURRIEL_TRANSPORT = "mairie.courriels_smtp.SansServeur"


@pytest.fixture(autouse=True)
def _registres(monkeypatch):
    monkeypatch.setattr(courriels, "_sources", {})
    monkeypatch.setattr(courriels, "_suites", {})


def attendre(cle: str = "essai:1", a: str = "voisin@exemple.invalid", **champs) -> CourrielSortant:
    return mettre_en_file(cle, a, champs.pop("objet", "Votre dossier"), "Bonjour,\n\nÀ bientôt.", **champs)


def connecter(personne) -> Client:
    client = Client()
    client.force_login(personne, backend="django.contrib.auth.backends.ModelBackend")
    return client


# --- queue --------------------------------------------------------------------------------------


def test_la_meme_cle_ne_fait_qu_un_courriel():
    assert attendre() == attendre(objet="Autre")
    assert CourrielSortant.objects.count() == 1


def test_il_suit_la_transaction_de_l_appelant():
    with pytest.raises(RuntimeError), transaction.atomic():
        attendre()
        raise RuntimeError
    assert not CourrielSortant.objects.exists()


@pytest.mark.parametrize(
    "adresse", ["", "voisin", "a@b\nBcc: c@d.fr", "a@exemple.invalid, b@exemple.invalid"]
)
def test_une_adresse_fausse_est_refusee(adresse):
    with pytest.raises(CourrielRefuse):
        attendre(a=adresse)


def test_un_objet_ne_devient_pas_un_autre_en_tete(smtp):
    attendre(objet="Votre dossier\r\nBcc: espion@exemple.invalid")
    envoyer_en_attente()
    (recu,) = [email.message_from_bytes(m, policy=policy.default) for m in smtp.messages]
    assert recu["Subject"] == "Votre dossier Bcc: espion@exemple.invalid"
    assert recu["Bcc"] is None


# --- sending ------------------------------------------------------------------------------------


def test_un_courriel_part_avec_sa_piece_et_sa_preuve(smtp):
    courriels.declarer_source(
        "essai", lambda n: PieceJointe(f"lettre-{n}.pdf", "application/pdf", b"%PDF-1.7")
    )
    c = attendre(pieces=[("essai", 12)])
    bilan = envoyer_en_attente()
    assert (bilan.envoyes, bilan.panne) == (1, "")
    c.refresh_from_db()
    assert c.etat == "envoye" and c.envoye_le is not None and c.essais == 1
    assert c.reponse == "250 2.0.0 pris sous le numero 1"
    recu = email.message_from_bytes(smtp.messages[0], policy=policy.default)
    assert recu["Message-ID"] == c.message_id and recu["To"] == "voisin@exemple.invalid"
    (jointe,) = recu.iter_attachments()
    assert (jointe.get_filename(), jointe.get_content()) == ("lettre-12.pdf", b"%PDF-1.7")
    assert "À bientôt." in recu.get_body().get_content()
    assert envoyer_en_attente().envoyes == 0 and len(smtp.messages) == 1


def test_le_serveur_absent_laisse_tout_en_file(sans_serveur):
    attendre("essai:1"), attendre("essai:2")
    bilan = envoyer_en_attente()
    # The second is not even tried.
    assert (bilan.envoyes, bilan.reportes) == (0, 1) and "COURRIEL_SERVEUR" in bilan.panne
    premier = CourrielSortant.objects.get(cle="essai:1")
    assert premier.etat == "en_attente" and "COURRIEL_SERVEUR" in premier.erreur
    assert premier.prochain_essai > timezone.now()


def test_le_serveur_qui_revient_recoit_tout_une_fois(settings, sans_serveur):
    for i in range(3):
        attendre(f"essai:{i}")
    envoyer_en_attente()
    with serveur_smtp() as boite:
        settings.EMAIL_HOST, settings.EMAIL_PORT = boite.hote, boite.port
        settings.COURRIEL_TRANSPORT = "mairie.courriels_smtp.ServeurSMTP"
        bilan = envoyer_en_attente(maintenant=timezone.now() + timedelta(minutes=2))
        assert bilan.envoyes == 3 and len(boite.messages) == 3


def test_une_panne_de_cinq_jours_finit_en_echec(sans_serveur):
    c = attendre()
    CourrielSortant.objects.update(tente_depuis=timezone.now() - courriels.PATIENCE)
    assert envoyer_en_attente().echecs == 1
    c.refresh_from_db()
    assert c.etat == "echec"


def test_une_adresse_refusee_pour_de_bon_est_en_echec_les_autres_partent(smtp):
    smtp.refus["voisin@exemple.invalid"] = "550 5.1.1 inconnu ici"
    attendre("essai:1")
    attendre("essai:2", "autre@exemple.invalid")
    bilan = envoyer_en_attente()
    assert (bilan.envoyes, bilan.echecs) == (1, 1)
    refuse = CourrielSortant.objects.get(cle="essai:1")
    assert refuse.etat == "echec" and "550" in refuse.erreur


def test_un_refus_passager_est_represente_de_plus_en_plus_tard(smtp):
    smtp.refus["voisin@exemple.invalid"] = "451 4.7.1 plus tard"
    c, quand = attendre(), timezone.now()
    attentes = []
    for _ in courriels.DELAIS:
        envoyer_en_attente(maintenant=quand)
        c.refresh_from_db()
        assert c.etat == "en_attente"
        attentes.append(c.prochain_essai - quand)
        quand = c.prochain_essai
    assert tuple(attentes) == courriels.DELAIS
    assert envoyer_en_attente(maintenant=quand - timedelta(seconds=1)).reportes == 0
    assert envoyer_en_attente(maintenant=quand).echecs == 1


def test_une_coupure_apres_le_texte_se_represente_sous_le_meme_identifiant(smtp):
    smtp.couper_avant_reponse = True
    attendre()
    assert "SMTPServerDisconnected" in envoyer_en_attente().panne
    smtp.couper_avant_reponse = False
    envoyer_en_attente(maintenant=timezone.now() + timedelta(minutes=5))
    identifiants = {email.message_from_bytes(m)["Message-ID"] for m in smtp.messages}
    assert len(smtp.messages) == 2 and len(identifiants) == 1


def test_une_piece_illisible_met_en_echec_sans_rien_envoyer(smtp):
    attendre(pieces=[("inconnue", 1)])
    assert envoyer_en_attente().echecs == 1 and smtp.messages == []


def test_le_texte_d_un_courriel_secret_est_efface_une_fois_parti():
    c = attendre(conserver=False, corps_html="<p>secret</p>")
    envoyer_en_attente()
    c.refresh_from_db()
    assert (c.corps, c.corps_html) == ("", "") and "Bonjour" in mail.outbox[0].body


def test_la_suite_est_dite_une_fois_meme_si_elle_rate_d_abord():
    dits = []

    def suite(c):
        dits.append((c.cle, c.etat))
        if len(dits) == 1:
            raise RuntimeError("base absente")

    courriels.declarer_suite("essai.parti", suite)
    attendre(suite="essai.parti")
    for _ in range(3):
        envoyer_en_attente()
    assert dits == [("essai:1", "envoye")] * 2
    assert len(mail.outbox) == 1


def test_un_courriel_pris_par_un_autre_processus_est_saute(django_db_blocker):
    c = attendre()
    autre = connection.copy()
    try:
        with autre.cursor() as curseur:
            curseur.execute("SELECT pg_advisory_lock(%s, %s)", [courriels._VERROU, c.pk])
        assert envoyer_en_attente().envoyes == 0
    finally:
        autre.close()
    assert envoyer_en_attente().envoyes == 1


@pytest.mark.django_db(transaction=True)
def test_un_envoi_tue_est_repris_et_le_dit():
    c = attendre()
    CourrielSortant.objects.filter(pk=c.pk).update(etat="en_cours", essais=1)
    assert envoyer_en_attente().envoyes == 1
    c.refresh_from_db()
    assert (c.etat, c.interruptions, c.essais) == ("envoye", 1, 2)


@pytest.mark.django_db(transaction=True)
def test_des_envois_paralleles_ne_doublent_rien(smtp):
    for i in range(12):
        attendre(f"essai:{i}")
    bilans = []

    def envoyer():
        try:
            bilans.append(envoyer_en_attente())
        finally:
            connection.close()

    fils = [threading.Thread(target=envoyer) for _ in range(4)]
    for fil in fils:
        fil.start()
    for fil in fils:
        fil.join()
    assert sum(b.envoyes for b in bilans) == 12
    assert len({email.message_from_bytes(m)["Message-ID"] for m in smtp.messages}) == len(smtp.messages) == 12


def test_send_mail_passe_par_la_file(settings):
    settings.EMAIL_BACKEND = "mairie.courriels_smtp.EnFile"
    send_mail(
        "Réinitialiser", "https://exemple.invalid/secret", None, ["a@exemple.invalid", "b@exemple.invalid"]
    )
    assert CourrielSortant.objects.filter(conserver=False).count() == 2 and mail.outbox == []
    envoyer_en_attente()
    assert sorted(m.to[0] for m in mail.outbox) == ["a@exemple.invalid", "b@exemple.invalid"]
    avec_piece = EmailMessage("x", "y", None, ["a@exemple.invalid"])
    avec_piece.attach("a.txt", "a")
    with pytest.raises(ValueError, match="pièces jointes"):
        get_connection().send_messages([avec_piece])


def test_la_commande_dit_ce_qui_reste(capsys, sans_serveur):
    attendre()
    call_command("envoyer_courriels", limite=5)
    sorties = capsys.readouterr()
    assert "0 envoyés, 1 reportés, 0 en échec ; 1 en attente." in sorties.out
    assert "Serveur de courriel injoignable" in sorties.err


def test_les_reglages_lisent_l_adresse_du_serveur():
    code = (
        "import config.settings.courriers as s;"
        "print(s.EMAIL_HOST, s.EMAIL_PORT, s.EMAIL_USE_TLS, s.EMAIL_HOST_USER, s.COURRIEL_TRANSPORT)"
    )
    sortie = subprocess.run(
        [sys.executable, "-c", code],
        env={"COURRIEL_SERVEUR": "smtp+tls://u%40x:p@mail.exemple.invalid:587", "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert sortie.split() == [
        "mail.exemple.invalid",
        "587",
        "True",
        "u@x",
        "mairie.courriels_smtp.ServeurSMTP",
    ]


# --- screen -------------------------------------------------------------------------------------


def test_l_administrateur_voit_la_file_et_la_panne(sans_serveur):
    attendre(insee=INSEE)
    envoyer_en_attente()
    page = connecter(agent("mairie.administrateur")).get("/reglages/courriels/").content.decode()
    assert "Votre dossier" in page and "voisin@exemple.invalid" in page
    assert "Aucun serveur de courriel n'est réglé" in page
    assert "COURRIEL_SERVEUR" in page


def test_le_courriel_d_une_autre_commune_ne_se_voit_pas():
    commune(AUTRE_INSEE)
    c = attendre(insee=AUTRE_INSEE, objet="Chez le voisin")
    client = connecter(agent("mairie.administrateur"))
    assert "Chez le voisin" not in client.get("/reglages/courriels/").content.decode()
    assert client.post(f"/reglages/courriels/{c.pk}/relancer/").status_code == 404
    assert client.post(f"/reglages/courriels/{c.pk}/abandonner/").status_code == 404


def test_relancer_et_abandonner_laissent_une_trace(smtp):
    smtp.refus["voisin@exemple.invalid"] = "550 inconnu"
    c = attendre(insee=INSEE)
    envoyer_en_attente()
    client = connecter(agent("mairie.administrateur"))
    assert "courriels en échec" in client.get("/reglages/courriels/?etat=echec").content.decode()
    assert client.post(f"/reglages/courriels/{c.pk}/relancer/", follow=True).status_code == 200
    c.refresh_from_db()
    assert (c.etat, c.essais) == ("en_attente", 0)
    client.post(f"/reglages/courriels/{c.pk}/abandonner/")
    c.refresh_from_db()
    assert c.etat == "annule"
    assert client.post(f"/reglages/courriels/{c.pk}/relancer/").status_code == 302
    c.refresh_from_db()
    assert c.etat == "annule"
    assert list(JournalActe.objects.order_by("pk").values_list("action", flat=True)) == [
        "mairie.courriel_relance",
        "mairie.courriel_abandonne",
    ]


def test_envoyer_maintenant():
    attendre(insee=INSEE)
    page = connecter(agent("mairie.administrateur")).post("/reglages/courriels/envoyer/", follow=True)
    assert "Courriels envoyés : 1" in page.content.decode()
    assert len(mail.outbox) == 1


def test_qui_n_administre_pas_n_entre_pas():
    assert connecter(agent("mairie.lecteur")).get("/reglages/courriels/").status_code == 403


def test_les_courriels_de_comptes_sont_a_qui_administre_toutes_les_collectivites():
    """They belong to no commune: an address in them may be of another commune's agent."""
    c = attendre(insee="")
    commune(AUTRE_INSEE)
    ici = agent("mairie.administrateur")
    partout = agent("mairie.administrateur", codes=(INSEE, AUTRE_INSEE))
    assert c not in CourrielSortant.objects.visibles_par(ici)
    assert c in CourrielSortant.objects.visibles_par(partout)

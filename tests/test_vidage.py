"""What follows a test with real commits: everything it left goes, nothing of the code's own does."""

from __future__ import annotations

import threading

import pytest
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction

from mairie import journal
from mairie.models import Habilitation, JournalActe, Utilisateur
from tests import vidage
from tests.personnes import agent

pytestmark = pytest.mark.django_db(transaction=True)


def test_rien_ne_reste_ni_des_journaux_ni_des_types_ajoutes(monkeypatch):
    monkeypatch.setattr(journal, "_actions", dict(journal._actions))
    journal.declarer(journal.Action("essai.chose_faite", "Chose faite"))
    types, droits = set(ContentType.objects.values_list("pk")), set(Permission.objects.values_list("pk"))
    personne = agent("mairie.lecteur")
    journal.noter(personne, "essai.chose_faite")
    ajoute = ContentType.objects.create(app_label="essai", model="chose")
    Permission.objects.create(codename="essai", name="Essai", content_type=ajoute)
    assert vidage.vider()
    for modele in (Utilisateur, Habilitation, JournalActe):
        assert not modele.objects.exists()
    assert set(ContentType.objects.values_list("pk")) == types
    assert set(Permission.objects.values_list("pk")) == droits


def test_une_base_dont_les_droits_ont_change_est_videe_par_django():
    Permission.objects.order_by("pk").first().delete()
    agent()
    assert not vidage.vider()
    assert Utilisateur.objects.exists()


def test_une_transaction_encore_ouverte_est_attendue():
    ouverte, fermer = threading.Event(), threading.Event()

    def ecrire() -> None:
        with transaction.atomic():
            agent()
            ouverte.set()
            fermer.wait(10)
        connection.close()

    fil = threading.Thread(target=ecrire)
    fil.start()
    assert ouverte.wait(10)
    threading.Timer(0.1, fermer.set).start()
    assert vidage.vider()
    fil.join()
    assert not Utilisateur.objects.exists()

"""People and benches of the screens' tests."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.personnes import INSEE, agent

BACKEND = "django.contrib.auth.backends.ModelBackend"


def client_de(utilisateur) -> Client:
    """A browser where this person is logged in."""
    client = Client()
    client.force_login(utilisateur, backend=BACKEND)
    return client


@pytest.fixture
def administratrice(db):
    return agent("mairie.administrateur")


@pytest.fixture
def admin(administratrice, ecrans_essai):
    """The administrator's browser."""
    return client_de(administratrice)


@pytest.fixture
def lecteur(ecrans_essai):
    """The reader's browser."""
    return client_de(agent("mairie.lecteur"))


@pytest.fixture
def banc(ecrans_essai):
    """Makes a bench."""

    def creer(nom: str, **champs: object):
        return ecrans_essai.Banc.objects.create(nom=nom, **{"insee": INSEE, **champs})

    return creer

"""The example dossier of the workflow tests."""

from __future__ import annotations

import pytest
from django.contrib.contenttypes.models import ContentType

from mairie import roles
from mairie.models import Utilisateur
from mairie.workflow import registre
from tests import personnes
from tests.tables_essai import tables_essai


@pytest.fixture(scope="session")
def _table_essai(django_db_setup, django_db_blocker):
    from tests.mairie.essai_workflow import DossierEssai

    with tables_essai(django_db_blocker, DossierEssai):
        yield


@pytest.fixture
def workflow_essai(monkeypatch):
    from tests.mairie.essai_workflow import ESSAI

    monkeypatch.setattr(registre, "_workflows", {})
    return registre.declarer(ESSAI)


@pytest.fixture
def nouveau(_table_essai, workflow_essai, request):
    """Makes a dossier with an empty log; the test asks for the database itself."""
    from tests.mairie.essai_workflow import DossierEssai

    # Its row was rolled back with the test that first asked for it.
    ContentType.objects.clear_cache()
    return DossierEssai.objects.create


@pytest.fixture
def agent(monkeypatch):
    """Makes an agent who holds the given roles of the example in its commune."""
    monkeypatch.setattr(roles, "_roles", dict(roles._roles))

    def creer(*codes: str) -> Utilisateur:
        for code in codes:
            roles.declarer_roles(roles.Role("mairie", code, code, frozenset()))
        return personnes.agent(
            *(f"mairie.{code}" for code in codes),
            email=f"{'-'.join(codes) or 'personne'}@exemple.invalid",
            nom=f"Agent {'-'.join(codes)}",
        )

    return creer

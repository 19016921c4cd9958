"""The example dossier of the workflow tests."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection

from mairie.models import Utilisateur
from mairie.workflow import registre


@pytest.fixture(scope="session")
def _table_essai(django_db_setup, django_db_blocker):
    from tests.mairie.essai_workflow import DossierEssai

    with django_db_blocker.unblock():
        with connection.schema_editor() as schema:
            schema.create_model(DossierEssai)
        yield
        with connection.schema_editor() as schema:
            schema.delete_model(DossierEssai)


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
def agent():
    """Makes an agent who holds the given roles of the example."""

    def creer(*roles: str) -> Utilisateur:
        utilisateur = Utilisateur.objects.create_user(
            f"{'-'.join(roles) or 'personne'}@exemple.invalid", nom=f"Agent {'-'.join(roles)}"
        )
        contenu = ContentType.objects.get_for_model(Utilisateur)
        for role in roles:
            utilisateur.user_permissions.add(
                Permission.objects.get_or_create(codename=role, content_type=contenu)[0]
            )
        return utilisateur

    return creer

"""The table of dossiers that name persons."""

from __future__ import annotations

import pytest
from django.db import connection

from mairie.tiers import relations


@pytest.fixture(scope="session")
def _table_dossiers(django_db_setup, django_db_blocker):
    from tests.mairie.tiers.fabrique import DossierDeTiers

    with django_db_blocker.unblock():
        with connection.schema_editor() as schema:
            schema.create_model(DossierDeTiers)
        yield
        with connection.schema_editor() as schema:
            schema.delete_model(DossierDeTiers)


@pytest.fixture
def dossiers(_table_dossiers, monkeypatch):
    """The model of dossiers, known to the registry of relations."""
    from tests.mairie.tiers.fabrique import DossierDeTiers

    connues = relations._cles()
    relation = relations.Relation(DossierDeTiers, "tiers_id", "dossiers d'essai")
    monkeypatch.setattr(relations, "_cles", lambda: (*connues, relation))
    return DossierDeTiers

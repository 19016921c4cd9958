"""The table of dossiers that name persons."""

from __future__ import annotations

import pytest

from mairie.tiers import relations
from tests.tables_essai import tables_essai


@pytest.fixture(scope="session")
def _table_dossiers(django_db_setup, django_db_blocker):
    from tests.mairie.tiers.fabrique import DossierDeTiers

    with tables_essai(django_db_blocker, DossierDeTiers):
        yield


@pytest.fixture
def dossiers(_table_dossiers, monkeypatch):
    """The model of dossiers, known to the registry of relations."""
    from tests.mairie.tiers.fabrique import DossierDeTiers

    connues = relations._cles()
    relation = relations.Relation(DossierDeTiers, "tiers_id", "dossiers d'essai")
    monkeypatch.setattr(relations, "_cles", lambda: (*connues, relation))
    return DossierDeTiers

"""Fixtures of the example screens, given to every test by tests/conftest.py."""

from __future__ import annotations

import pytest

from tests.tables_essai import tables_essai


@pytest.fixture(scope="session")
def _tables_bancs(django_db_setup, django_db_blocker):
    from tests.mairie.essai_ecrans import MODELES

    with tables_essai(django_db_blocker, *MODELES):
        yield


@pytest.fixture
def ecrans_essai(_tables_bancs, monkeypatch, settings, db):
    """The benches' screens, with their addresses; gives their module."""
    from mairie.ecrans import reference, registre
    from tests.mairie import essai_ecrans

    monkeypatch.setattr(registre, "_ecrans", dict(registre._ecrans))
    monkeypatch.setattr(reference, "_tables", {**reference._tables, **essai_ecrans.TABLES})
    registre.declarer(*essai_ecrans.ECRANS)
    settings.ROOT_URLCONF = "tests.mairie.essai_ecrans"
    return essai_ecrans

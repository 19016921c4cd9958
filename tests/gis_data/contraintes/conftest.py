"""Packages are read within the test's own process: the limited child has its own tests, and is slow."""

from __future__ import annotations

import pytest

from tests.gis_data.contraintes.lecture_directe import lire_sans_enfant


@pytest.fixture(autouse=True)
def _lecture_directe(monkeypatch):
    lire_sans_enfant(monkeypatch)


@pytest.fixture(autouse=True)
def _fichiers(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"

"""Letters are written in a folder of the test; the rendering process ends with the session."""

from __future__ import annotations

import pytest

from mairie.courriers import rendu


@pytest.fixture(autouse=True)
def _fichiers(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture(scope="session", autouse=True)
def _processus():
    yield
    rendu.atelier.fermer()

"""Letters are written in a folder of the test."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _fichiers(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"

"""Invented plan for the tests of screens and search."""

import pytest

from tests.cadastre import fabrique


@pytest.fixture
def valbrune(db):
    """The invented commune 25999, one sheet."""
    return fabrique.valbrune()

"""Why a file is not imported."""

from __future__ import annotations


class FichierRefuse(ValueError):
    """A file that can't be read as a table; the French message says what is wrong and what to do."""

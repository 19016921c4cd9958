"""Where files lie in the storage: names that nobody can guess, and that say nothing of their content."""

from __future__ import annotations

import secrets
from typing import Any

from django.utils import timezone


def _chemin(dossier: str) -> str:
    jour = timezone.now()
    return f"{dossier}/{jour:%Y/%m}/{secrets.token_urlsafe(24)}"


def chemin_piece(instance: Any, filename: str) -> str:
    """Path of a file as received."""
    return _chemin("pieces")


def chemin_copie(instance: Any, filename: str) -> str:
    """Path of the copy of a photo."""
    return _chemin("copies")


def chemin_vignette(instance: Any, filename: str) -> str:
    """Path of a small picture of a file."""
    return _chemin("vignettes")

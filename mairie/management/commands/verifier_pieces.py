"""Checks that every stored file is still the one received."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from mairie.models import Piece
from mairie.pieces.service import intact


class Command(BaseCommand):
    """``manage.py verifier_pieces``."""

    help = "Relit tous les fichiers déposés et compare leur empreinte à celle du dépôt."

    def handle(self, *args: Any, **options: Any) -> None:
        """Read all; exit 1 with the numbers of those that are missing or changed."""
        total, abimees = 0, []
        for piece in Piece.objects.order_by("pk").iterator(chunk_size=500):
            total += 1
            if not intact(piece):
                abimees.append(piece.pk)
        if abimees:
            numeros = ", ".join(map(str, abimees[:50]))
            raise CommandError(f"{len(abimees)} pièces absentes ou changées sur {total} : {numeros}.")
        self.stdout.write(f"{total} pièces intactes.")

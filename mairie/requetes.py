"""Query sets that are reached through the rights of a person: models import this, so it imports no model."""

from __future__ import annotations

from typing import Any

from django.db import models


class RequeteVisible(models.QuerySet[Any]):
    """Base of query sets that are reached only through ``visibles_par``.

    A subclass sets ``DROIT_LIRE``, and ``CHAMP_CODE`` or ``CHAMP_GEOMETRIE`` where they differ.
    """

    DROIT_LIRE: str = ""
    CHAMP_CODE: str = "insee"
    CHAMP_GEOMETRIE: str | None = None

    def visibles_par(self, utilisateur: Any) -> Any:
        """Rows that this person may read; none for who holds no right."""
        from mairie.habilitations import portee

        p = portee(utilisateur, self.DROIT_LIRE)
        return self.filter(p.filtre(self.CHAMP_CODE, self.CHAMP_GEOMETRIE)) if p else self.none()

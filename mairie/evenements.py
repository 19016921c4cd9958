"""Domain events between trades: written to the outbox, delivered later."""

from __future__ import annotations

from typing import Any

from mairie.models import EvenementDomaine


def emettre(nom: str, charge: dict[str, Any], *, insee: str = "") -> EvenementDomaine:
    """Write event ``nom`` (``trade.event``) with its JSON payload in the current transaction."""
    return EvenementDomaine.objects.create(nom=nom, charge=charge, insee=insee)

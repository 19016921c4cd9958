"""What the services of letters say when they do nothing; each message is French and may be shown as it is."""

from __future__ import annotations

from collections.abc import Sequence

from mairie.courriers.fusion import Faute


class CourrierRefuse(Exception):
    """Nothing was written; ``raisons`` are sentences."""

    def __init__(self, *raisons: str) -> None:
        self.raisons = raisons
        super().__init__(" ".join(raisons))


class SansDroit(CourrierRefuse):
    """The person may not do this on this dossier."""


class TexteRefuse(CourrierRefuse):
    """The text has faults, each with its place."""

    def __init__(self, fautes: Sequence[Faute]) -> None:
        self.fautes = tuple(fautes)
        super().__init__(*(str(f) for f in fautes))


class ConflitEdition(CourrierRefuse):
    """Somebody else wrote since the version that the caller saw."""


class AConfirmer(CourrierRefuse):
    """Allowed, but the person must say that she read ``raisons`` first."""

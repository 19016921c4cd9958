"""What the service says when it does nothing; each message is French and may be shown as it is."""

from __future__ import annotations

from collections.abc import Sequence


class ErreurWorkflow(Exception):
    """Nothing was written."""


class Refus(ErreurWorkflow):
    """The event is not allowed; ``raisons`` are sentences, ``forcables`` the codes of guards one may pass."""

    def __init__(self, *raisons: str, forcables: Sequence[str] = ()) -> None:
        self.raisons, self.forcables = raisons, tuple(forcables)
        super().__init__(" ".join(raisons))


class ConflitEdition(ErreurWorkflow):
    """The dossier has changed since the version that the caller saw; the message says who did what, when."""

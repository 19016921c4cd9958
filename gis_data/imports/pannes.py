"""Fault points: places where a test makes the process kill itself, to prove that a kill loses nothing.

``URBA_POINT_DE_PANNE=name`` or ``name:n`` (n-th passage, from 1) sends SIGKILL to the process that
passes there. A worker started in place of a killed one has no fault point.
"""

from __future__ import annotations

import os
import signal

VARIABLE = "URBA_POINT_DE_PANNE"

_nom, _, _rang = os.environ.get(VARIABLE, "").partition(":")
_restant = int(_rang or 1) if _nom else 0


def point_de_panne(nom: str) -> None:
    """Die here when the environment asks for it."""
    global _restant  # noqa: PLW0603
    if _nom != nom:
        return
    _restant -= 1
    if _restant == 0:
        os.kill(os.getpid(), signal.SIGKILL)

"""A file that is not taken, and why."""

from __future__ import annotations


class PieceRefusee(Exception):
    """The file is refused; the French message names it, says why and what to do. ``code`` is for programs."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message

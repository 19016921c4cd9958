"""Where the written rule of an object is: the address it gives, or the piece that came with it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from django.urls import reverse

_ADRESSE = re.compile(r"^https?://[^\s<>\"']{3,}$", re.IGNORECASE)
_PAGE = re.compile(r"page=\d{1,5}", re.IGNORECASE)


def lien_de_piece(document: int, nomfic: str, urlfic: str, pieces: Mapping[tuple[int, str], int]) -> str:
    """Address of the rule; empty when there is none. Only http(s) addresses of the document are followed."""
    if _ADRESSE.match(urlfic or ""):
        return urlfic
    nom, _, ancre = (nomfic or "").partition("#")
    base = nom.replace("\\", "/").rpartition("/")[2].lower()
    piece = pieces.get((document, base)) if base else None
    if piece is None:
        return ""
    page = _PAGE.search(ancre)
    return reverse("carte_piece", args=[piece]) + (f"#{page[0]}" if page else "")

"""What a printed sheet says, read from its own bytes: sizes in millimetres, texts, colours."""

from __future__ import annotations

import io
from dataclasses import dataclass

import pdfplumber

MM = 72 / 25.4


@dataclass(frozen=True)
class Page:
    """One page: size, texts, and every path as points in millimetres from its upper left corner."""

    largeur: float
    hauteur: float
    texte: str
    chemins: list[tuple[str, list[tuple[float, float]]]]


def pages(octets: bytes) -> list[Page]:
    """All pages of a PDF."""
    lues = []
    with pdfplumber.open(io.BytesIO(octets)) as pdf:
        for page in pdf.pages:
            chemins = []
            for objet in (*page.curves, *page.lines, *page.rects):
                couleur = couleur_de(objet.get("stroking_color")) if objet.get("stroke") else ""
                points = [(x / MM, y / MM) for x, y in objet.get("pts") or []]
                if points:
                    chemins.append((couleur, points))
            lues.append(
                Page(float(page.width) / MM, float(page.height) / MM, page.extract_text() or "", chemins)
            )
    return lues


def couleur_de(brute: object) -> str:
    """« #b4611a »; empty for what is no RGB colour."""
    if not isinstance(brute, tuple | list) or len(brute) != 3:
        return ""
    return "#" + "".join(f"{round(float(c) * 255):02x}" for c in brute)

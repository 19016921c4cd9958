"""Outlines of a text in the house's font: its halo is drawn as a shape, so that a PDF holds the text once."""

from __future__ import annotations

import functools
import threading
from typing import Any

from django.contrib.staticfiles import finders
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.pens.svgPathPen import SVGPathPen
from fontTools.pens.transformPen import TransformPen
from fontTools.ttLib import TTFont

# The same files as the print's style sheets.
_FICHIER = "vendor/source-sans-3/source-sans-3-{plage}-wght-{pente}.woff2"
PLAGES = ("latin", "latin-ext")
_verrou = threading.Lock()


@functools.cache
def _police(plage: str, italique: bool) -> TTFont | None:
    chemin = finders.find(_FICHIER.format(plage=plage, pente="italic" if italique else "normal"))
    return TTFont(chemin, lazy=False) if isinstance(chemin, str) else None


@functools.cache
def _lettre(caractere: str, italique: bool, graisse: int) -> tuple[Any, float, int] | None:
    """(outline, width, units of the em) of a character; null where no file has it."""
    for plage in PLAGES:
        police = _police(plage, italique)
        nom = police.getBestCmap().get(ord(caractere)) if police else None
        if police is None or nom is None:
            continue
        glyphes = police.getGlyphSet(location={"wght": graisse})
        plume = DecomposingRecordingPen(glyphes)
        glyphes[nom].draw(plume)
        return plume, float(glyphes[nom].width), int(police["head"].unitsPerEm)
    return None


@functools.lru_cache(maxsize=4_096)
def contour(
    texte: str, italique: bool = False, graisse: int = 400, espacement: float = 0.0
) -> tuple[str, float, int] | None:
    """Path of a text from its baseline, y upwards, its length, and the em, all in the font's units.

    ``espacement``: between letters, in parts of the em. Null where the font lacks a letter: nothing to draw
    it with.
    """
    with _verrou:
        lettres = [_lettre(c, italique, graisse) for c in texte]
    chemin = SVGPathPen(None, ntos=lambda v: f"{v:.0f}")
    avance, em = 0.0, 1000
    for rang, lettre in enumerate(lettres):
        if lettre is None:
            return None
        plume, largeur, em = lettre
        avance += espacement * em if rang else 0
        plume.replay(TransformPen(chemin, (1, 0, 0, 1, avance, 0)))
        avance += largeur
    return chemin.getCommands(), avance, em

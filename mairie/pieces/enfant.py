"""Child process that opens pictures and PDF given by people: little memory, little time, nothing of ours.

usage: python -I enfant.py   with a JSON order on standard input; answers JSON on standard output.
Orders: ``image`` (a picture made again), ``pages`` (pages of a PDF), ``page`` (one page as a picture).
"""

from __future__ import annotations

import json
import os
import resource
import sys
import warnings
from typing import Any

MEMOIRE = 1536 * 1024**2
CPU_S = 25
SORTIE = 64 * 1024**2
PIXELS_MAX = 80_000_000
FORMATS = ("JPEG", "PNG", "WEBP", "TIFF")


def limiter() -> None:
    """Bounds that hold for whatever runs next in this process."""
    for nature, valeur in (
        (resource.RLIMIT_AS, MEMOIRE),
        (resource.RLIMIT_CPU, CPU_S),
        (resource.RLIMIT_FSIZE, SORTIE),
        (resource.RLIMIT_NOFILE, 64),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(nature, (valeur, valeur))


def image(ordre: dict[str, Any]) -> dict[str, Any]:
    """A new picture: upright, bare, ``cote`` pixels at most, zones made unreadable.

    ``flous``: rectangles as shares of width and height (x, y, width, height).
    """
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = PIXELS_MAX
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    with Image.open(ordre["entree"], formats=FORMATS) as source:
        # JPEG may be read at a fraction of its size.
        source.draft("RGB", (2 * ordre["cote"], 2 * ordre["cote"]))
        droite = ImageOps.exif_transpose(source)
        transparente = droite.mode in ("RGBA", "LA", "PA") or "transparency" in droite.info
        if transparente:
            fond = Image.new("RGB", droite.size, "white")
            calque = droite.convert("RGBA")
            fond.paste(calque, mask=calque.getchannel("A"))
            droite = fond
        else:
            droite = droite.convert("RGB")
        droite.thumbnail((ordre["cote"], ordre["cote"]))
        for x, y, largeur, hauteur in ordre.get("flous", ()):
            _masquer(droite, x, y, largeur, hauteur)
        # A bare picture: no EXIF, no profile, no comment goes along.
        propre = Image.new("RGB", droite.size)
        propre.paste(droite)
        propre.save(ordre["sortie"], "JPEG", quality=ordre.get("qualite", 85), optimize=True)
        return {"largeur": propre.width, "hauteur": propre.height}


def _masquer(photo: Any, x: float, y: float, largeur: float, hauteur: float) -> None:
    """Coarse mosaic, a dozen squares across: a blur can be undone, an average cannot."""
    from PIL import Image

    gauche, haut = int(x * photo.width), int(y * photo.height)
    droite = min(photo.width, max(gauche + 1, round((x + largeur) * photo.width)))
    bas = min(photo.height, max(haut + 1, round((y + hauteur) * photo.height)))
    zone = photo.crop((gauche, haut, droite, bas))
    pas = max(8, max(zone.size) // 8)
    petite = zone.resize((max(1, zone.width // pas), max(1, zone.height // pas)), Image.Resampling.BOX)
    photo.paste(petite.resize(zone.size, Image.Resampling.NEAREST), (gauche, haut))


def pages(ordre: dict[str, Any]) -> dict[str, Any]:
    """How many pages a PDF has; ``chiffre``: it asks for a password."""
    from pypdf import PdfReader

    lecteur = PdfReader(ordre["entree"], strict=False)
    if lecteur.is_encrypted and not lecteur.decrypt(""):
        return {"chiffre": True}
    return {"pages": len(lecteur.pages)}


def page(ordre: dict[str, Any]) -> dict[str, Any]:
    """One page drawn by poppler: this process becomes it, bounds included."""
    arguments = [
        ordre["programme"],
        "-q",
        "-jpeg",
        "-singlefile",
        "-f",
        str(ordre["page"]),
        "-l",
        str(ordre["page"]),
        "-scale-to",
        str(ordre["cote"]),
        ordre["entree"],
        ordre["sortie"],
    ]
    os.execv(ordre["programme"], arguments)  # noqa: S606 fixed program, path of ours


ORDRES = {"image": image, "pages": pages, "page": page}


def main() -> int:
    """Do what is ordered; any fault is an answer, not a trace."""
    ordre = json.load(sys.stdin)
    limiter()
    try:
        reponse = ORDRES[ordre["ordre"]](ordre)
    except Exception as e:
        reponse = {"faute": type(e).__name__}
    json.dump(reponse, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Pictures of files, made by a limited child process: copies of photos, thumbnails, pages."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import IO, Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from mairie.models import Piece

ENFANT = Path(__file__).with_name("enfant.py")
DELAI_S = 40
COTE_COPIE, COTE_VIGNETTE, COTE_PAGE = 1600, 360, 1400
# Pages shown on screen; the file itself holds the others.
PAGES_MONTREES = 60
_IMAGES = ("image/jpeg", "image/png", "image/webp", "image/tiff")

Flou = tuple[float, float, float, float]


class ApercuImpossible(Exception):
    """No picture can be made; the French message says why."""


@cache
def poppler() -> str:
    """Path of ``pdftoppm``, empty when the system has none."""
    return shutil.which("pdftoppm") or ""


def manque() -> str:
    """What this machine lacks to show all it could, in a French sentence; empty when nothing."""
    if poppler():
        return ""
    return "Les PDF ne sont pas montrés en images : installez poppler-utils (pdftoppm)."


def montrable(piece: Piece) -> bool:
    """Whether a picture of this file can be made here."""
    return piece.mime in _IMAGES or (piece.mime == "application/pdf" and bool(poppler()))


def _ordonner(ordre: dict[str, Any]) -> dict[str, Any]:
    """What the child answers; ``ApercuImpossible`` when it dies, lasts or finds the file faulty."""
    try:
        fin = subprocess.run(  # noqa: S603 our own script
            [sys.executable, "-I", str(ENFANT)],
            input=json.dumps(ordre).encode(),
            capture_output=True,
            cwd="/",
            env={"PATH": os.defpath, "LANG": "C.UTF-8"},
            timeout=DELAI_S,
            check=False,
        )
    except subprocess.TimeoutExpired as e:
        raise ApercuImpossible("Ce fichier est trop long à dessiner.") from e
    if ordre["ordre"] == "page":
        return {} if fin.returncode == 0 else {"faute": "poppler"}
    try:
        reponse = json.loads(fin.stdout)
    except ValueError:
        reponse = {"faute": "interrompu"}
    return reponse if isinstance(reponse, dict) else {"faute": "réponse"}


@contextlib.contextmanager
def _sur_disque(flux: IO[bytes]) -> Iterator[tuple[Path, Path]]:
    """(copy of the file, where the picture goes) in a folder that goes away."""
    with tempfile.TemporaryDirectory(prefix="apercu-") as dossier:
        entree = Path(dossier) / "entree"
        flux.seek(0)
        with entree.open("wb") as copie:
            shutil.copyfileobj(flux, copie)
        flux.seek(0)
        yield entree, Path(dossier) / "sortie.jpg"


def refaire(flux: IO[bytes], cote: int, flous: Sequence[Flou] = ()) -> bytes:
    """A JPEG of the picture, upright and bare; ``ApercuImpossible`` when it can't be read."""
    with _sur_disque(flux) as (entree, sortie):
        reponse = _ordonner(
            {
                "ordre": "image",
                "entree": str(entree),
                "sortie": str(sortie),
                "cote": cote,
                "flous": list(flous),
            }
        )
        if "faute" in reponse or not sortie.exists():
            raise ApercuImpossible(
                "Cette image est trop grande (80 millions de points au plus)."
                if "Bomb" in reponse.get("faute", "")
                else "Cette image est abîmée : elle ne peut pas être lue."
            )
        return sortie.read_bytes()


def pages_pdf(flux: IO[bytes]) -> int | None:
    """Number of pages of a PDF; null when it can't be told (broken, or closed by a password)."""
    with _sur_disque(flux) as (entree, _):
        try:
            return _ordonner({"ordre": "pages", "entree": str(entree)}).get("pages")
        except ApercuImpossible:
            return None


def _page(flux: IO[bytes], page: int, cote: int) -> bytes:
    if not poppler():
        raise ApercuImpossible(manque())
    with _sur_disque(flux) as (entree, sortie):
        reponse = _ordonner(
            {
                "ordre": "page",
                "programme": poppler(),
                "entree": str(entree),
                "page": page,
                "cote": cote,
                "sortie": str(sortie.with_suffix("")),
            }
        )
        if "faute" in reponse or not sortie.exists():
            raise ApercuImpossible("Cette page ne peut pas être dessinée : le PDF est protégé ou abîmé.")
        return sortie.read_bytes()


def _dessiner(piece: Piece, page: int, cote: int) -> bytes:
    if piece.photo and piece.copie:
        with piece.copie.open("rb") as flux:
            return refaire(flux, cote)
    with piece.fichier.open("rb") as flux:
        if piece.mime in _IMAGES:
            return refaire(flux, cote)
        if piece.mime == "application/pdf":
            return _page(flux, page, cote)
    raise ApercuImpossible("Ce genre de fichier ne se montre pas en image : téléchargez-le.")


def vignette(piece: Piece) -> bytes:
    """Small picture of the file, made once."""
    if piece.vignette:
        with contextlib.suppress(OSError), piece.vignette.open("rb") as flux:
            return flux.read()
    octets = _dessiner(piece, 1, COTE_VIGNETTE)
    piece.vignette.save("vignette", ContentFile(octets), save=False)
    Piece.objects.filter(pk=piece.pk).update(vignette=piece.vignette.name)
    return octets


def page(piece: Piece, numero: int) -> bytes:
    """One page at the size of a screen, made once."""
    chemin = f"apercus/{piece.uuid}/{numero}"
    if default_storage.exists(chemin):
        with default_storage.open(chemin, "rb") as flux:
            return flux.read()
    octets = _dessiner(piece, numero, COTE_PAGE)
    if not default_storage.exists(chemin):
        default_storage.save(chemin, ContentFile(octets))
    return octets


def oublier(piece: Piece) -> None:
    """Forget the pictures made of a file: it was blurred, or goes."""
    if piece.vignette:
        piece.vignette.storage.delete(str(piece.vignette.name))
        Piece.objects.filter(pk=piece.pk).update(vignette="")
        piece.vignette = ""
    dossier = f"apercus/{piece.uuid}"
    with contextlib.suppress(OSError):
        for nom in default_storage.listdir(dossier)[1]:
            default_storage.delete(f"{dossier}/{nom}")

"""Files as answers: always as a download, never as a page of ours; pictures made by us may be shown."""

from __future__ import annotations

from pathlib import PurePosixPath
from urllib.parse import quote

from django.http import FileResponse, HttpResponse, HttpResponseBase

from mairie.models import Piece

# Nothing that comes from a person runs, frames or is framed.
_GARDE = "default-src 'none'; frame-ancestors 'none'; sandbox"


def _garder(reponse: HttpResponseBase, *, public: bool) -> HttpResponseBase:
    reponse["X-Content-Type-Options"] = "nosniff"
    reponse["Content-Security-Policy"] = _GARDE
    reponse["Cross-Origin-Resource-Policy"] = "same-origin"
    reponse["Cache-Control"] = "public, max-age=300" if public else "private, no-store"
    return reponse


def _disposition(nom: str) -> str:
    """RFC 6266: a plain name for old programs, the true one beside."""
    simple = "".join(c if c.isascii() and c.isprintable() and c not in '"\\%;' else "_" for c in nom)
    return f"attachment; filename=\"{simple}\"; filename*=UTF-8''{quote(nom, safe='')}"


def servir(piece: Piece, *, public: bool = False) -> HttpResponseBase:
    """The file as received, as a download under the name it came with.

    To the public, under a name of ours: people put their own in those of their files.
    """
    reponse = FileResponse(piece.fichier.open("rb"), content_type=piece.mime)
    reponse["Content-Length"] = piece.taille
    nom = f"{piece.code or 'piece'}{PurePosixPath(piece.nom).suffix.lower()}" if public else piece.nom
    reponse["Content-Disposition"] = _disposition(nom)
    return _garder(reponse, public=public)


def servir_image(octets: bytes, *, public: bool = False) -> HttpResponseBase:
    """A JPEG made by us, shown in the page."""
    return _garder(HttpResponse(octets, content_type="image/jpeg"), public=public)


def servir_copie(piece: Piece, *, public: bool = False) -> HttpResponseBase:
    """The copy of a photo: upright, bare, blurred where asked."""
    with piece.copie.open("rb") as flux:
        return servir_image(flux.read(), public=public)

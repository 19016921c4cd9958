"""Pictures that a letter may show: files of its own dossier, and of no other."""

from __future__ import annotations

from django.db.models import Model

from mairie.courriers.rendu import MIMES_PIECES, Ressource
from mairie.models import Piece

# A photo is printed by its copy: no place, no device, blurred where it was asked.
MIME_COPIE = "image/jpeg"


def image(dossier: Model, numero: int) -> Ressource | None:
    """The picture ``numero`` of this dossier as a letter shows it; null when there is none."""
    piece = Piece.objects.du_dossier(dossier).courantes().filter(pk=numero).first()
    if piece is None or piece.mime not in MIMES_PIECES:
        return None
    if piece.photo and not piece.copie:
        return None
    fichier, mime = (piece.copie, MIME_COPIE) if piece.photo else (piece.fichier, piece.mime)
    try:
        with fichier.open("rb") as ouvert:
            return Ressource(mime, ouvert.read())
    except OSError:
        return None


def images(dossier: Model) -> list[Piece]:
    """Pictures of a dossier that its letters may show."""
    lignes = Piece.objects.du_dossier(dossier).courantes().filter(mime__in=MIMES_PIECES)
    return [p for p in lignes if p.copie or not p.photo]

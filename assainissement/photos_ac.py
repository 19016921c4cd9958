"""Photos of a control of connection: added with its points, shown in its certificate."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from assainissement.models import ControleAC
from mairie.models import Piece
from mairie.pieces.refus import PieceRefusee
from mairie.pieces.service import deposer

CODE = "photo"
PHOTOS_MAX = 6
IMAGES = ("jpeg", "png", "webp")


def photos(c: ControleAC) -> Sequence[Piece]:
    """Those that stand, in the order in which they came."""
    return list(
        Piece.objects.du_dossier(c).courantes().filter(code=CODE, photo=True).order_by("depose_le", "pk")
    )


def joindre(c: ControleAC, fichiers: Iterable[Any], legende: str, *, par: Any) -> tuple[int, list[str]]:
    """How many were added, and why the others were not: each is judged on its own.

    Kept without place nor device. The same picture twice is one.
    """
    tenues, refus, ajoutees = {p.pk for p in photos(c)}, [], 0
    for fichier in fichiers:
        if len(tenues) >= PHOTOS_MAX:
            refus.append(
                f"{PHOTOS_MAX} photos au plus pour un contrôle : retirez-en une, ou gardez les premières."
            )
            break
        rang = len(tenues) + 1
        try:
            piece = deposer(
                c, fichier, par=par, code=CODE, libelle=legende or f"Photo {rang}", formats=IMAGES, nue=True
            )
        except PieceRefusee as e:
            refus.append(e.message)
            continue
        ajoutees += piece.pk not in tenues
        tenues.add(piece.pk)
    return ajoutees, refus

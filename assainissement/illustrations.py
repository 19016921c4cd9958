"""Pictures of the report of a visit: photos, sketch, signature of the person present."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PIL import Image

from assainissement import photos_ac
from assainissement.models import Controle, ControleAC
from mairie.courriers.champs import Illustration, ImageFusion
from mairie.models import Piece

PHOTOS = 6
# On paper, in mm.
_LARGEUR = {"photo": 120.0, "croquis": 150.0, "signature": 70.0}
_HAUTEUR_MAX = 100.0


def _illustration(piece: Piece | None, code: str, alt: str) -> Illustration | None:
    """The copy of a picture, which the house has made: its own measures may be read."""
    if piece is None or not piece.copie:
        return None
    with piece.copie.open("rb") as flux:
        octets = flux.read()
        flux.seek(0)
        with Image.open(flux, formats=("JPEG",)) as image:
            largeur, hauteur = image.size
    mm = min(_LARGEUR[code], _HAUTEUR_MAX * largeur / hauteur)
    return Illustration("image/jpeg", octets, alt, mm, mm * hauteur / largeur, alt)


def _dernier(code: str, alt: str) -> Callable[[Any], Illustration | None]:
    def lire(c: Controle) -> Illustration | None:
        piece = (
            Piece.objects.du_dossier(c).courantes().filter(code=code).order_by("-depose_le", "-pk").first()
        )
        return _illustration(piece, code, alt)

    return lire


def photos(c: Controle) -> list[tuple[Piece, str]]:
    """Photos of a visit with their words: those of the phone in its order, then those added at the desk."""
    pieces = Piece.objects.du_dossier(c).courantes().filter(code="photo", photo=True)
    legendes = dict(c.photos.order_by("rang", "pk").values_list("piece", "legende"))
    rangs = {pk: rang for rang, pk in enumerate(legendes)}
    prises = sorted(pieces.order_by("depose_le", "pk"), key=lambda p: rangs.get(p.pk, len(rangs)))
    return [(p, legendes.get(p.pk, p.libelle)) for p in prises]


def _photo(rang: int) -> Callable[[Any], Illustration | None]:
    def lire(c: Controle) -> Illustration | None:
        prises = photos(c)
        if rang > len(prises):
            return None
        piece, legende = prises[rang - 1]
        return _illustration(piece, "photo", legende or f"Photo {rang}")

    return lire


def champs() -> list[ImageFusion]:
    """Fields of letters; each is left out where there is no such picture."""
    return [
        ImageFusion("croquis", "Croquis", _dernier("croquis", "Croquis de l'installation"), True),
        ImageFusion(
            "signature_presence",
            "Signature de la personne présente",
            _dernier("signature", "Signature de la personne présente"),
            True,
        ),
        *(ImageFusion(f"photo_{n}", f"Photo {n}", _photo(n), True) for n in range(1, PHOTOS + 1)),
    ]


def champs_raccordement() -> list[ImageFusion]:
    """Photos of a control of connection, for its letters."""

    def lire(rang: int) -> Callable[[Any], Illustration | None]:
        def photo(c: ControleAC) -> Illustration | None:
            prises = photos_ac.photos(c)
            piece = prises[rang - 1] if rang <= len(prises) else None
            return _illustration(piece, "photo", piece.libelle if piece is not None else "")

        return photo

    return [
        ImageFusion(f"ac_photo_{n}", f"Photo {n} du branchement", lire(n), True, "Contrôle de branchement")
        for n in range(1, photos_ac.PHOTOS_MAX + 1)
    ]


CORPS_RACCORDEMENT = "".join(f"<p>[ac_photo_{n}]</p>" for n in range(1, photos_ac.PHOTOS_MAX + 1))
CORPS = (
    "<p>[croquis]</p>"
    + "".join(f"<p>[photo_{n}]</p>" for n in range(1, PHOTOS + 1))
    + "<p>[signature_presence]</p>"
)

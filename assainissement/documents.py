"""Documents that a commune gives its inhabitants: forms, règlement, deliberations (spec §9.3).

They hang on the versions of the règlement de service (those of a zone, on the zone);
only those that an agent publishes are shown.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib.contenttypes.models import ContentType

from assainissement import perms
from assainissement.models import ReglementService
from mairie.models import Piece
from mairie.pieces.registre import Porteur, declarer

ADRESSE = "/assainissement/documents/"
CODES = (
    ("formulaire", "Formulaire"),
    ("reglement", "Règlement de service"),
    ("tarifs", "Délibération des tarifs"),
)


def declarer_porteur() -> None:
    """From ``AppConfig.ready``."""
    declarer(
        Porteur(
            ReglementService,
            ReglementService.objects.visibles_par,
            perms.REGLER,
            lambda r: f"{ADRESSE}?commune={r.insee}",
            codes=lambda r: CODES,
            formats=("pdf",),
        )
    )


def publies(insee: str) -> list[tuple[str, Sequence[Piece]]]:
    """What the public may read of a commune, by kind; a new version of the règlement loses none of it."""
    versions = ReglementService.objects.filter(insee=insee).values("pk")
    pieces = Piece.objects.courantes().filter(
        dossier_type=ContentType.objects.get_for_model(ReglementService),
        dossier_id__in=versions,
        visible_public=True,
        retiree_le__isnull=True,
    )
    par_code: dict[str, list[Piece]] = {}
    for p in pieces.order_by("libelle", "pk"):
        par_code.setdefault(p.code, []).append(p)
    return [(libelle, par_code[code]) for code, libelle in CODES if code in par_code]

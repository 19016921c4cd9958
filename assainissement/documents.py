"""Documents that a commune gives its inhabitants: forms, règlement, deliberations (spec §9.3).

They hang on the versions of the règlement de service and on the deliberations of the tariffs (those of a
zone, on the zone); only those that an agent publishes are shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.contrib.contenttypes.models import ContentType

from assainissement import perms
from assainissement.models import DeliberationTarif, ReglementService
from mairie.models import Piece
from mairie.pieces.registre import Porteur, declarer

ADRESSE = "/assainissement/documents/"
CODES = (
    ("formulaire", "Formulaire"),
    ("reglement", "Règlement de service"),
    ("tarifs", "Délibération des tarifs"),
)

CODES_TARIF = (("deliberation", "Délibération"), ("annexe", "Annexe"))


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
    declarer(
        Porteur(
            DeliberationTarif,
            DeliberationTarif.objects.visibles_par,
            perms.REGLER,
            lambda d: d.get_absolute_url(),
            codes=lambda d: CODES_TARIF,
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


def publies_des_tarifs(deliberations: Iterable[int]) -> dict[int, Piece]:
    """What the public may read of deliberations, by their key: the deliberation itself, else an annex."""
    pieces = Piece.objects.courantes().filter(
        dossier_type=ContentType.objects.get_for_model(DeliberationTarif),
        dossier_id__in=list(deliberations),
        visible_public=True,
    )
    # The last of the order is kept: « deliberation » after « annexe ».
    return {p.dossier_id: p for p in pieces.order_by("code", "-pk")}

"""Neighbours of a file (spec §3): parcels of today within five metres of its ground."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection, transaction

from domainepublic.instruction.etats import FINALS
from domainepublic.models import Alerte, DossierODP, Riverain

DISTANCE_M = 5
PAR_LOT = 500
_PROCHES = """
    SELECT e.dossier_id, p.idu, round(min(ST_Distance(e.surface, p.geom))::numeric, 2)
    FROM domainepublic_emprise AS e
    JOIN cadastre_parcelle AS p ON ST_DWithin(e.surface, p.geom, %s)
    WHERE e.dossier_id = ANY(%s) AND p.valide_au IS NULL AND p.idu IS NOT NULL
    GROUP BY e.dossier_id, p.idu
"""


def remplir(dossiers: Iterable[Any]) -> dict[int, list[str]]:
    """Neighbours of files just made, in one query; their numbers by file, the nearest first."""
    sortie: dict[int, list[tuple[Decimal, str]]] = {d.pk: [] for d in dossiers}
    with connection.cursor() as curseur:
        curseur.execute(
            f"INSERT INTO domainepublic_riverain (dossier_id, idu, distance) {_PROCHES}"
            " RETURNING dossier_id, idu, distance",
            [DISTANCE_M, list(sortie)],
        )
        for pk, idu, distance in curseur.fetchall():
            sortie[pk].append((distance, idu))
    return {pk: [idu for _, idu in sorted(x)] for pk, x in sortie.items()}


def calculer(dossiers: Iterable[int]) -> dict[int, tuple[list[str], list[str]]]:
    """Write the neighbours of these files as the plan shows them now; what changed: (added, taken away)."""
    cles = list(dict.fromkeys(dossiers))
    avant: dict[int, dict[str, Decimal]] = defaultdict(dict)
    apres: dict[int, dict[str, Decimal]] = defaultdict(dict)
    changes = {}
    with transaction.atomic():
        for dossier, idu, distance in Riverain.objects.filter(dossier__in=cles).values_list(
            "dossier_id", "idu", "distance"
        ):
            avant[dossier][idu] = distance
        with connection.cursor() as curseur:
            curseur.execute(_PROCHES, [DISTANCE_M, cles])
            for dossier, idu, distance in curseur.fetchall():
                apres[dossier][idu] = distance
        autres = [pk for pk in cles if avant[pk] != apres[pk]]
        Riverain.objects.filter(dossier__in=autres).delete()
        Riverain.objects.bulk_create(
            [Riverain(dossier_id=pk, idu=idu, distance=m) for pk in autres for idu, m in apres[pk].items()]
        )
    for pk in autres:
        ajoutes, retires = sorted(apres[pk].keys() - avant[pk]), sorted(avant[pk].keys() - apres[pk].keys())
        if ajoutes or retires:
            changes[pk] = (ajoutes, retires)
    return changes


def suivre_le_plan(insee: str, le: date, evenement: int) -> int:
    """After an import: neighbours of the files of a commune that are not over; files whose list changed.

    Each change is listed for an agent. A file that had no neighbour on the plan is only filled.
    """
    vivants = list(
        DossierODP.objects.filter(insee=insee)
        .exclude(etat__in=FINALS)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    nombre = 0
    for debut in range(0, len(vivants), PAR_LOT):
        lot = vivants[debut : debut + PAR_LOT]
        connus = set(Riverain.objects.filter(dossier__in=lot).values_list("dossier_id", flat=True))
        changes = {pk: x for pk, x in calculer(lot).items() if pk in connus}
        nombre += len(changes)
        Alerte.objects.bulk_create(
            [
                Alerte(
                    dossier_id=pk, genre=Alerte.Genre.RIVERAINS, le=le, evenement=evenement,
                    details={"ajoutes": ajoutes, "retires": retires},
                )
                for pk, (ajoutes, retires) in changes.items()
            ],
            ignore_conflicts=True,
        )  # fmt: skip
    return nombre


def de(dossier: Any) -> list[str]:
    """Their numbers, the nearest first."""
    return list(Riverain.objects.filter(dossier=dossier.pk).values_list("idu", flat=True))

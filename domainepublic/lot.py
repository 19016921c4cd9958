"""What a batch of new files reads once for all: ground, grids, neighbours that could collide."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.db import connection

if TYPE_CHECKING:
    from domainepublic.models import DossierODP, Emprise, GrilleTarifaire

# The same nearness as ``conflits.candidates``, for all emprises of the batch in one search of the index.
_VOISINES = """
    SELECT e.id, a.id
    FROM domainepublic_emprise AS e
    JOIN domainepublic_dossierodp AS d ON d.id = e.dossier_id
    JOIN domainepublic_emprise AS a
      ON a.surface && e.surface AND ST_Intersects(a.surface, e.surface)
     AND a.periode && daterange(e.debut, e.fin + 2) AND a.dossier_id <> e.dossier_id
    JOIN domainepublic_dossierodp AS autre ON autre.id = a.dossier_id
    WHERE e.id = ANY(%s) AND autre.insee = d.insee
      AND (autre.etat = ANY(%s) OR autre.id = ANY(%s))
    ORDER BY e.id, a.id
"""
_RUE = """
    SELECT NOT EXISTS (SELECT FROM domainepublic_pointeau WHERE insee = ANY(%s))
       AND NOT EXISTS (SELECT FROM domainepublic_lignebus WHERE insee = ANY(%s)),
      (SELECT coalesce(json_object_agg(code, valeur::text), '{}'::json) FROM domainepublic_parametreodp)
"""


class Lot:
    """Files made together in one transaction, in their order, with their emprises.

    Each sees the others of the batch that come before it as they stand in memory, and no other: what it would
    have seen, had they been made one after the other.
    """

    def __init__(self, dossiers: Sequence[DossierODP], emprises: Sequence[Emprise]) -> None:
        self.dossiers = {d.pk: d for d in dossiers}
        self._rangs = {d.pk: rang for rang, d in enumerate(dossiers)}
        self._emprises: dict[int, list[Emprise]] = {d.pk: [] for d in dossiers}
        self._grilles: dict[tuple[str, date, date], list[GrilleTarifaire]] = {}
        self._facture: dict[str, bool] = {}
        for e in emprises:
            e.dossier = self.dossiers[e.dossier_id]
            self._emprises[e.dossier_id].append(e)
        for d in dossiers:
            d.lot = self

    def emprises(self, dossier: DossierODP) -> list[Emprise]:
        """Its emprises in their order."""
        return self._emprises[dossier.pk]

    def grilles(self, insee: str, debut: date, fin: date) -> list[GrilleTarifaire]:
        """As ``tarifs.grilles_de``."""
        from domainepublic.tarifs import grilles_de

        cle = (insee, debut, fin)
        if cle not in self._grilles:
            self._grilles[cle] = grilles_de(insee, debut, fin)
        return self._grilles[cle]

    def facture(self, insee: str) -> bool:
        """As ``tarifs.facture``."""
        from domainepublic.tarifs import facture

        if insee not in self._facture:
            self._facture[insee] = facture(insee)
        return self._facture[insee]

    @cached_property
    def compatibilites(self) -> list[dict[str, Any]]:
        """The matrix."""
        from domainepublic.models import Compatibilite

        return [dict(c) for c in Compatibilite.objects.values("a", "b", "niveau")]

    def rue(self, emprises: list[Emprise]) -> dict[str, Any]:
        """As ``voirie.reperes``; figures read once, and nothing searched in a street without any object."""
        from domainepublic import voirie

        vide, chiffres = self._rue
        if vide:
            return {"pei": [], "lignes_bus": [], "parametres": chiffres}
        return voirie.reperes(emprises, chiffres)

    @cached_property
    def _rue(self) -> tuple[bool, dict[str, str]]:
        """(no hydrant nor bus line in these communes, the figures chosen), in one reading."""
        from domainepublic import voirie

        communes = list({d.insee for d in self.dossiers.values()})
        with connection.cursor() as curseur:
            curseur.execute(_RUE, [communes, communes])
            vide, choisis = curseur.fetchone()
        return vide, voirie.chiffres({c: Decimal(v) for c, v in choisis.items() if v is not None})

    @cached_property
    def _voisines(self) -> dict[int, list[Emprise]]:
        from domainepublic.conflits import ETATS_COMPARES
        from domainepublic.models import Emprise

        siennes = {e.pk: e for emprises in self._emprises.values() for e in emprises}
        with connection.cursor() as curseur:
            curseur.execute(_VOISINES, [list(siennes), list(ETATS_COMPARES), list(self.dossiers)])
            paires = curseur.fetchall()
        autres = {b for _, b in paires} - set(siennes)
        lues = Emprise.objects.select_related("dossier", "dossier__voie", "type").in_bulk(autres)
        trouvees: dict[int, list[Emprise]] = {}
        for a, b in paires:
            trouvees.setdefault(a, []).append(siennes.get(b) or lues[b])
        return trouvees

    def voisines(self, emprise: Emprise) -> list[Emprise]:
        """As ``conflits.candidates``, for another kind than trenches."""
        rang = self._rangs[emprise.dossier_id]
        return [a for a in self._voisines.get(emprise.pk, ()) if self._rangs.get(a.dossier_id, -1) < rang]

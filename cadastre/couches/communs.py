"""Columns and query sets that the layers of the plan share."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from typing import Any

from django.contrib.gis.db.models import Extent
from django.contrib.gis.db.models.functions import Envelope, Transform
from django.contrib.postgres.aggregates import StringAgg
from django.db.models import Case, CharField, Count, Max, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.base import Model
from django.db.models.expressions import Combinable

from cadastre.models import Commune, VersionFeuille
from gis_data.couches import Attribut, Boites, Genre
from gis_data.emprise import Emprise
from gis_data.models import ImportTravail

# Where a text about an area stands.
POINT_TEXTE = "ST_PointOnSurface({g})"
OCRE = "#b4611a"

FEUILLE = Attribut("feuille", "Feuille", "feuille__id12")
MILLESIME = Attribut("millesime", "Millésime", "feuille__version__millesime", Genre.DATE)
COMMUNE = Attribut("commune", "Commune", "feuille__commune")
DATE_MAJ = Attribut("date_maj", "Mise à jour le", genre=Genre.DATE)
RID = Attribut("rid", "Identifiant dans le lot")
# Held by every object of a sheet.
COMMUNS = (FEUILLE, MILLESIME, COMMUNE, DATE_MAJ, RID)

FILTRES_OBJET: Mapping[str, str] = {
    "commune": "feuille__commune",
    "feuille": "feuille__id12",
    "section": "feuille__section",
}


def version_cadastre() -> str:
    """Changes with every import: last run, its last sign of life, sheets delivered."""
    travaux = ImportTravail.objects.aggregate(i=Max("id"), b=Max("battement"), f=Max("fin"))
    feuilles = VersionFeuille.objects.aggregate(n=Count("id"), d=Max("id"), q=Max("importee_le"))
    return "|".join(str(v) for v in (*travaux.values(), *feuilles.values()))


# Shapes of a sheet may lie a little outside its frame.
MARGE_M = 300.0


def modifications_cadastre(avant: str) -> Boites | None:
    """Communes whose sheets an import has written since ``avant``, a text of ``version_cadastre``.

    By run rather than by sheet: parallel writers end in any order, and what is derived from the sheets
    (communes, sections) comes after them. A run that was alive at that time counts whole.
    """
    _, battement, _, nombre, derniere, importee = avant.split("|")
    if "None" in (derniere, importee) or VersionFeuille.objects.filter(pk__lte=derniere).count() < int(
        nombre
    ):
        return None
    ecrites = Q(pk__gt=derniere) | Q(importee_le__gt=datetime.datetime.fromisoformat(importee))
    ecrites |= Q(import_travail__etat=ImportTravail.Etat.EN_COURS)
    if battement != "None":
        ecrites |= Q(import_travail__battement__gte=datetime.datetime.fromisoformat(battement))
        ecrites |= Q(import_travail__fin__gte=datetime.datetime.fromisoformat(battement))
    insee = set(VersionFeuille.objects.filter(ecrites).values_list("feuille__commune", flat=True))
    cadres = [
        *VersionFeuille.objects.filter(feuille__commune__in=insee)
        .order_by()
        .values("feuille__commune")
        .annotate(cadre=Extent("geom_3857"))
        .values_list("cadre", flat=True),
        *Commune.objects.filter(insee__in=insee)
        .order_by()
        .values("insee")
        .annotate(cadre=Extent("geom_3857"))
        .values_list("cadre", flat=True),
    ]
    return [(o - MARGE_M, s - MARGE_M, e + MARGE_M, n + MARGE_M) for o, s, e, n in filter(None, cadres)]


def emprises_communes() -> list[Emprise]:
    """Extent of each commune in degrees, by INSEE code."""
    cadres = (
        Commune.objects.filter(geom__isnull=False)
        .annotate(cadre=Transform(Envelope("geom"), 4326))
        .order_by("insee")
        .values_list("cadre", flat=True)
    )
    return [cadre.extent for cadre in cadres]


def tous(modele: type[Model], **filtre: Any) -> Callable[[Any], QuerySet[Any]]:
    """Rows that anybody may see."""

    def objets(utilisateur: Any) -> QuerySet[Any]:
        return modele._default_manager.filter(**filtre)

    return objets


def libelle(champ: str, table: Mapping[str, str]) -> Combinable:
    """The word for a code, in SQL, so that exports of a million rows stream; null for an unknown code."""
    return Case(
        *(When(**{champ: code}, then=Value(mot)) for code, mot in table.items()),
        default=None,
        output_field=CharField(),
    )


def parcelles_liees(lien: type[Model], champ: str, filtre: Q | None = None) -> Combinable:
    """Identifiers of the linked parcels, sorted, joined by a space."""
    liens = lien._default_manager.filter(
        filtre or Q(), **{champ: OuterRef("pk")}, parcelle__idu__isnull=False
    )
    return Subquery(
        liens.order_by()
        .values(champ)
        .annotate(idus=StringAgg("parcelle__idu", " ", order_by="parcelle__idu"))
        .values("idus"),
        output_field=CharField(),
    )


def a_la_date(objets: QuerySet[Any], jour: datetime.date) -> QuerySet[Any]:
    """Versions in force on ``jour`` (§7.2)."""
    return objets.filter(Q(valide_au__isnull=True) | Q(valide_au__gt=jour), valide_du__lte=jour)

"""What the public may know of an occupation (spec §9): kind, street, dates, effect; never a name."""

from __future__ import annotations

from django.db.models import QuerySet

from domainepublic.instruction.etats import PUBLICS
from domainepublic.models import DossierODP, Emprise

# Not works nor a business in the street: seen by agents only.
TYPES_INTERNES = ("SANS",)


def emprises_publiques() -> QuerySet[Emprise]:
    """Emprises of files that hold a title today or will."""
    return Emprise.objects.filter(dossier__etat__in=PUBLICS).exclude(type__code__in=TYPES_INTERNES)


def dossiers_publics() -> QuerySet[DossierODP]:
    """Files whose occupation is public today."""
    requete: QuerySet[DossierODP] = DossierODP.objects.filter(etat__in=PUBLICS)
    return requete

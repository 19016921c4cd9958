"""What happened elsewhere, on the files that it concerns, until an agent has looked at it (spec §12)."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib.gis.db.models import Union
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from cadastre.models import Parcelle
from domainepublic.instruction.etats import EN_ATTENTE, FINALS, TITRES
from domainepublic.models import Alerte, DossierODP, Emprise
from domainepublic.riverains import DISTANCE_M
from mairie.models import EvenementDomaine, Utilisateur

Genre = Alerte.Genre
# Kinds that an establishment puts in front of its own door.
TERRASSES = ("TERR_O", "TERR_F", "ETAL")
EN_COURS = (*TITRES, *EN_ATTENTE, "a_controler", "infraction")
# Tile of the dashboard → kinds of alerts that it counts.
SUIVIS = {
    "travaux": (Genre.TRAVAUX_FINIS, Genre.PERMIS_RETIRE),
    "etablissement": (Genre.ETABLISSEMENT,),
    "riverains": (Genre.RIVERAINS,),
}


def ouvertes(code: str) -> Q:
    """Files not over that have an open alert of that tile."""
    siennes = Alerte.objects.filter(dossier=OuterRef("pk"), genre__in=SUIVIS[code], traitee_le__isnull=True)
    return Q(Exists(siennes)) & ~Q(etat__in=FINALS)


def lever(dossiers: Any, genre: str, le: date, e: EvenementDomaine, reference: str) -> int:
    """One alert a file, once for an event; how many files."""
    alertes = [
        Alerte(dossier_id=pk, genre=genre, le=le, evenement=e.pk, reference=reference[:40])
        for pk in dossiers.order_by("pk").values_list("pk", flat=True).distinct()
    ]
    Alerte.objects.bulk_create(alertes, ignore_conflicts=True)
    return len(alertes)


def traiter(dossier: DossierODP, genre: str, *, par: Utilisateur) -> int:
    """An agent has looked at the alerts of that kind; how many were open."""
    return Alerte.objects.filter(dossier=dossier, genre=genre, traitee_le__isnull=True).update(
        traitee_le=timezone.now(), traitee_par=par
    )


def du_permis(charge: dict[str, Any]) -> Any:
    """Files not over that name this permit."""
    numeros = [n for n in (charge.get("autorisation"), charge.get("numero")) if n]
    return DossierODP.objects.filter(autorisation__in=numeros, etat__in=EN_COURS)


def de_l_etablissement(charge: dict[str, Any]) -> Any:
    """Terraces of an establishment: of its SIRET; else of who took the ground in front of its parcels."""
    vivants = DossierODP.objects.filter(
        insee=charge.get("insee") or "-", etat__in=EN_COURS, emprises__type__code__in=TERRASSES
    )
    siret = "".join(c for c in str(charge.get("siret") or "") if c.isdigit())
    if siret:
        siens = vivants.filter(Q(demandeur__siret=siret) | Q(executant__siret=siret) | Q(payeur__siret=siret))
        if siens.exists():
            return siens
    idus = [i for i in charge.get("idus") or [] if isinstance(i, str)]
    sol = Parcelle.objects.filter(idu__in=idus, valide_au__isnull=True, geom__isnull=False).aggregate(
        sol=Union("geom")
    )["sol"]
    if sol is None:
        return vivants.none()
    devant = Emprise.objects.filter(
        type__code__in=TERRASSES, surface__dwithin=(sol, DISTANCE_M), dossier=OuterRef("pk")
    )
    voisins = vivants.filter(Exists(devant))
    # Somebody else's terrace in front of the same building is told only when no SIRET says whose.
    return voisins.filter(Q(demandeur__siret="") | Q(demandeur__isnull=True)) if siret else voisins

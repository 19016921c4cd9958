"""Requests made through the services, in one line, on the tiny plan."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from mairie.models import Tiers, Utilisateur
from mairie.workflow import appliquer
from tests.personnes import INSEE, agent
from urba.models import DossierInstruction
from urba.services import Demandeur, NouveauDossier, deposer

DEPOT = date(2026, 3, 2)
TOUS = ("guichet", "instructeur", "chef", "signataire", "technicien", "lecture", "administrateur")


def personne(nom: str = "Personne fictive", insee: str = INSEE) -> Tiers:
    """An invented petitioner."""
    return Tiers.objects.create(collectivite=insee, nom=nom)


def acteur(role: str, insee: str = INSEE) -> Utilisateur:
    """An agent of the permits."""
    return agent(f"urba.{role}", codes=(insee,))


def nouveau(type_detail: str = "PCMI", le: date = DEPOT, **champs: Any) -> NouveauDossier:
    """A deposit with one invented petitioner and one parcel."""
    options: dict[str, Any] = {"references": "AB 1", "demandeurs": None, "insee": INSEE, **champs}
    if options["demandeurs"] is None:
        options["demandeurs"] = [Demandeur(personne(insee=options["insee"]))]
    return NouveauDossier(type_detail=type_detail, depose_le=le, **options)


def dossier(type_detail: str = "PCMI", le: date = DEPOT, **champs: Any) -> DossierInstruction:
    """A request deposited at the counter."""
    return deposer(nouveau(type_detail, le, **champs), par=acteur("guichet"))


def agir(
    di: DossierInstruction,
    evenement: str,
    role: str,
    le: date | None = None,
    donnees: Mapping[str, Any] | None = None,
    **options: Any,
) -> DossierInstruction:
    """Apply an event as an agent of that role, at the version of today."""
    di.refresh_from_db()
    appliquer(
        di,
        evenement,
        par=acteur(role, di.insee),
        version=di.version,
        date_effet=le,
        donnees=donnees or {},
        **options,
    )
    return di


def qualifie(di: DossierInstruction, le: date | None = None, **donnees: Any) -> DossierInstruction:
    """Qualified by an instructor."""
    return agir(di, "qualification", "instructeur", le, {"type_detail": di.type_detail, **donnees})

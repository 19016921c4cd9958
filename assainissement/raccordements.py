"""Services of connections: entered, connected, put under derogation. Only they write the due date."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from assainissement.models import Branchement, BranchementParcelle, DerogationRaccordement
from assainissement.numerotation import numero_branchement
from assainissement.regles.raccordement import limite_raccordement
from mairie import evenements
from mairie.calendrier import jma
from mairie.models import Utilisateur
from mairie.workflow import Refus

CONSTATE = "assainissement.raccordement_constate"
CHAMPS = ("geom", "adresse", "proprietaire", "type_reseau", "mise_en_service_le", "boite", "notes")


def creer(
    insee: str,
    *,
    par: Utilisateur | None,
    champs: Mapping[str, Any],
    parcelles: Sequence[str] = (),
    raccorde_le: date | None = None,
    client_uuid: UUID | None = None,
    aujourdhui: date | None = None,
) -> Branchement:
    """A connection with its number; the same ``client_uuid`` twice makes one."""
    jour = aujourdhui or timezone.localdate()
    if client_uuid and (deja := Branchement.objects.filter(client_uuid=client_uuid).first()):
        return deja
    service = champs.get("mise_en_service_le")
    try:
        with transaction.atomic():
            b: Branchement = Branchement.objects.create(
                insee=insee,
                numero=numero_branchement(insee, jour),
                raccorder_avant=limite_raccordement(service) if service else None,
                client_uuid=client_uuid,
                cree_par=par,
                modifie_par=par,
                **{c: v for c, v in champs.items() if c in CHAMPS},
            )
            _parcelles(b, parcelles)
            if raccorde_le:
                constater(b, raccorde_le, par=par, aujourdhui=jour)
    except IntegrityError:
        if client_uuid and (deja := Branchement.objects.filter(client_uuid=client_uuid).first()):
            return deja
        raise
    return b


def _parcelles(b: Branchement, parcelles: Sequence[str]) -> None:
    b.parcelles.exclude(reference__in=parcelles).delete()
    connues = set(b.parcelles.values_list("reference", flat=True))
    BranchementParcelle.objects.bulk_create(
        BranchementParcelle(branchement=b, reference=idu)
        for idu in dict.fromkeys(parcelles)
        if idu not in connues
    )


def modifier(
    b: Branchement, champs: Mapping[str, Any], parcelles: Sequence[str], *, par: Utilisateur
) -> Branchement:
    """Correct what a connection is; the due date follows the day of the sewer."""
    with transaction.atomic():
        verrou: Branchement = Branchement.objects.select_for_update(of=("self",)).get(pk=b.pk)
        for champ, valeur in champs.items():
            if champ in CHAMPS:
                setattr(verrou, champ, valeur)
        service = verrou.mise_en_service_le
        verrou.raccorder_avant = limite_raccordement(service) if service else None
        verrou.modifie_par, verrou.modifie_le = par, timezone.now()
        verrou.save()
        _parcelles(verrou, parcelles)
    return verrou


def constater(
    b: Branchement, le: date, *, par: Utilisateur | None, aujourdhui: date | None = None
) -> Branchement:
    """The building is connected: told to whoever bills or shows it. ``Refus`` for a day to come, or twice."""
    jour = aujourdhui or timezone.localdate()
    if le > jour:
        raise Refus("Le raccordement se constate le jour où il est fait, ou après.")
    with transaction.atomic():
        verrou: Branchement = Branchement.objects.select_for_update(of=("self",)).get(pk=b.pk)
        if verrou.raccorde_le is not None:
            raise Refus(f"Le raccordement est déjà constaté, du {jma(verrou.raccorde_le)}.")
        if verrou.mise_en_service_le and le < verrou.mise_en_service_le:
            raise Refus(
                f"Le réseau n'est en service que depuis le {jma(verrou.mise_en_service_le)} :"
                " corrigez l'une des deux dates."
            )
        verrou.raccorde_le = le
        verrou.modifie_par, verrou.modifie_le = par, timezone.now()
        verrou.save(update_fields=["raccorde_le", "modifie_par", "modifie_le"])
        evenements.emettre(
            CONSTATE,
            {
                "branchement": verrou.numero,
                "insee": verrou.insee,
                "parcelles": list(verrou.parcelles.values_list("reference", flat=True)),
                "date": le.isoformat(),
            },
            insee=verrou.insee,
        )
    b.raccorde_le = le
    return verrou


def deroger(
    b: Branchement, *, motif: str, acte: str, du: date, au: date, par: Utilisateur | None
) -> DerogationRaccordement:
    """A derogation with its act. ``Refus``: an end before the beginning, or two at once."""
    if au < du:
        raise Refus("La fin précède le début.")
    with transaction.atomic():
        verrou: Branchement = Branchement.objects.select_for_update(of=("self",)).get(pk=b.pk)
        autre = verrou.derogations.filter(du__lte=au, au__gte=du).first()
        if autre is not None:
            raise Refus(f"Une dérogation court déjà du {jma(autre.du)} au {jma(autre.au)} ({autre.acte}).")
        return DerogationRaccordement.objects.create(
            branchement=verrou, motif=motif, acte=acte, du=du, au=au, cree_par=par
        )

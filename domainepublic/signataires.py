"""Who signs which act of a file: the mayor, or the president of the EPCI where both work in this house.

An authority whose collectivité is not here signs elsewhere: an agent notes it (``signature_exterieure``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Q
from django.utils import timezone

from domainepublic.actes import nature_du_dossier
from domainepublic.courriers.catalogue import ACTE
from domainepublic.instruction.gardes import SIGNATURES
from domainepublic.models import DossierODP, Emprise
from mairie.delegations import signataires
from mairie.models import Appartenance, Collectivite, Delegation, Evenement

MAIRE, PRESIDENT = "maire", "president_epci"


def _epcis(insee: str, jour: date) -> list[Collectivite]:
    liens = Appartenance.objects.filter(
        Q(au__isnull=True) | Q(au__gt=jour), commune__code=insee, du__lte=jour, epci__active=True
    )
    return [x.epci for x in liens.select_related("epci").order_by("du", "pk")]


def collectivite(insee: str, autorite: str, jour: date) -> Collectivite | None:
    """Whose letterhead the act of an authority bears; null where its house is not here."""
    if autorite == MAIRE:
        return Collectivite.objects.filter(code=insee).first()
    if autorite == PRESIDENT:
        return next((c for c in _epcis(insee, jour) if signataires(c, ACTE, jour)), None)
    return None


def titres_de(compte: Any, jour: date) -> dict[str, set[str]]:
    """Authorities in whose name an account signs that day, each with its communes."""
    if compte is None or not compte.is_active:
        return {}
    delegations = Delegation.objects.filter(
        Q(titulaire=True) | Q(types_actes__overlap=[ACTE, "domainepublic"]),
        Q(au__isnull=True) | Q(au__gte=jour),
        delegataire=compte, du__lte=jour,
    ).select_related("collectivite")  # fmt: skip
    titres: dict[str, set[str]] = defaultdict(set)
    for d in delegations:
        if d.collectivite.nature == Collectivite.Nature.COMMUNE:
            titres[MAIRE].add(d.collectivite.code)
            continue
        membres = Appartenance.objects.filter(
            Q(au__isnull=True) | Q(au__gt=jour), epci=d.collectivite, du__lte=jour, commune__active=True
        )
        titres[PRESIDENT] |= set(membres.values_list("commune__code", flat=True))
    return titres


def peut_signer(compte: Any, insee: str, autorites: Iterable[str], jour: date) -> bool:
    """Whether an account signs in the name of one of these authorities for that commune."""
    titres = titres_de(compte, jour)
    return any(insee in titres.get(a, ()) for a in autorites)


def signees(dossiers: Sequence[Any]) -> dict[int, dict[str, date]]:
    """By file, the authorities that have signed since its act was last proposed, with the day."""
    faits = Evenement.objects.filter(
        dossier_type=ContentType.objects.get_for_model(DossierODP),
        dossier_id__in=[d.pk for d in dossiers],
        type__in=("preparer_acte", *SIGNATURES),
        annule_par__isnull=True,
    ).order_by("date_effet", "id")
    sortie: dict[int, dict[str, date]] = {d.pk: {} for d in dossiers}
    for f in faits:
        if f.type == "preparer_acte":
            sortie[f.dossier_id].clear()
        else:
            sortie[f.dossier_id][f.donnees.get("autorite") or MAIRE] = f.date_effet
    return sortie


def autorite_de(compte: Any, dossier: DossierODP, attendues: Sequence[str], jour: date) -> str:
    """In whose name this account signs the file: an authority still awaited first. The mayor's by default."""
    titres = titres_de(compte, jour)
    siennes = [a for a in attendues if dossier.insee in titres.get(a, ())]
    faites = signees([dossier])[dossier.pk]
    return next((a for a in siennes if a not in faites), siennes[0] if siennes else MAIRE)


def en_attente_de(compte: Any) -> list[int]:
    """Keys of the files that wait for the signature of this account."""
    from domainepublic.lot import Lot

    titres = titres_de(compte, timezone.localdate())
    codes = set().union(*titres.values()) if titres else set()
    dossiers = list(
        DossierODP.objects.visibles_par(compte).filter(etat="a_signer", insee__in=codes).order_by("pk")
    )
    if not dossiers:
        return []
    # Read once for all of them.
    Lot(dossiers, list(Emprise.objects.filter(dossier__in=dossiers).select_related("type")))
    faites = signees(dossiers)
    return [
        d.pk
        for d in dossiers
        if any(
            d.insee in titres.get(a, ()) and a not in faites[d.pk] for a in nature_du_dossier(d).signataires
        )
    ]

"""Acts of an administrateur on the collectivité itself: signatures, services, membership of an EPCI."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from mairie import journal
from mairie.comptes.droits import Refus, administre
from mairie.comptes.traces import APPARTENANCE_MODIFIEE, DELEGATION_CREEE, DELEGATION_TERMINEE
from mairie.delegations import types_actes
from mairie.models import Appartenance, Collectivite, Delegation, Utilisateur
from mairie.roles import metiers


@dataclass(frozen=True)
class NouvelleDelegation:
    """What a delegation says; ``au`` included."""

    collectivite: Collectivite
    delegataire: Utilisateur
    qualite: str
    du: date
    titulaire: bool = False
    types: tuple[str, ...] = ()
    au: date | None = None
    acte_reference: str = ""
    acte_date: date | None = None


@transaction.atomic
def deleguer(par: Utilisateur, n: NouvelleDelegation) -> Delegation:
    """Write a delegation; raises ``Refus``."""
    if not administre(par, [n.collectivite.code]):
        raise Refus("Vous n'administrez pas cette collectivité.")
    if not Utilisateur.objects.visibles_par(par).filter(pk=n.delegataire.pk, is_active=True).exists():
        raise Refus("Cette personne n'est pas de vos agents.")
    if n.au is not None and n.au < n.du:
        raise Refus("La fin vient avant le début.")
    if not n.titulaire:
        if not n.types or set(n.types) - set(types_actes()) - set(metiers()):
            raise Refus("Choisissez les actes délégués.")
        if not n.acte_reference.strip() or n.acte_date is None:
            raise Refus("Une délégation se fait par un arrêté : donnez sa référence et sa date.")
        if n.acte_date > n.du:
            raise Refus("La délégation commence avant son arrêté.")
    try:
        with transaction.atomic():
            delegation = Delegation.objects.create(
                collectivite=n.collectivite,
                delegataire=n.delegataire,
                titulaire=n.titulaire,
                qualite=n.qualite.strip(),
                types_actes=[] if n.titulaire else list(n.types),
                du=n.du,
                au=n.au,
                acte_reference=n.acte_reference.strip(),
                acte_date=n.acte_date,
                cree_par=par,
            )
    except IntegrityError as e:
        if "delegation_un_titulaire" in str(e):
            raise Refus("Une autre personne signe déjà par sa fonction à ces dates.") from e
        raise
    journal.noter(par, DELEGATION_CREEE, delegation, insee=n.collectivite.code)
    return delegation


@transaction.atomic
def terminer_delegation(par: Utilisateur, delegation: Delegation, dernier_jour: date) -> None:
    """End after that day, yesterday at the earliest; raises ``Refus``. What was signed before stays."""
    d = Delegation.objects.select_for_update(of=("self",)).get(pk=delegation.pk)
    if not administre(par, [d.collectivite.code]):
        raise Refus("Vous n'administrez pas cette collectivité.")
    aujourdhui = timezone.localdate()
    if d.au is not None and d.au < aujourdhui:
        raise Refus("Cette délégation est déjà terminée.")
    if dernier_jour < aujourdhui - timedelta(days=1):
        raise Refus("Une délégation ne se termine pas dans le passé : des actes ont pu être signés.")
    journal.noter(
        par,
        DELEGATION_TERMINEE,
        d,
        insee=d.collectivite.code,
        donnees={"fin": dernier_jour.isoformat()},
    )
    if dernier_jour < d.du:
        d.delete()
        return
    d.au = dernier_jour
    d.save(update_fields=["au"])


@transaction.atomic
def rattacher(par: Utilisateur, epci: Collectivite, commune: Collectivite, du: date) -> Appartenance:
    """The commune joins the EPCI; raises ``Refus``.

    Needs both: the EPCI's agents will work for the commune, so its own administrateur agrees, and being that
    of the EPCI alone is not enough.
    """
    if not administre(par, [epci.code, commune.code]):
        raise Refus("Rattacher une commune demande d'administrer la commune et l'EPCI.")
    appartenance = Appartenance(epci=epci, commune=commune, du=du)
    appartenance.clean()
    try:
        with transaction.atomic():
            appartenance.save()
    except IntegrityError as e:
        raise Refus("Cette commune appartient déjà à cet EPCI à cette date.") from e
    journal.noter(par, APPARTENANCE_MODIFIEE, appartenance, insee=commune.code)
    return appartenance


@transaction.atomic
def detacher(par: Utilisateur, appartenance: Appartenance, depart: date) -> None:
    """The commune leaves: ``depart`` is the first day outside. Either side may; raises ``Refus``."""
    a = Appartenance.objects.select_for_update(of=("self",)).get(pk=appartenance.pk)
    if not (administre(par, [a.epci.code]) or administre(par, [a.commune.code])):
        raise Refus("Vous n'administrez ni la commune ni l'EPCI.")
    if a.au is not None:
        raise Refus("Ce départ est déjà daté.")
    if depart <= a.du or depart < timezone.localdate():
        raise Refus("Le départ vient après l'arrivée, et pas dans le passé.")
    a.au = depart
    a.save(update_fields=["au"])
    journal.noter(par, APPARTENANCE_MODIFIEE, a, insee=a.commune.code, donnees={"depart": depart.isoformat()})

"""What a person may do, and where: computed once a request from the habilitations in force today.

``portee(user, "urba.instruire")`` is the one answer; permissions, query sets and the workflow engine ask it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.contrib.gis.geos import GEOSGeometry
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import Q
from django.utils import timezone

from mairie import roles
from mairie.models import Appartenance, Collectivite, Habilitation, Utilisateur

Personne = Utilisateur | AnonymousUser | None
_ATTRIBUT = "_habilitations_du_jour"
# DE-9IM: the two interiors have a point in common.
INTERIEURS_COMMUNS = "T********"


@dataclass(frozen=True)
class HabilitationActive:
    """A habilitation in force: ``codes`` are its collectivités and, for an EPCI, its communes of the day."""

    pk: int
    metier: str
    role: str
    droits: frozenset[str]
    codes: frozenset[str]
    service_id: int | None
    finalites: tuple[str, ...]
    perimetre: GEOSGeometry | None

    def couvre(self, objet: Any) -> bool:
        """Whether it holds on this object: its commune (``insee``), and its ``geom`` under a perimeter.

        Null, or an object of no commune: it holds somewhere, which is enough.
        """
        if objet is not None and hasattr(objet, "insee") and objet.insee not in self.codes:
            return False
        if objet is None or self.perimetre is None:
            return True
        geom = getattr(objet, "geom", None)
        return geom is not None and bool(geom.relate_pattern(self.perimetre, INTERIEURS_COMMUNS))


@dataclass(frozen=True)
class Portee:
    """Where a right holds. ``totale``: everywhere (technical super-user). ``perimetres``: narrowings by
    geometry, each with its codes, for rights held only inside a polygon."""

    totale: bool = False
    codes: frozenset[str] = frozenset()
    perimetres: tuple[tuple[frozenset[str], GEOSGeometry], ...] = ()

    def __bool__(self) -> bool:
        return self.totale or bool(self.codes) or bool(self.perimetres)

    def contient(self, code: str) -> bool:
        """Whether the right holds in this collectivité, at least in part."""
        return self.totale or code in self.codes or any(code in codes for codes, _ in self.perimetres)

    def filtre(self, champ: str = "insee", geometrie: str | None = None) -> Q:
        """Condition on rows that carry a code of collectivité in ``champ`` (and a geometry, if any).

        Rows without geometry field are hidden from who holds the right only inside a polygon.
        """
        if self.totale:
            return Q()
        condition = Q(**{f"{champ}__in": self.codes}) if self.codes else Q(pk__in=())
        if geometrie is not None:
            for codes, polygone in self.perimetres:
                # The neighbour that only shares the limit of the perimeter is outside; ``intersects`` finds
                # by the spatial index, ``relate`` (interiors meet) decides.
                condition |= Q(
                    **{
                        f"{champ}__in": codes,
                        f"{geometrie}__intersects": polygone,
                        f"{geometrie}__relate": (polygone, INTERIEURS_COMMUNS),
                    }
                )
        return condition


def habilitations_de(utilisateur: Personne, jour: date | None = None) -> tuple[HabilitationActive, ...]:
    """Habilitations in force today (or on ``jour``); two queries, kept on the user object for the request."""
    if utilisateur is None or not utilisateur.is_authenticated or not utilisateur.is_active:
        return ()
    aujourdhui = timezone.localdate()
    quand = jour or aujourdhui
    connues: dict[date, tuple[HabilitationActive, ...]] = utilisateur.__dict__.setdefault(_ATTRIBUT, {})
    if quand not in connues:
        connues[quand] = _lire(utilisateur, quand)
    return connues[quand]


def oublier(utilisateur: Utilisateur) -> None:
    """Forget what was read: to be called where a person's habilitations change within a request."""
    utilisateur.__dict__.pop(_ATTRIBUT, None)


def _lire(utilisateur: Utilisateur, jour: date) -> tuple[HabilitationActive, ...]:
    lignes = list(
        Habilitation.objects.filter(utilisateur=utilisateur, du__lte=jour)
        .filter(Q(au__isnull=True) | Q(au__gte=jour))
        .prefetch_related(models.Prefetch("collectivites", queryset=Collectivite.objects.filter(active=True)))
    )
    epcis = {c.pk for h in lignes for c in h.collectivites.all() if c.nature == Collectivite.Nature.EPCI}
    membres: dict[int, set[str]] = {}
    if epcis:
        for epci, code in (
            Appartenance.objects.filter(epci__in=epcis, du__lte=jour, commune__active=True)
            .filter(Q(au__isnull=True) | Q(au__gt=jour))
            .values_list("epci_id", "commune__code")
        ):
            membres.setdefault(epci, set()).add(code)
    actives = []
    for h in lignes:
        declare = roles.role(h.metier, h.role)
        if declare is None:
            continue
        codes = {c.code for c in h.collectivites.all()}
        for c in h.collectivites.all():
            codes |= membres.get(c.pk, set())
        if not codes:
            # All its collectivités are closed: it gives nothing, not even the desk.
            continue
        actives.append(
            HabilitationActive(
                h.pk, h.metier, h.role, declare.droits, frozenset(codes), h.service_id,
                tuple(h.finalites), h.perimetre,
            )
        )  # fmt: skip
    return tuple(actives)


def portee(utilisateur: Personne, droit: str) -> Portee:
    """Where this person holds this right today."""
    if utilisateur is None or not utilisateur.is_authenticated or not utilisateur.is_active:
        return Portee()
    if utilisateur.is_superuser:
        return Portee(totale=True)
    donnent = [h for h in habilitations_de(utilisateur) if droit in h.droits]
    return Portee(
        codes=frozenset(c for h in donnent if h.perimetre is None for c in h.codes),
        perimetres=tuple((h.codes, h.perimetre) for h in donnent if h.perimetre is not None),
    )


def peut(utilisateur: Personne, droit: str, code: str | None = None) -> bool:
    """Whether this person holds the right, in this collectivité when one is given."""
    p = portee(utilisateur, droit)
    return bool(p) if code is None else p.contient(code)


def droits_de(utilisateur: Personne) -> frozenset[str]:
    """All rights held somewhere today."""
    if utilisateur is None or not utilisateur.is_authenticated or not utilisateur.is_active:
        return frozenset()
    if utilisateur.is_superuser:
        return frozenset(roles.droits())
    return frozenset(d for h in habilitations_de(utilisateur) for d in h.droits)


def est_agent(utilisateur: Personne) -> bool:
    """An account with at least one habilitation in force; the others are citizens."""
    if utilisateur is None or not utilisateur.is_authenticated or not utilisateur.is_active:
        return False
    return bool(utilisateur.is_superuser or habilitations_de(utilisateur))


def communes_de(utilisateur: Personne) -> frozenset[str]:
    """Codes of the collectivités where the person holds any role today; of all, for the super-user."""
    if (
        utilisateur is not None
        and utilisateur.is_authenticated
        and utilisateur.is_active
        and utilisateur.is_superuser
    ):
        return frozenset(Collectivite.objects.filter(active=True).values_list("code", flat=True))
    return frozenset(c for h in habilitations_de(utilisateur) for c in h.codes)


def agents_du_droit(droit: str, code: str, jour: date | None = None) -> models.QuerySet[Utilisateur]:
    """Active accounts that hold the right in this commune today, by its EPCI too, by name; a perimeter is not
    looked at.
    """
    quand = jour or timezone.localdate()
    donnent = Q(pk__in=())
    for r in roles.roles():
        if droit in r.droits:
            donnent |= Q(metier=r.metier, role=r.code)
    epcis = Appartenance.objects.filter(commune__code=code, commune__active=True, du__lte=quand).filter(
        Q(au__isnull=True) | Q(au__gt=quand)
    )
    ici = Collectivite.objects.filter(Q(code=code) | Q(pk__in=epcis.values("epci")), active=True)
    tenues = Habilitation.objects.filter(donnent, du__lte=quand, collectivites__in=ici).filter(
        Q(au__isnull=True) | Q(au__gte=quand)
    )
    return Utilisateur.objects.filter(is_active=True, pk__in=tenues.values("utilisateur")).order_by("nom")


class HabilitationsBackend:
    """``user.has_perm("urba.instruire", "25999")``: by habilitation, in a collectivité or anywhere.

    Not a ``BaseBackend``: it opens no session, so it must have no ``get_user``.
    """

    def authenticate(self, request: Any, **credentials: Any) -> None:
        """Rights only: the door is elsewhere."""
        return

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        """Only rights that a trade declares; Django's own model permissions are none of these.

        ``obj``: a code, or what carries one (``insee`` or ``code``); anything else has no place: no right.
        A declared right that is not held raises ``PermissionDenied``, which tells Django to ask no other
        backend: none could give it, and each would read its tables.
        """
        if perm not in roles.droits():
            return False
        if obj is None:
            tenu = peut(user_obj, perm)
        else:
            code = obj if isinstance(obj, str) else getattr(obj, "insee", None) or getattr(obj, "code", None)
            tenu = isinstance(code, str) and bool(code) and peut(user_obj, perm, code)
        if not tenu:
            raise PermissionDenied
        return True

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        """All rights held somewhere."""
        return set(droits_de(user_obj))


def codes_connus(codes: Iterable[str]) -> dict[str, str]:
    """Names of collectivités by code."""
    return dict(Collectivite.objects.filter(code__in=list(codes)).values_list("code", "nom"))


def communes_du_droit(utilisateur: Personne, droit: str) -> dict[str, str]:
    """Communes where this person holds a right, in the order of their names: code → name."""
    p = portee(utilisateur, droit)
    connues = Collectivite.objects.filter(nature=Collectivite.Nature.COMMUNE)
    if not p.totale:
        connues = connues.filter(code__in=p.codes)
    return dict(connues.order_by("nom", "code").values_list("code", "nom"))

"""What an administrateur does to habilitations: grant, end; never outside what he administers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.contrib.gis.geos import MultiPolygon
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from mairie import journal, roles
from mairie.comptes.traces import HABILITATION_ACCORDEE, HABILITATION_TERMINEE
from mairie.finalites import finalites
from mairie.habilitations import oublier, portee
from mairie.models import Collectivite, Habilitation, Service, Utilisateur
from mairie.perms import ADMINISTRER

ADMINISTRATEUR = ("mairie", "administrateur")
# Administrateurs of the command line, on the server itself, act without an account.
LIGNE_DE_COMMANDE = roles.systeme("ligne de commande")


class Refus(ValueError):
    """The act is refused; the message says why and what to do."""


@dataclass(frozen=True)
class Proposition:
    """A habilitation to grant: ``codes`` are collectivités; ``au`` included, null: without end."""

    metier: str
    role: str
    codes: tuple[str, ...]
    du: date
    au: date | None = None
    service_id: int | None = None
    finalites: tuple[str, ...] = ()
    perimetre: MultiPolygon | None = field(default=None, compare=False)

    def en_json(self) -> dict[str, Any]:
        """As kept in an invitation; a perimeter is never part of one."""
        return {
            "metier": self.metier,
            "role": self.role,
            "collectivites": list(self.codes),
            "du": self.du.isoformat(),
            "au": self.au.isoformat() if self.au else None,
            "service": self.service_id,
            "finalites": list(self.finalites),
        }

    @classmethod
    def de_json(cls, d: dict[str, Any]) -> Proposition:
        """Back from an invitation."""
        return cls(
            str(d["metier"]),
            str(d["role"]),
            tuple(d["collectivites"]),
            date.fromisoformat(d["du"]),
            date.fromisoformat(d["au"]) if d.get("au") else None,
            d.get("service"),
            tuple(d.get("finalites", ())),
        )


def administre(par: Utilisateur | None, codes: Iterable[str]) -> bool:
    """Whether this person administers all these collectivités today; the command line administers all."""
    if par is None:
        return True
    p = portee(par, ADMINISTRER)
    # A right held only inside a polygon does not make an administrateur.
    return p.totale or (bool(p.codes) and set(codes) <= p.codes)


def verifier(par: Utilisateur | None, proposition: Proposition) -> list[Collectivite]:
    """The collectivités of a proposition that may be granted; raises ``Refus``."""
    p = proposition
    if roles.role(p.metier, p.role) is None:
        raise Refus("Ce rôle n'existe pas.")
    if not p.codes:
        raise Refus("Choisissez au moins une collectivité.")
    collectivites = list(Collectivite.objects.filter(code__in=p.codes, active=True))
    if not administre(par, p.codes) or len(collectivites) != len(set(p.codes)):
        raise Refus("Vous n'administrez pas toutes ces collectivités.")
    if p.au is not None and p.au < p.du:
        raise Refus("La fin vient avant le début.")
    if p.service_id is not None:
        service = Service.objects.filter(pk=p.service_id, actif=True, collectivite__in=collectivites).first()
        if service is None or service.metier not in ("", p.metier):
            raise Refus("Ce service n'est pas un service de ces collectivités pour ce métier.")
    if inconnues := set(p.finalites) - set(finalites()):
        raise Refus(f"Finalités inconnues : {', '.join(sorted(inconnues))}.")
    return collectivites


@transaction.atomic
def accorder(par: Utilisateur | None, utilisateur: Utilisateur, proposition: Proposition) -> Habilitation:
    """Grant; raises ``Refus``. Granting twice the same for the same time changes nothing."""
    collectivites = verifier(par, proposition)
    p = proposition
    for deja in Habilitation.objects.filter(
        utilisateur=utilisateur, metier=p.metier, role=p.role, du=p.du, au=p.au, service=p.service_id
    ).prefetch_related("collectivites"):
        meme = {c.code for c in deja.collectivites.all()} == set(p.codes) and deja.perimetre == p.perimetre
        if meme and set(deja.finalites) == set(p.finalites):
            return deja
    habilitation = Habilitation.objects.create(
        utilisateur=utilisateur,
        metier=p.metier,
        role=p.role,
        du=p.du,
        au=p.au,
        service_id=p.service_id,
        finalites=list(p.finalites),
        perimetre=p.perimetre,
        accordee_par=par,
    )
    habilitation.collectivites.set(collectivites)
    oublier(utilisateur)
    _noter(par, HABILITATION_ACCORDEE, habilitation, sorted(p.codes))
    return habilitation


@transaction.atomic
def terminer(par: Utilisateur, habilitation: Habilitation, dernier_jour: date) -> Habilitation:
    """End after that day, yesterday (at once) at the earliest; raises ``Refus``.

    One that would end before it began is removed: its history stays.
    """
    h = Habilitation.objects.select_for_update(of=("self",)).get(pk=habilitation.pk)
    codes = sorted(h.collectivites.values_list("code", flat=True))
    if not administre(par, codes):
        raise Refus("Vous n'administrez pas toutes les collectivités de cette habilitation.")
    aujourdhui = timezone.localdate()
    if h.au is not None and h.au < aujourdhui:
        raise Refus("Cette habilitation est déjà terminée.")
    if dernier_jour < aujourdhui - timedelta(days=1):
        raise Refus("Une habilitation ne se termine pas dans le passé : elle a servi jusqu'à hier.")
    if (h.metier, h.role) == ADMINISTRATEUR:
        _garder_un_administrateur(h, codes, dernier_jour + timedelta(days=1))
    oublier(h.utilisateur)
    _noter(par, HABILITATION_TERMINEE, h, codes, fin=dernier_jour.isoformat())
    if dernier_jour < h.du:
        h.delete()
        return h
    h.au = dernier_jour
    h.save(update_fields=["au"])
    return h


def _garder_un_administrateur(partante: Habilitation, codes: list[str], jour: date) -> None:
    """A collectivité without administrateur can only be opened again from the server itself."""
    autres = (
        Habilitation.objects.filter(metier=ADMINISTRATEUR[0], role=ADMINISTRATEUR[1], perimetre=None)
        .filter(Q(au__isnull=True) | Q(au__gte=jour), du__lte=jour, utilisateur__is_active=True)
        .exclude(pk=partante.pk)
    )
    tenus = set(autres.values_list("collectivites__code", flat=True))
    if orphelines := [c for c in codes if c not in tenus]:
        raise Refus(
            f"Il ne resterait aucun administrateur pour {', '.join(orphelines)} : nommez-en un autre d'abord."
        )


def maitrise(par: Utilisateur, utilisateur: Utilisateur) -> bool:
    """Whether ``par`` administers all that this person holds or will hold: needed to touch the account."""
    if par.is_superuser:
        return True
    if utilisateur.is_superuser:
        return False
    tenues = Habilitation.objects.filter(utilisateur=utilisateur).exclude(au__lt=timezone.localdate())
    codes = set(
        Collectivite.objects.filter(habilitations__in=tenues).values_list("code", flat=True).distinct()
    )
    anciens = Collectivite.objects.filter(habilitations__utilisateur=utilisateur).values_list(
        "code", flat=True
    )
    # Somebody who holds nothing any more belongs to those for whom she worked.
    return administre(par, codes) if codes else bool(anciens) and administre(par, set(anciens))


def _noter(
    par: Utilisateur | None, action: str, habilitation: Habilitation, codes: list[str], **plus: str
) -> None:
    journal.noter(
        par or LIGNE_DE_COMMANDE,
        action,
        habilitation,
        insee=codes[0] if codes else "",
        donnees={
            "role": f"{habilitation.metier}.{habilitation.role}",
            "collectivites": codes,
            "personne": habilitation.utilisateur_id,
            **plus,
        },
    )

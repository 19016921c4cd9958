"""Services of rounds: who is free, which controls to make together, in which order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Max, Q
from django.utils import timezone

from assainissement import controles
from assainissement.models import Controle, EtapeTournee, Indisponibilite, Prestataire, Tournee
from assainissement.regles.tournee import Visite
from assainissement.regles.tournee import ordonner as regle_ordonner
from assainissement.regles.tournee import proposer as regle_proposer
from mairie.calendrier import jma
from mairie.models import Utilisateur
from mairie.workflow import Refus

# The visit may still be made: what a round holds.
A_FAIRE = ("a_planifier", "rdv_propose", "rdv_fixe")
MAXIMUM = 20
# Sales cannot wait: they count as due at once.
PRESSEES = ("vente", "contre_visite")


def absence(jour: date, *, agent: Any = None, prestataire: Any = None) -> Indisponibilite | None:
    """The absence that covers that day, of an agent or of a firm given by object or key."""
    if agent is None and prestataire is None:
        return None
    qui = {"agent": agent} if agent is not None else {"prestataire": prestataire}
    trouvee: Indisponibilite | None = Indisponibilite.objects.filter(
        du__lte=jour, au__gte=jour, **qui
    ).first()
    return trouvee


def empechement(
    jour: date, agent: Utilisateur | None, prestataire: Prestataire | None, aujourdhui: date | None = None
) -> str:
    """Why this person may not have a round that day, in French; empty when she may."""
    if (agent is None) == (prestataire is None):
        return "Dites qui fait la tournée : un agent, ou un prestataire."
    if jour < (aujourdhui or timezone.localdate()):
        return "Une tournée se prépare pour aujourd'hui ou un jour à venir."
    if prestataire is not None and (raison := prestataire.empechement(jour)):
        return raison
    parti = absence(jour, agent=agent, prestataire=prestataire)
    if parti is not None:
        return (
            f"{agent or prestataire} est absent du {jma(parti.du)} au {jma(parti.au)} : choisissez un autre"
            " jour."
        )
    return ""


def visite_de(c: Controle, jour: date) -> Visite:
    """A control as the rules of rounds see it."""
    lieu = c.installation.geom
    return Visite(
        c.pk,
        lieu.x if lieu else None,
        lieu.y if lieu else None,
        jour if c.nature in PRESSEES or c.vente else c.installation.prochain_controle,
        c.etat == "rdv_fixe" and c.date_rdv == jour,
    )


def candidats(
    insee: str,
    jour: date,
    agent: Utilisateur | None,
    prestataire: Prestataire | None,
    sauf: int | None = None,
) -> list[Controle]:
    """Controls that this person could make that day: to plan and of nobody else, or fixed for that day."""
    qui = Q(agent=agent, prestataire=None) if agent is not None else Q(agent=None, prestataire=prestataire)
    personne = Q(agent=None, prestataire=None)
    ailleurs = EtapeTournee.objects.filter(
        tournee__date__gte=min(jour, timezone.localdate()), controle__etat__in=A_FAIRE
    ).exclude(tournee=sauf)
    return list(
        Controle.objects.filter(insee=insee)
        .filter(
            (qui | personne) & Q(etat__in=("a_planifier", "rdv_propose"))
            | qui & Q(etat="rdv_fixe", date_rdv=jour)
        )
        .exclude(pk__in=ailleurs.values("controle"))
        .select_related("installation", "agent", "prestataire")
        .prefetch_related("installation__liens_adresses__adresse__voie")
        .order_by("pk")
    )


def proposer(
    insee: str, jour: date, agent: Utilisateur | None, prestataire: Prestataire | None, nombre: int = 6,
    rayon_m: float = 5000.0,
) -> list[Controle]:  # fmt: skip
    """A round as the rules would make it, in order; nothing is written."""
    offerts = {c.pk: c for c in candidats(insee, jour, agent, prestataire)}
    cles = regle_proposer([visite_de(c, jour) for c in offerts.values()], jour, nombre, rayon_m)
    return [offerts[cle] for cle in cles]


def creer(
    insee: str,
    jour: date,
    choisis: Sequence[Controle],
    *,
    par: Utilisateur,
    agent: Utilisateur | None = None,
    prestataire: Prestataire | None = None,
    notes: str = "",
    client_uuid: UUID | None = None,
    aujourdhui: date | None = None,
) -> Tournee:
    """A round with its controls in the order given, each entrusted to who makes it; sent twice, made once."""
    if client_uuid and (deja := Tournee.objects.filter(client_uuid=client_uuid).first()):
        return deja
    if raison := empechement(jour, agent, prestataire, aujourdhui):
        raise Refus(raison)
    try:
        with transaction.atomic():
            t: Tournee = Tournee.objects.create(
                insee=insee, date=jour, agent=agent, prestataire=prestataire, notes=notes, cree_par=par,
                client_uuid=client_uuid,
            )  # fmt: skip
            for c in choisis:
                _ajouter(t, c)
    except IntegrityError as e:
        if client_uuid and (deja := Tournee.objects.filter(client_uuid=client_uuid).first()):
            return deja
        if "anc_tournee" in str(e):
            raise Refus(
                f"{agent or prestataire} a déjà une tournée le {jma(jour)} : ajoutez-y les contrôles."
            ) from e
        raise
    return t


def _ajouter(t: Tournee, c: Controle) -> None:
    if c.insee != t.insee:
        raise Refus(f"{c} est d'une autre commune.")
    if c.etat not in A_FAIRE:
        raise Refus(f"{c} est « {c.libelle_etat} » : sa visite n'est plus à faire.")
    if c.etat == "rdv_fixe" and c.date_rdv not in (None, t.date):
        raise Refus(
            f"{c} a un rendez-vous le {jma(c.date_rdv)} : il ne va pas dans la tournée du {jma(t.date)}."
        )
    prise = (
        EtapeTournee.objects.filter(controle=c, tournee__date__gte=timezone.localdate())
        .exclude(tournee=t)
        .select_related("tournee")
        .first()
    )
    if prise is not None:
        raise Refus(f"{c} est déjà dans la {prise.tournee}.")
    if t.etapes.count() >= MAXIMUM:
        raise Refus(f"Une tournée compte {MAXIMUM} visites au plus.")
    if t.etapes.filter(controle=c).exists():
        return
    controles.affecter(c, t.agent, t.prestataire, t.date)
    rang = (t.etapes.aggregate(m=Max("rang"))["m"] or 0) + 1
    EtapeTournee.objects.create(tournee=t, controle=c, rang=rang)


def _tenir(t: Tournee, version: int) -> Tournee:
    tenue: Tournee = Tournee.objects.select_for_update(of=("self",)).get(pk=t.pk)
    if tenue.version != version:
        raise Refus("La tournée a changé entre-temps : relisez-la, puis recommencez.")
    tenue.version += 1
    tenue.save(update_fields=["version"])
    return tenue


def ajouter(t: Tournee, c: Controle, *, version: int) -> None:
    """One more visit, at the end."""
    with transaction.atomic():
        tenue = _tenir(t, version)
        if raison := empechement(tenue.date, tenue.agent, tenue.prestataire):
            raise Refus(raison)
        _ajouter(tenue, c)


def retirer(t: Tournee, controle: int, *, version: int) -> None:
    """Take a visit out; the control stays with who had it."""
    with transaction.atomic():
        tenue = _tenir(t, version)
        tenue.etapes.filter(controle=controle).delete()
        _ranger(tenue, list(tenue.etapes.values_list("controle", flat=True)))


def ordonner(t: Tournee, cles: Sequence[int], *, version: int) -> None:
    """Write the order given: it names each visit once, neither more nor less."""
    with transaction.atomic():
        tenue = _tenir(t, version)
        if sorted(cles) != sorted(tenue.etapes.values_list("controle", flat=True)):
            raise Refus("La tournée a changé entre-temps : relisez-la, puis recommencez.")
        _ranger(tenue, cles)


def optimiser(t: Tournee, *, version: int) -> None:
    """The order that makes the way short."""
    with transaction.atomic():
        tenue = _tenir(t, version)
        etapes = tenue.etapes.select_related("controle__installation")
        _ranger(tenue, regle_ordonner([visite_de(e.controle, tenue.date) for e in etapes]))


def deplacer(t: Tournee, controle: int, pas: int, *, version: int) -> None:
    """One visit earlier (-1) or later (+1)."""
    cles = list(t.etapes.values_list("controle", flat=True))
    if controle not in cles:
        raise Refus("Ce contrôle n'est plus dans la tournée.")
    ici = cles.index(controle)
    la = max(0, min(len(cles) - 1, ici + pas))
    cles.insert(la, cles.pop(ici))
    ordonner(t, cles, version=version)


def _ranger(t: Tournee, cles: Sequence[int]) -> None:
    etapes = {e.controle_id: e for e in t.etapes.all()}
    for rang, cle in enumerate(cles, start=1):
        etapes[cle].rang = rang
    EtapeTournee.objects.bulk_update(etapes.values(), ["rang"])

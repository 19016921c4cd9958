"""Contracts of the service: opened, ended, billed once for each year begun."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from assainissement import redevances, tarifs
from assainissement.models import Contrat, Installation, LigneRedevance
from assainissement.models.tarifs import NATURES_TARIF
from assainissement.regles.redevance import TarifInconnu
from mairie.calendrier import jma
from mairie.models import Tiers, Utilisateur
from mairie.workflow import Refus, journal


@dataclass(frozen=True)
class Bilan:
    """What the yearly billing did: lines opened, contracts billed before, those left with the reason."""

    ouvertes: int
    deja: int
    laisses: tuple[tuple[Contrat, str], ...]


def ouvrir(
    i: Installation, genre: str, debut: date, *, fin: date | None = None, motif_fin: str = "",
    payeur: Tiers | None = None, par: Utilisateur | None = None,
) -> Contrat:  # fmt: skip
    """A contract; ``Refus`` when one of that kind holds on one of its days."""
    c = Contrat(
        insee=i.insee, installation=i, genre=genre, debut=debut, fin=fin, motif_fin=motif_fin, payeur=payeur,
        cree_par=par,
    )  # fmt: skip
    return enregistrer(c)


def enregistrer(c: Contrat) -> Contrat:
    """Save a contract; ``Refus`` when another one holds on one of its days."""
    try:
        with transaction.atomic():
            c.save()
    except IntegrityError as e:
        if "ass_contrat_un_par_jour" not in str(e):
            raise
        raise Refus(
            f"Un autre contrat d'{c.get_genre_display()} couvre cette installation un de ces jours."
        ) from e
    return c


def actifs(insee: str, annee: int) -> Any:
    """Contracts that hold on one day of the year at least."""
    return (
        Contrat.objects.filter(
            Q(fin__isnull=True) | Q(fin__gte=date(annee, 1, 1)), insee=insee, debut__lte=date(annee, 12, 31)
        )
        .select_related("installation", "payeur")
        .order_by("pk")
    )


def _fermee(i: Installation) -> date | None:
    """The day of its deactivation; null for one that serves."""
    if i.etat != "desactivee":
        return None
    jours: list[date] = [e.date_effet for e in journal.vivantes(journal.lignes(i)) if e.type == "desactiver"]
    return jours[-1] if jours else date.min


def facturer(insee: str, annee: int, *, aujourdhui: date | None = None) -> Bilan:
    """One line a contract for the year, ready for finance; run twice, nothing more.

    The price is that of 1 January, or of the first day of the contract. A contract whose installation was
    deactivated before that day is left, to be ended. ``Refus`` for a year to come.
    """
    jour = aujourdhui or timezone.localdate()
    if annee > jour.year:
        raise Refus(f"L'année {annee} n'est pas commencée : ses contrats ne se facturent pas encore.")
    ouvertes = deja = 0
    laisses: list[tuple[Contrat, str]] = []
    for c in actifs(insee, annee):
        # Given back by a credit note, the year was billed all the same: run again, it adds nothing.
        deja_lignes = LigneRedevance.objects.filter(contrat=c, exercice=annee)
        if deja_lignes.filter(~Q(etat="annulee") | Q(avoirs__isnull=False)).exists():
            deja += 1
            continue
        depart = max(c.debut, date(annee, 1, 1))
        if (fermee := _fermee(c.installation)) is not None and fermee < depart:
            laisses.append(
                (c, f"L'installation est désactivée depuis le {jma(fermee)} : finissez le contrat.")
            )
            continue
        try:
            prix = tarifs.prix(insee, c.genre, c.installation.eh, depart)
        except TarifInconnu as e:
            laisses.append((c, str(e)))
            continue
        if prix is None:
            laisses.append((c, "Aucune délibération ne fixe son prix."))
            continue
        try:
            with transaction.atomic():
                redevances.ouvrir_pour_contrat(c, prix, annee, jour, f"{NATURES_TARIF[c.genre]} {annee}")
            ouvertes += 1
        except IntegrityError as e:
            if "ass_redevance_une_par_an" not in str(e):
                raise
            deja += 1
    return Bilan(ouvertes, deja, tuple(laisses))

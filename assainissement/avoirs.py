"""Credit notes of the fees: what was asked too much once the line has left for finance. Euros.

A line never changes: it is given back, whole or in part, by a note of its own in the next file.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from assainissement import redevances
from assainissement.models import AvoirRedevance, LigneRedevance
from mairie import journal
from mairie.models import Utilisateur
from mairie.montants import arrondi, texte_francais
from mairie.workflow import Refus

EMIS = "assainissement.avoir_emis"
RAISON_MIN, RAISON_MAX = 15, 300
CENTIME = Decimal("0.01")
PARTIES = ("exportee", "payee")


def rendu(x: LigneRedevance) -> Decimal:
    """What the notes of a line give back, tax included."""
    return x.avoirs.aggregate(total=Sum("montant_ttc"))["total"] or Decimal(0)


def corrigeable(x: LigneRedevance) -> Decimal:
    """What may still be given back on a line; 0 before it has left, or for a cancelled one."""
    return x.montant_ttc - rendu(x) if x.etat in PARTIES else Decimal(0)


def emettre(
    x: LigneRedevance,
    montant: Decimal,
    raison: str,
    *,
    reste_lu: Decimal,
    par: Utilisateur,
    aujourdhui: date | None = None,
) -> AvoirRedevance:
    """A note for an error on a line, tax included, with its reason; a line given back whole is cancelled.

    ``reste_lu``: what the agent read as left on the line; ``Refus`` when another note came between, so that a
    double click or two agents give back once.
    """
    jour = aujourdhui or timezone.localdate()
    dite = " ".join(raison.split())[:RAISON_MAX]
    if len(dite) < RAISON_MIN:
        raise Refus(f"Dites l'erreur que cet avoir corrige, en {RAISON_MIN} caractères au moins.")
    if montant != montant.quantize(CENTIME) or montant <= 0:
        raise Refus("Un avoir rend une somme positive, au centime près.")
    montant = montant.quantize(CENTIME)
    with transaction.atomic():
        tenue: LigneRedevance = LigneRedevance.objects.select_for_update(of=("self",)).get(pk=x.pk)
        reste = corrigeable(tenue)
        if reste <= 0:
            raise Refus("Cette ligne ne demande plus rien : il n'y a pas d'avoir à émettre.")
        if reste != reste_lu:
            raise Refus("Un avoir a été émis entre-temps : relisez ce que cette ligne demande encore.")
        if montant > reste:
            demande = texte_francais(reste)
            raise Refus(f"Cette ligne ne demande plus que {demande} € : l'avoir ne peut pas rendre plus.")
        ht = _hors_taxe(tenue, montant, reste)
        emis: AvoirRedevance = AvoirRedevance.objects.create(
            insee=tenue.insee, ligne=tenue, le=jour, raison=dite, montant_ht=ht, montant_tva=montant - ht,
            montant_ttc=montant, cree_par=par,
        )  # fmt: skip
        if montant == reste and tenue.etat == "exportee":
            redevances.faire(tenue, "crediter", jour, motif=dite)
        donnees = {"avoir": emis.pk, "montant": str(montant), "raison": dite}
        journal.noter(par, EMIS, tenue, insee=tenue.insee, donnees=donnees)
    x.refresh_from_db()
    return emis


def _hors_taxe(x: LigneRedevance, montant: Decimal, reste: Decimal) -> Decimal:
    """The part without tax; the last note takes what is left of it, so that all sums to the line."""
    if montant == reste:
        deja = x.avoirs.aggregate(total=Sum("montant_ht"))["total"] or Decimal(0)
        return x.montant_ht - deja
    return arrondi(Fraction(montant) * 100 / (100 + Fraction(x.taux_tva or 0)))


def a_transmettre(insee: str) -> Any:
    """Notes that no file holds yet."""
    return (
        AvoirRedevance.objects.filter(insee=insee, lot__isnull=True)
        .select_related(
            "ligne__installation",
            "ligne__controle",
            "ligne__contrat__payeur",
            "ligne__controle_ac__demandeur",
            "ligne__controle_ac__branchement__proprietaire",
        )
        .order_by("pk")
    )


def declarer() -> None:
    """The log knows the act, from ``AppConfig.ready``."""
    journal.declarer(journal.Action(EMIS, "Avoir émis sur une redevance d'assainissement"))

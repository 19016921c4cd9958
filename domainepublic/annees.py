"""Titles billed year by year (CG3P L2125-4): one line a calendar year, from the signature to the end.

A tariff by the year is that of each year by itself. Any other one (day, week, month …) goes on from where it
was: the share of a year is the price until its end, less what was asked before, so that all the shares make
the price of the whole.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce, Least

from domainepublic import tarifs
from domainepublic.facturation import (
    ERREUR,
    creances_de,
    deja_demande,
    du_titre,
    ecrire_ligne,
    frais_demandes,
    vivantes,
)
from domainepublic.instruction.etats import TITRES
from domainepublic.instruction.recalcul import periode
from domainepublic.models import DossierODP, Emprise, LigneFacturable
from mairie.workflow import journal

UN_JOUR = timedelta(days=1)
# A year missed by the nightly task is due even once the title is over.
FACTURABLES = (*TITRES, "a_controler", "infraction", "pv_dresse", "termine", "retire")


def emprises_a_facturer(jour: date) -> QuerySet[Emprise]:
    """Ground of more than a year whose claims stop before the end of the year, or before its own end."""
    terme = Value(date(jour.year, 12, 31))
    rendues = LigneFacturable.objects.filter(origine=OuterRef("pk"), motif=ERREUR)
    lignes = du_titre(LigneFacturable.objects.filter(emprise=OuterRef("pk"))).exclude(
        # As ``vivantes``: what was given back whole for an error is not billed again.
        ~Exists(rendues), etat=LigneFacturable.Etat.ANNULEE,
    )  # fmt: skip
    requete: QuerySet[Emprise] = (
        Emprise.objects.filter(
            # Left since, one begun year by year may have become shorter.
            Q(fin__isnull=True)
            | Q(fin__gte=F("debut") + timedelta(days=365))
            | Exists(lignes.filter(fin__month=12, fin__day=31, fin__lt=OuterRef("fin"))),
            dossier__etat__in=FACTURABLES,
        )
        .exclude(dossier__canal=DossierODP.Canal.TERRAIN)
        .annotate(due=Least(Coalesce("fin", terme), terme))
        .filter(Exists(lignes), ~Exists(lignes.filter(fin__gte=OuterRef("due"))))
    )
    return requete


def dossiers_a_facturer(jour: date) -> list[int]:
    """Keys of the files to look at."""
    return list(
        emprises_a_facturer(jour).order_by("dossier_id").values_list("dossier_id", flat=True).distinct()
    )


def rattraper(dossier: DossierODP, jour: date) -> tuple[list[LigneFacturable], list[str]]:
    """Bill each year begun that is not yet, in order; (lines made, what lacks in the grids).

    The file is locked by the caller. Run twice, it makes nothing more.
    """
    lignes: list[LigneFacturable] = []
    manques: list[str] = []
    for emprise in dossier.emprises.select_related("type", "dossier"):
        if not (tarifs.par_annee(dossier, emprise) or _ecourtee(dossier, emprise)):
            continue
        for debut, fin in _annees(emprise, jour):
            p, champs = _prevoir(dossier, emprise, debut, fin)
            if p.resultat is None:
                manques.append(f"Redevance {debut.year} de l'emprise {emprise.rang} : {p.erreur}")
                break
            if champs["nature"] == LigneFacturable.Nature.REDEVANCE or champs["montant"] > 0:
                lignes.append(ecrire_ligne(p, debut=debut, fin=fin, **champs))
    return lignes, manques


def _annees(emprise: Emprise, jour: date) -> list[tuple[date, date]]:
    """First and last day of each part of a year that is to be billed by then."""
    deja = _lignes(emprise)
    if not deja or not tarifs.revient(deja[-1].entree):
        return []
    premier, terme = deja[-1].fin + UN_JOUR, date(jour.year, 12, 31)
    dernier = min(terme, emprise.fin) if emprise.fin else terme
    return [
        (max(premier, date(an, 1, 1)), min(dernier, date(an, 12, 31)))
        for an in range(premier.year, dernier.year + 1)
        if premier <= min(dernier, date(an, 12, 31))
    ]


def _ecourtee(dossier: DossierODP, emprise: Emprise) -> bool:
    """Whether it was granted for years, then left before the second one was billed."""
    deja = _lignes(emprise)
    if not deja or emprise.fin is None or not deja[-1].fin < emprise.fin:
        return False
    if (deja[-1].fin.month, deja[-1].fin.day) != (12, 31):
        return False
    titre = periode([journal.fait(e) for e in journal.vivantes(journal.lignes(dossier))])
    return titre is not None and tarifs.dure_des_annees(dossier, emprise.debut, titre.fin)


def _lignes(emprise: Emprise) -> list[LigneFacturable]:
    return vivantes(du_titre(emprise.lignes).order_by("fin", "pk"))


def _prevoir(
    dossier: DossierODP, emprise: Emprise, debut: date, fin: date
) -> tuple[tarifs.Prevision, dict[str, Any]]:
    """Price of those days, and how its line is written."""
    creances = creances_de(emprise)
    entree = creances[-1].entree
    if tarifs.par_an(entree) and (debut.month, debut.day) == (1, 1):
        p = tarifs.simuler(dossier, emprise, debut, fin, premiere=False, suite=True)
        montant = p.montant
        return p, {"nature": LigneFacturable.Nature.REDEVANCE, "montant": montant}
    redevances = [x for x in creances if x.nature == LigneFacturable.Nature.REDEVANCE]
    depart = redevances[0].debut if redevances else creances[0].debut
    p = tarifs.simuler(
        dossier, emprise, depart, fin, premiere=frais_demandes(creances), suite=depart > emprise.debut,
        deja_facture=str(deja_demande(emprise)),
    )  # fmt: skip
    solde = Decimal(p.resultat["solde"]) if p.resultat else Decimal(0)
    return p, {"nature": LigneFacturable.Nature.SOLDE, "montant": solde}

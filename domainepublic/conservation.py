"""How long the public domain keeps names and files (spec §11): past it they go, the figures stay.

Times are settings; the nightly task of the trade does it, and the house erases persons whom nothing keeps.
"""

from __future__ import annotations

import logging
from datetime import date
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery

from domainepublic.coordination.etats import FINALS as TRAVAUX_FINALS
from domainepublic.instruction.etats import FINALS
from domainepublic.models import (
    Constat,
    DemandeTravaux,
    DossierODP,
    Emprise,
    Interet,
    LigneFacturable,
    Role,
    Titre,
)
from domainepublic.parametres import valeurs
from mairie import journal
from mairie.calendrier import plus_mois
from mairie.courriers import conservation as lettres
from mairie.models import Evenement, Piece, Tiers
from mairie.pieces.service import detruire
from mairie.roles import systeme
from mairie.tiers.droits import Conservation, EffacementRefuse, conserver, effacer

trace = logging.getLogger(__name__)

APP = "domainepublic"
PURGE = "domainepublic.conservation_echue"
TACHE = systeme("conservation du domaine public")
# One night does no more: the first one may find years of files.
PAR_NUIT = 500
CLOS = tuple(e for e in FINALS if e != "sans_suite")
EFFACE = "Objet effacé"


def limites(jour: date) -> dict[str, date]:
    """First day kept, by kind of row."""
    codes = ("dossiers_clos", "dossiers_sans_suite", "constats_sans_suite", "interets")
    return {c: plus_mois(jour, -12 * int(v)) for c, v in valeurs(*codes).items()}


def finis() -> QuerySet[Any]:
    """Files ended and whole, with the day of their last event (``fini_le``)."""
    dernier = (
        Evenement.objects.filter(
            dossier_type__app_label=APP, dossier_type__model="dossierodp", dossier_id=OuterRef("pk"),
            annule_par__isnull=True,
        )
        .order_by("-date_effet", "-id")
        .values("date_effet")[:1]
    )  # fmt: skip
    requete: QuerySet[Any] = DossierODP.objects.filter(etat__in=FINALS, purge_le__isnull=True).annotate(
        fini_le=Subquery(dernier)
    )
    return requete


def dossiers_echus(jour: date) -> QuerySet[Any]:
    """Files whose time is over and on which no money is owed, the oldest first."""
    bornes = limites(jour)
    impaye = Q(titre__role__etat=Role.Etat.EXPORTE, titre__paye__lt=F("titre__montant"))
    dus = LigneFacturable.objects.filter(Q(etat__in=("figee", "en_role")) | impaye, dossier=OuterRef("pk"))
    echus = Q(etat__in=CLOS, fini_le__lt=bornes["dossiers_clos"]) | Q(
        etat="sans_suite", fini_le__lt=bornes["dossiers_sans_suite"]
    )
    return finis().filter(echus, ~Exists(dus)).order_by("fini_le", "pk")


def constats_echus(jour: date) -> QuerySet[Constat]:
    """Reports without follow-up whose time is over."""
    requete: QuerySet[Constat] = Constat.objects.filter(
        etat=Constat.Etat.SANS_SUITE, purge_le__isnull=True,
        vu_le__date__lt=limites(jour)["constats_sans_suite"],
    )  # fmt: skip
    return requete.order_by("pk")


def purger(jour: date) -> dict[str, int]:
    """Names and files past their time; counts. Each file in its own transaction, safe to repeat."""
    personnes: set[int] = set()
    dossiers = 0
    for d in dossiers_echus(jour)[:PAR_NUIT]:
        try:
            with transaction.atomic():
                personnes |= effacer_dossier(d, jour)
        except Exception:
            # A file that the storage does not give up waits for the next night, and stops no other.
            trace.exception("dossier %s non purgé", d.pk)
        else:
            dossiers += 1
    constats = 0
    for c in constats_echus(jour)[:PAR_NUIT]:
        try:
            with transaction.atomic():
                effacer_constat(c, jour)
        except Exception:
            trace.exception("constat %s non purgé", c.pk)
        else:
            constats += 1
    interets = int(Interet.objects.filter(recu_le__date__lt=limites(jour)["interets"]).delete()[0])
    bilan = {
        "dossiers": dossiers,
        "constats": constats,
        "interets": interets,
        "personnes": effacer_personnes(personnes),
    }
    if any(bilan.values()):
        journal.noter(TACHE, PURGE, insee="", donnees=bilan)
    return bilan


def _pieces(objet: Any) -> None:
    type_ = ContentType.objects.get_for_model(objet)
    for piece in Piece.objects.filter(dossier_type=type_, dossier_id=objet.pk):
        detruire(piece)


def effacer_dossier(d: DossierODP, jour: date) -> set[int]:
    """Take names and files out of one file; keys of the persons it named. Kind, ground, days, money stay."""
    verrou: DossierODP = DossierODP.objects.select_for_update(of=("self",)).get(pk=d.pk)
    _pieces(verrou)
    for c in verrou.constats.all():
        effacer_constat(c, jour)
    lettres.vider(verrou)
    verrou.interets.all().delete()
    Emprise.objects.filter(dossier=verrou).update(repere="", operateur="")
    personnes = {t for t in (verrou.demandeur_id, verrou.executant_id, verrou.payeur_id) if t is not None}
    DossierODP.objects.filter(pk=verrou.pk).update(
        objet=EFFACE if verrou.objet else "", demandeur=None, executant=None, payeur=None, purge_le=jour
    )
    return personnes


def effacer_constat(c: Constat, jour: date) -> None:
    """Take the photos and what names somebody out of a report; place, day and kind stay."""
    _pieces(c)
    Constat.objects.filter(pk=c.pk).update(tiers_presume="", texte="", purge_le=jour)


def effacer_personnes(cles: set[int]) -> int:
    """Erase the private persons whom nothing keeps any more; how many."""
    faits = 0
    for t in Tiers.objects.actifs().filter(pk__in=cles).exclude(nature="morale").order_by("pk"):
        try:
            effacer(t, par=None, motif="duree")
        except EffacementRefuse:
            continue
        faits += 1
    return faits


# --- what keeps a person --------------------------------------------------------------------------


def garder(tiers: Tiers) -> Conservation | None:
    """Until when the public domain keeps a person; null where it holds nothing of her."""
    sien = Q(demandeur=tiers) | Q(executant=tiers) | Q(payeur=tiers)
    vivants = DossierODP.objects.filter(sien)
    if vivants.exclude(etat__in=FINALS).exists():
        return Conservation("occupation du domaine public en cours")
    if DemandeTravaux.objects.filter(maitre_ouvrage=tiers).exclude(etat__in=TRAVAUX_FINALS).exists():
        return Conservation("travaux coordonnés en cours")
    if Titre.objects.filter(payeur=tiers, paye__lt=F("montant")).exists():
        return Conservation("titre de recettes impayé")
    ans = {c: int(v) for c, v in valeurs("dossiers_clos", "dossiers_sans_suite").items()}
    fins = [
        plus_mois(d.fini_le, 12 * ans["dossiers_sans_suite" if d.etat == "sans_suite" else "dossiers_clos"])
        for d in finis().filter(sien)
        if d.fini_le is not None
    ]
    fins += [
        plus_mois(date(annee, 12, 31), 12 * ans["dossiers_clos"])
        for annee in Titre.objects.filter(payeur=tiers).values_list("role__annee", flat=True)
    ]
    fins += [
        plus_mois(fin, 12 * ans["dossiers_clos"])
        for fin in DemandeTravaux.objects.filter(maitre_ouvrage=tiers).values_list("fin", flat=True)
    ]
    return Conservation("occupations du domaine public closes", max(fins)) if fins else None


def declarer() -> None:
    """From ``AppConfig.ready``."""
    conserver(APP, garder)
    journal.declarer(journal.Action(PURGE, "Noms et fichiers du domaine public effacés, durée échue"))

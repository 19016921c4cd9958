"""Yearly renewal: each occupation of a year copied into the next, once, with progress (spec §7.10)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils import timezone

from domainepublic import emprises as sol
from domainepublic import tarifs
from domainepublic.instruction.etats import TITRES
from domainepublic.models import DossierODP, Emprise, Titre
from domainepublic.services import NouveauDossier, agir, creer
from mairie.models import Utilisateur
from mairie.taches import Suivi, tache
from mairie.workflow import ErreurWorkflow, Refus

RENOUVELABLES = (*TITRES, "a_controler", "termine")


@dataclass(frozen=True)
class Proposition:
    """One line of the preview: what it was, what it would be. Euros; null where no price can be said."""

    dossier: DossierODP
    quantite: Decimal
    unite: str
    ancien: Decimal
    nouveau: Decimal | None
    alertes: tuple[str, ...]
    suite: DossierODP | None

    @property
    def difference(self) -> Decimal | None:
        """What the year adds."""
        return None if self.nouveau is None else self.nouveau - self.ancien


def candidats(insee: str, annee: int) -> QuerySet[DossierODP]:
    """Titles of the year before that are priced by the year, in their order."""
    annuelles = Emprise.objects.filter(dossier=OuterRef("pk"), type__periodes__contains="an").exclude(
        type__periodes__startswith="jour"
    )
    requete: QuerySet[DossierODP] = (
        DossierODP.objects.filter(
            Exists(annuelles), insee=insee, etat__in=RENOUVELABLES, debut__year=annee - 1, fin__isnull=False
        )
        .exclude(fin__year__gt=annee)
        .select_related("demandeur", "payeur", "voie")
        .prefetch_related("emprises__type", "lignes", "suites")
        .order_by("numero")
    )
    return requete


def proposer(insee: str, annee: int) -> list[Proposition]:
    """The preview: nothing is written."""
    sortie = []
    debut, fin = date(annee, 1, 1), date(annee, 12, 31)
    grilles = tarifs.grilles_de(insee, debut, fin)
    titulaires = list(candidats(insee, annee))
    payeurs = {d.qui_paie.pk for d in titulaires if d.qui_paie is not None}
    dus = Titre.objects.filter(role__etat="exporte", payeur__in=payeurs, paye__lt=F("montant"))
    endettes = set(dus.values_list("payeur_id", flat=True))
    for d in titulaires:
        emprises = list(d.emprises.all())
        ancien = sum((x.montant for x in d.lignes.all() if x.etat != "annulee"), Decimal(0))
        previsions = [
            tarifs.simuler(d, e, debut, fin, premiere=rang == 0, grilles=grilles)
            for rang, e in enumerate(emprises)
        ]
        prix = [p.montant for p in previsions]
        montants = [m for m in prix if m is not None]
        alertes = [p.erreur for p in previsions if p.erreur]
        payeur = d.qui_paie
        if payeur is not None and payeur.pk in endettes:
            alertes.append("un titre de ce payeur n'est pas soldé")
        sortie.append(
            Proposition(
                d,
                sum((e.quantite for e in emprises), Decimal(0)),
                emprises[0].unite_lisible,
                ancien,
                sum(montants, Decimal(0)) if len(montants) == len(prix) else None,
                tuple(alertes),
                next((s for s in d.suites.all() if s.annee_renouvelee == annee), None),
            )
        )
    return sortie


def renouveler_un(
    origine: DossierODP, annee: int, par: Utilisateur, jour: date | None = None
) -> DossierODP | None:
    """The file of the new year, up to the signatory if nothing is in the way; null when already there."""
    aujourdhui = jour or timezone.localdate()
    if DossierODP.objects.filter(dossier_origine=origine, annee_renouvelee=annee).exists():
        return None
    demandeur = origine.demandeur
    if demandeur is None:
        raise Refus("Ce dossier n'a pas de demandeur.")
    faits = {
        n: getattr(origine, n)
        for n in (
            "domaine", "gestionnaire", "en_agglomeration", "grande_circulation", "police_transferee",
            "occupant",
            "modifie_circulation", "ancrage", "economique", "attribution",
        )
    }  # fmt: skip
    faits |= {"dossier_origine": origine, "annee_renouvelee": annee}
    try:
        with transaction.atomic():
            suite = creer(
                NouveauDossier(
                    insee=origine.insee, depose_le=aujourdhui, demandeur=demandeur, payeur=origine.payeur,
                    executant=origine.executant, beneficiaire=origine.beneficiaire, emprises=(),
                    canal=DossierODP.Canal.RENOUVELLEMENT, objet=origine.objet, voie=origine.voie,
                    adresse=origine.adresse, faits=faits,
                ),
                par,
            )  # fmt: skip
            sol.copier(origine, suite, debut=date(annee, 1, 1), fin=date(annee, 12, 31))
            agir(suite, "deposer", par=par, version=0, donnees={"canal": suite.canal}, aujourdhui=aujourdhui)
    except IntegrityError as e:
        # Another run was there first.
        if "odp_renouvele_une_fois" in str(e):
            return None
        raise
    for evenement in ("instruire", "preparer_acte"):
        try:
            agir(suite, evenement, par=par, version=suite.version, aujourdhui=aujourdhui)
        except ErreurWorkflow:
            # A conflict, a publicity, a price: the agent finds the file where it stopped, with the reason.
            break
    return suite


@tache("domainepublic.renouveler", "Renouvellement annuel des occupations", atomique=False)
def renouveler(suivi: Suivi, annee: int, cles: Sequence[int], compte: int) -> dict[str, Any]:
    """Each file in its own transaction: an interrupted run goes on, a second one makes nothing more."""
    par = Utilisateur.objects.get(pk=compte)
    bilan: dict[str, Any] = {"crees": 0, "deja": 0, "a_signer": 0, "echecs": []}
    for rang, cle in enumerate(cles):
        origine = DossierODP.objects.select_related("demandeur").get(pk=cle)
        try:
            suite = renouveler_un(origine, annee, par)
        except ErreurWorkflow as e:
            bilan["echecs"].append(f"{origine} : {e}")
        else:
            bilan["deja" if suite is None else "crees"] += 1
            bilan["a_signer"] += int(suite is not None and suite.etat == "a_signer")
        suivi.avancer(100 * (rang + 1) / len(cles), f"{rang + 1} occupations sur {len(cles)}")
    return bilan

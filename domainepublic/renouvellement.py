"""Yearly renewal: each occupation of a year copied into the next, once, with progress (spec §7.10)."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from pypdf import PdfWriter

from domainepublic import emprises as sol
from domainepublic import facturation
from domainepublic.courriers import suites as suites_courriers
from domainepublic.courriers.catalogue import TITRES as TITRES_ECRITS
from domainepublic.models import DossierODP
from domainepublic.services import NouveauDossier, agir, creer, deposer_copies
from mairie.courriers import envois, services
from mairie.courriers.erreurs import CourrierRefuse
from mairie.models import Courrier, Impression, ModeCourrier, Utilisateur
from mairie.roles import systeme
from mairie.taches import Suivi, tache
from mairie.workflow import ErreurWorkflow, Refus

# Files made in one transaction: it holds the counter of numbers for a fraction of a second.
PAR_LOT = 25


def renouveler_un(
    origine: DossierODP,
    annee: int,
    par: Utilisateur,
    jour: date | None = None,
    quantite: Decimal | None = None,
) -> DossierODP | None:
    """The file of the new year, up to the signatory if nothing is in the way; null when already there.

    ``quantite``: billed instead of what its single emprise measures.
    """
    aujourdhui = jour or timezone.localdate()
    if DossierODP.objects.filter(dossier_origine=origine, annee_renouvelee=annee).exists():
        return None
    nouveau = _nouveau(origine, annee, aujourdhui)
    try:
        with transaction.atomic():
            suite = creer(nouveau, par)
            sol.copier(origine, suite, annee=annee, quantite=quantite)
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


def _nouveau(origine: DossierODP, annee: int, jour: date) -> NouveauDossier:
    demandeur = origine.demandeur
    if demandeur is None:
        raise Refus("Ce dossier n'a pas de demandeur.")
    faits = {
        n: getattr(origine, n)
        for n in (
            "domaine", "gestionnaire", "en_agglomeration", "grande_circulation", "police_transferee",
            "occupant",
            "modifie_circulation", "ancrage", "economique", "attribution", "exoneration",
        )
    }  # fmt: skip
    faits |= {"dossier_origine": origine, "annee_renouvelee": annee}
    return NouveauDossier(
        insee=origine.insee, depose_le=jour, demandeur=demandeur, payeur=origine.payeur,
        executant=origine.executant, beneficiaire=origine.beneficiaire, emprises=(),
        canal=DossierODP.Canal.RENOUVELLEMENT, objet=origine.objet, voie=origine.voie,
        adresse=origine.adresse, faits=faits,
    )  # fmt: skip


def renouveler_lot(
    cles: Sequence[int],
    annee: int,
    par: Utilisateur,
    jour: date | None = None,
    quantites: Mapping[int, Decimal] | None = None,
) -> list[tuple[str, DossierODP | None, str]]:
    """Several at once, in the order of ``cles``: (file, what renews it or null when already there, refusal).

    ``quantites``: those typed for the new year, by key of a title that has a single emprise.

    All in one transaction; one by one where that fails: another run took some of them at the same moment, or
    one cannot be deposited.
    """
    aujourdhui = jour or timezone.localdate()
    quantites = quantites or {}
    origines = (
        DossierODP.objects.select_related("demandeur", "payeur", "executant", "voie")
        .prefetch_related("emprises__type")
        .in_bulk(cles)
    )
    deja = set(
        DossierODP.objects.filter(dossier_origine__in=cles, annee_renouvelee=annee).values_list(
            "dossier_origine_id", flat=True
        )
    )
    sortie: dict[int, tuple[str, DossierODP | None, str]] = {}
    paires = []
    for cle in cles:
        sortie[cle] = (str(origines[cle]), None, "")
        if cle in deja:
            continue
        try:
            paires.append((origines[cle], _nouveau(origines[cle], annee, aujourdhui)))
        except Refus as e:
            sortie[cle] = (str(origines[cle]), None, str(e))
    try:
        faits = deposer_copies(
            paires,
            par=par,
            annee=annee,
            jour=aujourdhui,
            quantites=quantites,
        )
    except (IntegrityError, ErreurWorkflow) as e:
        if isinstance(e, IntegrityError) and "odp_renouvele_une_fois" not in str(e):
            raise
        for origine, _ in paires:
            sortie[origine.pk] = _seul(origine, annee, par, aujourdhui, quantites.get(origine.pk))
    else:
        for (origine, _), suite in zip(paires, faits, strict=True):
            sortie[origine.pk] = (str(origine), suite, "")
    return [sortie[cle] for cle in cles]


def _seul(
    origine: DossierODP, annee: int, par: Utilisateur, jour: date, quantite: Decimal | None
) -> tuple[str, DossierODP | None, str]:
    try:
        return str(origine), renouveler_un(origine, annee, par, jour, quantite), ""
    except ErreurWorkflow as e:
        return str(origine), None, str(e)


@tache("domainepublic.renouveler", "Renouvellement annuel des occupations", atomique=False)
def renouveler(
    suivi: Suivi,
    annee: int,
    cles: Sequence[int],
    compte: int,
    signer: bool = False,
    facturer: bool = False,
    quantites: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Batch after batch, each whole or not at all: a run cut short goes on, a second one makes nothing more.

    ``quantites``: as ``renouveler_lot``, in texts as a task keeps them.
    ``signer``: also signs those that nothing stops, as ``compte``, who must hold the title to;
    ``facturer``: then takes what is free into a roll. Letters are made by a task of their own.
    """
    par = Utilisateur.objects.get(pk=compte)
    changees = {int(cle): Decimal(q) for cle, q in (quantites or {}).items()}
    bilan: dict[str, Any] = {"crees": 0, "deja": 0, "a_signer": 0, "signes": 0, "echecs": []}
    if not cles:
        return bilan
    for debut in range(0, len(cles), PAR_LOT):
        part = list(cles[debut : debut + PAR_LOT])
        for origine, suite, refus in renouveler_lot(part, annee, par, quantites=changees):
            if refus:
                bilan["echecs"].append(f"{origine} : {refus}")
                continue
            bilan["deja" if suite is None else "crees"] += 1
            if suite is not None and suite.etat == "a_signer":
                bilan["a_signer"] += 1
                if signer:
                    _signer(suite, par, bilan)
        fait = debut + len(part)
        suivi.avancer(100 * fait / len(cles), f"{fait} occupations sur {len(cles)}")
    insee = DossierODP.objects.values_list("insee", flat=True).get(pk=cles[-1])
    if facturer and bilan["signes"]:
        _facturer(insee, par, bilan)
    if suites_de(cles, annee).exists():
        # The same run resumed asks for the same letters.
        tache_ = lettres.demander(
            annee, list(cles), compte, cle=f"domainepublic.lettres:{suivi.tache.pk}", par=par, insee=insee
        )
        bilan["lettres"] = f"/taches/{tache_.pk}/"
    bilan["adresse"] = f"/domaine-public/renouvellement/?annee={annee}&commune={insee}"
    return bilan


def suites_de(cles: Sequence[int], annee: int) -> QuerySet[DossierODP]:
    """Files that renew those for a year."""
    requete: QuerySet[DossierODP] = DossierODP.objects.filter(
        dossier_origine__in=list(cles), annee_renouvelee=annee
    ).order_by("numero")
    return requete


def _signer(suite: DossierODP, par: Utilisateur, bilan: dict[str, Any]) -> None:
    try:
        agir(suite, "signer", par=par, version=suite.version)
    except ErreurWorkflow as e:
        bilan["echecs"].append(f"{suite} : {e}")
    else:
        bilan["signes"] += 1


def _facturer(insee: str, par: Utilisateur, bilan: dict[str, Any]) -> None:
    try:
        role = facturation.preparer_role(insee, par)
    except Refus as e:
        bilan["echecs"].append(str(e))
    else:
        bilan["role"] = role.numero


LETTRE = "renouvellement"


@tache("domainepublic.lettres", "Lettres de renouvellement", atomique=False)
def lettres(suivi: Suivi, annee: int, cles: Sequence[int], compte: int) -> dict[str, Any]:
    """One letter a holder, each once, then all in one PDF; those who agreed to it get theirs by mail.

    Resumed or run again, it goes on with those that are not final yet.
    """
    par = Utilisateur.objects.get(pk=compte)
    suites = list(suites_de(cles, annee).select_related("demandeur", "dossier_origine"))
    bilan: dict[str, Any] = {"lettres": 0, "deja": 0, "courriels": 0, "echecs": []}
    courriers: list[Courrier] = []
    for rang, suite in enumerate(suites):
        try:
            courrier = _lettre(suite, par, bilan)
        except CourrierRefuse as e:
            bilan["echecs"].append(f"{suite} : {e}")
        else:
            courriers += [courrier] if courrier is not None else []
        suivi.avancer(95 * (rang + 1) / len(suites), f"{rang + 1} lettres sur {len(suites)}")
    if courriers:
        impression = _reunir(courriers, annee, par)
        bilan |= {"adresse": f"/carte/impression/{impression.pk}/plan.pdf", "pages": impression.pages}
    return bilan


def _lettre(suite: DossierODP, par: Utilisateur, bilan: dict[str, Any]) -> Courrier | None:
    """The final letter of a file; null where the commune has no such template."""
    with transaction.atomic():
        # Two runs at once write it once.
        DossierODP.objects.select_for_update(of=("self",)).get(pk=suite.pk)
        vivants = [e for e in Courrier.Etat.values if e != Courrier.Etat.ABANDONNE]
        connue = next(iter(suites_courriers.lettres(suite, (LETTRE,), vivants)), None)
        if connue is not None and connue.etat != Courrier.Etat.BROUILLON:
            bilan["deja"] += 1
            return connue
        maison = systeme("renouvellement")
        courrier = connue or suites_courriers.preparer(suite, LETTRE, maison)
        if courrier is None:
            return None
        courrier = services.finaliser(courrier, par=maison, version=courrier.version, confirmer=True)
        bilan["lettres"] += 1
        if courrier.destinataire_courriel:
            courrier = envois.envoyer(courrier, par=maison, mode=ModeCourrier.ELECTRONIQUE, confirmer=True)
            bilan["courriels"] += 1
        if suite.etat == "a_signer" and not suites_courriers.lettres(suite, TITRES_ECRITS, vivants):
            suites_courriers.rediger_titre(suite)
    return courrier


def _reunir(courriers: Sequence[Courrier], annee: int, par: Utilisateur) -> Impression:
    """All letters in one file, for who asked; those of an earlier run of the year give way to it."""
    ecrivain = PdfWriter()
    for courrier in courriers:
        ecrivain.append(io.BytesIO(envois.lire_pdf(courrier)))
    tampon = io.BytesIO()
    ecrivain.write(tampon)
    impression = Impression(
        auteur=par, titre=f"Lettres de renouvellement {annee}", demande={"renouvellement": annee},
        pages=len(ecrivain.pages),
    )  # fmt: skip
    impression.fichier.save("lettres.pdf", ContentFile(tampon.getvalue()), save=False)
    impression.save()
    return impression

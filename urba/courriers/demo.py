"""Letters of the demonstration's permits: receipts, letters and acts that wait for the mayor."""

from __future__ import annotations

from datetime import date

from mairie.courriers import services
from mairie.courriers.erreurs import CourrierRefuse
from mairie.demo import INSEE, Etape, declarer_etape
from mairie.models import Courrier, ModeleCourrier, Utilisateur
from mairie.workflow import ErreurWorkflow, appliquer
from urba.courriers import modeles, suites
from urba.courriers.catalogue import PAR_CODE
from urba.courriers.propositions import proposer
from urba.courriers.sujet import destinataires, prefecture
from urba.demo import CHEF
from urba.models import DossierInstruction

A_SIGNER, PAR_MODELE = 4, 2
# Those made for the demonstration; the texts to be completed stay drafts.
FINALES = ("recepisse", "avis_depot", "majoration", "incompletude", "rapport", "extrait_affichage")
BROUILLONS = ("certificat_tacite", "attestation_affichage", "bordereau_transmission", "mise_en_demeure")


def declarer() -> None:
    """From ``AppConfig.ready``, after the step that makes the dossiers."""
    declarer_etape(Etape("urba.courriers", "Lettres des autorisations d'urbanisme", 310, jouer))


def jouer(jour: date) -> str:
    """Letters that the states call for, some of each kind; once."""
    modeles.charger()
    if Courrier.objects.filter(insee=INSEE, metier="urba").exists():
        return "déjà en place"
    par = Utilisateur.objects.get(email=CHEF)
    for d in _a_decider(jour)[:A_SIGNER]:
        _decider(d, par)
    faites: dict[str, int] = {}
    for d in DossierInstruction.objects.filter(insee=INSEE).order_by("-date_depot", "-id"):
        for p in proposer(d, [], jour):
            arrete = d.etat == "en_signature" and p.code not in (*FINALES, *BROUILLONS, "consultation")
            voulu = A_SIGNER if arrete else PAR_MODELE
            cle = "arrete" if arrete else p.code
            if (arrete or p.code in (*FINALES, *BROUILLONS)) and faites.get(cle, 0) < voulu:
                faites[cle] = faites.get(cle, 0) + _ecrire(d, p.code, par, finale=p.code not in BROUILLONS)
    return f"{Courrier.objects.filter(insee=INSEE, metier='urba').count()} lettres"


def _a_decider(jour: date) -> list[DossierInstruction]:
    """Open requests of permits and declarations whose limit is near but not past."""
    return list(
        DossierInstruction.objects.filter(
            insee=INSEE, etat="en_cours", date_limite__gte=jour, nature="INITIAL"
        ).order_by("date_limite", "id")
    )


def _decider(d: DossierInstruction, par: Utilisateur) -> None:
    """Report and decision, today, so that its act may be written."""
    acte = {"sens": "accord"} if d.type_detail in ("CUA", "CUB") else {
        "sens": "accord_prescriptions",
        "prescriptions": "Les eaux pluviales sont infiltrées sur le terrain.",
    }  # fmt: skip
    try:
        appliquer(d, "rapport_pret", par=par, version=d.version, forcer="Démonstration")
        appliquer(d, "finaliser_decision", par=par, version=d.version, donnees=acte)
    except ErreurWorkflow:
        return


def _ecrire(d: DossierInstruction, code: str, par: Utilisateur, *, finale: bool) -> int:
    """One letter; 0 when it can't be."""
    modele = ModeleCourrier.objects.filter(metier="urba", code=code, collectivite=None).first()
    if modele is None:
        return 0
    try:
        prefet = PAR_CODE[code].prefet
        destinataire = prefecture(d) if prefet else next(destinataires(d), None)
        c = services.preparer(d, modele, par=par, destinataire=destinataire)
        if not c.destinataire_adresse:
            c = services.modifier(
                c, par=par, version=0, champs={"destinataire_adresse": "1 rue Inventée\n25999 VALBRUNE"}
            )
        # What an agent has to complete stays a draft.
        if finale and suites.A_COMPLETER not in c.corps:
            services.finaliser(c, par=par, version=c.version, confirmer=True)
    except CourrierRefuse:
        Courrier.objects.filter(dossier_id=d.pk, modele__modele=modele, etat=Courrier.Etat.BROUILLON).delete()
        return 0
    return 1

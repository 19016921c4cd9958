"""Letters of the demonstration's occupations: receipts, requests, acts signed and acts that wait."""

from __future__ import annotations

from datetime import date

from django.utils import timezone

from domainepublic.courriers import modeles, suites
from domainepublic.courriers.propositions import lettres_de, proposer
from domainepublic.courriers.sujet import destinataires
from domainepublic.models import DossierODP
from mairie.courriers import envois, services
from mairie.courriers.erreurs import CourrierRefuse
from mairie.demo import INSEE, Etape, declarer_etape
from mairie.models import Courrier, ModeleCourrier, Utilisateur

PAR_MODELE = 2
A_ENVOYER = ("recepisse", "demande_pieces", "facture")


def declarer() -> None:
    """From ``AppConfig.ready``, after the step that makes the files."""
    declarer_etape(Etape("domainepublic.courriers", "Lettres et arrêtés du domaine public", 330, jouer))


def jouer(jour: date) -> str:
    """Some letters of each kind that the states call for; once."""
    modeles.charger()
    # Acts drafted by the circuit itself are there before this step.
    siennes = Courrier.objects.filter(insee=INSEE, metier="domainepublic")
    if siennes.exclude(etat=Courrier.Etat.BROUILLON).exists():
        return "déjà en place"
    from domainepublic.demo import AGENT

    par = Utilisateur.objects.get(email=AGENT)
    faites: dict[str, int] = {}
    for d in DossierODP.objects.filter(insee=INSEE).order_by("-date_depot", "-id"):
        for p in proposer(d, lettres_de(d)):
            if faites.get(p.code, 0) < PAR_MODELE:
                faites[p.code] = faites.get(p.code, 0) + _ecrire(d, p.code, par)
    return f"{Courrier.objects.filter(insee=INSEE, metier='domainepublic').count()} lettres"


def _ecrire(d: DossierODP, code: str, par: Utilisateur) -> int:
    """One letter as far as it goes by itself; 0 when it can't be."""
    modele = ModeleCourrier.objects.filter(metier="domainepublic", code=code, collectivite=None).first()
    if modele is None:
        return 0
    try:
        c = services.preparer(d, modele, par=par, destinataire=next(destinataires(d), None))
        lettre = suites.lettre_du_courrier(c)
        if lettre is not None and (lettre.titre or code in A_ENVOYER):
            c = services.finaliser(c, par=par, version=c.version, confirmer=True)
        if lettre is not None and lettre.titre and suites.deja_signe(d) and c.delegation is not None:
            envois.signer(c, par=c.delegation.delegataire, le=timezone.localdate(), confirmer=True)
    except CourrierRefuse:
        return 0
    return 1

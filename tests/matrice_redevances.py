"""Examples of the addresses of fees, tariffs, contracts and contributions."""

from tests.matrice import exemple
from tests.personnes import INSEE, commune


def _deliberation():
    from assainissement.models import DeliberationTarif
    from tests.assainissement.fabrique_redevances import deliberation

    commune()
    return {"pk": (DeliberationTarif.objects.filter(insee=INSEE).first() or deliberation()).pk}


def _ligne():
    from assainissement.models import Controle, LigneRedevance
    from assainissement.redevances import ouvrir
    from assainissement.references import charger_points
    from tests.assainissement.fabrique_anc import JOUR, controle

    _deliberation()
    charger_points()
    connue = LigneRedevance.objects.first()
    if connue is None:
        c = Controle.objects.filter(nature="periodique").first() or controle()
        connue = ouvrir(c, JOUR)
    return {"pk": connue.pk}


def _envoi():
    from assainissement.models import LotRedevance
    from tests.personnes import agent

    connu = LotRedevance.objects.first() or LotRedevance.objects.create(
        insee=INSEE,
        numero="RED-25999-2026-01",
        annee=2026,
        le="2026-03-02",
        echeance="2026-04-01",
        contenu="role\r\n",
        empreinte="0" * 64,
        cree_par=agent("assainissement.gestionnaire"),
    )
    return {"pk": connu.pk}


def _contrat():
    from datetime import date

    from assainissement.contrats import ouvrir
    from assainissement.models import Contrat, Installation
    from tests.assainissement.fabrique_anc import installation

    i = Installation.objects.first() or installation()
    connu = Contrat.objects.first() or ouvrir(i, "entretien", date(2025, 1, 1))
    return {"pk": connu.pk}


def _pfac():
    from assainissement.models import Pfac
    from assainissement.pfac import preparer

    commune()
    return {"pk": (Pfac.objects.first() or preparer(INSEE, "PC 025 999 26 00012")).pk}


def _parametre():
    from assainissement.models import ParametreLoi
    from assainissement.tarifs import charger_parametres

    charger_parametres()
    return {"pk": ParametreLoi.objects.get(code="AC_MAJORATION_MAX").pk}


exemple("ass_tarif", creer=_deliberation)
exemple("ass_tarif_modifier", parametres={"quoi": "fermer"}, creer=_deliberation)
exemple("ass_tarif_nouveau", parametres={"objet": "pfac"})
exemple("ass_parametre_activer", creer=_parametre)
exemple("ass_redevance", creer=_ligne)
exemple("ass_redevance_evenement", parametres={"code": "annoncer"}, creer=_ligne)
exemple("ass_redevance_avoir", creer=_ligne)
exemple("ass_transmettre", parametres={"insee": INSEE})
for nom in ("ass_envoi", "ass_envoi_fichier"):
    exemple(nom, creer=_envoi)
for nom in ("assainissement_contrats_fiche", "assainissement_contrats_modifier"):
    exemple(nom, creer=_contrat)
for nom in ("ass_pfac", "ass_pfac_completer", "ass_pfac_annuler"):
    exemple(nom, creer=_pfac)
exemple("ass_pfac_evenement", parametres={"code": "constater_raccordement"}, creer=_pfac)
exemple("ass_relances_lettres", parametres={"liste": "relances"})

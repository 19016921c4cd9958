"""Examples of the permits' addresses."""

from tests.matrice import exemple


def _dossier():
    from urba.models import DossierInstruction

    connu = DossierInstruction.objects.first()
    if connu is None:
        from tests.urba.fabrique_urba import dossier

        connu = dossier()
    return {"pk": connu.pk}


def _acte():
    from mairie.courriers.services import Libre, preparer
    from mairie.roles import systeme
    from urba.models import DossierInstruction

    d = DossierInstruction.objects.get(pk=_dossier()["pk"])
    return {"pk": preparer(d, Libre("Essai", "Essai", "<p>Bonjour</p>"), par=systeme("matrice")).pk}


for nom in (
    "urba_dossier",
    "urba_annuler",
    "urba_cle",
    "urba_consulter",
    "urba_technique",
    "urba_terrain",
    "urba_lier",
    "urba_contraintes",
    "urba_lots_dossier",
):
    exemple(nom, creer=_dossier)
exemple("urba_demander", parametres={"nature": "transfert"}, creer=_dossier)
exemple("urba_courrier_preparer", parametres={"code": "recepisse"}, creer=_dossier)
exemple("urba_courrier_reputer", parametres={"courrier": 1}, creer=_dossier)
exemple("urba_suivi", parametres={"numero": "PC0259992600001"})
exemple("urba_renvoyer", creer=_acte)
exemple("urba_evenement", parametres={"code": "qualification"}, creer=_dossier)
exemple("urba_examiner_piece", parametres={"code": "PCMI1"}, creer=_dossier)

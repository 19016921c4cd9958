"""Examples of the addresses of connections, of the yearly report, of upkeep and of imports."""

from tests.matrice import exemple


def _branchement():
    from assainissement.models import Branchement
    from tests.assainissement.fabrique_ac import branchement

    return {"pk": (Branchement.objects.first() or branchement()).pk}


def _controle():
    from assainissement.models import ControleAC
    from tests.assainissement.fabrique_ac import controle_ac

    return {"pk": (ControleAC.objects.first() or controle_ac()).pk}


for nom in (
    "ass_branchement",
    "ass_branchement_modifier",
    "ass_branchement_raccorder",
    "ass_branchement_deroger",
):
    exemple(nom, creer=_branchement)
for nom in (
    "ass_controle_ac",
    "ass_controle_ac_affecter",
    "ass_controle_ac_points",
    "ass_controle_ac_contre_visite",
    "ass_controle_ac_annuler",
):
    exemple(nom, creer=_controle)
exemple("ass_controle_ac_evenement", parametres={"code": "annuler"}, creer=_controle)

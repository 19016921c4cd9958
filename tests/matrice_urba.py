"""Examples of the permits' addresses."""

from tests.matrice import exemple


def _dossier():
    from urba.models import DossierInstruction

    connu = DossierInstruction.objects.first()
    if connu is None:
        from tests.urba.fabrique_urba import dossier

        connu = dossier()
    return {"pk": connu.pk}


for nom in ("urba_dossier", "urba_annuler", "urba_consulter"):
    exemple(nom, creer=_dossier)
exemple("urba_evenement", parametres={"code": "qualification"}, creer=_dossier)

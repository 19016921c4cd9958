"""Examples of the addresses of the public domain."""

from tests.matrice import exemple


def _dossier():
    from domainepublic.models import DossierODP

    connu = DossierODP.objects.first()
    if connu is None:
        from tests.odp.fabrique_odp import dossier

        connu = dossier()
    return {"pk": connu.pk}


def _type():
    from tests.odp.fabrique_odp import type_

    return {"pk": type_("BENNE").pk}


for nom in ("odp_dossier", "odp_annuler", "odp_emprise_ajouter", "odp_faits"):
    exemple(nom, creer=_dossier)
for nom in ("odp_emprise_modifier", "odp_emprise_retirer"):
    exemple(nom, parametres={"rang": 1}, creer=_dossier)
exemple("odp_evenement", parametres={"code": "instruire"}, creer=_dossier)
for nom in ("domainepublic_types_fiche", "domainepublic_types_modifier"):
    exemple(nom, creer=_type)
# No import is waiting: the page of one says so.
exemple("domainepublic_types_import", parametres={"pk": 1}, attendu=(404,))
exemple("domainepublic_types_rejets", parametres={"pk": 1}, attendu=(404,))

"""Examples of the addresses of sanitation."""

from tests.matrice import exemple


def _installation():
    from assainissement.models import Installation
    from tests.assainissement.fabrique_anc import installation

    return {"pk": (Installation.objects.first() or installation()).pk}


def _controle():
    from tests.matrice_terrain import controle

    return controle()


def _obligation():
    from assainissement.models import Obligation
    from tests.assainissement.fabrique_anc import JOUR, acteur, installation

    connue = Obligation.objects.first()
    if connue is None:
        from assainissement.controles import reprendre

        reprendre(
            installation(),
            "periodique",
            par=acteur(),
            visite=JOUR.replace(year=2018),
            cas={"elements_probants": True, "odeur_jour": True},
        )
        connue = Obligation.objects.get()
    return {"pk": connue.pk}


def _element():
    from assainissement.models import Element

    cles = {"installation_id": _installation()["pk"], "famille": "PRE", "type": "fosse_toutes_eaux"}
    return {"pk": cles["installation_id"], "element": Element.objects.get_or_create(**cles)[0].pk}


def _reglement():
    from datetime import date

    from assainissement.models import ReglementService
    from tests.personnes import INSEE, commune

    commune()
    return {"pk": ReglementService.objects.get_or_create(insee=INSEE, date_effet=date(2020, 1, 1))[0].pk}


def _point():
    from assainissement.models import PointControle
    from assainissement.references import charger_points

    charger_points()
    return {"pk": PointControle.objects.order_by("ordre")[0].pk}


for nom in (
    "ass_installation",
    "ass_installation_modifier",
    "ass_element",
    "ass_planifier",
    "ass_installation_annuler",
):
    exemple(nom, creer=_installation)
exemple("ass_installation_evenement", parametres={"code": "desactiver"}, creer=_installation)
for nom in ("ass_controle", "ass_conclusion", "ass_controle_annuler"):
    exemple(nom, creer=_controle)
exemple("ass_saisie", parametres={"ecran": "existence"}, creer=_controle)
exemple("ass_controle_evenement", parametres={"code": "fixer_rdv"}, creer=_controle)
exemple("ass_obligation", creer=_obligation)
exemple("ass_obligation_annuler", creer=_obligation)
exemple("ass_travaux_faits", creer=_obligation)
exemple("ass_element_corrige", creer=_element)
exemple("ass_obligation_evenement", parametres={"code": "prolonger"}, creer=_obligation)
for nom in ("assainissement_reglements_fiche", "assainissement_reglements_modifier"):
    exemple(nom, creer=_reglement)
for nom in ("assainissement_points_fiche", "assainissement_points_modifier"):
    exemple(nom, creer=_point)
# No import is waiting: the page of one says so.
exemple("assainissement_points_import", parametres={"pk": 1}, attendu=(404,))
exemple("assainissement_points_rejets", parametres={"pk": 1}, attendu=(404,))
exemple("ass_zone_ajouter", parametres={"genre": "zonage"})


def _projet():
    from assainissement.models import ProjetAnc
    from assainissement.projets import NouveauProjet, demander
    from tests.assainissement.fabrique_anc import acteur
    from tests.personnes import INSEE

    connu = ProjetAnc.objects.first()
    return {"pk": (connu or demander(NouveauProjet(insee=INSEE), par=acteur())).pk}


def _vente():
    from assainissement.models import DeclarationVente
    from assainissement.ventes import NouvelleVente, declarer
    from tests.assainissement.fabrique_anc import JOUR, acteur
    from tests.personnes import INSEE

    connue = DeclarationVente.objects.first()
    if connue is None:
        connue = declarer(
            NouvelleVente(insee=INSEE, recue_le=JOUR.replace(year=2024), parcelles=("25999000AB0001",)),
            par=acteur(),
        )
    return {"pk": connue.pk}


def _lien_parcelle():
    from assainissement.models import InstallationParcelle

    pk = _installation()["pk"]
    lien = InstallationParcelle.objects.filter(installation=pk).first()
    return {
        "pk": (lien or InstallationParcelle.objects.create(installation_id=pk, reference="25999000AB0001")).pk
    }


def _avis_reseau():
    from assainissement import avis_reseau
    from assainissement.models import AvisReseau
    from tests.assainissement.fabrique_anc import acteur
    from tests.personnes import INSEE

    connu = AvisReseau.objects.first()
    if connu is None:
        connu = avis_reseau.demander(
            INSEE, par=acteur(), autorisation="PC1", dossier_urba="PC1", service="SPANC",
            parcelles=["25999000AB0001"],
        )  # fmt: skip
    return {"pk": connu.pk}


exemple("ass_avis_reseau", creer=_avis_reseau)
exemple("ass_avis_reseau_evenement", parametres={"code": "abandonner"}, creer=_avis_reseau)
exemple("ass_projet", creer=_projet)
exemple("ass_projet_evenement", parametres={"code": "abandonner"}, creer=_projet)
exemple("ass_rattacher", creer=_lien_parcelle)
for nom in (
    "ass_vente",
    "ass_vente_repondre",
    "ass_vente_certifier",
    "ass_vente_corriger",
    "ass_vente_annuler",
):
    exemple(nom, creer=_vente)
exemple("ass_vente_evenement", parametres={"code": "classer_sans_suite"}, creer=_vente)
exemple("ass_suivi", parametres={"numero": "ANC-25999-99999"})
exemple("ass_suivi_rapport", parametres={"numero": "ANC-25999-99999", "pk": 1})
exemple(
    "ass_rapport_permis", parametres={"autorisation": "PC0259992600099", "pk": 1, "lettre": 1}, attendu=(404,)
)
exemple("ass_personnes", creer=_installation)
exemple("ass_personne_terminer", parametres={"lien": 1}, creer=_installation)
for nom in ("ass_cle", "ass_cle_retirer"):
    exemple(nom, creer=_installation)

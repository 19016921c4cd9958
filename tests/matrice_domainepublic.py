"""Examples of the addresses of the public domain."""

from tests.matrice import exemple


def _dossier():
    from domainepublic.models import DossierODP

    connu = DossierODP.objects.first()
    if connu is None:
        from tests.domainepublic.fabrique_odp import dossier

        connu = dossier()
    return {"pk": connu.pk}


def _type():
    from tests.domainepublic.fabrique_odp import type_

    return {"pk": type_("BENNE").pk}


for nom in (
    "odp_dossier",
    "odp_annuler",
    "odp_cle",
    "odp_emprise_ajouter",
    "odp_faits",
    "odp_personnes",
    "odp_affecter",
):
    exemple(nom, creer=_dossier)
for nom in ("odp_emprise_modifier", "odp_emprise_retirer"):
    exemple(nom, parametres={"rang": 1}, creer=_dossier)
exemple("odp_evenement", parametres={"code": "instruire"}, creer=_dossier)
exemple("odp_alerte_traiter", parametres={"genre": "riverains"}, creer=_dossier)
for nom in ("domainepublic_types_fiche", "domainepublic_types_modifier"):
    exemple(nom, creer=_type)
# No import is waiting: the page of one says so.
exemple("domainepublic_types_import", parametres={"pk": 1}, attendu=(404,))
exemple("domainepublic_types_rejets", parametres={"pk": 1}, attendu=(404,))


def _grille():
    from domainepublic.models import GrilleTarifaire
    from tests.domainepublic.test_redevances_odp import grille

    return {"pk": (GrilleTarifaire.objects.first() or grille()).pk}


def _role():
    from domainepublic.models import Role
    from tests.personnes import INSEE, commune

    commune()
    role, _ = Role.objects.get_or_create(insee=INSEE, numero="ROLE-2026-01", annee=2026)
    return {"pk": role.pk}


exemple("odp_grille", creer=_grille)
exemple("odp_grille_modifier", parametres={"quoi": "tarif"}, creer=_grille)
exemple("odp_role_preparer", parametres={"insee": "25999"})
exemple("odp_role", creer=_role)
exemple("odp_role_agir", parametres={"quoi": "valider"}, creer=_role)
# Not exported: it has no file yet.
exemple("odp_role_fichier", parametres={"genre": "csv"}, creer=_role, attendu=(404,))
exemple("odp_titre_encaisser", parametres={"titre": 1}, creer=_role)
exemple("odp_conflits", creer=_dossier)
exemple("odp_decaler", creer=_dossier)
exemple("odp_conflit_lever", parametres={"conflit": 1}, creer=_dossier)
exemple("odp_flux_voie", parametres={"code": "259990050", "genre": "ics"}, attendu=(404,))
# Nobody gave their secret.
exemple("odp_demande_reprise", parametres={"jeton": "A" * 22}, attendu=(404, 429))
exemple("odp_demande_etape", parametres={"jeton": "A" * 22, "etape": "ou"}, attendu=(404, 429))
exemple("odp_suivi", parametres={"numero": "ODP-25999-2026-00001"})
exemple("odp_suivi_acte", parametres={"numero": "ODP-25999-2026-00001", "pk": 1})


def _constat():
    from datetime import UTC, datetime
    from uuid import uuid4

    from domainepublic.models import Constat
    from tests.personnes import INSEE, agent

    connu = Constat.objects.first() or Constat.objects.create(
        insee=INSEE,
        numero="CST-25999-2026-00001",
        vu_le=datetime(2026, 3, 2, 10, tzinfo=UTC),
        agent=agent("domainepublic.assermente"),
        conclusion="sans_titre",
        client_uuid=uuid4(),
    )
    return {"pk": connu.pk}


exemple("odp_chantier", parametres={"pk": 1}, attendu=(404,))
exemple("odp_constat", creer=_constat)
exemple("odp_constat_agir", parametres={"quoi": "classer"}, creer=_constat)
exemple("odp_facturer_sans_titre", creer=_dossier)
exemple("odp_figer", creer=_dossier)
exemple("odp_avoir", parametres={"ligne": 1}, creer=_dossier)


def _travaux():
    from tests.domainepublic.test_coordination_odp import travaux

    return {"pk": travaux().pk}


for nom in ("odp_travail", "odp_travail_occuper"):
    exemple(nom, creer=_travaux)
# These works have no decision to notify: test_coordination_odp opens one.
exemple("odp_travail_decision", parametres={"evenement": 1}, creer=_travaux, attendu=(404,))
exemple("odp_travail_evenement", parametres={"code": "accorder"}, creer=_travaux)
exemple("odp_mesure_ajouter", creer=_dossier)
exemple("odp_mesure_retirer", parametres={"mesure": 1}, creer=_dossier)
exemple("odp_dialog", creer=_dossier)
exemple("odp_consulter", creer=_dossier)
exemple("odp_interet", parametres={"interet": 1, "quoi": "ecarter"}, creer=_dossier)
exemple("odp_courrier_preparer", parametres={"code": "recepisse"}, creer=_dossier)
# Not granted: there is nothing to post on the site yet.
exemple("odp_affichette", parametres={"taille": "a4"}, creer=_dossier, attendu=(404,))
# Nothing is announced.
exemple("odp_annonce", parametres={"pk": 1}, attendu=(404,))
# No street is said: the answer asks for it.
exemple("odp_entre_numeros", attendu=(422,))
# No street has that number.
exemple("odp_rue", parametres={"pk": 1}, attendu=(200, 404))
exemple("odp_calendrier_publier", parametres={"insee": "25999", "annee": 2026})
# No import is waiting.
exemple("domainepublic_programmes_import", parametres={"pk": 1}, attendu=(404,))
exemple("domainepublic_programmes_rejets", parametres={"pk": 1}, attendu=(404,))


def _parametre():
    from domainepublic.models import ParametreODP
    from domainepublic.parametres import charger

    charger()
    return {"pk": ParametreODP.objects.get(code="coordination_m").pk}


def _pei():
    from domainepublic.models import PointEau
    from tests.personnes import INSEE
    from tests.plan_factice import point

    connu = PointEau.objects.first() or PointEau.objects.create(insee=INSEE, numero="1", geom=point(50, 20))
    return {"pk": connu.pk}


def _service():
    from domainepublic.consultations import charger_services
    from mairie.models import ServiceConsulte

    charger_services()
    s = ServiceConsulte.objects.get(collectivite="", code="odp_police")
    commun, _ = ServiceConsulte.objects.get_or_create(
        collectivite="25999", code="essai", defaults={"libelle": "Essai", "metier": s.metier}
    )
    return {"pk": commun.pk}


exemple("odp_banc", creer=_grille)
exemple("odp_zones_importer", creer=_grille)
exemple("odp_delai", creer=_parametre)
exemple("odp_delai_renoncer", parametres={"valeur": 1}, creer=_parametre)
exemple("odp_voirie_nouveau", parametres={"genre": "pei"})
for nom in ("odp_voirie_objet", "odp_voirie_retirer"):
    exemple(nom, parametres={"genre": "pei"}, creer=_pei)
for nom in ("domainepublic_services_fiche", "domainepublic_services_modifier"):
    exemple(nom, creer=_service)
for genre in ("revetements", "gestionnaires", "transferts", "pei", "bus"):
    exemple(f"domainepublic_voirie_{genre}_import", parametres={"pk": 1}, attendu=(404,))
    exemple(f"domainepublic_voirie_{genre}_rejets", parametres={"pk": 1}, attendu=(404,))


def _reglage():
    from domainepublic.models import ReglageType
    from tests.domainepublic.fabrique_odp import type_
    from tests.personnes import INSEE

    return {"pk": ReglageType.objects.get_or_create(insee=INSEE, type=type_("BENNE"))[0].pk}


for nom in ("domainepublic_types_locaux_fiche", "domainepublic_types_locaux_modifier"):
    exemple(nom, creer=_reglage)

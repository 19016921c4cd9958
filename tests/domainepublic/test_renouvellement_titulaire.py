"""Renewal seen from both sides: the agent narrows and corrects, the holder keeps, changes or stops."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.contrib.gis.geos import MultiPolygon
from django.test import Client

from domainepublic import tarifs
from domainepublic.apercu_renouvellement import Tri, candidats, choix, proposer
from domainepublic.courriers import modeles, suites
from domainepublic.ecrans import tuile
from domainepublic.models import DossierODP, GrilleTarifaire, LigneFacturable, Role, Titre
from domainepublic.renouvellement import renouveler, renouveler_un
from domainepublic.usager import renouvellement as reponses
from domainepublic.usager.declaration import USAGE_SUIVI
from mairie import liens
from mairie.courriers import services as courriers
from mairie.models import Courrier, EnTete, Tache
from mairie.roles import systeme
from mairie.taches import Suivi
from mairie.workflow import Refus
from tests.domainepublic.fabrique_odp import accorde, acteur, dossier, emprise, faire, rect
from tests.domainepublic.test_ecrans_odp import client_de, texte
from tests.domainepublic.test_renouvellement_odp import FAITS, grilles, terrasse
from tests.personnes import INSEE, commune

pytestmark = pytest.mark.usefixtures("aller")
PAGE = "/domaine-public/renouvellement/?annee=2027"


@pytest.fixture
def deux(aller):
    grilles(2026, 2027)
    sortie = [terrasse(), terrasse(20)]
    aller(date(2026, 11, 20))
    return sortie


def suite_de(d: DossierODP) -> DossierODP:
    suite = renouveler_un(d, 2027, acteur("instructeur"))
    assert suite is not None and suite.etat == "a_signer"
    return suite


def navigateur(d: DossierODP) -> tuple[Client, str]:
    """The holder with his key, and the address of his page."""
    _, cle = liens.creer_cle(d, USAGE_SUIVI, insee=d.insee)
    client = Client()
    assert client.post("/suivi/", {"numero": d.numero, "cle": cle}).status_code == 302
    return client, f"/domaine-public/suivi/{d.numero}/"


# --- the agent narrows and corrects --------------------------------------------------------------


def test_l_apercu_se_restreint_par_type_voie_zone_et_paiement(deux):
    un, autre = deux
    for grille in GrilleTarifaire.objects.all():
        prix = {"type": "ETAL", "unite": "m2", "periode": "an", "prix": "10"}
        tarifs.enregistrer_tarif(grille, "ETAL", prix)
    etal = emprise("ETAL", geom=rect(40), debut=date(2026, 1, 1), fin=date(2026, 12, 31))
    type_etal = accorde(dossier(etal, faits=FAITS))
    zone = MultiPolygon(rect(0), srid=2154)
    tarifs.ajouter_zone(GrilleTarifaire.objects.get(du=date(2027, 1, 1)), "Z1", zone)

    def vus(**tri) -> set[int]:
        return set(candidats(INSEE, 2027, Tri(**tri)).values_list("pk", flat=True))

    assert vus() == {un.pk, autre.pk, type_etal.pk}
    assert vus(type="ETAL") == {type_etal.pk}
    assert vus(zone="Z1") == {un.pk}
    assert vus(voie=-1) == set()
    role = Role.objects.create(insee=INSEE, annee=2026, numero="ROLE-2026-01", etat="exporte", empreinte="a")
    Titre.objects.create(role=role, payeur=un.demandeur, reference="R1", montant=80, paye=0)
    assert vus(impaye=True) == {un.pk}
    assert vus(impaye=False) == {autre.pk, type_etal.pk}
    lus = choix(INSEE, 2027)
    assert [code for code, _ in lus["type"]] == ["TERR_O", "ETAL"]
    assert lus["zone"] == [("Z1", "Z1")]


def test_la_page_garde_son_choix_et_en_dit_le_vide(deux):
    client = client_de("instructeur")
    page = texte(client.get(f"{PAGE}&type=TERR_O"))
    assert str(deux[0]) in page and "TERR_O" in page
    assert "88,00 €" in page
    rien = client.get(f"{PAGE}&impaye=1")
    assert "Aucun titre annuel" in texte(rien)
    # What cannot be read narrows nothing, and breaks nothing.
    for faux in ("type=%00", "voie=abc", "voie=99999999999999999999", "zone=%27", "impaye=2", "annee=12"):
        assert client.get(f"/domaine-public/renouvellement/?{faux}").status_code == 200


def test_une_quantite_saisie_se_recalcule_puis_se_renouvelle(deux):
    un, autre = deux
    client = client_de("instructeur")
    saisie = {"dossiers": [un.pk], f"quantite_{un.pk}": "5,5", f"quantite_{autre.pk}": "8"}
    revue = client.post(PAGE, {**saisie, "recalculer": "1"})
    page = texte(revue)
    assert "60,50 €" in page and "au lieu de 8" in page
    assert [coche for _, coche in revue.context["lignes"]] == [True, False], "ce qui était coché le reste"
    assert DossierODP.objects.count() == 2, "rien n'est écrit"
    client.post(PAGE, saisie)
    tache = Tache.objects.get(code="domainepublic.renouveler")
    assert tache.resultat.args_kwargs["kwargs"]["quantites"] == {str(un.pk): "5.5"}, "8 m² ne change rien"
    par = acteur("instructeur")
    suivi = Suivi(SimpleNamespace(pk=1, essais=1, reprise={}))
    renouveler.func(suivi, 2027, [un.pk, autre.pk], par.pk, quantites={str(un.pk): "5.5"})
    neuf = DossierODP.objects.get(dossier_origine=un)
    assert neuf.emprises.get().quantite == Decimal("5.5")
    assert DossierODP.objects.get(dossier_origine=autre).emprises.get().quantite == Decimal(8)
    faire(neuf, "signer", "signataire")
    assert LigneFacturable.objects.get(dossier=neuf).montant == Decimal("60.50")
    un.refresh_from_db()
    assert un.emprises.get().quantite == Decimal(8), "le titre d'avant ne change pas"


@pytest.mark.parametrize("fausse", ["0", "-2", "beaucoup", "1,234", "1e99", "NaN"])
def test_une_quantite_fausse_est_dite_et_rien_ne_part(deux, fausse):
    un = deux[0]
    reponse = client_de("instructeur").post(PAGE, {"dossiers": [un.pk], f"quantite_{un.pk}": fausse})
    assert reponse.status_code == 422
    assert f"{un}, quantité" in texte(reponse)
    assert not Tache.objects.exists()


# --- the holder answers --------------------------------------------------------------------------


def test_le_titulaire_confirme_et_l_agent_le_voit(deux):
    suite = suite_de(deux[0])
    client, ici = navigateur(suite)
    page = texte(client.get(ici))
    assert "Votre titre pour 2027" in page and "Nouvelle quantité (m²)" in page
    client.post(ici, {"action": "renouveler", "reponse": "accepter", "quantite": "3"})
    suite.refresh_from_db()
    assert suite.etat == "a_signer"
    assert "Vous avez confirmé" in texte(client.get(ici))
    assert "confirmé par le titulaire" in texte(client_de("instructeur").get(PAGE))
    assert suite.emprises.get().quantite == Decimal(8)
    assert not DossierODP.objects.filter(tuile("reponses")).exists()


def test_un_changement_reprend_le_dossier_au_signataire_jusqu_a_ce_que_l_agent_agisse(deux):
    suite = suite_de(deux[0])
    client, ici = navigateur(suite)
    vide = client.post(ici, {"action": "renouveler", "reponse": "changer"})
    assert vide.status_code == 422 and "Dites ce qui change" in texte(vide)
    client.post(ici, {"action": "renouveler", "reponse": "changer", "quantite": "6,5", "message": "Moins"})
    suite.refresh_from_db()
    assert suite.etat == "en_instruction"
    assert list(DossierODP.objects.filter(tuile("reponses"))) == [suite]
    voirie = client_de("instructeur")
    assert "Renouvellements à changer" in texte(voirie.get("/domaine-public/"))
    assert "le titulaire demande un changement : 6,5" in texte(voirie.get(PAGE))
    faire(suite, "preparer_acte")
    assert not DossierODP.objects.filter(tuile("reponses")).exists()
    # He may still change his mind: kept as it was.
    client.post(ici, {"action": "renouveler", "reponse": "accepter"})
    suite.refresh_from_db()
    assert suite.etat == "a_signer"


def test_qui_arrete_ferme_son_dossier_et_rien_n_est_du(deux):
    suite = suite_de(deux[0])
    client, ici = navigateur(suite)
    client.post(ici, {"action": "renouveler", "reponse": "arreter"})
    suite.refresh_from_db()
    assert suite.etat == "sans_suite"
    assert not suite.lignes.exists()
    assert "Répondre" not in texte(client.get(ici))
    assert proposer(INSEE, 2027)[0].reponse == "le titulaire ne renouvelle pas"
    assert renouveler_un(deux[0], 2027, acteur("instructeur")) is None, "recommencer ne le rouvre pas"


def test_on_ne_repond_ni_apres_la_signature_ni_a_un_dossier_ordinaire(deux):
    suite = suite_de(deux[0])
    client, ici = navigateur(suite)
    faire(suite, "signer", "signataire")
    tard = client.post(ici, {"action": "renouveler", "reponse": "arreter"})
    assert tard.status_code == 422
    suite.refresh_from_db()
    assert suite.etat == "accorde"
    ordinaire = dossier(emprise())
    with pytest.raises(Refus, match="ne renouvelle aucun titre"):
        reponses.repondre(ordinaire, "accepter")
    client, ici = navigateur(ordinaire)
    assert "Répondre" not in texte(client.get(ici))
    assert client.post(ici, {"action": "renouveler", "reponse": "autre"}).status_code == 422


def test_la_lettre_donne_la_cle_qui_ouvre_la_reponse(deux, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    modeles.charger()
    EnTete.objects.create(collectivite=commune(), nom="Commune de Valbrune", lieu="Valbrune")
    qui = deux[0].demandeur
    qui.voie, qui.code_postal, qui.ville = "1 rue Fictive", "25999", "Valbrune"
    qui.save()
    suite = suite_de(deux[0])
    brouillon = suites.preparer(suite, "renouvellement", systeme("renouvellement"))
    assert brouillon is not None
    courriers.finaliser(brouillon, par=systeme("renouvellement"), version=brouillon.version, confirmer=True)
    lue = Courrier.objects.get(pk=brouillon.pk).valeurs["champs"]["cle_suivi"]
    assert re.fullmatch(r"([0-9A-Z]{4}-){3}[0-9A-Z]{4}", lue)
    assert Client().post("/suivi/", {"numero": suite.numero, "cle": lue}).status_code == 302

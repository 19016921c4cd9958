"""Consultations of a permit: delays of the rules, answers on the log, silence of the ABF."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from mairie import consultations as partagees
from mairie.models import Evenement, ServiceConsulte
from tests.plan_factice import ecrire_plan
from tests.urba.fabrique_urba import acteur, agir, dossier, qualifie
from urba import consultations
from urba.regles.services import Contexte

pytestmark = pytest.mark.django_db


@pytest.fixture
def aller(time_machine):
    def vers(jour: date) -> None:
        time_machine.move_to(f"{jour.isoformat()}T10:00:00+01:00", tick=False)

    vers(date(2026, 3, 2))
    ecrire_plan()
    consultations.charger_services()
    return vers


def abf() -> ServiceConsulte:
    return ServiceConsulte.objects.get(code="abf")


def journal(di):
    return list(Evenement.objects.filter(dossier_id=di.pk).order_by("id").values_list("type", flat=True))


def test_la_table_des_services_se_charge_une_fois(aller):
    assert consultations.charger_services().creees == 0
    abf_ = abf()
    assert (abf_.nature, abf_.delai_valeur, abf_.effet_silence) == ("accord", 1, "favorable")


def test_l_abf_a_deux_mois_en_abords_et_un_ailleurs(aller):
    di = qualifie(dossier())
    en_abords = consultations.preparer(di, abf(), contextes=[Contexte.ABORDS_SPR])
    assert (en_abords.delai_valeur, en_abords.delai_unite) == (2, "mois")
    assert consultations.preparer(di, abf()).delai_valeur == 1


def test_l_avis_de_l_abf_par_le_lien_retourne_le_silence(aller):
    di = qualifie(dossier())
    c, jeton = partagees.envoyer(consultations.preparer(di, abf(), contextes=[Contexte.ABORDS_SPR]))
    aller(date(2026, 3, 20))
    client = Client()
    page = client.get(f"/avis/{jeton}/").content.decode()
    assert "PC 025 999 26 00001" in page
    assert "Personne fictive" not in page
    client.post(f"/avis/{jeton}/", {"action": "rendre", "avis": "defavorable", "motivation": "Toiture."})
    di.refresh_from_db()
    assert journal(di) == ["depot", "qualification", "consulter", "avis_recu"]
    assert di.decision_implicite == "rejet_tacite"
    avis = Evenement.objects.get(type="avis_recu")
    assert (avis.auteur, avis.donnees["accord"], avis.date_effet) == (None, True, date(2026, 3, 20))
    c.refresh_from_db()
    assert c.avis == "defavorable"


def test_l_avis_attend_l_agent_qui_agit_sur_le_dossier(aller):
    di = qualifie(dossier())
    c, _ = partagees.envoyer(consultations.preparer(di, abf()))
    with CaptureQueriesContext(connection) as vues:
        partagees.rendre_avis(c, "favorable", par_lien=True)
    lues = [q["sql"] for q in vues.captured_queries if 'FROM "urba_dossierinstruction"' in q["sql"]]
    # Before its version is read, then by the engine: read without lock, it could have another one.
    assert sum("FOR UPDATE" in sql for sql in lues) == 2


def test_le_silence_de_l_abf_est_un_accord(aller):
    di = qualifie(dossier())
    c, _ = partagees.envoyer(consultations.preparer(di, abf()))
    partagees.recevoir(c, date(2026, 3, 2))
    aller(date(2026, 4, 3))
    partagees.travailler_de_nuit()
    di.refresh_from_db()
    assert journal(di)[-1] == "avis_tacite"
    assert di.decision_implicite == "permis_tacite"


def test_le_rapport_attend_les_avis_ou_un_motif(aller):
    from mairie.workflow import Refus

    di = qualifie(dossier())
    c, _ = partagees.envoyer(consultations.preparer(di, abf()))
    with pytest.raises(Refus, match="Avis encore attendus"):
        agir(di, "rapport_pret", "instructeur")
    partagees.rendre_avis(c, "favorable", par=acteur("instructeur"))
    agir(di, "rapport_pret", "instructeur")
    assert di.etat == "redaction"


def test_un_dossier_abandonne_n_ecoute_plus_ses_services(aller):
    di = qualifie(dossier())
    c, _ = partagees.envoyer(consultations.preparer(di, abf()))
    agir(di, "abandon", "guichet")
    partagees.rendre_avis(c, "favorable")
    assert journal(di)[-1] == "abandon"


@pytest.mark.parametrize(("majorations", "mois"), [([], 1), ([{"code": "ABF_ABORDS_SPR"}], 2)])
def test_le_delai_de_l_abf_suit_la_qualification(majorations, mois):
    consultations.charger_services()
    d = qualifie(dossier(), majorations=majorations)
    c = consultations.preparer(d, ServiceConsulte.objects.get(code="abf"))
    assert (c.delai_valeur, c.delai_unite) == (mois, "mois")

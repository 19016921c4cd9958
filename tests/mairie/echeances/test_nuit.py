"""The night and the morning: dossiers brought to the day, deadlines that follow, digests sent once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from mairie.echeances import nuit, publier, resume
from mairie.models import CourrielSortant, Echeance, PreferenceBureau, Tache
from mairie.taches import Suivi
from mairie.taches.ouvrier import vider_la_file
from mairie.workflow import appliquer, registre
from tests.mairie.echeances.conftest import DECISION, JOUR, poser
from tests.mairie.essai_workflow import ESSAI
from tests.personnes import agent as creer_agent

pytestmark = pytest.mark.django_db


@pytest.fixture
def dossiers(nouveau, agent, monkeypatch):
    """Three dossiers deposited ten days ago, whose deadline is published by the workflow's hook."""

    def suite(dossier):
        publier(dossier, DECISION, dossier.date_limite, pourquoi=dossier.explication)

    monkeypatch.setattr(registre, "_workflows", {ESSAI.code: replace(ESSAI, suite=suite)})
    par, depot = agent("guichet", "instructeur", "chef"), JOUR - timedelta(10)
    faits = [nouveau(objet=f"n{n}") for n in range(3)]
    for d in faits:
        appliquer(d, "depot", par=par, version=0, date_effet=depot, aujourdhui=depot)
    return faits


def test_la_date_publiee_par_le_metier_porte_son_explication(dossiers):
    e = Echeance.objects.first()
    assert (e.date, e.reference) == (JOUR + timedelta(50), dossiers[0].numero)
    assert e.pourquoi[-1]["article"] == "art. E.1"


def test_la_nuit_remet_chaque_dossier_ouvert_au_jour(dossiers):
    Echeance.objects.all().delete()
    nuit.echeances_de_nuit.demander()
    vider_la_file()
    for d in dossiers:
        d.refresh_from_db()
        assert d.calcule_au == JOUR
    assert Echeance.objects.count() == 3
    fait = Tache.objects.get().resultat.return_value
    assert (fait["dossiers"], fait["changes"], fait["erreurs"]) == (3, 0, 0)
    # Again the same night: nothing to do over.
    nuit.echeances_de_nuit.demander()
    vider_la_file()
    assert Tache.objects.latest("id").resultat.return_value["dossiers"] == 0


def test_un_dossier_en_faute_n_arrete_pas_les_autres_et_se_voit(dossiers, monkeypatch):
    vrai = nuit.rafraichir

    def rafraichir(dossier, jour):
        if dossier.pk == dossiers[1].pk:
            raise RuntimeError("règle en panne")
        return vrai(dossier, jour)

    monkeypatch.setattr(nuit, "rafraichir", rafraichir)
    nuit.echeances_de_nuit.demander()
    vider_la_file()
    t = Tache.objects.select_related("resultat").get()
    assert (t.resultat.status, t.essais) == ("FAILED", 1)
    assert "1 dossier(s) sur 3" in t.erreur
    dossiers[2].refresh_from_db()
    assert dossiers[2].calcule_au == JOUR


def test_un_dossier_clos_n_est_pas_repris(dossiers):
    type(dossiers[0])._base_manager.filter(pk=dossiers[0].pk).update(etat="accorde")
    nuit.echeances_de_nuit.demander()
    vider_la_file()
    assert Tache.objects.get().resultat.return_value["dossiers"] == 2


# --- digest -------------------------------------------------------------------------------------


def resumes() -> list[CourrielSortant]:
    return list(CourrielSortant.objects.order_by("id"))


def matin() -> None:
    nuit.resumes_du_matin.demander()
    vider_la_file()


def test_le_resume_part_quand_une_date_arrive_a_quinze_cinq_ou_zero_jours(lectrice):
    poser(14), poser(20)
    matin()
    assert resumes() == [], "nothing reaches its day"
    poser(5, reference="PC 12", consequence="Permis tacite", adresse="/urba/12/")
    poser(-2, reference="PC 3")
    matin()
    (c,) = resumes()
    assert c.destinataire == lectrice.email
    assert c.objet == "Échéances : 1 en retard, 2 dans les quinze jours"
    assert "- mardi 17 mars 2026 (dans 5\u00a0jours) : PC 12, Décision à rendre – Permis tacite" in c.corps
    assert "/urba/12/" in c.corps and "/bureau/reglages/" in c.corps
    assert "EN RETARD" in c.corps and "D20" not in c.corps
    assert "Léa" not in c.corps


def test_le_meme_jour_le_resume_ne_part_qu_une_fois(lectrice):
    poser(0)
    matin(), matin()
    assert len(resumes()) == 1


def test_seules_mes_echeances_et_celles_de_personne(lectrice):
    autre = creer_agent("mairie.lecteur", email="autre@exemple.invalid")
    poser(0, reference="à lui", responsable=autre)
    poser(0, reference="à personne")
    matin()
    corps = {c.destinataire: c.corps for c in resumes()}
    assert "à lui" not in corps[lectrice.email] and "à personne" in corps[lectrice.email]
    assert "à lui" in corps[autre.email]


@pytest.mark.parametrize(
    ("voulu", "jour", "attendu"),
    [("jamais", 0, 0), ("hebdomadaire", 0, 0), ("hebdomadaire", 4, 1), ("quotidien", 0, 1)],
)
def test_le_choix_de_l_agent_est_suivi(lectrice, time_machine, voulu, jour, attendu):
    """12 March 2026 is a Thursday, four days later a Monday."""
    PreferenceBureau.objects.create(utilisateur=lectrice, resume=voulu)
    time_machine.shift(timedelta(days=jour))
    poser(jour)
    matin()
    assert len(resumes()) == attendu


@pytest.mark.parametrize(("jour", "attendu"), [(0, 0), (4, 1)])
def test_les_retards_sont_rappeles_le_lundi(lectrice, time_machine, jour, attendu):
    poser(-3)
    time_machine.shift(timedelta(days=jour))
    matin()
    assert len(resumes()) == attendu


def test_ni_habitant_ni_compte_clos_ne_recoivent_de_resume(lectrice):
    poser(0)
    lectrice.is_active = False
    lectrice.save()
    creer_agent()
    matin()
    assert resumes() == []


def test_apres_une_interruption_le_suivant(lectrice):
    """The first agent is served; the worker stops; the next run begins after her."""
    autre = creer_agent("mairie.lecteur", email="autre@exemple.invalid")
    poser(0)
    t = nuit.resumes_du_matin.demander()
    suivi = Suivi(t)
    suivi.marquer(dernier=lectrice.pk)
    nuit.resumes_du_matin.call(suivi)
    assert [c.destinataire for c in resumes()] == [autre.email]
    assert resume.preference(autre) == "quotidien"

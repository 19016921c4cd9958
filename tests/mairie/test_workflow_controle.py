"""The nightly proof that dossiers agree with their logs."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command

from mairie.models import DossierSuivi, Evenement, Tache
from mairie.taches.maison import rejouer_dossiers
from mairie.taches.ouvrier import vider_la_file
from mairie.workflow import appliquer
from mairie.workflow.controle import controler, modeles
from tests.mairie.essai_workflow import JOUR, DossierEssai

pytestmark = pytest.mark.django_db


@pytest.fixture
def trois(nouveau, agent):
    par = agent("guichet", "instructeur", "chef")
    dossiers = [nouveau() for _ in range(3)]
    for d in dossiers:
        appliquer(d, "depot", par=par, version=0, date_effet=JOUR, aujourdhui=JOUR)
    return dossiers


def falsifier(dossier, **colonnes):
    """Write the cache as nothing in the house does."""
    DossierEssai._base_manager.filter(pk=dossier.pk).update(**colonnes)


def test_les_modeles_de_chaque_workflow_sont_trouves(workflow_essai):
    assert modeles() == {"mairie.essai": [DossierEssai]}
    assert issubclass(DossierEssai, DossierSuivi)


def test_des_dossiers_justes_passent(trois, capsys):
    rapport = controler()
    assert (rapport.dossiers, rapport.ecarts) == (3, [])
    call_command("rejouer_dossiers")
    assert "Dossiers rejoués : 3 ; écarts : 0" in capsys.readouterr().out


def test_un_etat_faux_est_dit_et_fait_echouer_la_commande(trois, capsys):
    falsifier(trois[1], etat="accorde")
    with pytest.raises(CommandError) as erreur:
        call_command("rejouer_dossiers")
    assert erreur.value.returncode == 1
    dit = capsys.readouterr().out
    assert f"mairie.essai {trois[1].numero} : diffère" in dit
    assert "etat : enregistré accorde ; rejoué depose" in dit
    assert "Dossiers rejoués : 3 ; écarts : 1" in dit


def test_un_journal_qui_ne_se_rejoue_plus_est_dit(trois, capsys):
    Evenement.objects.create(
        dossier=trois[0],
        workflow="mairie.essai",
        type="reprendre",
        date_effet=JOUR,
        version=2,
        au_nom_de="essai",
    )
    with pytest.raises(CommandError):
        call_command("rejouer_dossiers")
    assert "impossible dans l'état" in capsys.readouterr().out


def test_un_workflow_inconnu_est_refuse(workflow_essai):
    with pytest.raises(CommandError, match=r"inconnu\. Workflows : mairie\.essai"):
        call_command("rejouer_dossiers", "--workflow", "urba.rien")


def test_la_tache_de_nuit_echoue_une_fois_et_se_voit(trois):
    falsifier(trois[2], etat="refuse")
    rejouer_dossiers.demander()
    vider_la_file()
    t = Tache.objects.select_related("resultat").get()
    assert (t.resultat.status, t.essais) == ("FAILED", 1)
    assert "1 dossier(s) sur 3" in t.erreur

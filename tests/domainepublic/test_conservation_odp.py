"""Names and files past their time go, figures stay; what still runs is kept (spec §11)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import uuid4

import pytest

from domainepublic import conservation, parametres
from domainepublic.models import Constat, Interet, LigneFacturable, ParametreODP
from mairie.models import JournalActe, Tiers
from mairie.tiers.droits import obstacles
from tests.domainepublic.fabrique_odp import accorde, acteur, dossier, emprise, faire, personne, rect
from tests.domainepublic.test_redevances_odp import grille

pytestmark = pytest.mark.usefixtures("aller")


def constat(**champs) -> Constat:
    return Constat.objects.create(
        insee="25999", numero=f"CST-25999-2026-{Constat.objects.count():05d}", client_uuid=uuid4(),
        vu_le=datetime(2026, 3, 2, 10, tzinfo=UTC), agent=acteur("assermente"), conclusion="sans_titre",
        tiers_presume="Dupont fictif", texte="M. Dupont fictif", **champs,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("jour", "restent"),
    [(date(2027, 3, 2), {"sans_suite", "constat"}), (date(2027, 3, 3), set())],
)
def test_un_classement_et_un_constat_sans_suite_se_gardent_un_an(aller, jour, restent):
    d = dossier(demandeur=personne("Dupont fictif"), objet="Benne de M. Dupont")
    faire(d, "classer_sans_suite", donnees={"motif": "Demande retirée"}, le=date(2026, 3, 2))
    c = constat(etat="sans_suite", motif_suite="Parti")
    ouvert = constat()
    aller(jour)
    bilan = conservation.purger(jour)
    d.refresh_from_db()
    c.refresh_from_db()
    ouvert.refresh_from_db()
    garde = {"sans_suite"} if d.demandeur else set()
    garde |= {"constat"} if c.tiers_presume else set()
    assert garde == restent and ouvert.tiers_presume
    if not restent:
        assert (bilan["dossiers"], bilan["constats"], bilan["personnes"]) == (1, 1, 1)
        assert (d.objet, d.purge_le, c.texte) == (conservation.EFFACE, jour, "")
        assert d.emprises.get().surface.area > 7
        assert not Tiers.objects.filter(nom__contains="Dupont").exists()
        assert JournalActe.objects.filter(action=conservation.PURGE).count() == 1
        # Nothing more the second time.
        assert not any(conservation.purger(jour).values())


def test_un_titre_fini_se_garde_dix_ans_ses_chiffres_toujours(aller):
    grille()
    holder = personne("Dupont fictif")
    d = accorde(dossier(demandeur=holder))
    faire(d, "retirer", "signataire", donnees={"motif": "renonciation", "le": "2026-06-01"})
    LigneFacturable.objects.filter(dossier=d).exclude(etat="annulee").update(etat="sous_seuil")
    montants = list(LigneFacturable.objects.filter(dossier=d).values_list("montant", flat=True))
    assert montants
    aller(date(2036, 3, 2))
    assert not conservation.purger(date(2036, 3, 2))["dossiers"]
    assert obstacles(holder, date(2036, 3, 1)) and not obstacles(holder, date(2036, 3, 2))
    aller(date(2036, 3, 3))
    assert conservation.purger(date(2036, 3, 3))["dossiers"] == 1
    d.refresh_from_db()
    assert d.demandeur is None and d.numero and d.debut
    assert list(LigneFacturable.objects.filter(dossier=d).values_list("montant", flat=True)) == montants


def test_un_dossier_qui_ne_s_efface_pas_attend_et_n_arrete_pas_les_autres(aller, monkeypatch):
    deux = [
        faire(dossier(emprise(geom=rect(x))), "classer_sans_suite", donnees={"motif": "Renonce."})
        for x in (0, 20)
    ]
    aller(date(2027, 3, 3))
    effacer = conservation.effacer_dossier

    def faillir(d, jour):
        if d.pk == deux[0].pk:
            raise OSError("disque")
        return effacer(d, jour)

    monkeypatch.setattr(conservation, "effacer_dossier", faillir)
    assert conservation.purger(date(2027, 3, 4))["dossiers"] == 1
    deux[1].refresh_from_db()
    assert deux[1].purge_le is not None


def test_une_duree_se_regle_et_les_interets_suivent_la_leur(aller):
    parametres.charger()
    d = dossier()
    Interet.objects.create(dossier=d, nom="Rival", courriel="r@exemple.invalid")
    aller(date(2027, 3, 3))
    assert conservation.purger(date(2027, 3, 3))["interets"] == 0
    ParametreODP.objects.filter(code="interets").update(valeur=1)
    assert conservation.purger(date(2027, 3, 3))["interets"] == 1


def test_un_dossier_ouvert_ou_une_somme_due_gardent_la_personne(aller):
    holder = personne("Dupont fictif")
    d = dossier(demandeur=holder)
    assert "en cours" in obstacles(holder, date(2090, 1, 1))[0]
    faire(d, "classer_sans_suite", donnees={"motif": "Demande retirée"}, le=date(2026, 3, 2))
    assert obstacles(holder, date(2027, 3, 1)) and not obstacles(holder, date(2027, 3, 2))

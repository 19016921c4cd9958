"""Schedules: their slots, the nights that were missed, one leader among several schedulers."""

from __future__ import annotations

import signal
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.utils import timezone

from mairie.models import Battement, Programmation, Tache
from mairie.taches import Programme, programmer
from mairie.taches.bail import CLASSE_CHEF
from mairie.taches.planificateur import planifier
from mairie.taches.programmes import RATTRAPAGE_MAX, creneaux, prochain, programmes
from tests.mairie.taches import essai
from tests.mairie.taches.conftest import couper, dormir, quand

PARIS = ZoneInfo("Europe/Paris")
CAYENNE = ZoneInfo("America/Cayenne")


def nuit(heure: time = time(1, 30), **options) -> Programme:
    return Programme("essai.nuit", "Nuit", essai.ecrire, heure, **options)


def paris(*champs: int) -> datetime:
    return datetime(*champs, tzinfo=PARIS)


# --- slots, without database --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("apres", "jusque", "attendus"),
    [
        (paris(2026, 3, 10, 1, 29), paris(2026, 3, 10, 1, 29, 59), []),
        (paris(2026, 3, 10, 1, 29), paris(2026, 3, 10, 1, 30), [paris(2026, 3, 10, 1, 30)]),
        (paris(2026, 3, 10, 1, 30), paris(2026, 3, 11, 1, 29), []),
        (paris(2026, 3, 10, 1, 30), paris(2026, 3, 13, 12), [paris(2026, 3, 13, 1, 30)]),
    ],
)
def test_un_creneau_est_du_a_son_heure_et_le_dernier_vaut_pour_tous(apres, jusque, attendus):
    assert creneaux(nuit(), apres, jusque, PARIS) == attendus


def test_chaque_creneau_manque_est_rattrape_dans_une_limite():
    programme = nuit(chaque_creneau=True)
    dus = creneaux(programme, paris(2026, 3, 10, 2), paris(2026, 3, 13, 12), PARIS)
    assert dus == [paris(2026, 3, j, 1, 30) for j in (11, 12, 13)]
    an = creneaux(programme, paris(2025, 3, 10, 2), paris(2026, 3, 10, 12), PARIS)
    assert (len(an), an[-1]) == (RATTRAPAGE_MAX, paris(2026, 3, 10, 1, 30))


def test_les_jours_choisis_seulement():
    lundis = nuit(jours=frozenset({0}), chaque_creneau=True)
    dus = creneaux(lundis, paris(2026, 3, 1, 0), paris(2026, 3, 16, 12), PARIS)
    assert dus == [paris(2026, 3, j, 1, 30) for j in (2, 9, 16)]
    assert prochain(lundis, paris(2026, 3, 2, 1, 30), PARIS) == paris(2026, 3, 9, 1, 30)


def test_les_changements_d_heure_ne_perdent_ni_ne_doublent_de_nuit():
    """29 March 2026: 2:30 does not exist; 25 October 2026: it comes twice."""
    programme = nuit(time(2, 30), chaque_creneau=True)
    mars = creneaux(programme, paris(2026, 3, 28, 12), paris(2026, 3, 30, 12), PARIS)
    assert mars == [datetime(2026, 3, 29, 1, 30, tzinfo=UTC), datetime(2026, 3, 30, 0, 30, tzinfo=UTC)]
    octobre = creneaux(programme, paris(2026, 10, 24, 12), paris(2026, 10, 26, 12), PARIS)
    assert octobre == [datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 26, 1, 30, tzinfo=UTC)]


def test_la_nuit_est_celle_du_territoire():
    (du,) = creneaux(
        nuit(), datetime(2026, 3, 10, tzinfo=UTC), datetime(2026, 3, 10, 12, tzinfo=UTC), CAYENNE
    )
    assert du == datetime(2026, 3, 10, 4, 30, tzinfo=UTC)


@pytest.mark.parametrize(("secondes", "attendu"), [(9, None), (10, 10), (19, 10), (3605, 3600)])
def test_un_intervalle_ne_rattrape_qu_une_fois(secondes, attendu):
    programme = Programme("essai.souvent", "x", essai.ecrire, intervalle=timedelta(seconds=10))
    debut = datetime(2026, 3, 10, tzinfo=UTC)
    dus = creneaux(programme, debut, debut + timedelta(seconds=secondes), PARIS)
    assert dus == ([] if attendu is None else [debut + timedelta(seconds=attendu)])
    assert prochain(programme, debut, PARIS) == debut + timedelta(seconds=10)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"heure": time(1), "intervalle": timedelta(hours=1)},
        {"intervalle": timedelta(milliseconds=1)},
        {"intervalle": timedelta(hours=1), "chaque_creneau": True},
        {"heure": time(1), "jours": frozenset()},
        {"heure": time(1), "jours": frozenset({7})},
    ],
)
def test_un_programme_fautif_est_refuse(options):
    with pytest.raises(ImproperlyConfigured):
        Programme("essai.faute", "x", essai.ecrire, **options)


def test_le_rythme_se_lit():
    assert nuit().rythme == "chaque jour à 01 h 30"
    assert nuit(jours=frozenset({0, 4})).rythme == "lundi, vendredi à 01 h 30"
    souvent = Programme("essai.souvent", "x", essai.ecrire, intervalle=timedelta(seconds=10))
    assert souvent.rythme == "toutes les 10 s"


# --- the table ----------------------------------------------------------------------------------


@pytest.fixture
def seul(monkeypatch):
    """Only the schedules that the test declares."""
    from mairie.taches import programmes as module

    monkeypatch.setattr(module, "_programmes", {})
    return programmer


@pytest.mark.django_db
def test_un_programme_commence_quand_on_le_voit_et_rattrape_les_nuits_manquees(seul):
    seul(nuit(chaque_creneau=True))
    lundi = paris(2026, 3, 9, 12)
    assert planifier(lundi) == 0
    assert planifier(paris(2026, 3, 10, 1, 29)) == 0
    assert planifier(paris(2026, 3, 10, 1, 30)) == 1
    assert planifier(paris(2026, 3, 10, 1, 31)) == 0
    # Down from Tuesday to Friday.
    assert planifier(paris(2026, 3, 13, 8)) == 3
    jours = [t.resultat.args_kwargs["kwargs"]["jour"] for t in Tache.objects.order_by("id")]
    assert jours == ["2026-03-10", "2026-03-11", "2026-03-12", "2026-03-13"]
    assert Programmation.objects.get().derniere_tache == Tache.objects.order_by("id").last()


@pytest.mark.django_db
def test_une_programmation_eteinte_ou_sans_objet_passe_ses_creneaux(seul):
    faire = [False]
    seul(nuit(condition=lambda: faire[0]))
    planifier(paris(2026, 3, 9, 12))
    assert planifier(paris(2026, 3, 10, 12)) == 0
    faire[0] = True
    assert planifier(paris(2026, 3, 10, 13)) == 0, "that night is past"
    assert planifier(paris(2026, 3, 11, 12)) == 1
    Programmation.objects.update(active=False)
    assert planifier(paris(2026, 3, 12, 12)) == 0
    Programmation.objects.update(active=True)
    assert planifier(paris(2026, 3, 12, 13)) == 0
    assert planifier(paris(2026, 3, 13, 13)) == 1


@pytest.mark.django_db
def test_un_programme_en_faute_n_arrete_pas_les_autres(seul):
    def en_panne() -> bool:
        raise RuntimeError("condition en panne")

    seul(
        Programme("essai.panne", "Panne", essai.ecrire, time(1), condition=en_panne),
        nuit(),
    )
    planifier(paris(2026, 3, 9, 12))
    assert planifier(paris(2026, 3, 10, 12)) == 1
    # Its slot is not lost: it is asked again at the next look.
    assert Programmation.objects.get(code="essai.panne").derniere == paris(2026, 3, 9, 12)


@pytest.mark.django_db
def test_deux_planifications_du_meme_creneau_ne_font_qu_une_tache(seul):
    seul(nuit())
    planifier(paris(2026, 3, 9, 12))
    planifier(paris(2026, 3, 10, 12))
    Programmation.objects.update(derniere=paris(2026, 3, 9, 12))
    planifier(paris(2026, 3, 10, 12))
    assert Tache.objects.count() == 1


def test_les_taches_de_la_maison_sont_programmees():
    attendus = ("livrer_evenements", "purger_journal", "nettoyer_taches", "rejouer_dossiers")
    assert {f"mairie.{code}" for code in attendus} <= set(programmes())
    assert not any(p.heure and p.heure.hour == 2 for p in programmes().values()), "clocks change then"


# --- real schedulers ----------------------------------------------------------------------------


def chef() -> int | None:
    """Server process of the session that holds the leader's lock."""
    with connection.cursor() as curseur:
        curseur.execute(
            "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND classid = %s AND granted"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
            [CLASSE_CHEF],
        )
        return next((pid for (pid,) in curseur.fetchall()), None)


def details() -> list[str]:
    return sorted(Battement.objects.filter(genre="planificateur").values_list("detail", flat=True))


@pytest.mark.lent
def test_de_deux_planificateurs_un_seul_est_chef_et_l_autre_prend_sa_place(base_taches, lancer):
    # Two days hold a night even where one of them lasts 25 hours; the last slot stands for all.
    hier = timezone.now() - timedelta(days=2)
    code = "mairie.purger_journal"
    Programmation.objects.create(code=code, derniere=hier)
    deux = [lancer("planifier", "--intervalle", "0.2") for _ in range(2)]
    quand(lambda: details() == ["chef", "en attente"], "un chef et un remplaçant")
    quand(lambda: Tache.objects.filter(code=code).exists(), "la nuit rattrapée")
    premier = chef()
    assert premier is not None
    identifie = Battement.objects.get(genre="planificateur", detail="chef")
    mort = next(p for p in deux if p.popen.pid == identifie.pid)
    assert mort.finir(signal.SIGKILL) == -signal.SIGKILL
    quand(lambda: chef() not in (None, premier), "le remplaçant chef")
    Programmation.objects.filter(code=code).update(derniere=hier)
    dormir(1.0)
    assert Tache.objects.filter(code=code).count() == 1, "the same slot, the same key"
    vivant = next(p for p in deux if p is not mort)
    assert couper(base_taches) >= 2
    quand(lambda: chef() is not None, "le chef revenu après la coupure")
    assert vivant.finir() == 0


@pytest.mark.lent
def test_un_planificateur_tue_avant_de_valider_ne_double_rien(base_taches, lancer):
    code = "mairie.livrer_evenements"
    for autre in set(programmes()) - {code}:
        Programmation.objects.create(code=autre, derniere=timezone.now())
    nuits = [c for c, p in programmes().items() if p.heure is not None]
    Programmation.objects.filter(code=nuits[0]).update(derniere=timezone.now() - timedelta(days=3))
    tue = lancer("planifier", "--une-fois", panne="planification")
    assert tue.fin() == -signal.SIGKILL
    assert not Tache.objects.exists()
    assert lancer("planifier", "--une-fois").fin() == 0
    assert Tache.objects.filter(code=nuits[0]).count() == 1

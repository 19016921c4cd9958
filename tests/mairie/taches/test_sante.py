"""What ``/sante/`` says, and the house's own tasks."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from mairie import evenements
from mairie.models import Battement, Tache
from mairie.taches import maison
from mairie.taches.ouvrier import vider_la_file
from mairie.taches.planificateur import planifier
from tests.mairie.taches import essai

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fichiers(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def vivant(genre: str, age_s: float = 0, sonde: str = "abc") -> Battement:
    b = Battement.objects.create(
        genre=genre,
        identifiant=f"{genre}{Battement.objects.count()}",
        hote="machine-secrete",
        pid=1,
        vu_le=timezone.now() - timedelta(seconds=age_s),
        sonde=sonde,
    )
    default_storage.save(f"sante/{b.identifiant}", ContentFile(b"abc"))
    return b


def sante(client) -> dict:
    reponse = client.get("/sante/")
    assert reponse.status_code == 200, "only the database's absence is a 503"
    assert "machine-secrete" not in reponse.content.decode()
    return reponse.json()


def test_tout_va_bien(client):
    vivant("ouvrier"), vivant("planificateur")
    s = sante(client)
    assert s["etat"] == "bon"
    assert (s["taches"]["etat"], s["planificateur"]["etat"], s["fichiers"]["etat"]) == ("bon",) * 3


@pytest.mark.parametrize(("age", "attendu"), [(29, "bon"), (31, "dégradé")])
@pytest.mark.parametrize(("genre", "partie"), [("ouvrier", "taches"), ("planificateur", "planificateur")])
def test_un_processus_muet_depuis_trente_secondes_est_perdu(client, age, attendu, genre, partie):
    vivant("planificateur" if genre == "ouvrier" else "ouvrier")
    vivant(genre, age)
    s = sante(client)
    assert (s[partie]["etat"], s["etat"]) == (attendu, attendu)


@pytest.mark.parametrize(("secondes", "attendu"), [(290, "bon"), (310, "dégradé")])
def test_une_tache_qui_attend_plus_de_cinq_minutes_se_voit(client, secondes, attendu):
    vivant("ouvrier"), vivant("planificateur")
    essai.ecrire.demander(1)
    DBTaskResult.objects.update(enqueued_at=timezone.now() - timedelta(seconds=secondes))
    essai.ecrire.demander(2, apres=timezone.now() + timedelta(hours=1))
    s = sante(client)
    assert s["taches"]["etat"] == attendu
    assert (s["taches"]["en_attente"], abs(s["taches"]["retard_s"] - secondes) <= 2) == (1, True)


@pytest.mark.parametrize("faute", ["autre contenu", "absente", "jamais écrite"])
def test_des_fichiers_qui_ne_sont_pas_les_memes_se_voient(client, faute):
    vivant("planificateur")
    b = vivant("ouvrier", sonde="" if faute == "jamais écrite" else "abc")
    if faute != "jamais écrite":
        default_storage.delete(f"sante/{b.identifiant}")
    if faute == "autre contenu":
        default_storage.save(f"sante/{b.identifiant}", ContentFile(b"autre"))
    s = sante(client)
    assert (s["fichiers"]["etat"], s["etat"]) == ("dégradé", "dégradé")


def test_un_echec_est_compte_sans_degrader(client):
    vivant("ouvrier"), vivant("planificateur")
    essai.renoncer.demander()
    vider_la_file()
    s = sante(client)
    assert (s["etat"], s["taches"]["en_echec"]) == ("bon", 1)


# --- the house's tasks --------------------------------------------------------------------------


def test_les_evenements_sont_livres_quand_il_y_en_a(monkeypatch):
    recus = []
    monkeypatch.setattr(evenements, "_abonnes", {})
    evenements.abonner("essai.arrive", lambda e: recus.append(e.charge), abonne="essai.lecteur")
    # ``livrer`` opens transactions of its own, which this test's transaction forbids.
    monkeypatch.setattr(evenements, "livrer", lambda limite: (recus.append(limite), (2, 0))[1])
    planifier(timezone.now())
    planifier(timezone.now() + timedelta(seconds=11))
    assert not Tache.objects.filter(code="mairie.livrer_evenements").exists(), "nothing waits"
    evenements.emettre("essai.arrive", {})
    planifier(timezone.now() + timedelta(seconds=22))
    vider_la_file()
    assert recus == [maison.LIVRAISONS_PAR_TACHE]
    assert Tache.objects.get().resultat.return_value == {"livrees": 2, "ratees": 0}


@pytest.mark.parametrize(("jours", "reste"), [(29, 1), (31, 0)])
def test_les_taches_finies_s_effacent_apres_trente_jours(jours, reste):
    essai.ecrire.demander(1)
    essai.renoncer.demander()
    vider_la_file()
    DBTaskResult.objects.update(finished_at=timezone.now() - timedelta(days=jours))
    essai.ecrire.demander(2)
    assert maison.nettoyer_taches.call()["taches"] == 1 - reste
    assert Tache.objects.count() == 2 + reste, "a failure stays longer, what waits stays"


def test_les_restes_d_un_processus_tue_s_effacent():
    vieux, recent = vivant("ouvrier", 90_000), vivant("ouvrier", 80_000)
    assert maison.nettoyer_taches.call()["battements"] == 1
    assert not default_storage.exists(f"sante/{vieux.identifiant}")
    assert default_storage.exists(f"sante/{recent.identifiant}")

"""A layer that is not public: its tiles exist only for those who may see it, and no cache keeps them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import psycopg2
import pyogrio
import pytest

from cadastre.couches.plan import PARCELLES
from cadastre.models import Parcelle
from gis_data.couches import Element, enregistrer, registre
from gis_data.tuiles import cache
from tests.gis_data.test_tuiles import tuile_de

NOM = "essai_interne"
PORTE = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def interne(plan) -> Iterator[None]:
    """Parcels whose number is the user's id, for staff only."""
    couche = replace(
        PARCELLES,
        nom=NOM,
        groupe=None,
        publique=False,
        cle=None,
        dessins=(),
        elements=(Element(NOM, 15),),
        objets=lambda u: Parcelle.objects.filter(valide_au__isnull=True, contenance=900 + len(u.nom)),
        peut_voir=lambda u: u.is_staff,
    )
    enregistrer(couche)
    yield
    del registre._COUCHES[NOM]


def adresse() -> str:
    z, x, y = tuile_de(50, 20, 16)
    return f"/tuiles/{NOM}/{z}/{x}/{y}.pbf"


def test_une_tuile_interne_n_existe_pas_pour_le_public(client, interne, django_user_model):
    reponse = client.get(adresse())
    assert reponse.status_code == 404
    client.force_login(django_user_model.objects.create_user("citoyen@exemple.test", "x" * 14), PORTE)
    assert client.get(adresse()).status_code == 404
    # The very words of a layer that does not exist.
    inconnue = client.get(adresse().replace(NOM, "essai_inconnue"))
    assert reponse.json()["erreur"].replace(NOM, "essai_inconnue") == inconnue.json()["erreur"]


def test_chacun_n_a_que_ses_objets_et_aucun_cache_ne_les_garde(client, interne, django_user_model):
    for nom, numero in (("abc", 4), ("abcdef", 7)):
        client.force_login(
            django_user_model.objects.create_user(f"{nom}@exemple.test", "x" * 14, nom=nom, is_staff=True),
            PORTE,
        )
        reponse = client.get(adresse())
        assert reponse["Cache-Control"] == "private, no-store"
        champs = pyogrio.raw.read(reponse.content)
        colonnes = dict(zip(champs[0]["fields"], champs[3], strict=True))
        assert colonnes["numero"].tolist() == [numero]


@pytest.mark.parametrize(
    "chemin",
    [f"/tuiles/{NOM}.json", f"/carte/identifier?lon=5&lat=46&zoom=18&couches={NOM}", f"/carte/objet/{NOM}/1"],
)
def test_une_couche_interne_ne_parait_nulle_part_ailleurs(client, interne, chemin):
    reponse = client.get(chemin)
    assert reponse.status_code == 404
    for page in ("/tuiles/style.json", "/carte/couches.json", "/carte/"):
        assert NOM not in client.get(page).content.decode()


def test_sans_base_une_tuile_repond_503_en_francais(client, db, monkeypatch):
    def panne(*_):
        raise psycopg2.OperationalError("serveur arrêté")

    monkeypatch.setattr(cache, "tuile_publique", panne)
    reponse = client.get("/tuiles/parcelles/15/1/1.pbf")
    assert reponse.status_code == 503
    assert "base de données" in reponse.json()["erreur"]
    assert reponse["Cache-Control"] == "no-store"


@pytest.mark.django_db(transaction=True)
def test_une_connexion_perdue_est_refaite(client):
    """The raw connection skips Django's health check: a server restarted in between must not show."""
    from django.db import connection

    z, x, y = tuile_de(50, 20, 16)
    chemin = f"/tuiles/parcelles/{z}/{x}/{y}.pbf"
    assert client.get(chemin).status_code == 204
    with pytest.raises(psycopg2.OperationalError), connection.connection.cursor() as brut:
        brut.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    assert client.get(chemin).status_code == 204

"""What docs/administration.md sends to a read-only replica writes nothing."""

from __future__ import annotations

import json

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from gis_data.exports import FORMATS
from mairie.models import Collectivite


@pytest.fixture
def replique(plan):
    """The plan, in a transaction that the database lets only read."""
    with connection.cursor() as curseur:
        # Deferred checks would want to lock what they check, at the end of the test.
        curseur.execute("SET CONSTRAINTS ALL IMMEDIATE")
        curseur.execute("SET TRANSACTION READ ONLY")
    with pytest.raises(DatabaseError), transaction.atomic():
        Collectivite.objects.create(code="25997", nom="Refusée", nature="commune")
    return plan


def test_les_tuiles_publiques_se_lisent_sur_une_replique(client, replique):
    adresse = client.get("/tuiles/plan.json").json()["tiles"][0]
    x, y, z = 16962, 11433, 15
    morceau = adresse.split("/tuiles/")[1].format(z=z, x=x, y=y)
    reponse = client.get(f"/tuiles/{morceau}")
    assert reponse.status_code in (200, 204)
    assert "max-age=31536000" in reponse["Cache-Control"]


def test_une_version_qui_n_est_pas_arrivee_sur_la_replique_ne_se_garde_pas(client, replique):
    reponse = client.get("/tuiles/plan/15/16962/11433.pbf?v=plus-recente")
    assert reponse.status_code in (200, 204)
    assert reponse["Cache-Control"] == "public, max-age=0, must-revalidate"


@pytest.mark.parametrize("format_", FORMATS)
def test_une_couche_s_exporte_depuis_une_replique(replique, tmp_path, format_):
    sortie = tmp_path / f"parcelles.{format_}"
    call_command("exporter_couche", "parcelles", sortie=str(sortie))
    assert sortie.stat().st_size > 0
    if format_ == "geojson":
        assert json.loads(sortie.read_text())["features"]


def test_l_api_publique_du_plan_se_lit_sur_une_replique(client, replique):
    reponse = client.get("/api/cadastre/communes")
    assert reponse.status_code == 200

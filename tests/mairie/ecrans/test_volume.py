"""Ten thousand rows: as many queries as for ten, and files that come row by row."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.mairie.ecrans.test_exports import lire_csv, octets

ADRESSE = "/essai/bancs/"


@pytest.fixture
def semer(ecrans_essai):
    """Makes many benches, each with two boards."""

    def creer(nombre: int) -> None:
        bancs = ecrans_essai.Banc.objects
        rang = bancs.count()
        bancs.bulk_create(
            [
                ecrans_essai.Banc(
                    insee="25999",
                    nom=f"Banc {rang}-{n:05d}",
                    etat=("neuf", "use", "casse")[n % 3],
                    prix=n,
                    geom=f"SRID=2154;POINT({899_000 + n % 100} {6_650_000 + n // 100})",
                )
                for n in range(nombre)
            ],
            batch_size=5000,
        )

    return creer


def requetes(client, adresse: str) -> int:
    """Queries on the list's own table: what the frame of the page reads is kept some seconds in memory."""
    with CaptureQueriesContext(connection) as vues:
        reponse = client.get(adresse)
        assert reponse.status_code == 200
        if reponse.streaming:
            octets(reponse)
    return sum("essai_banc" in q["sql"] for q in vues.captured_queries)


def test_le_nombre_de_requetes_ne_depend_pas_du_nombre_de_lignes(admin, semer):
    adresses = (
        ADRESSE,
        f"{ADRESSE}?etat=use&abrite=0&prix_min=3&tri=-prix&vue=",
        f"{ADRESSE}?etat=use&page=1",
        f"{ADRESSE}?export=carte",
        f"{ADRESSE}?export=csv",
    )
    semer(10)
    peu = [requetes(admin, a) for a in adresses]
    semer(10_000)
    beaucoup = [requetes(admin, a) for a in adresses]
    # Counting the places not shown on the map is one more.
    peu[3] += 1
    assert beaucoup == peu
    assert max(beaucoup) <= 4, beaucoup


def test_dix_mille_lignes_sortent_toutes(admin, semer):
    semer(10_000)
    reponse = admin.get(f"{ADRESSE}?colonnes=nom&export=csv")
    assert reponse.streaming
    lignes = lire_csv(reponse)
    assert len({ligne[0] for ligne in lignes}) == 10_001

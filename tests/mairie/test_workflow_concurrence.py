"""Two agents on one dossier, in two connections: one wins, the other is told."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from django.db import connection

from mairie.models import Evenement
from mairie.workflow import ConflitEdition, appliquer, rejouer
from tests.mairie.essai_workflow import JOUR, DossierEssai


@pytest.mark.django_db(transaction=True)
def test_deux_agents_a_la_fois_un_seul_gagne(nouveau, agent):
    qui = {role: agent(role) for role in ("guichet", "instructeur")}
    dossier = nouveau()
    appliquer(dossier, "depot", par=qui["guichet"], version=0, date_effet=JOUR, aujourdhui=JOUR)
    ensemble = threading.Barrier(2)

    def noter(role: str) -> str:
        try:
            vu = DossierEssai.objects.get(pk=dossier.pk)
            ensemble.wait(timeout=20)
            appliquer(
                vu,
                "noter",
                par=qui[role],
                version=vu.version,
                donnees={"texte": role},
                aujourdhui=date(2026, 3, 12),
            )
            return ""
        except ConflitEdition as e:
            return str(e)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as fils:
        dits = dict(zip(qui, fils.map(noter, qui), strict=True))
    assert sorted(map(bool, dits.values())) == [False, True]
    (gagnant,) = [role for role, dit in dits.items() if not dit]
    (conflit,) = [dit for dit in dits.values() if dit]
    assert f"« Note » par Agent {gagnant} le " in conflit
    notes = Evenement.objects.filter(type="noter", dossier_id=dossier.pk)
    assert [n.donnees for n in notes] == [{"texte": gagnant}]
    dossier.refresh_from_db()
    assert (dossier.version, rejouer(dossier).ecarts) == (2, {})

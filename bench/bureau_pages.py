"""Run by ``bench.bureau`` on a throw-away database: makes the people, or asks each page again and again."""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
from datetime import date
from typing import Any

REPETITIONS = int(os.environ.get("BENCH_REPETITIONS", "11"))
LENTE_S = 0.015
PAGES = {
    "tableau de bord": "/urba/",
    "tableau de bord, les miens": "/urba/?qui=moi",
    "liste": "/urba/dossiers/",
    "liste, page 3": "/urba/dossiers/?page=3",
    "liste, dernière page": "/urba/dossiers/?page=2000",
    "liste, en cours par limite": "/urba/dossiers/?etat=en_cours&tri=limite",
    "liste, accordés par adresse": "/urba/dossiers/?etat=accorde&tri=adresse",
    "liste, limite dépassée": "/urba/dossiers/?echeance=retard",
    "liste, alerte": "/urba/dossiers/?alerte=DATES_DIVERGENTES",
    "liste, déposés dans une année": "/urba/dossiers/?depose_du=2024-01-01&depose_au=2024-12-31",
    "liste, une adresse": "/urba/dossiers/?voie=rue+fictive+277",
    **{
        f"liste, triée par {tri}": f"/urba/dossiers/?tri={tri}"
        for tri in ("numero", "-numero", "type", "petitionnaire", "adresse", "etat", "-limite", "instructeur")
    },
    "liste, un numéro": "/urba/dossiers/?q=PC+025+999+24+00012",
    "liste, une fin de numéro": "/urba/dossiers/?q=24+00012",
    "liste, un nom": "/urba/dossiers/?q=Personne+fictive+77",
    "liste, une rue": "/urba/dossiers/?q=12+rue+fictive+212",
    "liste, un mot que tous ont": "/urba/dossiers/?q=fictif",
    "liste, deux lettres": "/urba/dossiers/?q=ru",
    "liste, une parcelle": "/urba/dossiers/?q=AB+12",
    "liste, places de la carte": "/urba/dossiers/?export=carte",
    "recherche, un numéro": "/recherche/?q=PC+025+999+24+00012",
    "recherche, un nom": "/recherche/?q=Personne+fictive+77",
    "recherche, une rue": "/recherche/?q=12+rue+fictive+212",
    "recherche, une parcelle": "/recherche/?q=AB+12",
    "personnes, un nom": "/tiers/?q=Personne+fictive+77",
}


def _django() -> None:
    import django

    django.setup()


def preparer(nombre: int) -> dict[str, Any]:
    """The commune, two agents, persons; their keys for the rows to come."""
    from django.contrib.contenttypes.models import ContentType

    from mairie.models import Collectivite, Habilitation, Tiers, Utilisateur
    from urba.models import DossierInstruction

    commune = Collectivite.objects.create(
        code="25999", nom="Commune fictive", nature=Collectivite.Nature.COMMUNE
    )
    comptes = []
    for rang, roles in enumerate((("chef", "guichet"), ("instructeur",)), start=1):
        compte = Utilisateur.objects.create_user(f"agent{rang}@exemple.invalid", nom=f"Agent {rang}")
        for role in roles:
            habilitation = Habilitation.objects.create(
                utilisateur=compte, metier="urba", role=role, du=date(2015, 1, 1)
            )
            habilitation.collectivites.set([commune])
        comptes.append(compte)
    Tiers.objects.bulk_create(
        [Tiers(collectivite="25999", nom=f"Personne fictive {n}") for n in range(nombre)], batch_size=1000
    )
    genre = ContentType.objects.get_for_model(DossierInstruction).pk
    return {"un": comptes[0].pk, "deux": comptes[1].pk, "genre": genre}


def mesurer() -> dict[str, Any]:
    """Page → median and 95th centile in ms, processor, queries of the second request."""
    from django.db import connection
    from django.test import Client

    from mairie.models import Utilisateur
    from urba.models import DossierInstruction

    client = Client(headers={"host": "127.0.0.1"})
    chef = Utilisateur.objects.get(email="agent1@exemple.invalid")
    client.force_login(chef, backend="allauth.account.auth_backends.AuthenticationBackend")
    pages = dict(PAGES)
    dernier = DossierInstruction.objects.order_by("-pk").first()
    if dernier is not None:
        pages["un dossier"] = f"/urba/dossiers/{dernier.pk}/"
    sortie = {}
    for nom, adresse in pages.items():
        _demander(client, adresse)
        compte = _Compteur()
        with connection.execute_wrapper(compte):
            _demander(client, adresse)
        mesures = [_demander(client, adresse) for _ in range(REPETITIONS)]
        durees = sorted(duree for duree, _ in mesures)
        sortie[nom] = {
            "mediane_ms": round(1000 * statistics.median(durees), 1),
            "minimum_ms": round(1000 * durees[0], 1),
            "p95_ms": round(1000 * durees[int(0.95 * (len(durees) - 1))], 1),
            "cpu_ms": round(1000 * statistics.median(cpu for _, cpu in mesures), 1),
            "sql_ms": round(1000 * sum(duree for duree, _ in compte.faites), 1),
            "requetes": len(compte.faites),
            "lentes": [(round(1000 * d), sql[:600]) for d, sql in compte.faites if d > LENTE_S],
        }
    return sortie


class _Compteur:
    """Duration and text of each query."""

    def __init__(self) -> None:
        self.faites: list[tuple[float, str]] = []

    def __call__(self, suite: Any, sql: str, valeurs: Any, plusieurs: bool, contexte: Any) -> Any:
        debut = time.perf_counter()
        try:
            return suite(sql, valeurs, plusieurs, contexte)
        finally:
            self.faites.append((time.perf_counter() - debut, sql))


def _demander(client: Any, adresse: str) -> tuple[float, float]:
    """Wall and processor seconds of one request, those of the database server left out of the second."""
    debut, cpu = time.perf_counter(), time.process_time()
    reponse = client.get(adresse)
    if reponse.status_code != 200:
        raise SystemExit(f"{adresse} : {reponse.status_code} {reponse.headers.get('Location', '')}")
    return time.perf_counter() - debut, time.process_time() - cpu


if __name__ == "__main__":
    _django()
    action, *reste = sys.argv[1:]
    print(json.dumps(preparer(int(reste[0])) if action == "preparer" else mesurer()))

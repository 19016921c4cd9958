"""Live tiles over HTTP against the same SQL alone, and latencies of tiles and pages."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from bench.base import Bases
from bench.mesure import EchecMesure, lancer, mediane, quantile
from bench.web import Gunicorn, ParHttp, ParSql, charger, gunicorn

TOUR_M = 40_075_016.685578488
GROUPE = "plan"
CLIENTS = 2


def instruction(bases: Bases, base: str, zoom: int) -> str:
    """The statement that the server prepares for a tile, asked of the very code that serves it."""
    code = (
        "import django; django.setup()\n"
        "from gis_data.tuiles.requetes import sql_tuile\n"
        "from gis_data.tuiles.service import membres\n"
        f"choisies, en_groupe = membres({GROUPE!r})\n"
        f"print(sql_tuile(choisies, {zoom}, en_groupe=en_groupe))"
    )
    return lancer([sys.executable, "-c", code], env=bases.env(base)).sortie.strip()


def tuiles_denses(bases: Bases, base: str, zoom: int, nombre: int) -> list[tuple[int, int]]:
    """Columns and rows of the tiles that hold most parcels, spread over the whole territory.

    One parcel in a hundred says where they are when there are very many.
    """
    cote = TOUR_M / 2**zoom
    with bases.connexion(base) as connexion, connexion.cursor() as curseur:
        curseur.execute("SELECT reltuples FROM pg_class WHERE relname = 'cadastre_parcelle'")
        tirage = "TABLESAMPLE SYSTEM (5) REPEATABLE (7)" if curseur.fetchone()[0] > 200_000 else ""
        curseur.execute(
            f"SELECT floor((ST_XMin(geom_3857) + %(t)s / 2) / %(c)s)::int AS x,"  # noqa: S608
            " floor((%(t)s / 2 - ST_YMax(geom_3857)) / %(c)s)::int AS y, count(*)"
            f" FROM cadastre_parcelle {tirage} WHERE geom_3857 IS NOT NULL"
            " GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2",
            {"t": TOUR_M, "c": cote},
        )
        trouvees = [(x, y) for x, y, _ in curseur.fetchall()]
    if not trouvees:
        raise EchecMesure("Aucune parcelle : rien à mesurer sur les tuiles.")
    # The busier half, evenly picked, so that towns and fields both count.
    moitie = trouvees[: max(1, len(trouvees) // 2)]
    return moitie[:: max(1, len(moitie) // nombre)][:nombre]


def cadre(zoom: int, x: int, y: int) -> tuple[str, str]:
    """Parameters of the prepared statement, as the server gives them."""
    from gis_data.tuiles.service import cadre as cadre_servi

    return cadre_servi(zoom, x, y)


def mesurer(bases: Bases, base: str, repetitions: int = 3, demandes: int = 1200) -> dict[str, Any]:
    """z16 tiles by two clients: over HTTP, then by the same SQL alone; CPU by process and rates."""
    zoom = 16
    places = tuiles_denses(bases, base, zoom, 200)
    liste = [places[i % len(places)] for i in range(demandes)]
    chemins = [f"/tuiles/{GROUPE}/{zoom}/{x}/{y}.pbf" for x, y in liste]
    sql = ParSql(bases.parametres(base), instruction(bases, base, zoom))
    parametres = [cadre(zoom, x, y) for x, y in liste]
    mesures: list[dict[str, float]] = []
    with gunicorn(bases.env(base)) as serveur:
        http = ParHttp(serveur.port)
        charger(http, chemins[:200], CLIENTS)
        for _ in range(repetitions):
            par_http, cpu_web = charger(http, chemins, CLIENTS, serveur.cpu_s)
            par_sql, cpu_sql = charger(sql, parametres, CLIENTS, bases.serveur.cpu_s)
            mesures.append(
                {
                    "tuiles_par_s_http": par_http.debit,
                    "tuiles_par_s_sql": par_sql.debit,
                    "part_du_sql": par_http.debit / par_sql.debit,
                    "cpu_django_ms": cpu_web / demandes * 1e3,
                    # What a bare client pays to send the statement and take the bytes.
                    "cpu_client_sql_ms": par_sql.cpu_clients_s / demandes * 1e3,
                    "cpu_client_http_ms": par_http.cpu_clients_s / demandes * 1e3,
                    "cpu_serveur_sql_ms": cpu_sql / demandes * 1e3,
                    "latence_http_ms": mediane(par_http.latences_s) * 1e3,
                    "latence_http_p95_ms": quantile(par_http.latences_s, 0.95) * 1e3,
                    "latence_sql_ms": mediane(par_sql.latences_s) * 1e3,
                }
            )
    resume = {nom: mediane([mesure[nom] for mesure in mesures]) for nom in mesures[0]}
    return {
        "zoom": zoom,
        "tuiles_distinctes": len(places),
        "clients": CLIENTS,
        "demandes": demandes,
        "repetitions": repetitions,
        **resume,
    }


def latences(serveur: Gunicorn, chemins: Sequence[str]) -> dict[str, float]:
    """Latencies of one client alone, milliseconds, each path once after a warm-up."""
    charge, _ = charger(ParHttp(serveur.port), chemins, 1)
    valeurs = charge.latences_s
    return {
        "mediane_ms": mediane(valeurs) * 1e3,
        "p95_ms": quantile(valeurs, 0.95) * 1e3,
        "max_ms": max(valeurs) * 1e3,
        "demandes": len(valeurs),
    }


def chemins_tuiles(bases: Bases, base: str, zoom: int, nombre: int) -> list[str]:
    """Paths of busy tiles."""
    return [f"/tuiles/{GROUPE}/{zoom}/{x}/{y}.pbf" for x, y in tuiles_denses(bases, base, zoom, nombre)]

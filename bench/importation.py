"""Importing: ours with one and two workers, ``ogr2ogr -append``, the floor, and the second import."""

from __future__ import annotations

import io
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.base import Bases
from bench.lecture import deballer, ecrire
from bench.mesure import TIQUES_PAR_S, EchecMesure, Execution, lancer, mediane

SANS_ETIQUETTES = ("--config", "OGR_EDIGEO_CREATE_LABEL_LAYERS", "NO")
# Its EDIGEO driver types layers wrongly and names projections that PostGIS does not know.
COMMUNES = ("-append", "-a_srs", "EPSG:2154", "-nlt", "GEOMETRY")


def importer(bases: Bases, base: str, dossier: Path, travailleurs: int) -> tuple[Execution, dict[str, Any]]:
    """Our command, as an agent would type it; how it ran and its document."""
    fait = lancer(
        [
            sys.executable,
            "manage.py",
            *("importer_edigeo", str(dossier), "--travailleurs", str(travailleurs), "--json", "--mesures"),
        ],
        env=bases.env(base),
        serveur=bases.serveur,
    )
    document = json.loads(fait.sortie)
    fait.sortie = ""
    if document["total"]["rejetees"]:
        raise EchecMesure(f"{document['total']['rejetees']} feuilles rejetées : la mesure ne vaut rien.")
    return fait, document


def resume(fait: Execution, document: dict[str, Any]) -> dict[str, Any]:
    """Figures of one of our imports."""
    objets, feuilles = document["total"]["objets_ecrits"], document["total"]["feuilles"]
    return {
        "duree_s": fait.duree_s,
        "duree_sans_demarrage_s": document["duree_s"],
        "cpu_s": fait.cpu_s,
        "cpu_serveur_s": fait.cpu_serveur_s,
        "feuilles_par_s": feuilles / fait.duree_s,
        "objets_par_s": objets / fait.duree_s,
        "memoire_mio": fait.sommets_mio,
        "objets": objets,
        "feuilles": feuilles,
        "parcelles": document["total"]["parcelles"],
        "etapes": etapes(document.get("mesures", {}), fait),
    }


def etapes(mesures: dict[str, float], fait: Execution) -> dict[str, float]:
    """CPU seconds by step; ``autre`` is the start of the processes, the discovery and the report."""
    connues = {
        "decompression": mesures.get("cpu_decompression", 0.0),
        "lecture": mesures.get("cpu_lecture", 0.0),
        "interpretation": mesures.get("cpu_interpretation", 0.0),
        "copy_client": mesures.get("cpu_ecriture", 0.0),
    }
    return {**connues, "autre": fait.cpu_s - sum(connues.values()), "serveur": fait.cpu_serveur_s}


def mesurer_import(bases: Bases, dossier: Path, travailleurs: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """One import into an empty database, then the same command again."""
    with bases.jetable() as base:
        premier = resume(*importer(bases, base, dossier, travailleurs))
        fait, document = importer(bases, base, dossier, travailleurs)
        if document["total"]["inchangees"] != document["total"]["feuilles"]:
            raise EchecMesure("Le second import n'a pas trouvé toutes les feuilles inchangées.")
        return premier, resume(fait, document)


# -- GDAL ----------------------------------------------------------------------------------------


def mesurer_ogr(bases: Bases, archives: Sequence[Path], *, copie: bool) -> dict[str, Any]:
    """``ogr2ogr -append`` sheet after sheet, unpacking included (its driver reads no tar.bz2).

    ``copie``: by COPY, which ogr2ogr only uses on its own for tables that it has just made.
    """
    ogr2ogr = shutil.which("ogr2ogr")
    if ogr2ogr is None:
        raise EchecMesure("ogr2ogr est absent : installez le paquet gdal-bin.")
    options = [*SANS_ETIQUETTES, "--config", "PG_USE_COPY", "YES" if copie else "NO"]
    total = Execution(0.0, 0.0, 0.0)
    with bases.jetable(migree=False) as base, tempfile.TemporaryDirectory() as nom:
        for archive in archives:
            debut, cpu = time.perf_counter(), time.process_time()
            dossier = Path(nom) / archive.name
            dossier.mkdir()
            thf = ecrire(deballer(archive.read_bytes()), dossier)
            total.duree_s += time.perf_counter() - debut
            total.cpu_s += time.process_time() - cpu
            fait = lancer(
                [ogr2ogr, *options, *COMMUNES, "-f", "PostgreSQL", bases.ogr(base), str(thf)],
                serveur=bases.serveur,
                suivre=False,
            )
            total.duree_s += fait.duree_s
            total.cpu_s += fait.cpu_s
            total.cpu_serveur_s += fait.cpu_serveur_s
            shutil.rmtree(dossier)
        lignes = _lignes_ogr(bases, base)
    return {
        "duree_s": total.duree_s,
        "cpu_s": total.cpu_s,
        "cpu_serveur_s": total.cpu_serveur_s,
        "feuilles_par_s": len(archives) / total.duree_s,
        "lignes": lignes,
    }


def _lignes_ogr(bases: Bases, base: str) -> int:
    with bases.connexion(base) as connexion, connexion.cursor() as curseur:
        curseur.execute("SELECT f_table_name FROM geometry_columns WHERE f_table_schema = 'public'")
        tables = [ligne[0] for ligne in curseur.fetchall()]
        total = 0
        for table in tables:
            curseur.execute(f'SELECT count(*) FROM "{table}"')  # noqa: S608
            total += curseur.fetchone()[0]
    return total


# -- the floor -----------------------------------------------------------------------------------


class Plancher:
    """COPY of the rows that our import wrote, of all tables, into bare tables with the same indexes.

    No constraint, trigger, parsing or decompression, one connection. ``en_bloc``: one COPY a table for
    all sheets; otherwise one a table and sheet and one commit a sheet, the way sheets are delivered.
    """

    SCHEMA = "plancher"

    def __init__(self, bases: Bases, base: str) -> None:
        self._bases = bases
        self._base = base
        with bases.connexion(base) as connexion, connexion.cursor() as curseur:
            curseur.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
                " AND tablename LIKE 'cadastre\\_%' ORDER BY tablename"
            )
            self.tables = [ligne[0] for ligne in curseur.fetchall()]
            curseur.execute(
                "SELECT table_name FROM information_schema.columns"
                " WHERE table_schema = 'public' AND column_name = 'feuille_id'"
            )
            par_feuille = {ligne[0] for ligne in curseur.fetchall()}
            curseur.execute("SELECT id FROM cadastre_feuille ORDER BY id")
            feuilles = [ligne[0] for ligne in curseur.fetchall()]
            self.blocs: dict[str, bytes] = {}
            self.lots: dict[int, list[tuple[str, bytes]]] = {feuille: [] for feuille in feuilles}
            for table in self.tables:
                cle = "feuille_id" if table in par_feuille else None
                cle = "id" if table == "cadastre_feuille" else cle
                self.blocs[table] = _sortir(curseur, f"SELECT * FROM {table} ORDER BY 1")  # noqa: S608
                for feuille in feuilles if cle else ():
                    lignes = _sortir(
                        curseur,
                        f"SELECT * FROM {table} WHERE {cle} = {feuille} ORDER BY 1",  # noqa: S608
                    )
                    if lignes:
                        self.lots[feuille].append((table, lignes))
            self.lignes = sum(octets.count(b"\n") for octets in self.blocs.values())

    def mesurer(self, *, en_bloc: bool) -> dict[str, Any]:
        """Time and CPU of one copy; the indexes are there before the rows, as in the import."""
        lots = [list(self.blocs.items())] if en_bloc else list(self.lots.values())
        with self._bases.connexion(self._base) as connexion, connexion.cursor() as curseur:
            self._preparer(curseur)
            connexion.commit()
            serveur, cpu, debut = self._bases.serveur.cpu_s(), time.process_time(), time.perf_counter()
            for lot in lots:
                for table, octets in lot:
                    curseur.copy_expert(f"COPY {self.SCHEMA}.{table} FROM STDIN", io.BytesIO(octets))
                connexion.commit()
            duree = time.perf_counter() - debut
            cpu = time.process_time() - cpu
            cpu_serveur = self._bases.serveur.cpu_s() - serveur
            curseur.execute(f"DROP SCHEMA {self.SCHEMA} CASCADE")
            connexion.commit()
        return {"duree_s": duree, "cpu_s": cpu, "cpu_serveur_s": cpu_serveur, "lignes": self.lignes}

    def _preparer(self, curseur: Any) -> None:
        curseur.execute(f"DROP SCHEMA IF EXISTS {self.SCHEMA} CASCADE; CREATE SCHEMA {self.SCHEMA}")
        curseur.execute("SET synchronous_commit = off; SET jit = off")
        for table in self.tables:
            curseur.execute(f"CREATE TABLE {self.SCHEMA}.{table} (LIKE public.{table})")
            curseur.execute(
                "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename = %s", (table,)
            )
            for (definition,) in curseur.fetchall():
                nue = definition.replace("CREATE UNIQUE INDEX", "CREATE INDEX", 1)
                curseur.execute(nue.replace(f" ON public.{table} ", f" ON {self.SCHEMA}.{table} ", 1))


def _sortir(curseur: Any, requete: str) -> bytes:
    tampon = io.BytesIO()
    curseur.copy_expert(f"COPY ({requete}) TO STDOUT", tampon)
    return tampon.getvalue()


# -- all of it -----------------------------------------------------------------------------------


def mesurer(bases: Bases, dossier: Path, repetitions: int = 3) -> dict[str, Any]:
    """Everything on the same sheets, in turn, ``repetitions`` times; the medians and their ratios."""
    archives = sorted(dossier.glob("edigeo-*.tar.bz2"))
    series: dict[str, list[dict[str, Any]]] = {}

    def noter(nom: str, mesure: dict[str, Any]) -> None:
        series.setdefault(nom, []).append(mesure)

    with bases.jetable() as base:
        importer(bases, base, dossier, 2)
        plancher = Plancher(bases, base)
        for _ in range(repetitions):
            for travailleurs in (1, 2):
                premier, second = mesurer_import(bases, dossier, travailleurs)
                noter(f"import_{travailleurs}", premier)
                noter(f"reimport_{travailleurs}", second)
            noter("plancher", plancher.mesurer(en_bloc=True))
            noter("plancher_par_feuille", plancher.mesurer(en_bloc=False))
            noter("ogr_copy", mesurer_ogr(bases, archives, copie=True))
        # Its default, five times slower: once is enough.
        noter("ogr_insert", mesurer_ogr(bases, archives, copie=False))
    medianes = {nom: _mediane(serie) for nom, serie in series.items()}
    un, deux = medianes["import_1"], medianes["import_2"]
    bloc, lots = medianes["plancher"], medianes["plancher_par_feuille"]
    return {
        "feuilles": len(archives),
        "repetitions": repetitions,
        "medianes": medianes,
        "series": series,
        "rapports": {
            "ogr_sur_import_1": medianes["ogr_copy"]["duree_s"] / un["duree_s"],
            "ogr_sur_import_2": medianes["ogr_copy"]["duree_s"] / deux["duree_s"],
            "ogr_insert_sur_import_2": medianes["ogr_insert"]["duree_s"] / deux["duree_s"],
            "import_1_sur_plancher": un["duree_s"] / bloc["duree_s"],
            "import_2_sur_plancher": deux["duree_s"] / bloc["duree_s"],
            "import_2_sans_demarrage_sur_plancher": deux["duree_sans_demarrage_s"] / bloc["duree_s"],
            "import_2_sur_plancher_par_feuille": deux["duree_s"] / lots["duree_s"],
            # A tiny sample may take less than one tick of the system's clock.
            "serveur_import_sur_plancher": deux["cpu_serveur_s"]
            / max(bloc["cpu_serveur_s"], 1 / TIQUES_PAR_S),
            "un_sur_deux": un["duree_s"] / deux["duree_s"],
            "un_sur_deux_sans_demarrage": un["duree_sans_demarrage_s"] / deux["duree_sans_demarrage_s"],
            "cpu_deux_sur_un": (deux["cpu_s"] + deux["cpu_serveur_s"]) / (un["cpu_s"] + un["cpu_serveur_s"]),
            "reimport_feuilles_par_s": medianes["reimport_2"]["feuilles_par_s"],
        },
    }


def _mediane(serie: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Median of each figure; what is no number is taken from the first measurement."""
    premiere = serie[0]
    resultat: dict[str, Any] = {}
    for nom, valeur in premiere.items():
        if isinstance(valeur, dict):
            resultat[nom] = _mediane([mesure[nom] for mesure in serie])
        elif isinstance(valeur, int | float):
            resultat[nom] = mediane([mesure[nom] for mesure in serie])
        else:
            resultat[nom] = valeur
    return resultat

"""The worker's own connection: locks, reserved ids, COPY, and the clock of what the server takes."""

from __future__ import annotations

import hashlib
import io
import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import psycopg2
import psycopg2.extensions

from cadastre.imports import copie
from gis_data.imports.ouvrier import ErreurFatale

T = TypeVar("T")
SEQUENCE = "cadastre_objet_id_seq"
# Ids asked for at once: gaps cost nothing, round trips do.
RESERVE = 8192
ATTENTES_S = (0.5, 2.0, 5.0)
_TIQUES_PAR_S = 100
_PARAMETRE = re.compile(r"%\((\w+)\)s|%s")
# Every statement here goes by a key. Tables grow by thousands of rows before any statistics are made:
# a plan chosen on a small table, and kept with its statement, must be right for a large one.
_PAR_INDEX = "SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off"
_SESSION = """
-- The run ends by one synchronous commit, which puts all the earlier ones on disk too.
SET synchronous_commit = off;
-- Every query here reads a few rows by an index. Without statistics, on tables that grow from nothing
-- during the run, the planner would read them whole for each sheet (2 s at a million parcels).
SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off;
-- A worker that was killed while it waited for a lock is not waited for.
SET client_connection_check_interval = '2s';
SET jit = off; SET client_encoding = 'UTF8'"""


def cle_verrou(espace: str, nom: str) -> int:
    """Key of an advisory lock."""
    empreinte = hashlib.blake2b(f"{espace}:{nom}".encode(), digest_size=8).digest()
    return int.from_bytes(empreinte, "little", signed=True)


class Base:
    """One connection, opened when needed, opened again after a loss."""

    def __init__(self, connexion: dict[str, Any], *, sans_statistiques: bool = False) -> None:
        self._parametres = connexion
        self._sans_statistiques = sans_statistiques
        self._connexion: psycopg2.extensions.connection | None = None
        self._libres: npt.NDArray[np.int64] = np.empty(0, dtype=np.int64)
        self._tables_temporaires: set[str] = set()
        self._preparees: dict[str, tuple[str, list[str | int]]] = {}
        self.attente_s = 0.0

    # -- connection ------------------------------------------------------------------------------

    def ouvrir(self) -> psycopg2.extensions.connection:
        """The connection, ready."""
        if self._connexion is None or self._connexion.closed:
            self._tables_temporaires.clear()
            self._preparees.clear()
            self._libres = np.empty(0, dtype=np.int64)
            self._connexion = psycopg2.connect(**self._parametres)
            with self._connexion.cursor() as curseur:
                curseur.execute(_SESSION)
                self._connexion.commit()
                if self._sans_statistiques:
                    try:
                        curseur.execute("SET track_counts = off")
                    except psycopg2.errors.InsufficientPrivilege:
                        self._connexion.rollback()
            self._connexion.commit()
        return self._connexion

    def fermer(self) -> None:
        """Close; never fails."""
        if self._connexion is not None:
            with suppress(psycopg2.Error):
                self._connexion.close()
            self._connexion = None

    def avec_reprise(self, faire: Callable[[bool], T]) -> T:
        """``faire(again)``, done again on a new connection when the database went away; three times."""
        for tour in range(len(ATTENTES_S) + 1):
            try:
                return faire(tour > 0)
            except (psycopg2.OperationalError, psycopg2.InterfaceError) as erreur:
                perdue = self._connexion is None or bool(self._connexion.closed)
                if not perdue:
                    raise
                self.fermer()
                if tour == len(ATTENTES_S):
                    raise ErreurFatale(
                        f"la base de données ne répond plus ({str(erreur).strip()}). Relancez la même"
                        " commande quand elle sera revenue : les feuilles déjà importées sont gardées."
                    ) from erreur
                time.sleep(ATTENTES_S[tour])
        raise AssertionError

    @contextmanager
    def transaction(self) -> Iterator[psycopg2.extensions.cursor]:
        """A transaction: committed at the end, rolled back on any exception."""
        connexion = self.ouvrir()
        try:
            with connexion.cursor() as curseur:
                yield curseur
            connexion.commit()
        except BaseException:
            if not connexion.closed:
                connexion.rollback()
            raise

    def executer(self, curseur: psycopg2.extensions.cursor, sql: str, valeurs: Any = None) -> None:
        """One statement, timed. With values it is prepared once a connection: most cost more to plan."""
        debut = time.perf_counter()
        try:
            if valeurs is not None:
                sql, valeurs = self._preparer(curseur, sql, valeurs)
            curseur.execute(sql, valeurs)
        finally:
            self.attente_s += time.perf_counter() - debut

    def _preparer(self, curseur: psycopg2.extensions.cursor, sql: str, valeurs: Any) -> tuple[str, list[Any]]:
        """The call of a prepared statement and its values in order."""
        if sql not in self._preparees:
            cles: list[str | int] = []

            def numeroter(marque: re.Match[str]) -> str:
                cle = marque[1] or len(cles)
                if cle not in cles:
                    cles.append(cle)
                return f"${cles.index(cle) + 1}"

            nom = f"import_{len(self._preparees)}"
            curseur.execute(f"PREPARE {nom} AS {_PARAMETRE.sub(numeroter, sql)}")
            self._preparees[sql] = (f"EXECUTE {nom} ({', '.join(['%s'] * len(cles))})", cles)
        appel, cles = self._preparees[sql]
        return appel, [valeurs[cle] for cle in cles]

    def cpu_serveur_s(self) -> float:
        """CPU seconds of this connection's server process; 0 where it is on another machine."""
        if self._connexion is None or self._connexion.closed:
            return 0.0
        try:
            texte = Path(f"/proc/{self._connexion.info.backend_pid}/stat").read_text()
        except OSError:
            return 0.0
        champs = texte.rpartition(")")[2].split()
        return (int(champs[11]) + int(champs[12])) / _TIQUES_PAR_S

    # -- ids -------------------------------------------------------------------------------------

    def reserver(self, curseur: psycopg2.extensions.cursor, nombre: int) -> npt.NDArray[np.int64]:
        """``nombre`` ids of objects, never given to anybody else."""
        if len(self._libres) < nombre:
            self.executer(
                curseur,
                f"SELECT array_agg(nextval('{SEQUENCE}')) FROM generate_series(1, %s)",  # noqa: S608
                (max(RESERVE, nombre),),
            )
            nouveaux = np.array(curseur.fetchone()[0], dtype=np.int64)
            self._libres = np.concatenate([self._libres, nouveaux])
        pris, self._libres = self._libres[:nombre], self._libres[nombre:]
        return pris

    # -- COPY ------------------------------------------------------------------------------------

    def copier(
        self, curseur: psycopg2.extensions.cursor, table: str, colonnes: Sequence[str], lignes: Iterable[str]
    ) -> int:
        """COPY of lines ready for it; how many rows the server took."""
        octets = copie.corps(lignes)
        if not octets:
            return 0
        debut = time.perf_counter()
        curseur.copy_expert(f"COPY {table} ({', '.join(colonnes)}) FROM STDIN", io.BytesIO(octets))
        self.attente_s += time.perf_counter() - debut
        return int(curseur.rowcount)

    def table_temporaire(self, curseur: psycopg2.extensions.cursor, modele: str) -> str:
        """A temporary table with the columns of another, made once a connection, empty at each commit."""
        nom = f"tmp_{modele}"
        if nom not in self._tables_temporaires:
            self.executer(
                curseur, f"CREATE TEMPORARY TABLE IF NOT EXISTS {nom} (LIKE {modele}) ON COMMIT DELETE ROWS"
            )
            self._tables_temporaires.add(nom)
        return nom

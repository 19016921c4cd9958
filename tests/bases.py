"""Databases of their own for tests that import: cloned from the migrated one, dropped at the end.

Importers work in other processes, so what they read and write must be committed: a test's own
transaction cannot hold it.
"""

from __future__ import annotations

import getpass
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg2.errors
from django.core.management import call_command
from django.db import OperationalError, connection, connections, transaction

RACINE = Path(__file__).parent.parent


def _hors_transaction(sql: str) -> None:
    """Run DDL on databases, from the server's own database."""
    with connection._nodb_cursor() as curseur:
        curseur.execute(sql)


def creer_base(nom: str, modele: str | None = None) -> None:
    """A new database, empty or copied from ``modele``; sessions left open on that one are ended."""
    connections.close_all()
    _hors_transaction(f'DROP DATABASE IF EXISTS "{nom}" WITH (FORCE)')
    if modele is None:
        _hors_transaction(f'CREATE DATABASE "{nom}"')
        return
    for _ in range(20):
        # The threads of a live server keep their connections; they check them before use.
        _hors_transaction(
            f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{modele}'"
        )
        try:
            _hors_transaction(f'CREATE DATABASE "{nom}" TEMPLATE "{modele}"')
        except OperationalError as erreur:
            if not isinstance(erreur.__cause__, psycopg2.errors.ObjectInUse):
                raise
            occupee = erreur
        else:
            return
    raise occupee


def supprimer_base(nom: str) -> None:
    """Drop a database, whoever is still connected."""
    _hors_transaction(f'DROP DATABASE IF EXISTS "{nom}" WITH (FORCE)')


@contextmanager
def sur_base(nom: str) -> Iterator[str]:
    """Django's default connection on another database, for this process and its threads."""
    ancien = connection.settings_dict["NAME"]
    connections.close_all()
    connection.settings_dict["NAME"] = nom
    try:
        yield nom
    finally:
        connections.close_all()
        connection.settings_dict["NAME"] = ancien


@contextmanager
def annulee() -> Iterator[None]:
    """A transaction rolled back at the end, as in ``django.test.TestCase``."""
    bloc = transaction.atomic()
    bloc._from_testcase = True  # type: ignore[attr-defined]
    with bloc:
        yield
        transaction.set_rollback(True)


def url(nom: str) -> str:
    """``DATABASE_URL`` of a database of the same server, for a sub-process."""
    reglages = connection.settings_dict
    utilisateur = reglages["USER"] or getpass.getuser()
    secret = f":{quote(reglages['PASSWORD'])}" if reglages["PASSWORD"] else ""
    hote = quote(reglages["HOST"], safe="")
    port = f":{reglages['PORT']}" if reglages["PORT"] else ""
    return f"postgis://{utilisateur}{secret}@{hote}{port}/{nom}"


def vider() -> None:
    """Empty all tables of the cadastre, the runs and the events."""
    tables = [
        nom
        for nom in connection.introspection.table_names()
        if nom.startswith("cadastre_")
        or nom in ("gis_data_importtravail", "mairie_evenementdomaine", "mairie_livraison")
    ]
    # Ten times faster than TRUNCATE on tables almost empty; foreign keys are checked at commit.
    with transaction.atomic(), connection.cursor() as curseur:
        curseur.execute(";".join(f"DELETE FROM {table}" for table in tables))


class Import:
    """What an import said: exit code, document, standard error."""

    def __init__(self, code: int, document: dict[str, Any] | None, erreurs: str) -> None:
        self.code = code
        self.document = document or {}
        self.erreurs = erreurs

    def __getitem__(self, id12: str) -> dict[str, Any]:
        """The line of one sheet."""
        return next(f for f in self.document["feuilles"] if f["feuille"] == id12)

    @property
    def etats(self) -> dict[str | None, str]:
        """State of each sheet."""
        return {f["feuille"]: f["etat"] for f in self.document["feuilles"]}

    @property
    def seule(self) -> dict[str, Any]:
        """The only line."""
        (feuille,) = self.document["feuilles"]
        return feuille


def importer(*chemins: Path | str, **options: Any) -> Import:
    """``importer_edigeo … --json`` in this process (its workers are others)."""
    sortie, erreurs, code = StringIO(), StringIO(), 0
    try:
        call_command(
            "importer_edigeo", *map(str, chemins), json=True, stdout=sortie, stderr=erreurs, **options
        )
    except SystemExit as fin:
        code = int(fin.code or 0)
    return Import(code, json.loads(sortie.getvalue()), erreurs.getvalue())


def commande(*arguments: str, base: str, **environnement: str) -> subprocess.CompletedProcess[str]:
    """``manage.py`` in a process of its own, on a database."""
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=RACINE,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "config.settings.test",
            "DATABASE_URL": url(base),
            **environnement,
        },
        capture_output=True,
        text=True,
        check=False,
    )


def importer_ailleurs(*chemins: Path | str, base: str, options: tuple[str, ...] = (), **env: str) -> Import:
    """``importer_edigeo … --json`` in a process of its own."""
    fin = commande("importer_edigeo", *map(str, chemins), "--json", *options, base=base, **env)
    document = json.loads(fin.stdout) if fin.stdout.strip() else None
    return Import(fin.returncode, document, fin.stderr)

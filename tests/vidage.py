"""After a test with real commits: only the rows it left are deleted, instead of ``TRUNCATE`` on all tables.

Truncating some two hundred tables takes a second and more, deleting a few rows some hundredths. Content types
and permissions, which follow from the code, stay as they are instead of being made again after each test.
"""

from __future__ import annotations

import time
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.test import TransactionTestCase

# All that the migrations leave in the tables.
GARDEES = {"django_migrations", "django_content_type", "auth_permission"}
ETAT = """
SELECT (SELECT ARRAY[count(*), sum(id), max(id)] FROM django_content_type WHERE id <= %(types)s),
       (SELECT ARRAY[count(*), sum(id), max(id)] FROM auth_permission WHERE id <= %(droits)s)
"""
EN_PLUS = """
DELETE FROM auth_permission WHERE id > %(droits)s OR content_type_id > %(types)s;
DELETE FROM django_content_type WHERE id > %(types)s
"""
AU_TRAVAIL = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
  AND backend_type = 'client backend' AND state <> 'idle'
"""
TOUT = {"types": 2**31 - 1, "droits": 2**31 - 1}

_vider_tout = TransactionTestCase._fixture_teardown
_preparer = TransactionTestCase._fixture_setup
# Content types and permissions before the first test with real commits, by database.
_depart: dict[str, tuple[Any, ...]] = {}


def _lire(sql: str, parametres: dict[str, int] | None = None) -> tuple[Any, ...]:
    with connection.cursor() as curseur:
        curseur.execute(sql, parametres)
        return tuple(curseur.fetchone())


def _reposee() -> bool:
    """Wait, as ``TRUNCATE`` would, for the transactions that the test's threads have not ended yet."""
    for _ in range(200):
        if _lire(AU_TRAVAIL) == (0,):
            return True
        time.sleep(0.025)
    return False


def vider() -> bool:
    """Delete all rows but those of the migrations; False, and nothing done, where that is not possible."""
    if not connection.in_atomic_block and not connection.is_usable():
        connection.close()  # the test ended it, or the server did
    depart = _depart.get(str(connection.settings_dict["NAME"]))
    if depart is None or _lire("SELECT rolsuper FROM pg_roles WHERE rolname = current_user") != (True,):
        return False
    connus = {"types": depart[0][2], "droits": depart[1][2]}
    if _lire(ETAT, connus) != depart or not _reposee():
        return False
    tables = [t for t in connection.introspection.table_names() if t not in GARDEES]
    citer = connection.ops.quote_name
    with transaction.atomic(), connection.cursor() as curseur:
        curseur.execute(" UNION ALL ".join(f"(SELECT '{t}' FROM {citer(t)} LIMIT 1)" for t in tables))
        remplies = [ligne[0] for ligne in curseur.fetchall()]
        # Neither foreign keys, nor what guards the logs, nor what records deletions.
        curseur.execute("SET LOCAL session_replication_role = replica")
        curseur.execute(";".join([*(f"DELETE FROM {citer(t)}" for t in remplies), EN_PLUS]), connus)
    ContentType.objects.clear_cache()
    return True


def brancher() -> None:
    """From now on, tests with real commits end so; by Django's own emptying where that is not possible."""

    def preparer(cls: type[TransactionTestCase]) -> None:
        _preparer.__func__(cls)
        nom = str(connection.settings_dict["NAME"])
        if nom not in _depart:
            _depart[nom] = _lire(ETAT, TOUT)

    def defaire(self: TransactionTestCase) -> None:
        if self.available_apps is not None or not vider():
            _vider_tout(self)
            _depart.pop(str(connection.settings_dict["NAME"]), None)

    TransactionTestCase._fixture_setup = classmethod(preparer)
    TransactionTestCase._fixture_teardown = defaire

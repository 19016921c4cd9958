"""Tables of the tests' own models: made when first asked for, dropped at the end of the run.

Between the two they stay in the test database, so the emptying of tables that follows a test with real
commits must reach them too: ``TRUNCATE`` refuses a table that another, left out, refers to.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.db.backends.postgresql.operations import DatabaseOperations

_sql_flush = DatabaseOperations.sql_flush


def _sql_flush_en_cascade(self: DatabaseOperations, *args: Any, **options: Any) -> list[str]:
    return _sql_flush(self, *args, **options | {"allow_cascade": True})


def vider_en_cascade() -> None:
    """From now on, emptying the tables empties those of the tests' own models that refer to them."""
    DatabaseOperations.sql_flush = _sql_flush_en_cascade


@contextmanager
def tables_essai(blocage: Any, *modeles: Any) -> Iterator[None]:
    """The tables of ``modeles``, in the order of their references, within a session's fixture."""
    with blocage.unblock():
        with connection.schema_editor() as schema:
            for modele in modeles:
                schema.create_model(modele)
        yield
        # The last test may have left a connection that the server has ended since.
        connection.close()
        with connection.schema_editor() as schema:
            for modele in reversed(modeles):
                schema.delete_model(modele)

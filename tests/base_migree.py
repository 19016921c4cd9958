"""A migrated database kept from run to run: test databases are copied from it instead of migrated each time.

Its name carries a hash of all that makes its tables, so that any change makes another one.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db import DatabaseError, connection

from tests import bases

PREFIXE = "modele_essais_"
# Any number of our own: workers that start together wait for the first to migrate.
VERROU = 7_302_114


def empreinte() -> str:
    """Hash of migrations, locked packages, applications and legal projection."""
    h = hashlib.sha256()
    for nom in ("requirements-dev.txt",):
        h.update((bases.RACINE / nom).read_bytes())
    h.update(f"{settings.TERRITOIRE_SRID} {settings.INSTALLED_APPS}".encode())
    for app in apps.get_app_configs():
        if Path(app.path).is_relative_to(bases.RACINE) and ".venv" not in app.path:
            for fichier in sorted((Path(app.path) / "migrations").glob("*.py")):
                h.update(f"{app.label}/{fichier.name}".encode() + fichier.read_bytes())
    return h.hexdigest()[:16]


def preparer() -> str:
    """Name of the migrated database of this code, made if need be; older ones are dropped."""
    nom = PREFIXE + empreinte()
    with connection._nodb_cursor() as curseur:
        curseur.execute("SELECT pg_advisory_lock(%s)", [VERROU])
        curseur.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", [f"{PREFIXE}%"])
        connues = {ligne[0] for ligne in curseur.fetchall()}
        if nom not in connues:
            essai = f"{nom}_en_cours"
            curseur.execute(f'DROP DATABASE IF EXISTS "{essai}" WITH (FORCE)')
            curseur.execute(f'CREATE DATABASE "{essai}"')
            r = bases.commande("migrate", "--no-input", "--verbosity", "0", base=essai)
            if r.returncode:
                raise RuntimeError(f"Les migrations échouent :\n{r.stderr[-3000:]}")
            curseur.execute(f'ALTER DATABASE "{essai}" RENAME TO "{nom}"')
            for ancienne in connues:
                try:
                    curseur.execute(f'DROP DATABASE IF EXISTS "{ancienne}"')
                except DatabaseError:
                    continue  # another run copies from it
        curseur.execute("SELECT pg_advisory_unlock(%s)", [VERROU])
    return nom

#!/usr/bin/env python
"""Django's command line; without DJANGO_SETTINGS_MODULE the demo settings serve."""

import os
import sys


def main() -> None:
    """Run a management command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.demo")
    from django.core.management import execute_from_command_line
    from django.db import OperationalError, ProgrammingError

    try:
        execute_from_command_line(sys.argv)
    except (OperationalError, ProgrammingError) as erreur:
        code = getattr(erreur.__cause__, "pgcode", None)
        # No code: the server was never reached. 42P01: a table is missing.
        if "--traceback" in sys.argv or code not in (None, "42P01"):
            raise
        sys.exit(
            f"La base de données ne répond pas : {str(erreur).strip()}\n"
            "Démarrez-la (make db) ou vérifiez DATABASE_URL, puis relancez la même commande."
            if code is None
            else f"La base n'est pas prête : {str(erreur).splitlines()[0]}\n"
            f"Créez les tables : {sys.argv[0]} migrate"
        )


if __name__ == "__main__":
    main()

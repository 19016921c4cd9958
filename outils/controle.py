"""`make check`: every check on the code base, all run even when one fails, then one line each."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

RACINE = Path(__file__).resolve().parent.parent
BIN = RACINE / ".venv" / "bin"
PRODUCTION = {
    "DJANGO_SETTINGS_MODULE": "config.settings.production",
    # A key of the shape asked for; nothing is signed with it.
    "SECRET_KEY": "controle-" + "".join(chr(33 + i % 90) for i in range(60)),
    "ALLOWED_HOSTS": "exemple.invalid",
}
ESSAI = {"DJANGO_SETTINGS_MODULE": "config.settings.test"}
CONTROLES: list[tuple[str, list[str], dict[str, str]]] = [
    ("style (ruff)", ["ruff", "check", "."], {}),
    ("mise en forme (ruff)", ["ruff", "format", "--check", "--quiet", "."], {}),
    ("types (mypy)", ["mypy", "."], {}),
    ("gabarits (djlint)", ["djlint", "--lint", "--quiet", "templates"], {}),
    ("sens des imports (import-linter)", ["lint-imports"], {}),
    ("migrations à jour", ["python", "manage.py", "makemigrations", "--check", "--dry-run"], ESSAI),
    (
        "réglages de production",
        ["python", "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        PRODUCTION,
    ),
]


def main() -> int:
    """Run all checks; exit code 1 when one failed, with what it said."""
    echecs = 0
    for nom, (programme, *arguments), ajout in CONTROLES:
        debut = time.monotonic()
        r = subprocess.run(
            [str(BIN / programme), *arguments],
            cwd=RACINE,
            env={**os.environ, **ajout},
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
        etat = "ok" if r.returncode == 0 else "ÉCHEC"
        print(f"{etat:6} {nom} ({time.monotonic() - debut:.1f} s)", flush=True)
        if r.returncode:
            echecs += 1
            print((r.stdout + r.stderr).rstrip()[-6000:], flush=True)
    return 1 if echecs else 0


if __name__ == "__main__":
    sys.exit(main())

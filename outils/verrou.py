"""Recompute the lock files: `make verrou`. Asks the public registries, never what this machine adds to them.

The result holds hashes and no host, so that any mirror serves it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

RACINE = Path(__file__).resolve().parent.parent
OPTIONS = (
    "--generate-hashes",
    "--no-emit-index-url",
    "--no-emit-find-links",
    "--strip-extras",
    "--allow-unsafe",
)


def main(arguments: list[str]) -> int:
    """Compile both Python locks (`--upgrade` and other pip-compile options pass through), then npm's."""
    bin_ = RACINE / ".venv" / "bin"
    # This machine's extra indexes and folders of wheels would put in hashes that nobody else can match.
    env = {k: v for k, v in os.environ.items() if k not in ("PIP_FIND_LINKS", "PIP_EXTRA_INDEX_URL")}
    env.update(PIP_CONFIG_FILE=os.devnull, CUSTOM_COMPILE_COMMAND="make verrou")
    env["PATH"] = f"{bin_}:{env.get('PATH', '')}"
    for nom in ("requirements", "requirements-dev"):
        commande = [str(bin_ / "python"), "-m", "piptools", "compile", "--quiet", *OPTIONS, *arguments]
        subprocess.run([*commande, f"{nom}.in", "-o", f"{nom}.txt"], cwd=RACINE, env=env, check=True)
    npm = [str(bin_ / "npm"), "install", "--package-lock-only", "--omit-lockfile-registry-resolved"]
    subprocess.run([*npm, "--ignore-scripts", "--no-fund", "--no-audit"], cwd=RACINE, env=env, check=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

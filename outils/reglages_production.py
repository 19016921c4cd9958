"""The settings file of a production: read, completed, written; and management commands run under it.

`python -m outils.reglages_production [--compte=NOM] FICHIER COMMANDE …` runs `manage.py COMMANDE …` with
these settings, as that account where root asks. The file is systemd's EnvironmentFile: one `NOM="valeur"`
a line, readable by root alone.
"""

from __future__ import annotations

import os
import pwd
import re
import secrets
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

RACINE = Path(__file__).resolve().parent.parent
_LIGNE = re.compile(r'^([A-Z][A-Z0-9_]*)=(?:"((?:[^"\\]|\\.)*)"|(.*))$')


class Illisible(Exception):
    """A line of the file that systemd and we might read differently."""


def lire(fichier: Path) -> dict[str, str]:
    """Variables of the file; an absent one gives none. Raises Illisible, naming the line."""
    reglages: dict[str, str] = {}
    if not fichier.exists():
        return reglages
    for numero, ligne in enumerate(fichier.read_text().splitlines(), 1):
        texte = ligne.strip()
        if not texte or texte.startswith(("#", ";")):
            continue
        trouve = _LIGNE.match(texte)
        if not trouve or (trouve[3] and re.search(r"['\"\\]", trouve[3])):
            raise Illisible(f'{fichier}, ligne {numero} : il faut NOM="valeur".')
        entre_guillemets = trouve[2]
        reglages[trouve[1]] = (
            re.sub(r"\\(.)", r"\1", entre_guillemets) if entre_guillemets is not None else trouve[3].strip()
        )
    return reglages


def completer(actuels: Mapping[str, str], demandes: Mapping[str, str]) -> dict[str, str]:
    """What is there stays but where it is asked anew; a secret key is made once and never again."""
    reglages = {**actuels, **{nom: valeur for nom, valeur in demandes.items() if valeur}}
    reglages.setdefault("SECRET_KEY", secrets.token_urlsafe(64))
    return reglages


def ecrire(fichier: Path, reglages: Mapping[str, str]) -> bool:
    """Write the file, 0600, whole or not at all; comments of a former one are kept. True when it changed."""
    anciennes = (
        fichier.read_text().splitlines()
        if fichier.exists()
        else [
            "# Réglages du service (EnvironmentFile de systemd). Gardez-en une copie : sans SECRET_KEY, une",
            "# sauvegarde restaurée perd les seconds facteurs. Tous les réglages : docs/administration.md.",
        ]
    )
    restants = dict(reglages)
    lignes = []
    for ligne in anciennes:
        trouve = _LIGNE.match(ligne.strip())
        if trouve is None:
            lignes.append(ligne)
        elif trouve[1] in restants:
            lignes.append(_ligne(trouve[1], restants.pop(trouve[1])))
    lignes += [_ligne(nom, valeur) for nom, valeur in restants.items()]
    texte = "\n".join(lignes) + "\n"
    if fichier.exists() and fichier.read_text() == texte:
        fichier.chmod(0o600)
        return False
    provisoire = fichier.with_name(f".{fichier.name}.nouveau")
    provisoire.unlink(missing_ok=True)
    descripteur = os.open(provisoire, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descripteur, "w") as sortie:
        sortie.write(texte)
    provisoire.replace(fichier)
    return True


def _ligne(nom: str, valeur: str) -> str:
    if "\n" in valeur or "\0" in valeur:
        raise Illisible(f"{nom} : une valeur tient sur une ligne.")
    echappee = valeur.replace("\\", "\\\\").replace('"', '\\"')
    return f'{nom}="{echappee}"'


def environnement(reglages: Mapping[str, str]) -> dict[str, str]:
    """Environment of a process of the production: these settings, nothing of the caller's Django."""
    gardees = ("PATH", "LANG", "TMPDIR", "PREFIXE_POSTGRESQL")
    base = {nom: os.environ[nom] for nom in gardees if nom in os.environ}
    base.setdefault("PATH", "/usr/bin:/bin")
    return {**base, "LC_ALL": "C.UTF-8", "PYTHONUNBUFFERED": "1", **reglages}


def main(arguments: Sequence[str]) -> int:
    """Entry point: become `manage.py` under the settings of the file."""
    compte = ""
    if arguments and arguments[0].startswith("--compte="):
        compte, arguments = arguments[0].partition("=")[2], arguments[1:]
    if not arguments:
        print("usage : python -m outils.reglages_production FICHIER COMMANDE …", file=sys.stderr)
        return 2
    try:
        reglages = lire(Path(arguments[0]))
        if not reglages:
            raise Illisible(f"{arguments[0]} : fichier absent ou vide.")
        # The secrets are read as root, then root is left for good.
        if compte and os.geteuid() == 0:
            devenir(compte)
    except (Illisible, KeyError, OSError) as e:
        print(e, file=sys.stderr)
        return 1
    os.chdir(RACINE)
    python = str(RACINE / ".venv" / "bin" / "python")
    os.execve(python, [python, "manage.py", *arguments[1:]], environnement(reglages))  # noqa: S606


def devenir(compte: str) -> None:
    """Become that account, groups included. Raises KeyError when there is none."""
    fiche = pwd.getpwnam(compte)
    os.initgroups(compte, fiche.pw_gid)
    os.setgid(fiche.pw_gid)
    os.setuid(fiche.pw_uid)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

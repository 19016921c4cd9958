"""`make demo`: tables, references, the fictional commune, static files, then web server, worker, scheduler.

usage: python -m outils.demo [--port N] [--parcelles N] [--refaire] [--sans-attendre]
A second call within a day reuses the commune. All stays in the foreground until Ctrl-C; with
`--sans-attendre` it stays behind (`make stop` ends it).
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path

from config.grappe import dossier_var
from outils import statiques
from outils.processus import arreter, attendre, inscrire, instant_de_depart, pid_vivant

RACINE = Path(__file__).resolve().parent.parent
HOTE = "127.0.0.1"
INSEE = "25999"
AGE_MAXIMAL = 24 * 3600
# Beside the web server: pid file → management command.
COMPAGNONS = {"ouvrier": "executer_taches", "planificateur": "planifier"}
# One that dies at once is not started again sooner.
RELEVE_S = 10


class Echec(Exception):
    """A reason to stop, told to the person as it is."""


class Demo:
    """One demonstration: its folders, its port, what it runs."""

    def __init__(self, port: int, parcelles: int, racine: Path = RACINE) -> None:
        self.racine = racine
        self.port = port
        self.parcelles = parcelles
        self.dossier = dossier_var(racine) / "demo"
        self.run = dossier_var(racine) / "run"
        self.journal = dossier_var(racine) / "journaux" / "web.log"
        self.env = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings.demo"}
        self.adresse = f"http://{HOTE}:{port}"
        self.compagnons: dict[str, subprocess.Popen[bytes]] = {}
        self.departs: dict[str, float] = {}

    def gerer(self, *arguments: str) -> None:
        """Run a management command, its talk on the terminal. Raises Echec."""
        r = subprocess.run(
            [sys.executable, "manage.py", *arguments], cwd=self.racine, env=self.env, check=False
        )
        if r.returncode:
            raise Echec(f"« manage.py {arguments[0]} » a échoué (code {r.returncode}).")

    def preparer(self, refaire: bool) -> None:
        """Tables, references, commune, static files. Each step may run again at will."""
        for dossier in (self.run, self.journal.parent, self.dossier):
            dossier.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.gerer("migrate", "--no-input", "--verbosity", "0")
        self.gerer("charger_references")
        if refaire or not self.commune_fraiche():
            self.faire_commune()
        self.gerer("charger_demo")
        self.rassembler_statiques()

    def rassembler_statiques(self) -> None:
        """collectstatic, when a static file or the environment has changed since the last time."""
        if statiques.sont_a_jour(self.racine):
            return
        self.gerer("collectstatic", "--no-input", "--verbosity", "0")
        statiques.noter(self.racine)

    # --- the commune -----------------------------------------------------------------------------
    @property
    def marque(self) -> Path:
        return self.dossier / "commune.json"

    def identite(self) -> str:
        """What the commune was made for: this database, this size."""
        base = os.environ.get("DATABASE_URL", "")
        return hashlib.sha256(f"{base} {self.parcelles}".encode()).hexdigest()

    def commune_fraiche(self) -> bool:
        """True when the commune was imported into this very database less than a day ago."""
        try:
            marque = json.loads(self.marque.read_text())
        except (FileNotFoundError, ValueError):
            return False
        age = time.time() - marque.get("instant", 0)
        return marque.get("identite") == self.identite() and 0 <= age < AGE_MAXIMAL

    def faire_commune(self) -> None:
        """Generate the commune as EDIGÉO archives, import them by the real importer."""
        print(f"Commune fictive {INSEE} : génération et import", flush=True)
        self.marque.unlink(missing_ok=True)
        sortie = self.dossier / INSEE
        taille = ("--parcelles", str(self.parcelles))
        self.gerer("generer_commune", "--insee", INSEE, *taille, "--sortie", str(sortie))
        self.gerer("importer_edigeo", str(sortie / "edigeo"), "--travailleurs", "2")
        self.marque.write_text(json.dumps({"instant": time.time(), "identite": self.identite()}))

    # --- worker and scheduler --------------------------------------------------------------------
    def demarrer_compagnons(self) -> None:
        """Start the worker and the scheduler."""
        for nom in COMPAGNONS:
            self.demarrer_un(nom)

    def demarrer_un(self, nom: str) -> None:
        """Start one of them, in a session of its own; at most one of each in a checkout."""
        if pid_vivant(self.run / f"{nom}.pid") is not None:
            return
        with (self.journal.parent / f"{nom}.log").open("ab") as journal:
            processus = subprocess.Popen(
                [sys.executable, "manage.py", COMPAGNONS[nom]],
                cwd=self.racine,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=journal,
                stderr=journal,
                start_new_session=True,
            )
        inscrire(self.run / f"{nom}.pid", processus.pid)
        self.compagnons[nom] = processus
        self.departs[nom] = time.monotonic()

    def relever_compagnons(self) -> None:
        """Start again one that died by itself: it says why in its log."""
        for nom, processus in list(self.compagnons.items()):
            trop_tot = time.monotonic() - self.departs[nom] < RELEVE_S
            if processus.poll() is not None and (self.run / f"{nom}.pid").exists() and not trop_tot:
                print(
                    f"{nom} : arrêté de lui-même (code {processus.returncode}), relancé. "
                    f"Journal : {self.journal.parent / f'{nom}.log'}",
                    file=sys.stderr,
                )
                self.demarrer_un(nom)

    # --- the server ------------------------------------------------------------------------------
    def deja_en_marche(self) -> str | None:
        """Address of this checkout's server if it already answers."""
        if pid_vivant(self.run / "web.pid") is None:
            return None
        try:
            return (self.run / "web.adresse").read_text().strip()
        except FileNotFoundError:
            return None

    def verifier_port(self) -> None:
        """Raise Echec when something else listens there."""
        with socket.socket() as essai:
            essai.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                essai.bind((HOTE, self.port))
            except OSError as e:
                raise Echec(
                    f"Le port {self.port} n'est pas libre ({e.strerror}). "
                    f"Choisissez-en un autre : make demo PORT={self.port + 1}"
                ) from e

    def demarrer(self) -> int:
        """Start gunicorn in a session of its own, wait until it answers; returns its pid. Raises Echec."""
        options = ["--bind", f"{HOTE}:{self.port}", "--workers", "2", "--graceful-timeout", "5"]
        options += ["--worker-class", "gthread", "--threads", "4"]
        # gunicorn's control socket would lie in the user's home, one for all checkouts.
        options.append("--no-control-socket")
        with self.journal.open("ab") as journal:
            web = subprocess.Popen(
                [sys.executable, "-m", "gunicorn", *options, "config.wsgi"],
                cwd=self.racine,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=journal,
                stderr=journal,
                # Ctrl-C must reach this program alone, which then ends the server in order.
                start_new_session=True,
            )
        inscrire(self.run / "web.pid", web.pid)
        (self.run / "web.adresse").write_text(self.adresse)
        if not attendre(lambda: web.poll() is not None or self.repond(), 30) or web.poll() is not None:
            self.terminer()
            fin = self.journal.read_text(errors="replace")[-5000:]
            raise Echec(f"Le serveur web ne démarre pas :\n{fin}\nJournal complet : {self.journal}")
        return web.pid

    def repond(self) -> bool:
        """True when the health page says that all is well."""
        try:
            with urllib.request.urlopen(f"{self.adresse}/sante/", timeout=2) as reponse:  # noqa: S310
                return bool(reponse.status == 200)
        except (OSError, urllib.error.URLError):
            return False

    def terminer(self) -> None:
        """End the server, the scheduler and the worker."""
        for nom in ("web", *reversed(COMPAGNONS)):
            arreter(self.run / f"{nom}.pid")
        (self.run / "web.adresse").unlink(missing_ok=True)

    def servir(self) -> int:
        """Stay until Ctrl-C, `make stop` or the server's own end; exit code 0 unless it died by itself."""
        # `make stop` ends the server, not us: no pid file of ours is needed.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        pid = self.demarrer()
        self.demarrer_compagnons()
        print(f"\nPrêt : {self.adresse}   (Ctrl-C pour finir)\n", flush=True)
        code = 0
        with contextlib.suppress(KeyboardInterrupt):
            try:
                while instant_de_depart(pid) is not None:
                    time.sleep(0.3)
                    self.relever_compagnons()
                # `make stop` removes the pid file; a server that died on its own leaves it.
                code = 1 if (self.run / "web.pid").exists() else 0
            finally:
                self.terminer()
        if code:
            print(f"Le serveur web s'est arrêté de lui-même. Journal : {self.journal}", file=sys.stderr)
        return code


def main(arguments: Sequence[str]) -> int:
    """Entry point; French messages, exit code 1 on failure."""
    analyse = argparse.ArgumentParser(prog="make demo", description="La démonstration, sur cette machine.")
    analyse.add_argument("--port", type=int, default=int(os.environ.get("PORT") or 8000))
    analyse.add_argument("--parcelles", type=int, default=2000, help="taille de la commune fictive")
    analyse.add_argument("--refaire", action="store_true", help="refait la commune même récente")
    analyse.add_argument("--sans-attendre", action="store_true", help="rend la main, le serveur continue")
    options = analyse.parse_args(arguments)
    demo = Demo(options.port, options.parcelles)
    try:
        adresse = demo.deja_en_marche()
        if adresse:
            print(f"La démonstration tourne déjà : {adresse}   (make stop pour l'arrêter)")
            return 0
        demo.verifier_port()
        demo.preparer(options.refaire)
        if not options.sans_attendre:
            return demo.servir()
        demo.demarrer()
        demo.demarrer_compagnons()
        print(f"Prêt : {demo.adresse}   (make stop pour l'arrêter)")
    except Echec as e:
        print(e, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

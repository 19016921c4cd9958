"""The web server under measurement, and clients that cost as little as can be."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.mesure import RACINE, EchecMesure, cpu_processus, enfants, lancer

HOTE = "127.0.0.1"


def port_libre() -> int:
    """A port nobody listens on."""
    with socket.socket() as essai:
        essai.bind((HOTE, 0))
        return int(essai.getsockname()[1])


def rassembler_statiques() -> None:
    """The pages name their static files by the manifest, which must be there."""
    lancer(
        [sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity", "0"],
        env={"DJANGO_SETTINGS_MODULE": "config.settings.demo"},
    )


@dataclass(frozen=True)
class Gunicorn:
    """A running server."""

    port: int
    pid: int

    def cpu_s(self) -> float:
        """CPU of all its processes."""
        return cpu_processus(self.pid) + sum(map(cpu_processus, enfants(self.pid)))


@contextmanager
def gunicorn(env: dict[str, str], processus: int = 2) -> Iterator[Gunicorn]:
    """Gunicorn as the demonstration runs it; ``EchecMesure`` when it does not answer."""
    port = port_libre()
    options = ["--bind", f"{HOTE}:{port}", "--workers", str(processus), "--worker-class", "gthread"]
    options += ["--threads", "4", "--no-control-socket", "--keep-alive", "60"]
    with TemporaryDirectory() as dossier:
        journal = Path(dossier) / "web.log"
        with journal.open("wb") as sortie:
            serveur = subprocess.Popen(  # noqa: S603
                [sys.executable, "-m", "gunicorn", *options, "config.wsgi"],
                cwd=RACINE,
                env={**os.environ, **env},
                stdin=subprocess.DEVNULL,
                stdout=sortie,
                stderr=sortie,
            )
        try:
            _attendre(serveur, port, journal)
            yield Gunicorn(port, serveur.pid)
        finally:
            serveur.terminate()
            serveur.wait()


def _attendre(serveur: subprocess.Popen[bytes], port: int, journal: Path) -> None:
    limite = time.monotonic() + 60
    while time.monotonic() < limite and serveur.poll() is None:
        try:
            with urllib.request.urlopen(f"http://{HOTE}:{port}/sante/", timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    raise EchecMesure(f"Le serveur web ne répond pas : {journal.read_text(errors='replace')[-2000:]}")


class Client:
    """One connection kept open; reads answers by their length and nothing more."""

    def __init__(self, port: int) -> None:
        self._lien = socket.create_connection((HOTE, port), timeout=60)
        self._lien.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def lire(self, chemin: str) -> tuple[int, bytes]:
        """Status and body."""
        demande = f"GET {chemin} HTTP/1.1\r\nHost: {HOTE}\r\nAccept-Encoding: identity\r\n\r\n"
        self._lien.sendall(demande.encode())
        recu = b""
        while (fin := recu.find(b"\r\n\r\n")) < 0:
            recu = self._suite(recu)
        entetes = recu[:fin].lower()
        statut = int(entetes[9:12])
        if b"transfer-encoding: chunked" in entetes:
            return statut, self._morceaux(recu[fin + 4 :])
        _, trouvee, longueur = entetes.partition(b"content-length:")
        taille = int(longueur.split(b"\r\n", 1)[0]) if trouvee else 0
        while len(recu) < fin + 4 + taille:
            recu = self._suite(recu)
        return statut, recu[fin + 4 :]

    def _suite(self, recu: bytes) -> bytes:
        morceau = self._lien.recv(1 << 18)
        if not morceau:
            raise EchecMesure("Le serveur web a fermé la connexion.")
        return recu + morceau

    def _morceaux(self, recu: bytes) -> bytes:
        corps = b""
        while True:
            while (fin := recu.find(b"\r\n")) < 0:
                recu = self._suite(recu)
            taille = int(recu[:fin].split(b";")[0], 16)
            while len(recu) < fin + 4 + taille:
                recu = self._suite(recu)
            if not taille:
                return corps
            corps += recu[fin + 2 : fin + 2 + taille]
            recu = recu[fin + 4 + taille :]

    def fermer(self) -> None:
        """Hang up."""
        self._lien.close()


def _charge(fabrique: Any, part: Sequence[Any], pret: Any, depart: Any, retour: Any) -> None:
    """One client: ``fabrique()`` gives the function that does one demand; times each in turn."""
    faire = fabrique()
    for demande in part[:20]:
        faire(demande)
    pret.release()
    depart.wait()
    debut, cpu, latences = time.perf_counter(), time.process_time(), []
    for demande in part:
        avant = time.perf_counter()
        faire(demande)
        latences.append(time.perf_counter() - avant)
    retour.put((debut, time.perf_counter(), time.process_time() - cpu, latences))


@dataclass(frozen=True)
class Charge:
    """Result of some clients working at once."""

    duree_s: float
    cpu_clients_s: float
    latences_s: list[float]

    @property
    def debit(self) -> float:
        """Demands a second."""
        return len(self.latences_s) / self.duree_s


def charger(fabrique: Any, demandes: Sequence[Any], clients: int, autour: Any = None) -> tuple[Charge, Any]:
    """``clients`` processes that share the demands, started together.

    ``autour()`` is read just before and just after the load; the difference comes with the result.
    """
    contexte = get_context("spawn")
    pret, depart, retour = contexte.Semaphore(0), contexte.Event(), contexte.Queue()
    processus = [
        contexte.Process(
            target=_charge, args=(fabrique, list(demandes[i::clients]), pret, depart, retour), daemon=True
        )
        for i in range(clients)
    ]
    for client in processus:
        client.start()
    for _ in processus:
        if not pret.acquire(timeout=120):
            raise EchecMesure("Un client de mesure n'a pas démarré.")
    avant = autour() if autour else 0.0
    depart.set()
    resultats = [retour.get(timeout=600) for _ in processus]
    apres = autour() if autour else 0.0
    for client in processus:
        client.join()
    debut, fin = min(r[0] for r in resultats), max(r[1] for r in resultats)
    latences = [latence for resultat in resultats for latence in resultat[3]]
    return Charge(fin - debut, sum(r[2] for r in resultats), latences), apres - avant


@dataclass(frozen=True)
class ParHttp:
    """Client that asks a path of the server; an error in answer ends the measurement."""

    port: int

    def __call__(self) -> Any:
        client = Client(self.port)

        def faire(chemin: str) -> None:
            statut, _ = client.lire(chemin)
            if statut not in (200, 204, 302):
                raise EchecMesure(f"{chemin} : réponse {statut}")

        return faire


@dataclass(frozen=True)
class ParSql:
    """Client that runs the prepared statement of a tile and takes its bytes, nothing else."""

    connexion: dict[str, Any]
    instruction: str

    def __call__(self) -> Any:
        import psycopg2

        connexion = psycopg2.connect(**self.connexion)
        connexion.autocommit = True
        curseur = connexion.cursor()
        curseur.execute("SET plan_cache_mode = force_generic_plan")
        curseur.execute(f"PREPARE tuile (geometry, box2d) AS {self.instruction}")

        def faire(parametres: tuple[str, str]) -> None:
            curseur.execute("EXECUTE tuile (%s, %s)", parametres)
            bytes(curseur.fetchone()[0])

        return faire

"""`make demo` for real: a copy of the project, its own cluster, a small commune, a browser's requests."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from outils.processus import attendre, instant_de_depart, pid_vivant
from tests.outils.conftest import PYTHON_SYSTEME, RACINE, port_libre

PARCELLES = "60"


class Projet:
    """A copy of the followed files, run by this environment's Python."""

    def __init__(self, racine: Path) -> None:
        self.racine = racine
        self.port = port_libre()
        liste = subprocess.run(
            ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=RACINE,
            capture_output=True,
            check=True,
        ).stdout
        for nom in filter(None, os.fsdecode(liste).split("\0")):
            if (RACINE / nom).is_file():
                (racine / nom).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(RACINE / nom, racine / nom)
        shutil.copytree(RACINE / "static" / "vendor", racine / "static" / "vendor")
        self.env = {
            k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "DJANGO_SETTINGS_MODULE")
        }

    def commande(self, *options: str) -> list[str]:
        return [
            sys.executable,
            "-m",
            "outils.demo",
            "--port",
            str(self.port),
            "--parcelles",
            PARCELLES,
            *options,
        ]

    def lancer(self, *commande: str) -> str:
        r = subprocess.run(
            commande,
            cwd=self.racine,
            env=self.env,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=400,
            check=False,
        )
        assert r.returncode == 0, r.stdout + r.stderr
        return r.stdout

    def lire(self, chemin: str) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{chemin}", timeout=20) as reponse:
                return reponse.status, reponse.read().decode(errors="replace")
        except urllib.error.HTTPError as e:
            return e.code, e.read().decode(errors="replace")

    def arreter(self) -> str:
        return self.lancer(PYTHON_SYSTEME, "-m", "outils.arret")


@pytest.fixture(scope="module")
def projet(tmp_path_factory) -> Iterator[Projet]:
    if not (RACINE / "static" / "vendor" / ".empreinte").exists():
        pytest.skip("static/vendor n'est pas là : lancez make setup")
    p = Projet(tmp_path_factory.mktemp("demo") / "projet")
    p.lancer(PYTHON_SYSTEME, "-m", "outils.base_privee", "demarrer")
    yield p
    p.arreter()


def redemarrer_la_base_sous_charge(projet: Projet) -> None:
    """Readers never see an error but a 503 page; web, worker and scheduler come back by themselves."""
    adresses = (
        "/",
        "/cadastre/",
        "/recherche/?q=A+1",
        "/sante/",
        "/tuiles/style.json",
        "/api/cadastre/communes",
    )
    statuts: list[int] = []
    pages_503: list[str] = []
    assez = threading.Event()

    def lire_sans_cesse(rang: int) -> None:
        while not assez.is_set():
            for adresse in adresses[rang:] + adresses[:rang]:
                etat, page = projet.lire(adresse)
                statuts.append(etat)
                if etat == 503 and adresse in ("/", "/cadastre/"):
                    pages_503.append(page)
            assez.wait(0.1)

    pids = {nom: (projet.racine / f".var/run/{nom}.pid").read_text() for nom in ("ouvrier", "planificateur")}
    lecteurs = [threading.Thread(target=lire_sans_cesse, args=(n,)) for n in range(4)]
    for lecteur in lecteurs:
        lecteur.start()
    try:
        assert attendre(lambda: statuts.count(200) >= 12, 60)
        projet.lancer(PYTHON_SYSTEME, "-m", "outils.base_privee", "arreter")
        assert attendre(lambda: len(pages_503) >= 2, 60), "said while the database is away"
        projet.lancer(PYTHON_SYSTEME, "-m", "outils.base_privee", "demarrer")
        deja = len(statuts)
        assert attendre(lambda: statuts[deja:].count(200) >= 24, 60), "served again by itself"
    finally:
        assez.set()
        for lecteur in lecteurs:
            lecteur.join()
    assert set(statuts) == {200, 503}
    assert "Service indisponible" in pages_503[0] or "indisponible" in pages_503[0].lower()
    assert "Traceback" not in "".join(pages_503)
    revenu = attendre(lambda: json.loads(projet.lire("/sante/")[1])["etat"] == "bon", 60)
    assert revenu, projet.lire("/sante/")[1]
    for nom, pid in pids.items():
        fichier = projet.racine / f".var/run/{nom}.pid"
        assert (fichier.read_text(), pid_vivant(fichier) is not None) == (pid, True), f"{nom} died"


@pytest.mark.lent
def test_la_demonstration_de_bout_en_bout(projet):
    sortie = projet.lancer(*projet.commande("--sans-attendre"))
    assert f"Prêt : http://127.0.0.1:{projet.port}" in sortie
    assert "25999" in sortie

    etat, page = projet.lire("/")
    assert etat == 200
    feuilles = re.findall(r'href="(/static/[^"]+\.css)"', page)
    assert feuilles
    assert all(re.search(r"\.[0-9a-f]{12}\.css$", f) for f in feuilles), "hashed names"
    for adresse in (*feuilles, "/tuiles/style.json", "/cadastre/", "/recherche/?q=A+1"):
        assert projet.lire(adresse)[0] == 200, adresse
    etat, sante = projet.lire("/sante/")
    assert (etat, isinstance(json.loads(sante), dict)) == (200, True)
    bon = attendre(lambda: json.loads(projet.lire("/sante/")[1])["etat"] == "bon", 60)
    assert bon, projet.lire("/sante/")[1]
    etat, page = projet.lire("/introuvable/")
    assert etat == 404
    assert "Traceback" not in page
    assert "DEBUG" not in page

    redemarrer_la_base_sous_charge(projet)

    # Again: the same server, nothing remade.
    assert "tourne déjà" in projet.lancer(*projet.commande("--sans-attendre"))
    arret = projet.arreter()
    assert all(f"{nom} : arrêté" in arret for nom in ("web", "ouvrier", "planificateur")), arret
    with pytest.raises(urllib.error.URLError):
        projet.lire("/")

    # In the foreground: the commune is reused, Ctrl-C ends everything in order.
    projet.lancer(PYTHON_SYSTEME, "-m", "outils.base_privee", "demarrer")
    devant = subprocess.Popen(
        projet.commande(),
        cwd=projet.racine,
        env=projet.env,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        assert devant.stdout
        lignes = []
        for ligne in devant.stdout:
            lignes.append(ligne)
            if "Prêt" in ligne:
                break
        assert not any("génération" in ligne for ligne in lignes)
        assert projet.lire("/sante/")[0] == 200
        pids = [
            int((projet.racine / f".var/run/{nom}.pid").read_text().split()[0])
            for nom in ("web", "ouvrier", "planificateur")
        ]
        # A worker that dies is started again, and says so.
        os.kill(pids[1], signal.SIGKILL)
        fichier = projet.racine / ".var/run/ouvrier.pid"
        assert attendre(lambda: pid_vivant(fichier) not in (None, pids[1]), 20)
        pids.append(int(fichier.read_text().split()[0]))
        os.killpg(devant.pid, signal.SIGINT)
        assert devant.wait(timeout=30) == 0
        assert [instant_de_depart(pid) for pid in pids] == [None] * 4
    finally:
        devant.kill()
        devant.wait()

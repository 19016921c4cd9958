"""A real nginx with the site that `make install` writes, in front of a server of this machine."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from bench.mesure import EchecMesure
from bench.web import port_libre
from outils.installation import Installation, lire_options

NGINX = shutil.which("nginx") or "/usr/sbin/nginx"


@contextmanager
def nginx(amont: str, dossier: Path) -> Iterator[str]:
    """Address of the site; ``amont``: address of the web server behind it."""
    ecoute = urlsplit(amont).netloc.replace("localhost", "127.0.0.1")
    pose = Installation(
        lire_options({"NOMS": "essai.exemple.invalid", "ECOUTE": ecoute, "RACINE_SYSTEME": str(dossier)})
    )
    pose.ecrire_systeme({"ALLOWED_HOSTS": "essai.exemple.invalid", "DATABASE_URL": "postgis://x/y"})
    port = port_libre()
    site = (dossier / "etc/nginx/sites-available/urbanisme").read_text()
    # The one change: the port, which only root may take, and the name that is asked.
    if "    listen 80;\n    listen [::]:80;\n" not in site:
        raise EchecMesure("Le site écrit par make install n'écoute plus sur le port 80.")
    site = site.replace("    listen 80;\n    listen [::]:80;\n", f"    listen 127.0.0.1:{port};\n")
    site = site.replace("server_name essai.exemple.invalid;", "server_name 127.0.0.1;")
    (dossier / "site.conf").write_text(site)
    (dossier / "var/cache/nginx").mkdir(parents=True, exist_ok=True)
    temporaires = "".join(
        f"    {genre}_temp_path {dossier}/{genre};\n"
        for genre in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    conf = dossier / "nginx.conf"
    conf.write_text(
        f"daemon off;\nmaster_process off;\npid {dossier}/nginx.pid;\nerror_log {dossier}/erreurs.log;\n"
        "events { worker_connections 256; }\n"
        "http {\n    access_log off;\n    keepalive_requests 1000000;\n"
        f"{temporaires}    include {dossier}/site.conf;\n}}\n"
    )
    processus = subprocess.Popen(  # noqa: S603
        [NGINX, "-c", str(conf), "-p", str(dossier)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    try:
        _attendre(port, processus)
        yield f"http://127.0.0.1:{port}"
    finally:
        processus.terminate()
        processus.wait(10)


def _attendre(port: int, processus: subprocess.Popen[bytes]) -> None:
    limite = time.monotonic() + 20
    while time.monotonic() < limite:
        if processus.poll() is not None:
            raise EchecMesure((processus.stderr.read() if processus.stderr else b"").decode(errors="replace"))
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise EchecMesure("nginx ne répond pas")

"""The antivirus of the house, when it has one: a command, or clamd by its socket.

``ANTIVIRUS_COMMANDE``: words of a command, to which the file's path is added; exit 0 sound, 1 infected.
``ANTIVIRUS_CLAMD``: path of a socket, or ``host:port``. Without either, files are marked « non vérifié ».
"""

from __future__ import annotations

import logging
import socket
import struct
import subprocess
import tempfile
from collections.abc import Iterator
from typing import IO

from django.conf import settings

from mairie.pieces.refus import PieceRefusee

trace = logging.getLogger(__name__)
_BLOC = 1 << 17


class AntivirusAbsent(Exception):
    """No antivirus answered; the French message says what failed."""


def actif() -> bool:
    """Whether the settings name an antivirus."""
    return bool(settings.ANTIVIRUS_COMMANDE or settings.ANTIVIRUS_CLAMD)


def verifier(flux: IO[bytes], nom: str) -> bool:
    """True when the file was found sound, false when nothing checked it; ``PieceRefusee`` when infected.

    With ``ANTIVIRUS_OBLIGATOIRE``, an antivirus that does not answer refuses the file too.
    """
    if not actif():
        return False
    flux.seek(0)
    try:
        virus = _clamd(flux) if settings.ANTIVIRUS_CLAMD else _commande(flux)
    except AntivirusAbsent as e:
        trace.error("Antivirus : %s", e)
        if settings.ANTIVIRUS_OBLIGATOIRE:
            raise PieceRefusee(
                "ANTIVIRUS_ABSENT",
                f"« {nom} » n'a pas pu être vérifié : l'antivirus ne répond pas. Réessayez dans un moment.",
            ) from e
        return False
    finally:
        flux.seek(0)
    if virus is not None:
        trace.warning("Fichier infecté refusé : %s", virus)
        raise PieceRefusee(
            "INFECTE",
            f"« {nom} » est refusé : l'antivirus y a trouvé « {virus} ». Vérifiez votre appareil.",
        )
    return True


def _morceaux(flux: IO[bytes]) -> Iterator[bytes]:
    while bloc := flux.read(_BLOC):
        yield bloc


def _commande(flux: IO[bytes]) -> str | None:
    """Name of what the command found; null when sound."""
    with tempfile.NamedTemporaryFile(prefix="piece-") as copie:
        for bloc in _morceaux(flux):
            copie.write(bloc)
        copie.flush()
        try:
            fin = subprocess.run(  # noqa: S603 the administrator's own command
                [*settings.ANTIVIRUS_COMMANDE, copie.name],
                capture_output=True,
                timeout=settings.ANTIVIRUS_DELAI_S,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as e:
            raise AntivirusAbsent(f"la commande n'a pas répondu ({type(e).__name__})") from e
    if fin.returncode == 0:
        return None
    if fin.returncode == 1:
        dit = fin.stdout.decode(errors="replace").strip().splitlines()
        return (dit[0].replace(copie.name, "").strip(" :")[:80] if dit else "") or "un virus"
    raise AntivirusAbsent(f"la commande a fini par le code {fin.returncode}")


def _clamd(flux: IO[bytes]) -> str | None:
    """The same by clamd's INSTREAM: blocks with their length, an empty one at the end."""
    try:
        with _connexion() as prise:
            prise.sendall(b"zINSTREAM\0")
            for bloc in _morceaux(flux):
                prise.sendall(struct.pack("!L", len(bloc)) + bloc)
            prise.sendall(struct.pack("!L", 0))
            reponse = b""
            while not reponse.endswith(b"\0") and (bloc := prise.recv(4096)):
                reponse += bloc
    except OSError as e:
        raise AntivirusAbsent(f"clamd n'a pas répondu ({type(e).__name__})") from e
    texte = reponse.rstrip(b"\0\n").decode(errors="replace")
    if texte.endswith("OK"):
        return None
    if texte.endswith("FOUND"):
        return texte.removeprefix("stream: ").removesuffix(" FOUND")[:80] or "un virus"
    raise AntivirusAbsent(f"clamd a répondu « {texte[:80]} »")


def _connexion() -> socket.socket:
    adresse = settings.ANTIVIRUS_CLAMD
    if adresse.startswith("/"):
        prise = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        prise.settimeout(settings.ANTIVIRUS_DELAI_S)
        try:
            prise.connect(adresse)
        except OSError:
            prise.close()
            raise
        return prise
    hote, _, port = adresse.rpartition(":")
    return socket.create_connection((hote or "127.0.0.1", int(port)), timeout=settings.ANTIVIRUS_DELAI_S)

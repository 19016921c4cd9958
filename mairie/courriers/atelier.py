"""The process that turns HTML into PDF: no Django, no database, no secret; it asks for what it needs.

Run as a script by ``processus.py``, which ends it when it takes too long. Frames on both pipes: length of a
JSON head (4 bytes), length of a body (8 bytes), head, body.
"""

from __future__ import annotations

import json
import logging
import os
import resource
import struct
import sys
from collections.abc import Callable
from typing import Any, BinaryIO

PREFIXE = struct.Struct(">IQ")
MEMOIRE_MAX = 2 * 1024**3
PIXELS_MAX = 60_000_000

Entete = dict[str, Any]


def trame(entete: Entete, corps: bytes = b"") -> bytes:
    """One frame."""
    tete = json.dumps(entete).encode()
    return PREFIXE.pack(len(tete), len(corps)) + tete + corps


def lire_trame(lire: Callable[[int], bytes]) -> tuple[Entete, bytes] | None:
    """The next frame; null at the end of the stream. ``lire(n)`` gives n bytes, fewer only at its end."""
    debut = lire(PREFIXE.size)
    if len(debut) < PREFIXE.size:
        return None
    taille_tete, taille_corps = PREFIXE.unpack(debut)
    return json.loads(lire(taille_tete)), lire(taille_corps) if taille_corps else b""


class _Erreurs(logging.Handler):
    """Keeps what WeasyPrint calls an error: a picture, a font or a sheet that it did without."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage()[:500])


def _limiter() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMOIRE_MAX, MEMOIRE_MAX))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def principal() -> None:
    """Serve renderings until the parent closes its end."""
    entree: BinaryIO = os.fdopen(os.dup(0), "rb")
    sortie: BinaryIO = os.fdopen(os.dup(1), "wb")
    # Nothing else may write on the pipe.
    os.dup2(2, 1)
    _limiter()

    import weasyprint  # type: ignore[import-untyped]
    from PIL import Image
    from weasyprint.urls import URLFetcher, URLFetcherResponse  # type: ignore[import-untyped]

    Image.MAX_IMAGE_PIXELS = PIXELS_MAX // 2  # Pillow refuses beyond twice this
    erreurs = _Erreurs()
    logging.getLogger("weasyprint").addHandler(erreurs)

    def dire(entete: Entete, corps: bytes = b"") -> None:
        sortie.write(trame(entete, corps))
        sortie.flush()

    class Demandeur(URLFetcher):
        """Asks the parent for every address; opens none itself."""

        def __init__(self) -> None:
            # Not the parent's constructor: it installs openers for files and the network.
            self._fail_on_errors = False

        def fetch(self, url: str, headers: Any = None) -> URLFetcherResponse:
            dire({"demande": url})
            reponse = lire_trame(entree.read)
            if reponse is None:
                raise SystemExit
            entete, corps = reponse
            if "refus" in entete:
                raise ValueError(entete["refus"])
            return URLFetcherResponse(url, corps, {"Content-Type": entete["mime"]})

        def open(self, url: Any, data: Any = None, timeout: Any = None) -> URLFetcherResponse:
            return self.fetch(getattr(url, "full_url", url))

        __call__ = fetch

    while (recue := lire_trame(entree.read)) is not None:
        entete, corps = recue
        erreurs.messages.clear()
        try:
            html = weasyprint.HTML(string=corps.decode(), url_fetcher=Demandeur(), media_type="print")
            document = html.render(pdf_variant="pdf/ua-1")
            if len(document.pages) > entete["pages_max"]:
                dire({"erreur": "pages", "pages": len(document.pages)})
                continue
            pdf = document.write_pdf(
                pdf_variant="pdf/ua-1", pdf_identifier=bytes.fromhex(entete["identifiant"])
            )
        except Exception as e:
            dire({"erreur": "echec", "detail": f"{type(e).__name__} : {e}"[:500]})
            continue
        dire({"pages": len(document.pages), "erreurs": erreurs.messages}, pdf)


if __name__ == "__main__":
    try:
        principal()
    except (BrokenPipeError, KeyboardInterrupt):
        sys.exit(0)

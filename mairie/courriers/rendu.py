"""HTML to tagged PDF (PDF/UA-1): the only door to WeasyPrint, and to what a document may show.

A document names its pictures, fonts and sheets by ``statique:`` (our static files), ``lettre:`` (made for
this rendering: arms, QR code, plan) or ``piece:`` (pieces of its dossier, by number). All else is refused,
and a refused or missing address makes the rendering fail: no letter leaves with a hole in it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote

from django.conf import settings

from mairie.courriers.processus import Atelier, Interrompu, TropLong

HTML_MAX = 3 * 1024**2
RESSOURCES_MAX = 60 * 1024**2
PDF_MAX = 25 * 1024**2
PAGES_MAX = 300
MIMES_STATIQUES = {
    ".css": "text/css",
    ".woff2": "font/woff2",
    ".png": "image/png",
    ".svg": "image/svg+xml",
}
MIMES_PIECES = ("image/png", "image/jpeg")
_ADRESSE = re.compile(r"(statique|lettre|piece):([^?#]+)", re.ASCII)

atelier = Atelier()


class RenduRefuse(Exception):
    """No PDF was made; the message is French and says what to do."""


@dataclass(frozen=True)
class Ressource:
    """A picture or a sheet: its type and bytes."""

    mime: str
    octets: bytes


@dataclass(frozen=True)
class Rendu:
    """A PDF, its number of pages, the SHA-256 of its bytes in hexadecimal."""

    pdf: bytes
    pages: int
    sha256: str


@dataclass
class Guichet:
    """Serves what a document names. ``piece(id)`` gives a piece of the document's own dossier, or null."""

    lettre: Mapping[str, Ressource] = field(default_factory=dict)
    piece: Callable[[int], Ressource | None] | None = None
    refus: list[str] = field(default_factory=list)
    octets: int = 0

    def servir(self, url: str) -> tuple[str, bytes] | None:
        """Type and bytes, or null: the address then stands in ``refus``."""
        ressource = self._trouver(url)
        if ressource is not None:
            self.octets += len(ressource.octets)
            if self.octets <= RESSOURCES_MAX:
                return ressource.mime, ressource.octets
        self.refus.append(url[:120])
        return None

    def _trouver(self, url: str) -> Ressource | None:
        trouve = _ADRESSE.fullmatch(url)
        if trouve is None:
            return None
        genre, nom = trouve[1], unquote(trouve[2])
        if genre == "statique":
            return _statique(nom)
        if genre == "lettre":
            return self.lettre.get(nom)
        if self.piece is None or not re.fullmatch(r"[1-9][0-9]{0,17}", nom):
            return None
        trouvee = self.piece(int(nom))
        return trouvee if trouvee is not None and trouvee.mime in MIMES_PIECES else None


def _statique(nom: str) -> Ressource | None:
    racines = (*settings.STATICFILES_DIRS, settings.STATIC_ROOT)
    return _lire_statique(nom, tuple(str(r) for r in racines if r))


@lru_cache(maxsize=64)
def _lire_statique(nom: str, racines: tuple[str, ...]) -> Ressource | None:
    """A static file by its path; nothing outside the folders of static files, links followed."""
    mime = MIMES_STATIQUES.get(Path(nom).suffix)
    if mime is None or "\0" in nom:
        return None
    for racine in racines:
        dossier = Path(racine).resolve()
        chemin = (dossier / nom).resolve()
        if chemin.is_relative_to(dossier) and chemin.is_file():
            return Ressource(mime, chemin.read_bytes())
    return None


def rendre(
    html: str,
    *,
    lettre: Mapping[str, Ressource] | None = None,
    piece: Callable[[int], Ressource | None] | None = None,
    delai: float | None = None,
) -> Rendu:
    """PDF/UA of a whole HTML document (title and language are its own); ``RenduRefuse`` otherwise.

    ``lettre``: what it names by ``lettre:``; ``piece``: gives a piece of its dossier. ``delai``: seconds.
    The same document and resources give the same bytes.
    """
    octets = html.encode()
    if len(octets) > HTML_MAX:
        raise RenduRefuse("Le document est trop long pour être mis en page : raccourcissez son texte.")
    guichet = Guichet(lettre or {}, piece)
    attente = settings.COURRIER_RENDU_S if delai is None else delai
    demande = {"pages_max": PAGES_MAX, "identifiant": hashlib.sha256(octets).hexdigest()[:32]}
    try:
        entete, pdf = atelier.rendre(demande, octets, guichet.servir, attente)
    except TropLong:
        raise RenduRefuse(
            f"La mise en page a dépassé {attente:g} s et a été arrêtée : raccourcissez le texte ou allégez"
            " ses images."
        ) from None
    except Interrompu:
        raise RenduRefuse(
            "La mise en page s'est interrompue : allégez le texte ou ses images, puis recommencez."
        ) from None
    return _conclure(entete, pdf, guichet)


def _conclure(entete: Mapping[str, object], pdf: bytes, guichet: Guichet) -> Rendu:
    if guichet.refus:
        raise RenduRefuse(
            "Le document appelle ce qu'il n'a pas le droit de montrer ou qui n'existe plus : "
            + ", ".join(f"« {url} »" for url in dict.fromkeys(guichet.refus))
            + "."
        )
    if entete.get("erreur") == "pages":
        raise RenduRefuse(f"Le document ferait {entete['pages']} pages : {PAGES_MAX} au plus.")
    fautes = entete.get("erreurs") or []
    if "erreur" in entete or (isinstance(fautes, list) and fautes):
        detail = entete.get("detail") or fautes
        raise RenduRefuse(f"La mise en page a échoué ({str(detail)[:400]}).")
    if len(pdf) > PDF_MAX:
        raise RenduRefuse(f"Le PDF dépasse {PDF_MAX // 1024**2} Mo : allégez ses images.")
    return Rendu(pdf, int(str(entete["pages"])), hashlib.sha256(pdf).hexdigest())

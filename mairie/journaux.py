"""Structured logs: one JSON object a line, without any personal data.

What people type, names, addresses, query strings and messages of exceptions (a database quotes the row in
them) never reach the log: only fixed texts, places in the code, the masked path and the account's number.
"""

from __future__ import annotations

import json
import logging
import re
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import cache
from traceback import extract_tb
from typing import Any

from django.http import HttpRequest
from django.urls import URLResolver, get_resolver

# Number of the request being answered, in this thread.
REQUETE: ContextVar[str] = ContextVar("requete", default="")

# Loggers of the house: their arguments are ours to keep clean. Of the others, the bare text alone.
MAISON = (
    "acces",
    "assainissement",
    "cadastre",
    "config",
    "domainepublic",
    "erp",
    "gis_data",
    "mairie",
    "urba",
)
ACCES = "acces"

# A value of an address is kept only where it has the form of a code (INSEE, parcel, number, date).
_CODE = re.compile(r"(?=[^/]*[0-9])[0-9A-Z-]{1,14}")
PARAMETRES_SECRETS = {"cle", "code", "jeton", "key", "secret", "token", "uidb36", "uidb64"}
_COURRIEL = re.compile(r"[^\s<>\"'(),;:=]+@[^\s<>\"'(),;:=]+")
MASQUE = "…"


@cache
def _mots_des_adresses() -> frozenset[str]:
    """Fixed words of all addresses of the site."""
    mots: set[str] = set()
    a_lire: list[Any] = [get_resolver()]
    while a_lire:
        for motif in a_lire.pop().url_patterns:
            mots |= {
                m for m in str(motif.pattern).split("/") if m.replace("-", "").replace(".", "").isalnum()
            }
            if isinstance(motif, URLResolver):
                a_lire.append(motif)
    return frozenset(mots)


def chemin_sans_secret(request: HttpRequest) -> str:
    """Path of the request, without query: its fixed words and its codes; all else masked."""
    trouvee = request.resolver_match
    secrets: set[str] = set()
    codes: set[str] = set()
    if trouvee is not None:
        for nom, valeur in trouvee.kwargs.items():
            texte = str(valeur)
            garde = nom not in PARAMETRES_SECRETS and _CODE.fullmatch(texte)
            (codes if garde else secrets).add(texte)
    mots = _mots_des_adresses()
    segments = request.path.split("/")
    return "/".join(
        s if not s or s in codes or (s in mots and s not in secrets) else MASQUE for s in segments
    )


def texte_de(record: logging.LogRecord) -> str:
    """Text of a line: formatted for the loggers of the house; for the others the bare text.

    A foreign text without arguments may be an exception's own words: it is not kept.
    """
    if record.name.split(".")[0] in MAISON:
        texte = record.getMessage()
    elif record.args:
        texte = str(record.msg)
    else:
        texte = "(texte non gardé)"
    return _COURRIEL.sub(MASQUE, texte)


def pile(erreur: BaseException) -> list[str]:
    """The exception and those behind it: their types and where they were raised, never what they say."""
    lignes: list[str] = []
    vue: BaseException | None = erreur
    while vue is not None and len(lignes) < 200:
        lignes.append(f"{type(vue).__module__}.{type(vue).__qualname__}")
        lignes += [f"  {c.filename}:{c.lineno} {c.name}" for c in extract_tb(vue.__traceback__)]
        vue = vue.__cause__ or (None if vue.__suppress_context__ else vue.__context__)
    return lignes


class FormatJson(logging.Formatter):
    """One line of JSON: time (UTC), level, logger, request, text; what an access adds; where an error was."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        ligne: dict[str, Any] = {
            "temps": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "niveau": record.levelname,
            "journal": record.name,
            "message": texte_de(record),
        }
        if record.name.split(".")[0] not in MAISON:
            ligne["lieu"] = f"{record.module}.py:{record.lineno}"
        if requete := REQUETE.get():
            ligne["requete"] = requete
        champs = getattr(record, "champs", None)
        if isinstance(champs, dict):
            ligne |= champs
        if record.exc_info and record.exc_info[1] is not None:
            ligne["pile"] = pile(record.exc_info[1])
        return json.dumps(ligne, ensure_ascii=False, default=str)

"""A starting library of phrases: prescriptions, reasons of refusal, reasons of a piece request.

Written in ``textes/phrases.txt``: ``# category``, ``## label {words of the dossier}``, then the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path

FICHIER = Path(__file__).parent / "textes" / "phrases.txt"
_TITRE = re.compile(r"## (?P<libelle>[^{]+?)(?: \{(?P<mots>[^}]+)\})?")


@dataclass(frozen=True)
class PhraseLivree:
    """A phrase as shipped; ``mots``: words of the dossier that bring it first (``type:DP``)."""

    categorie: str
    libelle: str
    texte: str
    mots: tuple[str, ...] = ()


def phrases() -> Iterator[PhraseLivree]:
    """All phrases of the file, in its order; ``ValueError`` for a text outside a label."""
    categorie, titre = "", None
    for ligne in FICHIER.read_text(encoding="utf-8").splitlines():
        if ligne.startswith("# "):
            categorie = ligne.removeprefix("# ")
        elif ligne.startswith("## "):
            titre = _TITRE.fullmatch(ligne)
        elif ligne:
            if titre is None or not categorie:
                raise ValueError(f"phrase sans titre : {ligne[:40]}")
            mots = tuple(m.strip() for m in (titre["mots"] or "").split(",") if m.strip())
            yield PhraseLivree(categorie, titre["libelle"], f"<p>{escape(ligne, quote=False)}</p>", mots)
            titre = None

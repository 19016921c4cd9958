"""The figures in words: objectives, table on the terminal, JSON in ``bench-resultats/``."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from bench.mesure import RACINE

DOSSIER = RACINE / "bench-resultats"


@dataclass(frozen=True)
class Objectif:
    """A number to reach: ``au_moins`` or at most ``but``; ``raison`` is told when it is missed."""

    nom: str
    valeur: float
    but: float
    unite: str = "×"
    au_moins: bool = True
    raison: str = ""

    @property
    def atteint(self) -> bool:
        """Whether it is reached; a figure that could not be measured is not."""
        if math.isnan(self.valeur):
            return False
        return self.valeur >= self.but if self.au_moins else self.valeur <= self.but

    def ligne(self) -> tuple[str, str, str, str]:
        """Cells of the table."""
        signe = "≥" if self.au_moins else "≤"
        return (
            self.nom,
            f"{nombre(self.valeur)} {self.unite}".strip(),
            f"{signe} {nombre(self.but)} {self.unite}".strip(),
            "atteint" if self.atteint else "NON ATTEINT",
        )

    def document(self) -> dict[str, Any]:
        """For the JSON."""
        return {**vars(self), "atteint": self.atteint}


def nombre(valeur: float) -> str:
    """Three significant digits, French comma."""
    if math.isnan(valeur):
        return "inconnu"
    decimales = 0 if abs(valeur) >= 100 else 1 if abs(valeur) >= 10 else 2
    return f"{valeur:,.{decimales}f}".replace(",", "\u202f").replace(".", ",")


def tableau(entetes: Sequence[str], lignes: Sequence[Sequence[str]]) -> str:
    """Aligned columns, the first to the left."""
    toutes = [tuple(entetes), *map(tuple, lignes)]
    largeurs = [max(len(ligne[i]) for ligne in toutes) for i in range(len(entetes))]
    textes = [
        "  ".join(
            cellule.ljust(largeur) if i == 0 else cellule.rjust(largeur)
            for i, (cellule, largeur) in enumerate(zip(ligne, largeurs, strict=True))
        ).rstrip()
        for ligne in toutes
    ]
    return "\n".join([textes[0], "─" * len(textes[0]), *textes[1:]])


def objectifs_en_mots(objectifs: Sequence[Objectif]) -> str:
    """Table of the objectives, then the reason of each one missed."""
    texte = tableau(("objectif", "mesuré", "visé", ""), [objectif.ligne() for objectif in objectifs])
    manques = [o for o in objectifs if not o.atteint]
    if manques:
        texte += "\n\nNon atteints :\n" + "\n".join(
            f"- {o.nom} : {o.raison or 'machine occupée ou régression : relancez, puis comparez les étapes'}"
            for o in manques
        )
    return texte


def ecrire(nom: str, document: dict[str, Any], dossier: Path = DOSSIER) -> Path:
    """Write the JSON, dated; ``nom-dernier.json`` is the newest."""
    dossier.mkdir(exist_ok=True)
    instant = datetime.now().astimezone()
    texte = json.dumps({"instant": instant.isoformat(), **document}, ensure_ascii=False, indent=1) + "\n"
    chemin = dossier / f"{nom}-{instant:%Y%m%d-%H%M%S}.json"
    chemin.write_text(texte, encoding="utf-8")
    (dossier / f"{nom}-dernier.json").write_text(texte, encoding="utf-8")
    return chemin

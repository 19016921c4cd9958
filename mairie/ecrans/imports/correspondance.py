"""Which column of a file fills which field: proposed from the headings, kept for the next file alike."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence

from mairie.ecrans.imports.declaration import Import

# Heading that our own files of refused lines add: it never fills anything.
MOTIF = "Motif du refus"
# Field → rank of the column in the file.
Correspondance = dict[str, int]


def cle(titre: str) -> str:
    """A heading without accents, case nor punctuation."""
    plat = unicodedata.normalize("NFKD", titre.casefold())
    return re.sub(r"[^a-z0-9]+", " ", "".join(c for c in plat if not unicodedata.combining(c))).strip()


def empreinte(titres: Sequence[str]) -> str:
    """What tells files with the same headings, but for the column of refusals."""
    texte = "\x1f".join(sorted(cle(t) for t in titres if cle(t) != cle(MOTIF)))
    return hashlib.sha256(texte.encode()).hexdigest()


def proposer(
    declaration: Import, titres: Sequence[str], retenue: Mapping[str, str] | None = None
) -> Correspondance:
    """Field → column: as kept for the same headings (``retenue``: field → heading), else by name."""
    rangs = {cle(t): i for i, t in enumerate(titres) if cle(t) and cle(t) != cle(MOTIF)}
    if retenue is not None:
        return {champ: rangs[cle(titre)] for champ, titre in retenue.items() if cle(titre) in rangs}
    sortie: Correspondance = {}
    for colonne in declaration.colonnes:
        for nom in (declaration.titre_de(colonne), colonne.champ, *colonne.synonymes):
            rang = rangs.get(cle(nom))
            if rang is not None and rang not in sortie.values():
                sortie[colonne.champ] = rang
                break
    return sortie


def fautes(declaration: Import, correspondance: Correspondance, fixes: Sequence[str]) -> list[str]:
    """Why this correspondence can't be used; empty when it can."""
    sortie = []
    for colonne in declaration.colonnes:
        manque = colonne.champ not in correspondance
        if manque and (
            colonne.obligatoire or (declaration.cle_requise(colonne.champ) and colonne.champ not in fixes)
        ):
            sortie.append(f"Choisissez la colonne de « {declaration.titre_de(colonne)} ».")
    rangs = list(correspondance.values())
    if len(set(rangs)) != len(rangs):
        sortie.append("Une même colonne du fichier remplit deux champs.")
    return sortie

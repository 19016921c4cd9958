"""The matrix of what may share ground: read whole, changed pair by pair, kept on the log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction

from domainepublic.models import Compatibilite, TypeOccupation
from domainepublic.regles.tables.types import NIVEAUX
from mairie import journal
from mairie.models import Utilisateur
from mairie.workflow import Refus

REGLEE = "domainepublic.compatibilite_reglee"
REPERES = {"PEI": "point d'eau incendie", "BUS": "ligne de bus"}
# What no row says: nothing caps the conflict.
SANS_LIMITE = ""


@dataclass(frozen=True)
class Paire:
    """Two kinds, how far they may be in conflict at most, and why."""

    a: str
    b: str
    libelle_a: str
    libelle_b: str
    niveau: str
    texte: str


def libelles() -> dict[str, str]:
    """Codes of the matrix in words, types first."""
    return {**dict(TypeOccupation.objects.order_by("ordre").values_list("code", "libelle")), **REPERES}


def paires(code: str) -> list[Paire]:
    """The pairs of one kind with every other, its own included."""
    noms = libelles()
    lignes = {(c.a, c.b): c for c in Compatibilite.objects.all()}
    sortie = []
    for autre in noms:
        if code in REPERES and autre in REPERES:
            continue
        a, b = min(code, autre), max(code, autre)
        ligne = lignes.get((a, b))
        sortie.append(
            Paire(
                code, autre, noms[code], noms[autre], ligne.niveau if ligne else SANS_LIMITE,
                ligne.texte if ligne else "",
            )
        )  # fmt: skip
    return sortie


def regler(code: str, choix: Mapping[str, tuple[str, str]], par: Utilisateur) -> int:
    """Levels and remarks of one kind with others (other → (level, remark)); how many changed."""
    noms = libelles()
    if code not in noms:
        raise Refus("Ce type n'existe pas.")
    changes = 0
    with transaction.atomic():
        for autre, (niveau, texte) in choix.items():
            if autre not in noms or niveau not in (*NIVEAUX, SANS_LIMITE):
                raise Refus("Choisissez un niveau de la liste.")
            a, b = min(code, autre), max(code, autre)
            ligne = Compatibilite.objects.select_for_update(of=("self",)).filter(a=a, b=b).first()
            avant = (ligne.niveau, ligne.texte) if ligne else (SANS_LIMITE, "")
            apres = (niveau, texte.strip()[:200] if niveau else "")
            if avant == apres:
                continue
            if niveau:
                Compatibilite.objects.update_or_create(
                    a=a, b=b, defaults={"niveau": niveau, "texte": apres[1]}
                )
            elif ligne is not None:
                ligne.delete()
            changes += 1
            donnees = {"paire": f"{a} – {b}", "avant": avant[0], "apres": niveau}
            journal.noter(par, REGLEE, insee="", donnees=donnees)
    return changes


def declarer() -> None:
    """From ``AppConfig.ready``."""
    journal.declarer(journal.Action(REGLEE, "Compatibilité de deux occupations réglée"))

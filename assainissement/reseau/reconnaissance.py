"""Which RAEPA layer a file's layer is, and which of its columns holds which field."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Iterable, Mapping

from assainissement.regles.tables import raepa
from assainissement.regles.tables.reseau import CORRESPONDANCES
from mairie.models import CorrespondanceImport

ECRAN = "assainissement.raepa"
# Written by our own file of rejects: read back without being a field.
MOTIFS = "ANOMALIES"
# A layer without a known name needs its identifier and this many fields of the standard.
CHAMPS_MIN = 4
_EAU_POTABLE = ("CANALAEP", "OUVRAEP", "APPARAEP", "REPARAEP")
_NOMS = {couche.split("_")[1]: couche for couche in CORRESPONDANCES}


def _cle(nom: str) -> str:
    """Letters and figures of a name, in capitals without accents."""
    plat = unicodedata.normalize("NFKD", nom).encode("ascii", "ignore").decode().upper()
    return "".join(c for c in plat if c.isalnum())


def couche_de(nom: str, champs: Iterable[str]) -> str:
    """RAEPA layer recognised by the name, else by the columns; empty when neither says it."""
    cle = _cle(nom)
    for morceau, couche in _NOMS.items():
        if morceau in cle:
            return couche
    if any(mot in cle for mot in _EAU_POTABLE):
        # Its tables have nearly the same columns: a repair of drinking water would pass for a sewer's.
        return ""
    presents = {c.strip().upper() for c in champs}
    presents |= {raepa.VARIANTES[c] for c in presents if c in raepa.VARIANTES}
    notes = {
        couche: sum(c.raepa in presents for c in correspondances)
        for couche, correspondances in CORRESPONDANCES.items()
        if correspondances[0].raepa in presents
    }
    meilleure = max(notes, key=lambda c: notes[c], default="")
    return meilleure if meilleure and notes[meilleure] >= CHAMPS_MIN else ""


def proposer(couche: str, champs: Iterable[str]) -> dict[str, str]:
    """Field → column: as chosen last time for the same columns, else by the names."""
    colonnes = [c for c in champs if c.upper() != MOTIFS]
    retenue = CorrespondanceImport.objects.filter(ecran=ECRAN, empreinte=empreinte(couche, colonnes)).first()
    if retenue is not None:
        return {r: c for r, c in retenue.champs.items() if c in colonnes}
    par_cle = {_cle(c): c for c in colonnes}
    variantes = {vrai: variante for variante, vrai in raepa.VARIANTES.items()}
    choix = {}
    for c in CORRESPONDANCES[couche]:
        for nom in (c.raepa, variantes.get(c.raepa, ""), c.colonne):
            if nom and _cle(nom) in par_cle:
                choix[c.raepa] = par_cle[_cle(nom)]
                break
    return choix


def retenir(couche: str, champs: Iterable[str], choix: Mapping[str, str]) -> None:
    """Keep a choice for the next file with these columns."""
    CorrespondanceImport.objects.update_or_create(
        ecran=ECRAN,
        empreinte=empreinte(couche, [c for c in champs if c.upper() != MOTIFS]),
        defaults={"champs": dict(choix)},
    )


def empreinte(couche: str, champs: Iterable[str]) -> str:
    """What tells a set of columns from another."""
    return hashlib.sha256(json.dumps([couche, sorted(champs)]).encode()).hexdigest()

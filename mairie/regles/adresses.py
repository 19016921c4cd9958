"""Streets and numbers: how they are written, and the keys of the national address base.

Source: AITF, *Format Base Adresse Locale* 1.4.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from mairie.regles.tiers import ABREGES_VOIE, mots

NUMERO_MAX = 9999
# The number that the format gives to a named place without number.
NUMERO_LIEU_DIT = 99_999
SUFFIXE_MAX = 9
# Where the point of an address stands (list of the format).
POSITIONS = (
    "délivrance postale",
    "entrée",
    "bâtiment",
    "cage d’escalier",
    "logement",
    "parcelle",
    "segment",
    "service technique",
)
TYPES_VOIE = frozenset(
    [
        *("allée", "avenue", "boulevard", "chemin", "cité", "clos", "cour", "cours", "domaine", "esplanade"),
        *("faubourg", "hameau", "impasse", "lotissement", "mail", "montée", "parvis", "passage", "place"),
        *("placette", "promenade", "quai", "résidence", "rond-point", "route", "rue", "ruelle", "sente"),
        *("sentier", "square", "traverse", "venelle", "villa", "voie", "zone"),
    ]
)
_TYPES = {" ".join(mots(t)): t for t in TYPES_VOIE}
_NUMERO = re.compile(r"\s*0*([0-9]{1,5})\s*[- ]?\s*([0-9a-z][0-9a-z ]*)?\s*", re.IGNORECASE)
_SUFFIXE = re.compile(r"[0-9a-z]{1,9}")
_CODE_VOIE = re.compile(r"[0-9a-z][0-9]{3}", re.IGNORECASE)


@dataclass(frozen=True)
class Numero:
    """A number and what follows it: « 12 bis » → (12, « bis »)."""

    numero: int
    suffixe: str = ""

    def __str__(self) -> str:
        return f"{self.numero} {self.suffixe}".strip()


def lire_numero(texte: str) -> Numero | None:
    """« 12BIS », « 12 b », « 0012 » as a number; null where there is none (or over 9999)."""
    trouve = _NUMERO.fullmatch(texte)
    if trouve is None or int(trouve[1]) > NUMERO_MAX:
        return None
    suffixe = (trouve[2] or "").lower().replace(" ", "")
    if suffixe and not _SUFFIXE.fullmatch(suffixe):
        return None
    return Numero(int(trouve[1]), suffixe)


def cle_voie(nom: str) -> str:
    """The same for two writings of one street: « R. DU MOULIN » and « Rue du Moulin ».

    Abbreviations count only for the first word, where « st » may be a saint but « r » is a rue.
    """
    tous = mots(nom)
    if not tous:
        return ""
    tete = ABREGES_VOIE.get(tous[0], tous[0])
    suite = [{"st": "saint", "ste": "sainte", "dr": "docteur", "gal": "general"}.get(m, m) for m in tous[1:]]
    return " ".join([tete, *suite])


def type_de_voie(nom: str) -> str:
    """« Rue du Moulin » → « rue »; empty where the name begins by no usual type."""
    cle = cle_voie(nom).split()
    deux = " ".join(cle[:2])
    return _TYPES.get(deux) or (_TYPES.get(cle[0], "") if cle else "")


def motif_nom_voie(nom: str) -> str:
    """Why the national base would refuse this name; empty when it takes it."""
    propre = nom.strip()
    if len(propre) < 3:
        return "Le nom d'une voie compte au moins 3 caractères."
    if len(propre) > 200:
        return "Le nom d'une voie compte 200 caractères au plus."
    if not propre[0].isalnum():
        return "Le nom d'une voie commence par une lettre ou un chiffre."
    if "_" in propre or ";" in propre or "\ufffd" in propre or not propre.isprintable():
        return "Le nom d'une voie ne contient ni tiret bas, ni point-virgule, ni signe illisible."
    if propre == propre.upper() and any(c.isalpha() for c in propre):
        return "Écrivez le nom de la voie en minuscules accentuées : « Rue du Moulin »."
    return ""


def motif_suffixe(suffixe: str) -> str:
    """Why this is no suffix; empty when it is one, or nothing."""
    if suffixe and not _SUFFIXE.fullmatch(suffixe):
        return "Le suffixe compte 9 lettres ou chiffres au plus, sans accent ni espace : bis, ter, a, b2."
    return ""


def code_voie(code: str) -> str:
    """The four characters of a street in FANTOIR, small letters; empty when this is none.

    Longer forms (commune, or département and direction, in front; key behind) are cut to it.
    """
    brut = re.sub(r"[\s_]", "", code)
    if re.fullmatch(r"[0-9][0-9AB][0-9]{3}[0-9A-Za-z][0-9]{3}[A-Za-z]?", brut):
        brut = brut[5:9]
    return brut.lower() if _CODE_VOIE.fullmatch(brut) and brut != "0000" else ""


def cle_interop(insee: str, code: str, numero: int, suffixe: str = "") -> str:
    """Key of an address: commune, street (``xxxx`` where it has no code), number on five digits, suffix.

    ``25999_0050_00012_bis``; all in small letters (format BAL 1.4).
    """
    base = f"{insee}_{code_voie(code) or 'xxxx'}_{numero:05d}"
    return (f"{base}_{suffixe}" if suffixe else base).lower()

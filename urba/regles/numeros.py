"""Official numbers of the dossiers: read in any usual writing, composed, shown (A.423-3; spec §4)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from urba.regles.types import TypeDelai


class NumeroInvalide(ValueError):
    """The text is not an official number; the message, in French, says why."""


class NatureDossier(StrEnum):
    """What a number may be asked for on an authorisation."""

    INITIAL = "INITIAL"
    MODIFICATIF = "MODIFICATIF"
    TRANSFERT = "TRANSFERT"
    PROROGATION = "PROROGATION"
    DOC = "DOC"
    DAACT = "DAACT"
    ANNULATION = "ANNULATION"


PREFIXES = {
    NatureDossier.MODIFICATIF: "M",
    NatureDossier.TRANSFERT: "T",
    NatureDossier.PROROGATION: "PRO",
    NatureDossier.DOC: "DOC",
    NatureDossier.DAACT: "DAACT",
    NatureDossier.ANNULATION: "ANNUL",
}
NATURES = {prefixe: nature for nature, prefixe in PREFIXES.items()}
LETTRES = ("PC", "PA", "PD", "DP", "CU", "AT", "AP")
LETTRES_DES_TYPES = {
    TypeDelai.DP: "DP",
    TypeDelai.PD: "PD",
    TypeDelai.PCMI: "PC",
    TypeDelai.PC: "PC",
    TypeDelai.PA: "PA",
    TypeDelai.CUA: "CU",
    TypeDelai.CUB: "CU",
}
"""Letters of the number by kind: PCMI is numbered PC, CUA and CUB are numbered CU."""

ORDRE_MAX, RANG_MAX = 99999, 99
SIECLE_PIVOT = 80
SEPARATEURS = re.compile(r"[\s\-./_]")
FORME = re.compile(
    rf"(?P<lettres>{'|'.join(LETTRES)})(?P<departement>0[0-9]{{2}}|02A|02B|97[1-8])"
    r"(?P<commune>[0-9]{3})(?P<annee>[0-9]{2})(?P<ordre>[0-9A-Z][0-9]{4})"
    r"(?:(?P<prefixe>M|T|P|PRO|DOC|DAACT|ANNUL)(?P<rang>[0-9]{1,2}))?"
)
FORME_INSEE = re.compile(r"(?:[0-9]{2}|2A|2B)[0-9]{3}")


@dataclass(frozen=True)
class Numero:
    """A number in its parts; ``annee`` with four digits, ``rang`` None for an initial request."""

    lettres: str
    departement: str
    commune: str
    annee: int
    ordre: str
    nature: NatureDossier = NatureDossier.INITIAL
    rang: int | None = None

    @property
    def insee(self) -> str:
        """INSEE code of the commune (5 characters)."""
        departement = self.departement
        return ("97" if departement.startswith("97") else departement[1:]) + self.commune

    @property
    def extension(self) -> str | None:
        """``M01``, ``PRO02``…; None for an initial request."""
        return None if self.rang is None else f"{PREFIXES[self.nature]}{self.rang:02d}"

    @property
    def canonique(self) -> str:
        """Stored form, without spaces."""
        return self.affichage.replace(" ", "")

    @property
    def affichage(self) -> str:
        """Shown form, ``PC 013 055 24 00012 M01``."""
        parties = [self.lettres, self.departement, self.commune, f"{self.annee % 100:02d}", self.ordre]
        return " ".join([*parties, self.extension] if self.extension else parties)

    @property
    def autorisation(self) -> Numero:
        """The number of the authorisation, without extension."""
        return Numero(self.lettres, self.departement, self.commune, self.annee, self.ordre)


def normaliser(texte: str) -> str:
    """Separators removed anywhere, ASCII letters in upper case."""
    nu = SEPARATEURS.sub("", texte)
    return nu.upper() if nu.isascii() else nu


def _annee(deux_chiffres: int) -> int:
    return (1900 if deux_chiffres >= SIECLE_PIVOT else 2000) + deux_chiffres


def lire_numero(texte: str) -> Numero:
    """The number written in ``texte``; raises ``NumeroInvalide`` with a French reason."""
    trouve = FORME.fullmatch(normaliser(texte))
    if trouve is None:
        raise NumeroInvalide(
            "Numéro illisible. Forme attendue : lettres, département (3 caractères), commune (3), "
            "année (2), ordre (5), par exemple PC 013 055 24 00012 ou PC 013 055 24 00012 M01."
        )
    departement, commune, ordre = trouve["departement"], trouve["commune"], trouve["ordre"]
    if departement in ("000", "020") or "096" <= departement <= "099":
        raise NumeroInvalide(f"Le département {departement} n'existe pas.")
    if commune == "000":
        raise NumeroInvalide("La commune 000 n'existe pas.")
    if departement.startswith("97") and commune[0] != departement[-1]:
        raise NumeroInvalide(
            f"Outre-mer, la commune commence par le dernier chiffre du département : {departement[-1]}."
        )
    if ordre[1:] == "0000" and (ordre[0] == "0" or ordre[0].isalpha()):
        raise NumeroInvalide("Le numéro d'ordre commence à 1.")
    nature, rang = _extension(trouve["prefixe"], trouve["rang"])
    annee = _annee(int(trouve["annee"]))
    return Numero(trouve["lettres"], departement, commune, annee, ordre, nature, rang)


def _extension(prefixe: str | None, chiffres: str | None) -> tuple[NatureDossier, int | None]:
    """Nature and rank of an extension; ``P0`` (openADS) is the initial request, ``P1`` a prorogation."""
    if prefixe is None or chiffres is None:
        return NatureDossier.INITIAL, None
    rang = int(chiffres)
    if rang == 0:
        if prefixe == "P":
            return NatureDossier.INITIAL, None
        raise NumeroInvalide(f"Le rang commence à 1 : {prefixe}01.")
    return NATURES["PRO" if prefixe == "P" else prefixe], rang


def composer(
    lettres: str,
    insee: str,
    annee: int,
    ordre: int,
    *,
    lettre_service: str = "",
    nature: NatureDossier = NatureDossier.INITIAL,
    rang: int | None = None,
) -> Numero:
    """The number of a new dossier; ``annee``: year of deposit (1980 to 2079).

    Raises ``NumeroInvalide`` when a part cannot be written or read back.
    """
    if not FORME_INSEE.fullmatch(insee):
        raise NumeroInvalide(f"Le code INSEE {insee} n'est pas valide.")
    chiffres = 4 if lettre_service else 5
    if not 1 <= ordre <= 10**chiffres - 1:
        raise NumeroInvalide(f"Le numéro d'ordre {ordre} ne tient pas sur {chiffres} chiffres.")
    if (rang is None) != (nature is NatureDossier.INITIAL) or not 1 <= (rang or 1) <= RANG_MAX:
        raise NumeroInvalide("Un rang de 1 à 99 va avec toute demande qui n'est pas initiale.")
    departement = f"97{insee[2]}" if insee.startswith("97") else f"0{insee[:2]}"
    numero = Numero(
        lettres, departement, insee[2:], annee, f"{lettre_service}{ordre:0{chiffres}d}", nature, rang
    )
    if lire_numero(numero.canonique) != numero:
        raise NumeroInvalide("L'année ou la lettre du service ne peut pas s'écrire dans un numéro.")
    return numero

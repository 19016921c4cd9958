"""Legal delays of the public domain; each is a parameter that the settings show with its source."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Delai:
    """A delay in ``unite`` (mois, annees, heures, jours); ``a_confirmer`` rows are inactive.

    The DT and DICT delays exclude holidays.
    """

    code: str
    valeur: int
    unite: str
    libelle: str
    texte_reference: str
    a_confirmer: bool = False


DELAIS = {
    ligne.code: ligne
    for ligne in (
        Delai("silence_occupation", 2, "mois", "silence valant refus d'une demande", "CRPA L231-4"),
        Delai("silence_travaux", 2, "mois", "silence valant accord de travaux non programmés", "CVR L115-1"),
        Delai("succession", 3, "mois", "titre gardé par les ayants droit d'un exploitant", "CG3P L2124-34"),
        Delai("successeur", 6, "mois", "présentation d'un successeur après un décès", "CG3P L2124-34"),
        Delai("revetement", 3, "annees", "âge sous lequel un revêtement est récent", "CVR L115-1"),
        Delai("urgence", 24, "heures", "information du maire après une intervention urgente", "CVR L115-1"),
        Delai("dt", 9, "jours", "réponse à une DT", "C. env. R554-22", True),
        Delai("dt_papier", 15, "jours", "réponse à une DT sur papier", "C. env. R554-22", True),
        Delai("dict", 7, "jours", "réponse à une DICT", "C. env. R554-26", True),
        Delai("dict_papier", 9, "jours", "réponse à une DICT sur papier", "C. env. R554-26", True),
    )
}  # fmt: skip


def valeur(code: str) -> int:
    """Value of a confirmed delay."""
    delai = DELAIS[code]
    if delai.a_confirmer:
        raise LookupError(f"delay {code} is not confirmed")
    return delai.valeur

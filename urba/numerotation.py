"""Official numbers taken in the transaction of the deposit (spec §4)."""

from __future__ import annotations

from datetime import date

from mairie.numerotation import Genre, Serie, declarer, prochain
from urba.regles.numeros import LETTRES, NatureDossier, Numero, composer


def _ecrire(serie: Serie, ordre: int) -> str:
    lettres, _, service = serie.cle.partition("/")
    return composer(lettres, serie.collectivite, serie.annee or 0, ordre, lettre_service=service).canonique


DOSSIER = declarer(Genre("urba.dossier", "Autorisation d'urbanisme", _ecrire))


def numero_autorisation(lettres: str, insee: str, jour: date, lettre_service: str = "") -> str:
    """Next canonical number of the commune, the letters and the year of deposit: no gap, no repeat.

    A service's letter has a counter of its own. To be called in the transaction that stores the number.
    """
    if lettres not in LETTRES:
        raise ValueError(f"Lettres de numéro inconnues : {lettres}")
    cle = f"{lettres}/{lettre_service}" if lettre_service else lettres
    return prochain(DOSSIER, insee, jour=jour, cle=cle).texte


def numero_demande(autorisation: Numero, nature: NatureDossier, rang: int) -> str:
    """Canonical number of a later request on an authorisation."""
    if nature is NatureDossier.INITIAL:
        return autorisation.canonique
    return Numero(
        autorisation.lettres,
        autorisation.departement,
        autorisation.commune,
        autorisation.annee,
        autorisation.ordre,
        nature,
        rang,
    ).canonique

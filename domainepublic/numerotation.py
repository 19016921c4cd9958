"""Numbers of the public domain, taken in the transaction that stores them (spec §3)."""

from __future__ import annotations

from datetime import date

from mairie.numerotation import Genre, Serie, declarer, prochain, prochains


def _dossier(serie: Serie, ordre: int) -> str:
    return f"ODP-{serie.collectivite}-{serie.annee}-{ordre:05d}"


def _acte(serie: Serie, ordre: int) -> str:
    return f"{serie.annee}-ODP-{ordre:04d}"


def _constat(serie: Serie, ordre: int) -> str:
    return f"CST-{serie.collectivite}-{serie.annee}-{ordre:05d}"


def _travaux(serie: Serie, ordre: int) -> str:
    return f"TRX-{serie.collectivite}-{serie.annee}-{ordre:05d}"


DOSSIER = declarer(Genre("domainepublic.dossier", "Occupation du domaine public", _dossier))
ACTE = declarer(Genre("domainepublic.acte", "Acte d'occupation", _acte, maximum=9999))
CONSTAT = declarer(Genre("domainepublic.constat", "Constat de terrain", _constat))
TRAVAUX = declarer(Genre("domainepublic.travaux", "Travaux à coordonner", _travaux))


def numero_constat(insee: str, jour: date) -> str:
    """Next number of a field report of the commune and year."""
    return prochain(CONSTAT, insee, jour=jour).texte


def numero_travaux(insee: str, jour: date) -> str:
    """Next number of works of the commune and year."""
    return prochain(TRAVAUX, insee, jour=jour).texte


def numero_dossier(insee: str, jour: date) -> str:
    """Next number of a file of the commune and year."""
    return prochain(DOSSIER, insee, jour=jour).texte


def numeros_dossiers(insee: str, jour: date, nombre: int) -> list[str]:
    """The next numbers of files, for as many at once."""
    return [n.texte for n in prochains(DOSSIER, insee, nombre, jour=jour)]


def numero_acte(insee: str, jour: date) -> str:
    """Next number of an act of the commune and year."""
    return prochain(ACTE, insee, jour=jour).texte

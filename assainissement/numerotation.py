"""Numbers of sanitation, taken in the transaction that stores them (spec §4)."""

from __future__ import annotations

from datetime import date

from mairie.numerotation import Genre, Serie, declarer, prochain


def _installation(serie: Serie, ordre: int) -> str:
    return f"ANC-{serie.collectivite}-{ordre:05d}"


def _controle(serie: Serie, ordre: int) -> str:
    return f"{serie.cle}-C{ordre:02d}"


def _branchement(serie: Serie, ordre: int) -> str:
    return f"BR-{serie.collectivite}-{ordre:05d}"


def _controle_ac(serie: Serie, ordre: int) -> str:
    return f"AC-{serie.collectivite}-{serie.annee}-{ordre:04d}"


INSTALLATION = declarer(
    Genre("assainissement.installation", "Installation d'assainissement", _installation, par_annee=False)
)
CONTROLE = declarer(
    Genre("assainissement.controle", "Contrôle d'une installation", _controle, par_annee=False, maximum=99)
)
BRANCHEMENT = declarer(
    Genre("assainissement.branchement", "Branchement au réseau", _branchement, par_annee=False)
)
CONTROLE_AC = declarer(
    Genre("assainissement.controle_ac", "Contrôle d'un branchement", _controle_ac, maximum=9999)
)


def numero_installation(insee: str, jour: date) -> str:
    """Next number of an installation of the commune."""
    return prochain(INSTALLATION, insee, jour=jour).texte


def numero_controle(insee: str, installation: str, jour: date) -> str:
    """Next number of a control of an installation, from C01."""
    return prochain(CONTROLE, insee, jour=jour, cle=installation).texte


def numero_branchement(insee: str, jour: date) -> str:
    """Next number of a connection of the commune."""
    return prochain(BRANCHEMENT, insee, jour=jour).texte


def numero_controle_ac(insee: str, jour: date) -> str:
    """Next number of a control of connection of the commune and year."""
    return prochain(CONTROLE_AC, insee, jour=jour).texte


def _vente(serie: Serie, ordre: int) -> str:
    return f"VTE-{serie.collectivite}-{serie.annee}-{ordre:04d}"


VENTE = declarer(Genre("assainissement.vente", "Déclaration de vente", _vente, maximum=9_999))


def numero_vente(insee: str, jour: date) -> str:
    """Next number of a declared sale of the commune, of the year."""
    return prochain(VENTE, insee, jour=jour).texte

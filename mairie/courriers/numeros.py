"""Numbers of letters and acts."""

from __future__ import annotations

from datetime import date

from mairie.courriers.erreurs import CourrierRefuse
from mairie.numerotation import Genre, NumerotationRefusee, declarer, genres, prochain

COURRIER = Genre("mairie.courrier", "Courrier", lambda s, n: f"C{s.annee}-{n:05d}")
ARRETE = Genre("mairie.arrete", "Registre des arrêtés", lambda s, n: f"{s.annee}-{n:04d}", maximum=9_999)


def declarer_series() -> None:
    """From ``AppConfig.ready``; a trade adds its own kinds and names them in its templates."""
    declarer(COURRIER)
    declarer(ARRETE)


def series() -> list[tuple[str, str]]:
    """Kinds that a template may choose: code, label."""
    return [(g.code, g.libelle) for g in genres()]


def prendre(serie: str, code: str, jour: date) -> str:
    """Next number, in the caller's transaction; ``CourrierRefuse`` when the series gives none."""
    genre = next((g for g in genres() if g.code == serie), None)
    if genre is None:
        raise CourrierRefuse(f"La série de numéros « {serie} » n'existe plus : changez celle du modèle.")
    try:
        return prochain(genre, code, jour=jour).texte
    except NumerotationRefusee as e:
        raise CourrierRefuse(str(e)) from e

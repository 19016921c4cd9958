"""Numbers without gap or duplicate, per collectivité, kind and year, in the caller's transaction."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection
from django.db.transaction import TransactionManagementError

from mairie.models import SerieNumerotation


class NumerotationRefusee(Exception):
    """No number can be given; the message, in French, says why and what to do."""


@dataclass(frozen=True)
class Serie:
    """What a number is counted in. ``annee`` null: never starts again; ``cle``: see the model."""

    collectivite: str
    genre: str
    annee: int | None = None
    cle: str = ""

    def __str__(self) -> str:
        return " ".join(str(v) for v in (self.genre, self.collectivite, self.annee, self.cle) if v)


@dataclass(frozen=True)
class Genre:
    """A kind of number, declared by its trade: ``code`` (``app.kind``), label, how it is written.

    ``former`` gets the series and the order (from 1) and gives the printed text. ``par_annee``: the order
    starts again at 1 each year. ``maximum``: last order that the written form can hold.
    """

    code: str
    libelle: str
    former: Callable[[Serie, int], str]
    par_annee: bool = True
    maximum: int = 99_999

    def serie(self, collectivite: str, jour: date, cle: str = "") -> Serie:
        """The series that a number given on ``jour`` belongs to."""
        return Serie(collectivite, self.code, jour.year if self.par_annee else None, cle)


@dataclass(frozen=True)
class Numero:
    """A number given: its series, its order in it, its printed form."""

    serie: Serie
    ordre: int
    texte: str

    def __str__(self) -> str:
        return self.texte


_genres: dict[str, Genre] = {}

# One statement creates or locks the counter: two first numbers of a year cannot both insert it.
_SUIVANT = """
    INSERT INTO mairie_serienumerotation AS s (collectivite, genre, annee, cle, dernier)
    VALUES (%s, %s, %s, %s, %s)
    ON CONFLICT ON CONSTRAINT serie_numerotation_unique DO UPDATE SET dernier = s.dernier + %s
    RETURNING s.dernier
"""
_REPRISE = """
    INSERT INTO mairie_serienumerotation AS s (collectivite, genre, annee, cle, dernier)
    VALUES (%s, %s, %s, %s, %s)
    ON CONFLICT ON CONSTRAINT serie_numerotation_unique
    DO UPDATE SET dernier = GREATEST(s.dernier, EXCLUDED.dernier)
    RETURNING s.dernier
"""


def declarer(genre: Genre) -> Genre:
    """Add a kind, from AppConfig.ready; ``ValueError`` when its code is taken by another or malformed."""
    if not (re.fullmatch(r"[a-z]+\.[a-zA-Z0-9_]+", genre.code) and genre.libelle.strip()):
        raise ValueError(f"Genre de numéro « {genre.code} » : code « app.genre » et libellé attendus.")
    if _genres.setdefault(genre.code, genre) != genre:
        raise ValueError(f"Le genre de numéro « {genre.code} » est déclaré deux fois.")
    return genre


def genres() -> list[Genre]:
    """All declared kinds, by code."""
    return [_genres[code] for code in sorted(_genres)]


def prochain(genre: Genre, collectivite: str, *, jour: date, cle: str = "") -> Numero:
    """Next number of the series of ``jour``; the counter stays locked until the transaction ends.

    A rollback gives the number back. Raises ``TransactionManagementError`` outside a transaction (the number
    would be lost if what follows failed), ``NumerotationRefusee`` past ``genre.maximum``.
    """
    return prochains(genre, collectivite, 1, jour=jour, cle=cle)[0]


def prochains(genre: Genre, collectivite: str, nombre: int, *, jour: date, cle: str = "") -> list[Numero]:
    """The next ``nombre`` numbers at once, as ``prochain``; all of them, or none past the maximum."""
    _exiger_transaction()
    if nombre < 1:
        return []
    serie = genre.serie(collectivite, jour, cle)
    dernier = _executer(_SUIVANT, serie, nombre, nombre)
    if dernier > genre.maximum:
        _executer_retour(serie, nombre)
        raise NumerotationRefusee(
            f"La série {serie} est épuisée : le dernier numéro possible est {genre.maximum}."
        )
    return [Numero(serie, n, genre.former(serie, n)) for n in range(dernier - nombre + 1, dernier + 1)]


def reprendre(genre: Genre, collectivite: str, *, jour: date, dernier: int, cle: str = "") -> int:
    """Set the last number used before a take-over; safe to repeat. Returns the last number of the series.

    Raises ``NumerotationRefusee`` for a value below a number already given (it would be given twice).
    """
    _exiger_transaction()
    serie = genre.serie(collectivite, jour, cle)
    if not 0 <= dernier <= genre.maximum:
        raise NumerotationRefusee(f"Le dernier numéro repris doit être entre 0 et {genre.maximum}.")
    atteint = _executer(_REPRISE, serie, dernier)
    if atteint > dernier:
        raise NumerotationRefusee(
            f"La série {serie} a déjà donné le numéro {atteint} : elle ne peut pas revenir à {dernier}."
        )
    return atteint


def dernier_donne(genre: Genre, collectivite: str, *, jour: date, cle: str = "") -> int:
    """Last number given in the series of ``jour``, 0 when none; locks nothing."""
    serie = genre.serie(collectivite, jour, cle)
    trouve = (
        SerieNumerotation.objects.filter(
            collectivite=collectivite, genre=serie.genre, annee=serie.annee, cle=cle
        )
        .values_list("dernier", flat=True)
        .first()
    )
    return trouve or 0


def _exiger_transaction() -> None:
    if not connection.in_atomic_block:
        raise TransactionManagementError("Un numéro se prend dans la transaction qui l'emploie.")


def _executer(requete: str, serie: Serie, *suite: Any) -> int:
    with connection.cursor() as curseur:
        curseur.execute(requete, [serie.collectivite, serie.genre, serie.annee, serie.cle, *suite])
        return int(curseur.fetchone()[0])


def _executer_retour(serie: Serie, nombre: int) -> None:
    """Undo our own step, for callers that catch the refusal and go on in the same transaction."""
    with connection.cursor() as curseur:
        curseur.execute(
            "UPDATE mairie_serienumerotation SET dernier = dernier - %s"
            " WHERE (collectivite, genre, cle) = (%s, %s, %s) AND annee IS NOT DISTINCT FROM %s",
            [nombre, serie.collectivite, serie.genre, serie.cle, serie.annee],
        )

"""Tables given to people as files."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from io import StringIO
from typing import IO, Any

from django.http import FileResponse, HttpResponse, StreamingHttpResponse

from mairie import tableurs

# A cell that begins so would be run as a formula by a spreadsheet.
_FORMULES = ("=", "+", "-", "@", "\t", "\r")


def cellule(valeur: Any) -> Any:
    """A value that no spreadsheet takes for a formula; numbers stay numbers."""
    if isinstance(valeur, str) and valeur.startswith(_FORMULES):
        return f"'{valeur}"
    return "" if valeur is None else valeur


def reponse_csv(nom: str, titres: Sequence[str], lignes: Iterable[Sequence[Any]]) -> HttpResponse:
    """A CSV file as French spreadsheets expect it: UTF-8 with mark, semicolons."""
    tampon = StringIO()
    sortie = csv.writer(tampon, delimiter=";", lineterminator="\r\n")
    sortie.writerow(titres)
    for ligne in lignes:
        sortie.writerow([cellule(v) for v in ligne])
    reponse = HttpResponse("\ufeff" + tampon.getvalue(), content_type="text/csv; charset=utf-8")
    reponse["Content-Disposition"] = f'attachment; filename="{nom}"'
    return reponse


def cellule_francaise(valeur: Any) -> Any:
    """A value as French spreadsheets read it from a text: dates, decimal comma, no formula."""
    if isinstance(valeur, bool):
        return "oui" if valeur else "non"
    if isinstance(valeur, datetime):
        return f"{valeur:%d/%m/%Y %H:%M}"
    if isinstance(valeur, date):
        return f"{valeur:%d/%m/%Y}"
    if isinstance(valeur, float | Decimal):
        return (
            f"{valeur:f}".replace(".", ",") if isinstance(valeur, Decimal) else str(valeur).replace(".", ",")
        )
    return cellule(valeur)


def lignes_csv(titres: Sequence[str], lignes: Iterable[Sequence[Any]]) -> Iterator[str]:
    """The same file in pieces of some thousand rows."""
    tampon = StringIO()
    sortie = csv.writer(tampon, delimiter=";", lineterminator="\r\n")
    tampon.write("\ufeff")
    sortie.writerow([cellule(t) for t in titres])
    for rang, ligne in enumerate(lignes, 1):
        sortie.writerow([cellule_francaise(v) for v in ligne])
        if rang % 1000 == 0:
            yield tampon.getvalue()
            tampon.seek(0)
            tampon.truncate()
    yield tampon.getvalue()


def flux_csv(nom: str, titres: Sequence[str], lignes: Iterable[Sequence[Any]]) -> StreamingHttpResponse:
    """A CSV file sent as it is read, for long tables."""
    reponse = StreamingHttpResponse(lignes_csv(titres, lignes), content_type="text/csv; charset=utf-8")
    reponse["Content-Disposition"] = f'attachment; filename="{nom}"'
    reponse["Cache-Control"] = "private, no-store"
    return reponse


def _classeur(
    ecrire: Callable[[IO[bytes], str, Sequence[str], tableurs.Rangees], None],
    type_: str,
    nom: str,
    feuille: str,
    titres: Sequence[str],
    lignes: Iterable[Sequence[Any]],
) -> FileResponse:
    fichier = tempfile.TemporaryFile()  # noqa: SIM115 (closed by the answer)
    try:
        ecrire(fichier, feuille, titres, ([cellule(v) for v in ligne] for ligne in lignes))
    except BaseException:
        fichier.close()
        raise
    fichier.seek(0)
    reponse = FileResponse(fichier, as_attachment=True, filename=nom, content_type=type_)
    reponse["Cache-Control"] = "private, no-store"
    return reponse


def reponse_xlsx(
    nom: str, titres: Sequence[str], lignes: Iterable[Sequence[Any]], *, feuille: str = "Feuille"
) -> FileResponse:
    """The table as an XLSX file, made aside on the disk then sent; no text is a formula."""
    return _classeur(tableurs.ecrire_xlsx, tableurs.MIME_XLSX, nom, feuille, titres, lignes)


def reponse_ods(
    nom: str, titres: Sequence[str], lignes: Iterable[Sequence[Any]], *, feuille: str = "Feuille"
) -> FileResponse:
    """The table as an ODS file, made aside on the disk then sent; no text is a formula."""
    return _classeur(tableurs.ecrire_ods, tableurs.MIME_ODS, nom, feuille, titres, lignes)

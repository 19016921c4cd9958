"""Tables given to people as files."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from io import BytesIO, StringIO
from typing import Any

from django.http import HttpResponse

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


def reponse_xlsx(
    nom: str, titres: Sequence[str], lignes: Iterable[Sequence[Any]], *, feuille: str = "Feuille"
) -> HttpResponse:
    """The same table as a spreadsheet; texts that look like formulas are kept as texts."""
    from openpyxl import Workbook

    classeur = Workbook(write_only=True)
    table = classeur.create_sheet(feuille[:31])
    table.freeze_panes = "A2"
    table.append(list(titres))
    for ligne in lignes:
        table.append([cellule(v) for v in ligne])
    tampon = BytesIO()
    classeur.save(tampon)
    reponse = HttpResponse(
        tampon.getvalue(),
        content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    )
    reponse["Content-Disposition"] = f'attachment; filename="{nom}"'
    return reponse

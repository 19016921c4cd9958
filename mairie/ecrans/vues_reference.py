"""The page of all reference tables."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from gis_data.acces import droit
from mairie.ecrans.reference import TableDeclaree, tables
from mairie.perms import ADMINISTRER


@droit(ADMINISTRER)
@require_safe
def lister(request: HttpRequest) -> HttpResponse:
    """Tables the person may read, by trade, with the number of their rows."""
    groupes: dict[str, list[tuple[TableDeclaree, int]]] = {}
    for table in tables():
        if request.user.has_perm(table.liste.droit):
            nombre = table.liste.requete(request.user).count()
            groupes.setdefault(table.groupe, []).append((table, nombre))
    return render(request, "mairie/ecrans/tables.html", {"groupes": list(groupes.items())})

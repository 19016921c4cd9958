"""The parcel page."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from cadastre.recherche import contexte
from cadastre.recherche.references import dernieres_versions
from cadastre.regles.ecritures import FORME_IDU
from cadastre.regles.references import Reference, analyser
from gis_data.acces import public


@public
def fiche(request: HttpRequest, ecrit: str) -> HttpResponse:
    """The page of a parcel that exists or has existed; another writing of its reference leads to it."""
    if not FORME_IDU.fullmatch(ecrit):
        return redirect("parcelle", ecrit=_idu_ecrit(ecrit))
    trouvee = dernieres_versions([ecrit]).get(ecrit)
    if trouvee is None:
        raise Http404
    return render(request, "cadastre/parcelle.html", {"parcelle": trouvee})


def _idu_ecrit(ecrit: str) -> str:
    """The only parcel that ``ecrit`` may name; 404 otherwise."""
    references = [e for e in analyser(ecrit, contexte()) if isinstance(e, Reference)]
    idus = {r.idu for r in references if r.idu}
    if len(idus) != 1:
        raise Http404
    return str(idus.pop())

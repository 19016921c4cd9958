"""Page that reads the payments of the finance software, for every trade; its rejects given back."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from mairie import paiements
from mairie.habilitations import communes_du_droit

REJETS_MAX = 3_000_000


def page(
    request: HttpRequest, droit: str, lire: Callable[[str, bytes], paiements.Rapport], gabarit: str
) -> HttpResponse:
    """Choose the file, then the verdict of each line. ``lire``: commune and content of the file."""
    communes = communes_du_droit(request.user, droit)
    insee = request.POST.get("commune") or next(iter(communes), "")
    if insee not in communes:
        raise Http404
    rapport = _lire(request, insee, lire) if request.method == "POST" else None
    contexte = {
        "communes": communes,
        "insee": insee,
        "rapport": rapport,
        "rejets": rapport.de("rejet") if rapport else [],
        "deja": rapport.de("deja") if rapport else [],
        "enregistres": rapport.de("enregistre") if rapport else [],
        "colonnes": ";".join(paiements.COLONNES),
    }
    statut = 422 if request.method == "POST" and rapport is None else 200
    return render(request, gabarit, contexte, status=statut)


def _lire(
    request: HttpRequest, insee: str, lire: Callable[[str, bytes], paiements.Rapport]
) -> paiements.Rapport | None:
    envoye = request.FILES.get("fichier")
    if envoye is None:
        messages.error(request, "Choisissez le fichier des paiements.")
    elif (envoye.size or 0) > paiements.TAILLE_MAX:
        messages.error(request, f"Le fichier dépasse {paiements.TAILLE_MAX // 1024**2} Mo : coupez-le.")
    else:
        try:
            return lire(insee, envoye.read())
        except paiements.FichierRefuse as e:
            messages.error(request, str(e))
    return None


def rejets(request: HttpRequest) -> HttpResponse:
    """The rejected lines, as the page showed them, to be corrected and read again."""
    texte = request.POST.get("rejets", "")
    if not texte or len(texte) > REJETS_MAX:
        raise Http404
    reponse = HttpResponse(texte.encode("utf-8-sig"), content_type="text/csv; charset=utf-8")
    reponse["Content-Disposition"] = 'attachment; filename="paiements-rejetes.csv"'
    reponse["Cache-Control"] = "private, no-store"
    return reponse

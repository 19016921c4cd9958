"""One object of the street: typed, drawn, corrected, taken away."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from domainepublic import perms, voirie
from domainepublic.ecrans_voirie import GENRES, Genre
from domainepublic.formulaires import FormulaireEmprise
from domainepublic.models.emprises import multipolygone, surface_de
from gis_data.acces import droit
from mairie.habilitations import communes_du_droit, peut


def _genre(code: str) -> Genre:
    genre = GENRES.get(code)
    if genre is None:
        raise Http404
    return genre


def _page(request: HttpRequest, genre: Genre, objet: Any = None) -> HttpResponse:
    communes = communes_du_droit(request.user, perms.REGLER_VOIRIE)
    modifiable = objet is None or peut(request.user, perms.REGLER_VOIRIE, objet.insee)
    donnees = request.POST if request.method == "POST" else None
    if donnees is not None and not modifiable:
        raise Http404
    formulaire = genre.classe(donnees, request.FILES or None, instance=objet)
    formulaire.offrir(communes or {objet.insee: objet.insee} if objet else communes)
    if donnees is not None and formulaire.is_valid():
        try:
            with transaction.atomic():
                ecrit = formulaire.save()
        except IntegrityError:
            formulaire.add_error(None, "Une ligne semblable vaut déjà un de ces jours.")
        else:
            messages.success(request, f"« {ecrit} » est enregistré.")
            return redirect(f"/{genre.adresse}")
    contexte = {"genre": genre, "objet": objet, "formulaire": formulaire, "modifiable": modifiable}
    statut = 422 if donnees is not None else 200
    return render(request, "domainepublic/voirie.html", contexte, status=statut)


@droit(perms.REGLER_VOIRIE)
@require_http_methods(["GET", "HEAD", "POST"])
def nouveau(request: HttpRequest, genre: str) -> HttpResponse:
    """One more; nothing typed is lost on an error."""
    return _page(request, _genre(genre))


@droit(perms.LIRE)
@require_http_methods(["GET", "HEAD", "POST"])
def objet(request: HttpRequest, genre: str, pk: int) -> HttpResponse:
    """One of them, changed by who keeps the roads."""
    g = _genre(genre)
    return _page(request, g, get_object_or_404(g.modele.objects.visibles_par(request.user), pk=pk))


@droit(perms.REGLER_VOIRIE)
@require_POST
def retirer(request: HttpRequest, genre: str, pk: int) -> HttpResponse:
    """Take it away."""
    g = _genre(genre)
    o = get_object_or_404(g.modele.objects.visibles_par(request.user), pk=pk)
    if not peut(request.user, perms.REGLER_VOIRIE, o.insee):
        raise Http404
    nom = str(o)
    o.delete()
    messages.success(request, f"« {nom} » est retiré.")
    return redirect(f"/{g.adresse}")


def constat_du_dessin(insee: str, formulaire: FormulaireEmprise) -> voirie.Constat:
    """What is known of the street under a drawing not yet kept, whatever else the form still lacks."""
    formulaire.is_valid()
    d = formulaire.cleaned_data
    if d.get("geom") is None or not insee:
        return voirie.Constat({})
    try:
        sol = multipolygone(surface_de(d["geom"], d.get("largeur"), d.get("cote") or "", d.get("rayon")))
    except ValueError:
        # A line without its width, a point without its radius: where it is drawn says enough.
        sol = d["geom"]
    return voirie.constat(insee, sol, d.get("debut") or timezone.localdate())


@droit(perms.INSTRUIRE)
@require_POST
def du_dessin(request: HttpRequest) -> HttpResponse:
    """While an agent draws: who manages this street, as fields and in words. Nothing is written."""
    insee = request.POST.get("insee", "")
    if not peut(request.user, perms.INSTRUIRE, insee):
        raise Http404
    trouve = constat_du_dessin(insee, FormulaireEmprise(request.POST))
    return JsonResponse({"faits": trouve.faits, "texte": trouve.texte})

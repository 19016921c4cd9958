"""Technical data of a request: one form by kind, its warnings, its simulated tax."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from gis_data.acces import droit
from mairie.habilitations import peut
from mairie.models import Utilisateur
from urba import perms, technique
from urba.vues.dossier import dossier_ou_404


@droit(perms.DEPOSER)
@require_http_methods(["GET", "HEAD", "POST"])
def technique_dossier(request: HttpRequest, pk: int) -> HttpResponse:
    """Fill the technical data; nothing typed is lost when another agent saved meanwhile."""
    d = dossier_ou_404(request, pk)
    if not peut(request.user, perms.DEPOSER, d.insee):
        raise PermissionDenied
    if not technique.BLOCS.get(d.type_detail):
        raise Http404
    ligne = technique.technique_de(d)
    vue = technique.empreinte(ligne.donnees)
    depassee = False
    if request.method == "POST":
        champs = request.POST.copy()
        for cle in ("csrfmiddlewaretoken", "vue"):
            champs.pop(cle, None)
        saisie = technique.saisie(d, champs)
        if saisie.valide() or not champs:
            assert isinstance(request.user, Utilisateur)  # noqa: S101
            donnees = saisie.cas() if champs else {}
            try:
                technique.enregistrer(d, donnees, par=request.user, vue=request.POST.get("vue", ""))
            except technique.Depassee:
                depassee = True
            else:
                messages.success(request, "Les données techniques sont enregistrées.")
                return redirect(f"/urba/dossiers/{pk}/#technique")
    else:
        saisie = technique.saisie(d, technique.en_requete(ligne.donnees))
    envoyee = request.method == "POST"
    contexte = {"d": d, "saisie": saisie, "vue": vue, "depassee": depassee, "envoyee": envoyee}
    return render(request, "urba/dossier/technique.html", contexte, status=422 if envoyee else 200)

"""The ground of a request on a map, drawn anew."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from gis_data.acces import droit
from gis_data.dessin.champ import ChampDessin
from mairie.habilitations import peut
from mairie.models import Utilisateur
from mairie.workflow import Refus
from urba import perms, redessin
from urba.vues.dossier import dossier_ou_404


class FormulaireTerrain(forms.Form):
    """The drawing alone; empty: the union of the parcels."""

    emprise = ChampDessin(
        label="Terrain du projet",
        plusieurs=True,
        reparer=True,
        required=False,
        help_text="Sans dessin, le terrain est l'union des parcelles du dossier.",
    )


@droit(perms.DEPOSER)
@require_http_methods(["GET", "HEAD", "POST"])
def terrain(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the ground and keep what is drawn; a drawing made meanwhile by somebody else is never lost."""
    d = dossier_ou_404(request, pk)
    if not peut(request.user, perms.DEPOSER, d.insee):
        raise PermissionDenied
    actuel = getattr(d, "terrain", None)
    vue = redessin.empreinte(actuel)
    depasse = False
    if request.method == "POST":
        formulaire = FormulaireTerrain(request.POST, request.FILES)
        if formulaire.is_valid():
            assert isinstance(request.user, Utilisateur)  # noqa: S101
            try:
                redessin.redessiner(
                    d, formulaire.cleaned_data["emprise"], par=request.user, vue=request.POST.get("vue", "")
                )
            except Refus as e:
                formulaire.add_error("emprise", str(e))
            except redessin.Depasse:
                depasse = True
            else:
                messages.success(
                    request, "Le terrain est enregistré. Relisez les contraintes qu'il rencontre."
                )
                return redirect(f"/urba/dossiers/{pk}/#personnes")
    else:
        # Without a drawing, the parcels are what to start from.
        formulaire = FormulaireTerrain(initial={"emprise": actuel.emprise if actuel else None})
    contexte = {
        "d": d,
        "form": formulaire,
        # Through faults of entry the ground first seen stays that which one answers.
        "vue": vue if request.method != "POST" or depasse else request.POST.get("vue", ""),
        "depasse": depasse,
        "ouvert": redessin.ouvert(d),
        "dessine": bool(actuel and actuel.emprise_dessinee),
    }
    return render(
        request, "urba/dossier/terrain.html", contexte, status=422 if request.method == "POST" else 200
    )

"""Screen of the administrator: sites that may show the map in their pages."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from gis_data.acces import droit
from gis_data.models import SiteEncadrant
from mairie.perms import ADMINISTRER


class SiteForm(forms.ModelForm):
    """One site."""

    class Meta:
        model = SiteEncadrant
        fields = ("origine", "note")
        help_texts = {  # noqa: RUF012
            "origine": "Sans rien derrière le nom : https://www.exemple.fr. « https://*.exemple.fr » vaut "
            "pour tous les sites d'un domaine.",
            "note": "À qui est ce site, pourquoi il montre la carte.",
        }


@droit(ADMINISTRER)
@require_http_methods(["GET", "HEAD", "POST"])
def sites(request: HttpRequest) -> HttpResponse:
    """List of the sites, and the form that adds one."""
    formulaire = SiteForm(request.POST or None)
    if request.method == "POST" and formulaire.is_valid():
        site = formulaire.save(commit=False)
        site.ajoute_par_id = request.user.pk
        site.save()
        messages.success(request, f"{site.origine} peut montrer la carte.")
        return redirect("carte_sites")
    contexte = {
        "sites": SiteEncadrant.objects.select_related("ajoute_par"),
        "sites_reglages": settings.CARTE_SITES_ENCADRANTS,
        "formulaire": formulaire,
        "racine": request.build_absolute_uri("/").rstrip("/"),
    }
    return render(request, "mairie/carte/sites.html", contexte, status=400 if formulaire.errors else 200)


@droit(ADMINISTRER)
@require_POST
def retirer(request: HttpRequest, pk: int) -> HttpResponse:
    """The site shows the map no more."""
    site = get_object_or_404(SiteEncadrant, pk=pk)
    site.delete()
    messages.success(request, f"{site.origine} ne peut plus montrer la carte.")
    return redirect("carte_sites")

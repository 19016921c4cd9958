"""My account: name, password, second factor, sessions, and what I may do where."""

from __future__ import annotations

from allauth.socialaccount.models import SocialAccount
from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from gis_data.acces import connecte
from mairie.comptes.presentation import presenter
from mairie.comptes.second_facteur import a_un_second_facteur
from mairie.habilitations import est_agent
from mairie.models import Habilitation, Utilisateur
from mairie.vues.outils import soi


class FormulaireNom(forms.ModelForm):
    """How one is named on screens and acts."""

    class Meta:
        model = Utilisateur
        fields = ("nom",)
        labels = {"nom": "Prénom et nom"}  # noqa: RUF012
        widgets = {"nom": forms.TextInput(attrs={"autocomplete": "name"})}  # noqa: RUF012

    def clean_nom(self) -> str:
        """Acts bear it: it cannot be empty."""
        nom = str(self.cleaned_data["nom"]).strip()
        if not nom:
            raise forms.ValidationError("Indiquez votre nom.")
        return nom


@connecte
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def mon_compte(request: HttpRequest) -> HttpResponse:
    """One page about oneself; the name changes here, the rest by its own pages."""
    personne = soi(request)
    formulaire = FormulaireNom(request.POST or None, instance=personne)
    if request.method == "POST" and formulaire.is_valid():
        formulaire.save()
        messages.success(request, "Votre nom est enregistré.")
        return redirect("mon_compte")
    habilitations = (
        Habilitation.objects.filter(utilisateur=personne)
        .exclude(au__lt=timezone.localdate())
        .select_related("service")
        .prefetch_related("collectivites")
    )
    return render(
        request,
        "comptes/mon_compte.html",
        {
            "personne": personne,
            "formulaire": formulaire,
            "agent": est_agent(personne),
            "second_facteur": a_un_second_facteur(personne),
            "second_facteur_exige": settings.MFA_OBLIGATOIRE_AGENTS and est_agent(personne),
            "fournisseurs": settings.FOURNISSEURS_IDENTITE,
            "identites": SocialAccount.objects.filter(user=personne),
            "habilitations": [presenter(h) for h in habilitations],
        },
    )

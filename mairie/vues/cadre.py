"""Views of the agents' frame: choice of the commune, page of the parts of the house style."""

from __future__ import annotations

from datetime import timedelta

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from gis_data.acces import droit
from mairie import communes
from mairie.erreurs import Introuvable
from mairie.perms import AGENT


@droit(AGENT)
@require_POST
def choisir_commune(request: HttpRequest) -> HttpResponse:
    """Keep the commune chosen in the top bar, then go back to the page; 404 for a commune not hers."""
    if not communes.choisir(request, request.POST.get("commune", "")):
        raise Introuvable("Vous n'avez aucun rôle dans cette commune.")
    suite = request.POST.get("suite", "")
    sure = url_has_allowed_host_and_scheme(
        suite, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return redirect(suite if sure else "/")


class FormulaireEssai(forms.Form):
    """Fields of every kind, for the page of the house style; nothing is kept."""

    numero = forms.CharField(label="Numéro du dossier", help_text="Les treize caractères du récépissé.")
    depot = forms.DateField(label="Date de dépôt", widget=forms.DateInput(attrs={"type": "date"}))
    nature = forms.ChoiceField(
        label="Nature des travaux",
        choices=[("", "Choisir…"), ("n", "Construction neuve"), ("e", "Extension")],
    )
    surface = forms.DecimalField(label="Surface créée, en m²", required=False, min_value=0)
    suite = forms.ChoiceField(
        label="Suite à donner", choices=[("c", "Complet"), ("i", "Incomplet")], widget=forms.RadioSelect
    )
    motif = forms.CharField(
        label="Motif",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Repris dans la lettre.",
    )
    piece = forms.FileField(label="Pièce jointe", required=False, help_text="PDF ou image, 20 Mo au plus.")
    prevenir = forms.BooleanField(label="Prévenir le demandeur par courriel", required=False)


COULEURS = (
    ("encre", "textes"),
    ("ardoise", "textes secondaires"),
    ("papier", "page"),
    ("calcaire", "panneaux"),
    ("trait", "filets"),
    ("garrigue", "actions"),
    ("garrigue-clair", "choix"),
    ("ocre", "attention"),
    ("brique", "danger"),
    ("genet", "bientôt"),
    ("lavande", "explications"),
)


@droit(AGENT)
@require_safe
def charte(request: HttpRequest) -> HttpResponse:
    """Every part of the house style, real, in the reader's theme."""
    fautif = FormulaireEssai(
        {"faux-depot": "31/02/2026", "faux-nature": "n", "faux-suite": "c"}, prefix="faux"
    )
    fautif.add_error(None, "Le dépôt ne peut être enregistré : deux champs sont à corriger.")
    aujourdhui = timezone.localdate()
    contexte = {
        "formulaire": FormulaireEssai(),
        "fautif": fautif,
        "couleurs": COULEURS,
        "jours": [aujourdhui + timedelta(days=n) for n in (-3, 0, 5, 40)],
    }
    return render(request, "mairie/charte.html", contexte)

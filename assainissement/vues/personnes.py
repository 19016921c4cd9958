"""Page of the people and places of an installation: owners as they change, parcels, addresses."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from assainissement import perms, personnes
from assainissement.formulaires_personnes import (
    INDIVISAIRE,
    PROPRIETAIRE,
    FormulaireLieux,
    FormulairePersonne,
)
from assainissement.models import Installation
from assainissement.saisies import personne
from assainissement.vues import commun
from assainissement.vues.raccordements import tiers_offerts
from gis_data.acces import droit
from mairie.workflow import ConflitEdition, Refus
from mairie.workflow.edition import version_a_porter, version_vue


def _a_modifier(request: HttpRequest, pk: int) -> Installation:
    i = commun.installation_ou_404(request, pk)
    if not perms.peut_enregistrer(request.user, i):
        raise Http404
    return i


@droit(perms.ENREGISTRER)
@require_http_methods(["GET", "HEAD", "POST"])
def installation(request: HttpRequest, pk: int) -> HttpResponse:
    """See who is linked since when; add a person; correct the parcels and addresses."""
    i = _a_modifier(request, pk)
    quoi = request.POST.get("quoi", "") if request.method == "POST" else ""
    ajout = FormulairePersonne(request.POST if quoi == "personne" else None, tiers=tiers_offerts(request))
    lieux = FormulaireLieux(request.POST if quoi == "lieux" else None, installation=i)
    concurrent = False
    if quoi == "personne" and ajout.is_valid():
        d = ajout.cleaned_data
        par = commun.compte(request)
        try:
            tiers = d["connu"] or personne(d["nom"], i.insee, par, d["adresse"])
            assert tiers is not None  # noqa: S101 - the form wants one or the other
            indivision = d["role"] == INDIVISAIRE
            role = PROPRIETAIRE if indivision else d["role"]
            personnes.ajouter(i, tiers, role, d["du"], par=par, indivision=indivision)
        except Refus as e:
            ajout.add_error(None, str(e))
        else:
            messages.success(request, f"{tiers} est rattaché à l'installation.")
            return redirect("ass_personnes", i.pk)
    if quoi == "lieux" and lieux.is_valid():
        d = lieux.cleaned_data
        try:
            personnes.situer(
                i, d["parcelles"], d["adresses"], par=commun.compte(request), version=version_vue(request)
            )
        except ConflitEdition as e:
            lieux.add_error(None, str(e))
            concurrent = True
        else:
            messages.success(request, "Les parcelles et les adresses sont corrigées.")
            return redirect(f"{i.get_absolute_url()}#personnes")
    contexte = {
        "i": i,
        "ajout": ajout,
        "lieux": lieux,
        # The other form shows the places as they are now.
        "version": version_a_porter(request, i, concurrent=concurrent or quoi != "lieux"),
        "personnes": i.personnes.select_related("tiers").order_by("au", "role", "pk"),
    }
    return render(request, "assainissement/personnes.html", contexte, status=422 if quoi else 200)


@droit(perms.ENREGISTRER)
@require_POST
def terminer(request: HttpRequest, pk: int, lien: int) -> HttpResponse:
    """Last day of a person."""
    i = _a_modifier(request, pk)
    vise = get_object_or_404(i.personnes.select_related("tiers"), pk=lien)
    try:
        au = forms.DateField().clean(request.POST.get("au", ""))
        personnes.terminer(vise, au, par=commun.compte(request))
        messages.success(request, f"{vise.tiers} n'est plus rattaché à l'installation après ce jour.")
    except forms.ValidationError:
        messages.error(request, "Donnez le dernier jour, en jj/mm/aaaa.")
    except Refus as e:
        messages.error(request, str(e))
    return redirect("ass_personnes", i.pk)

"""A zoning brought in by a file: deposit, report zone by zone, confirmation, refused zones."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from assainissement import perms, zonage_import
from assainissement.models import ImportZonage, ZonageAssainissement
from assainissement.vues import commun
from gis_data.acces import droit
from gis_data.ouverture import FichierRefuse
from mairie.ecrans.formulaires import habiller
from mairie.habilitations import communes_du_droit, peut
from mairie.workflow import Refus

DERNIERS = 10
ANNEE_MIN = 1992


class FormulaireImport(forms.Form):
    """A file of zones, and the act that approves them."""

    insee = forms.ChoiceField(label="Commune")
    fichier = forms.FileField(label="Fichier", help_text="Shapefile dans un .zip, GeoPackage ou GeoJSON.")
    acte = forms.CharField(label="Délibération ou arrêté", max_length=160)
    du = forms.DateField(label="En vigueur du")
    type = forms.ChoiceField(
        label="Type des zones",
        required=False,
        choices=[("", "lu dans le fichier"), *ZonageAssainissement.Type.choices],
        help_text="Colonne « type », « zone » ou « libelle » : AC, AC futur, ANC ou EP.",
    )
    annexe_plu = forms.BooleanField(label="Annexé au PLU", required=False)
    remplace = forms.BooleanField(
        label="Remplace le zonage en vigueur", required=False, help_text="Ses zones prennent fin la veille."
    )

    def __init__(self, *args: Any, communes: dict[str, str], **options: Any) -> None:
        super().__init__(*args, **options)
        insee = self.fields["insee"]
        assert isinstance(insee, forms.ChoiceField)  # noqa: S101
        insee.choices = list(communes.items())
        habiller(self)

    def clean_du(self) -> date:
        """A day that a zoning may have: the law on water of 1992 made them."""
        du: date = self.cleaned_data["du"]
        if du.year < ANNEE_MIN:
            raise forms.ValidationError(f"Un zonage ne date pas d'avant {ANNEE_MIN}.")
        return du


def _ligne(request: HttpRequest, pk: int) -> ImportZonage:
    ligne: ImportZonage = get_object_or_404(ImportZonage.objects.visibles_par(request.user), pk=pk)
    if not peut(request.user, perms.REGLER, ligne.insee):
        raise Http404
    return ligne


@droit(perms.REGLER)
@require_http_methods(["GET", "HEAD", "POST"])
def deposer(request: HttpRequest) -> HttpResponse:
    """Give a file: it is read and checked, nothing changes yet."""
    communes = communes_du_droit(request.user, perms.REGLER)
    envoi = request.method == "POST"
    formulaire = FormulaireImport(
        request.POST if envoi else None, request.FILES if envoi else None, communes=communes,
        initial={"du": timezone.localdate()},
    )  # fmt: skip
    if envoi and formulaire.is_valid():
        d = formulaire.cleaned_data
        fichier = d["fichier"]
        try:
            ligne = zonage_import.lire(
                fichier, fichier.name, insee=d["insee"], acte=d["acte"], du=d["du"],
                annexe_plu=d["annexe_plu"], remplace=d["remplace"], type_=d["type"],
                par=commun.compte(request),
            )  # fmt: skip
        except FichierRefuse as e:
            formulaire.add_error("fichier", str(e))
        else:
            return redirect(ligne.get_absolute_url())
    contexte = {
        "formulaire": formulaire,
        "derniers": ImportZonage.objects.visibles_par(request.user).defer("objets")[:DERNIERS],
    }
    return render(request, "assainissement/zonage_import.html", contexte, status=422 if envoi else 200)


@droit(perms.REGLER)
@require_http_methods(["GET", "HEAD", "POST"])
def rapport(request: HttpRequest, pk: int) -> HttpResponse:
    """What was read, zone by zone; POST confirms."""
    ligne = _ligne(request, pk)
    if request.method == "POST":
        try:
            nombre = zonage_import.appliquer(ligne, par=commun.compte(request))
        except Refus as e:
            messages.error(request, str(e))
            return redirect(ligne.get_absolute_url())
        messages.success(
            request, f"{nombre} zone{'s' if nombre > 1 else ''} enregistrée{'s' if nombre > 1 else ''}."
        )
        return redirect("ass_zonage")
    types = dict(ZonageAssainissement.Type.choices)
    contexte = {
        "ligne": ligne,
        "objets": [(o, types.get(o["type"], "inconnu")) for o in ligne.objets],
        "nb_valides": len(ligne.valides),
        "nb_rejetes": len(ligne.rejetes),
        "a_confirmer": ligne.etat == ImportZonage.Etat.LU,
    }
    return render(request, "assainissement/zonage_rapport.html", contexte)


@droit(perms.REGLER)
@require_safe
def rejets(request: HttpRequest, pk: int) -> HttpResponse:
    """The refused zones with their reasons, as a file that may be given again once corrected."""
    ligne = _ligne(request, pk)
    if not ligne.rejetes:
        raise Http404
    reponse = HttpResponse(zonage_import.rejets(ligne), content_type="application/geo+json")
    reponse["Content-Disposition"] = f'attachment; filename="zones-refusees-{ligne.pk}.geojson"'
    reponse["Cache-Control"] = "private, no-store"
    return reponse

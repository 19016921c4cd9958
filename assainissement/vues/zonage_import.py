"""A zoning brought in by a file: deposit, report zone by zone, confirmation, refused zones."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from assainissement import enjeux_import, perms, zonage_import
from assainissement.models import ImportZonage, ZonageAssainissement, ZoneEnjeu
from assainissement.reseau import territoires
from assainissement.vues import commun
from gis_data.acces import droit
from gis_data.ouverture import FichierRefuse
from mairie.ecrans.formulaires import habiller
from mairie.habilitations import peut
from mairie.workflow import Refus

DERNIERS = 10
COMMUNES_DITES = 6


class _Fichier(forms.Form):
    """A file of zones for a commune, or for several at once."""

    # The law on water of 1992 made zonings.
    ANNEE_MIN = 1992
    DATE_TROP_VIEILLE = "Un zonage ne date pas d'avant"

    insee = forms.ChoiceField(
        label="Pour",
        help_text="Plusieurs communes : la colonne « insee » dit celle de chaque zone. Sans elle, les"
        " zones se coupent aux limites des communes.",
    )
    fichier = forms.FileField(label="Fichier", help_text="Shapefile dans un .zip, GeoPackage ou GeoJSON.")

    def __init__(self, *args: Any, territoires: dict[str, tuple[str, list[str]]], **options: Any) -> None:
        super().__init__(*args, **options)
        insee = self.fields["insee"]
        assert isinstance(insee, forms.ChoiceField)  # noqa: S101
        insee.choices = [(code, nom) for code, (nom, _) in territoires.items()]
        if len(territoires) < 2:
            insee.label, insee.help_text = "Commune", ""
        habiller(self)

    def clean_du(self) -> date:
        """A day that these zones may have."""
        du: date = self.cleaned_data["du"]
        if du.year < self.ANNEE_MIN:
            raise forms.ValidationError(f"{self.DATE_TROP_VIEILLE} {self.ANNEE_MIN}.")
        return du


class FormulaireImport(_Fichier):
    """A zoning, and the act that approves it."""

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


class FormulaireEnjeux(_Fichier):
    """Zones with an issue: what the file does not say, the form says for all."""

    ANNEE_MIN = enjeux_import.ANNEE_MIN
    DATE_TROP_VIEILLE = "Vérifiez l'année : une zone à enjeu ne date pas d'avant"

    type = forms.ChoiceField(
        label="Enjeu des zones",
        required=False,
        choices=[("", "lu dans le fichier"), *ZoneEnjeu.Enjeu.choices],
        help_text="Colonne « enjeu », « type » ou « zone » : sanitaire (ZES) ou environnemental (ZEE).",
    )
    acte = forms.CharField(
        label="Source",
        max_length=160,
        required=False,
        help_text="Pour les zones dont la colonne « source » est vide : arrêté, profil de baignade, SAGE…",
    )
    du = forms.DateField(
        label="En vigueur du",
        help_text="Pour les zones dont la colonne « du » est vide. Une colonne « au » dit la fin,"
        " « preuve_impact » si l'impact est prouvé.",
    )
    remplace = forms.BooleanField(
        label="Remplace les zones de même source",
        required=False,
        help_text="Celles qui sont en vigueur dans ces communes prennent fin la veille de la date d'effet.",
    )


GENRES: dict[str, tuple[str, str, type[_Fichier]]] = {
    "zonage": ("Importer un zonage", "ass_zonage_importer", FormulaireImport),
    "enjeu": ("Importer des zones à enjeu", "ass_enjeux_importer", FormulaireEnjeux),
}


def _ligne(request: HttpRequest, pk: int) -> ImportZonage:
    ligne: ImportZonage = get_object_or_404(ImportZonage.objects.visibles_par(request.user), pk=pk)
    if not all(peut(request.user, perms.REGLER, insee) for insee in ligne.communes):
        raise Http404
    return ligne


@droit(perms.REGLER)
@require_http_methods(["GET", "HEAD", "POST"])
def deposer(request: HttpRequest, genre: str = "zonage") -> HttpResponse:
    """Give a file: it is read and checked, nothing changes yet."""
    titre, _, classe = GENRES[genre]
    offerts = territoires.toutes(request.user, perms.REGLER)
    envoi = request.method == "POST"
    formulaire = classe(
        request.POST if envoi else None, request.FILES if envoi else None, territoires=offerts,
        initial={"du": timezone.localdate()},
    )  # fmt: skip
    if envoi and formulaire.is_valid():
        d = formulaire.cleaned_data
        fichier = d["fichier"]
        try:
            ligne = zonage_import.lire(
                fichier, fichier.name, communes=offerts[d["insee"]][1], acte=d["acte"], du=d["du"],
                annexe_plu=d.get("annexe_plu", False), remplace=d["remplace"], type_=d["type"],
                par=commun.compte(request), genre=genre,
            )  # fmt: skip
        except FichierRefuse as e:
            formulaire.add_error("fichier", str(e))
        else:
            return redirect(ligne.get_absolute_url())
    contexte = {
        "titre": titre,
        "formulaire": formulaire,
        "derniers": ImportZonage.objects.visibles_par(request.user)
        .filter(genre=genre)
        .defer("objets")[:DERNIERS],
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
    enjeux = ligne.genre == ImportZonage.Genre.ENJEU
    types = dict(ZoneEnjeu.Enjeu.choices if enjeux else ZonageAssainissement.Type.choices)
    noms = dict(zip(ligne.communes, territoires.noms(ligne.communes), strict=True))
    contexte = {
        "ligne": ligne,
        "importer": reverse(GENRES[ligne.genre][1]),
        "enjeux": enjeux,
        "plusieurs": len(noms) > 1,
        "communes": ", ".join(noms.values()) if len(noms) <= COMMUNES_DITES else f"{len(noms)} communes",
        "objets": [
            {
                **o,
                "genre": types.get(o["enjeu" if enjeux else "type"], "inconnu"),
                "commune": noms.get(o.get("insee", ""), ""),
                "jours": [date.fromisoformat(o[c]) if o.get(c) else None for c in ("du", "au")],
            }
            for o in ligne.objets
        ],
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

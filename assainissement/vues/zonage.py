"""Zoning pages: zones with their source, entry of one, where plan and ground disagree."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from assainissement import perms, zonage
from assainissement import zones as zones_
from assainissement.ecrans_suivi import usagers_en_zone_anc
from assainissement.models import Branchement, Installation, ZonageAssainissement, ZoneEnjeu
from assainissement.vues import commun
from gis_data.acces import droit
from gis_data.dessin.champ import ChampDessin
from mairie.ecrans.formulaires import habiller
from mairie.ecrans.place import place_de
from mairie.habilitations import communes_du_droit, peut
from mairie.models import Adresse
from mairie.workflow import ConflitEdition, Refus

MONTREES = 100


class FormulaireZone(forms.ModelForm[ZonageAssainissement]):
    """One polygon of the zoning."""

    geom = ChampDessin(label="Contour", genres=("surface",), plusieurs=True, reparer=True)
    insee = forms.ChoiceField(label="Commune")

    class Meta:
        model = ZonageAssainissement
        fields = ("insee", "type", "acte", "du", "au", "annexe_plu", "geom")

    def __init__(self, *args: Any, communes: dict[str, str], **options: Any) -> None:
        super().__init__(*args, **options)
        _offrir(self, communes)

    def clean(self) -> dict[str, Any]:
        """No more than 1 m² of another zone of the same zoning."""
        d = super().clean() or {}
        _verifier_dates(self, d)
        if d.get("geom") and d.get("du") and d.get("type") != ZonageAssainissement.Type.EP:
            for autre, commun_m2 in zonage.recouvrements(d.get("insee", ""), d["geom"], d["du"])[:3]:
                self.add_error(
                    "geom", f"Ce contour recouvre {commun_m2:.0f} m² de « {autre} » : corrigez l'un des deux."
                )
        return d


class FormulaireEnjeu(forms.ModelForm[ZoneEnjeu]):
    """One zone with an issue."""

    geom = ChampDessin(label="Contour", genres=("surface",), plusieurs=True, reparer=True)
    insee = forms.ChoiceField(label="Commune")

    class Meta:
        model = ZoneEnjeu
        fields = ("insee", "enjeu", "source", "du", "au", "preuve_impact", "geom")

    def __init__(self, *args: Any, communes: dict[str, str], **options: Any) -> None:
        super().__init__(*args, **options)
        _offrir(self, communes)

    def clean(self) -> dict[str, Any]:
        """An end after the beginning."""
        d = super().clean() or {}
        _verifier_dates(self, d)
        return d


def _offrir(formulaire: forms.Form | forms.ModelForm[Any], communes: dict[str, str]) -> None:
    insee = formulaire.fields["insee"]
    assert isinstance(insee, forms.ChoiceField)  # noqa: S101
    insee.choices = list(communes.items())
    habiller(formulaire)


def _verifier_dates(formulaire: Any, d: dict[str, Any]) -> None:
    if d.get("du") and d.get("au") and d["au"] < d["du"]:
        formulaire.add_error("au", "La fin précède le début.")


GENRES: dict[str, tuple[str, Any]] = {
    "zonage": ("Zone d'assainissement", FormulaireZone),
    "enjeu": ("Zone à enjeu", FormulaireEnjeu),
}


@droit(perms.LIRE)
@require_safe
def zones(request: HttpRequest) -> HttpResponse:
    """Zones in force, then what disagrees with them."""
    jour = timezone.localdate()
    installations = zonage.anc_en_zone_collective(Installation.objects.visibles_par(request.user), jour)
    adresses = zonage.adresses_sans_zone(Adresse.objects.visibles_par(request.user), jour)
    ici = [
        modele.objects.visibles_par(request.user).en_vigueur(jour).defer("geom", "geom_3857")
        for modele in (ZonageAssainissement, ZoneEnjeu)
    ]
    contexte = {
        "zones": ici[0],
        "enjeux": ici[1],
        "installations": installations.prefetch_related("liens_adresses__adresse__voie")[:MONTREES],
        "nb_installations": installations.count(),
        "adresses": adresses[:MONTREES],
        "nb_adresses": adresses.count(),
        "listes": [
            (f"/assainissement/{chemin}", libelle, nombre)
            for chemin, libelle, nombre in (
                (
                    "discordances/anc-en-zone-collective/",
                    "Installations individuelles en zone collective",
                    installations.count(),
                ),
                (
                    "discordances/branchements-en-zone-anc/",
                    "Branchements en zone non collective",
                    usagers_en_zone_anc(request.user).count(),
                ),
                ("discordances/adresses-sans-zone/", "Adresses dans aucune zone", adresses.count()),
                (
                    "branchements/?etat=en_retard",
                    "Raccordements en retard",
                    Branchement.objects.visibles_par(request.user)
                    .avec_etat(jour)
                    .filter(etat="en_retard")
                    .count(),
                ),
            )
        ],
        "recouvrements": zonage.recouvrements_en_vigueur(
            ZonageAssainissement.objects.visibles_par(request.user), jour
        ),
        "montrees": MONTREES,
    }
    return render(request, "assainissement/zonage.html", contexte)


@droit(perms.REGLER)
@require_http_methods(["GET", "HEAD", "POST"])
def ajouter(request: HttpRequest, genre: str) -> HttpResponse:
    """Draw or give by file one zone, with its source."""
    if genre not in GENRES:
        raise Http404
    titre, classe = GENRES[genre]
    communes = communes_du_droit(request.user, perms.REGLER)
    envoi = request.method == "POST"
    formulaire = classe(
        request.POST if envoi else None, request.FILES if envoi else None, communes=communes,
        initial={"du": timezone.localdate()},
    )  # fmt: skip
    if envoi and formulaire.is_valid():
        zone = formulaire.save(commit=False)
        zone.cree_par = commun.compte(request)
        zone.save()
        messages.success(request, f"La zone est enregistrée : {zone}.")
        return redirect("ass_zonage")
    contexte = {"titre": titre, "formulaire": formulaire}
    return render(request, "assainissement/zone.html", contexte, status=422 if envoi else 200)


class FormulaireFin(forms.Form):
    """What may change of a zone once it is recorded; its contour comes with a new zone."""

    au = forms.DateField(
        label="En vigueur jusqu'au", required=False, help_text="Ce jour compris ; vide tant qu'elle vaut."
    )
    annexe_plu = forms.BooleanField(label="Annexé au PLU", required=False)
    preuve_impact = forms.BooleanField(
        label="Impact prouvé", required=False, help_text="Arrêté du 27 avril 2012, article 2."
    )

    def __init__(self, *args: Any, genre: str, **options: Any) -> None:
        super().__init__(*args, **options)
        del self.fields["preuve_impact" if genre == "zonage" else "annexe_plu"]
        habiller(self)


@droit(perms.LIRE)
@require_http_methods(["GET", "HEAD", "POST"])
def zone(request: HttpRequest, genre: str, pk: int) -> HttpResponse:
    """One zone: where, why, since when, with its documents; its end, for who rules the service."""
    if genre not in GENRES:
        raise Http404
    modele = ZonageAssainissement if genre == "zonage" else ZoneEnjeu
    z = get_object_or_404(modele.objects.visibles_par(request.user), pk=pk)
    modifiable = peut(request.user, perms.REGLER, z.insee)
    envoi = request.method == "POST"
    if envoi and not modifiable:
        raise PermissionDenied
    formulaire = FormulaireFin(
        request.POST if envoi else None, genre=genre,
        initial={c: getattr(z, c, None) for c in ("au", "annexe_plu", "preuve_impact")},
    )  # fmt: skip
    vu = request.POST.get("vu", "") if envoi else zones_.etat_vu(z)
    if envoi and formulaire.is_valid():
        try:
            zones_.modifier(z, formulaire.cleaned_data, par=commun.compte(request), vu=vu)
        except ConflitEdition as e:
            formulaire.add_error(None, str(e))
            z.refresh_from_db()
            vu = zones_.etat_vu(z)
        except Refus as e:
            formulaire.add_error("au", str(e))
        else:
            messages.success(request, "La zone est enregistrée.")
            return redirect(z.get_absolute_url())
    contexte = {
        "z": z,
        "genre": genre,
        "titre": GENRES[genre][0],
        "formulaire": formulaire if modifiable else None,
        "vu": vu,
        "surface_ha": z.geom.area / 10_000,
        "place": place_de(z, "geom"),
    }
    return render(request, "assainissement/zone_page.html", contexte, status=422 if envoi else 200)

"""Entry of an emptying or of a measure of the sludge on an installation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from assainissement import entretiens, perms
from assainissement.models import Entretien, Installation, Vidangeur
from assainissement.vues import commun
from gis_data.acces import droit
from mairie.ecrans.formulaires import habiller
from mairie.pieces.refus import PieceRefusee
from mairie.workflow import ConflitEdition, Refus
from mairie.workflow.edition import version_a_porter, version_vue

CORRIGES = ("date", "vidangeur", "bordereau", "volume_m3", "hauteur_boues_pct", "notes")


class FormulaireEntretien(forms.ModelForm[Entretien]):
    """An emptying, or a measure alone."""

    fichier = forms.FileField(label="Bordereau (fichier)", required=False, help_text="PDF ou photo.")

    class Meta:
        model = Entretien
        fields = (
            "date", "vidangeur", "bordereau", "volume_m3", "hauteur_boues_pct", "notes", "client_uuid",
        )  # fmt: skip
        widgets = {"client_uuid": forms.HiddenInput()}  # noqa: RUF012

    def __init__(self, *args: Any, vidangeurs: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        vidangeur = self.fields["vidangeur"]
        assert isinstance(vidangeur, forms.ModelChoiceField)  # noqa: S101
        vidangeur.queryset = vidangeurs
        self.fields["date"].initial = timezone.localdate
        self.fields["client_uuid"].initial = uuid4
        self.fields["volume_m3"].help_text = "Vide : une simple mesure des boues."
        habiller(self)

    def clean_hauteur_boues_pct(self) -> Any:
        """A share."""
        hauteur = self.cleaned_data["hauteur_boues_pct"]
        if hauteur is not None and hauteur > 100:
            raise forms.ValidationError("La hauteur de boues se dit en pourcentage, 100 au plus.")
        return hauteur

    def clean_volume_m3(self) -> Any:
        """Above zero."""
        volume = self.cleaned_data["volume_m3"]
        if volume is not None and volume <= 0:
            raise forms.ValidationError("Le volume est supérieur à zéro.")
        return volume

    def clean(self) -> dict[str, Any]:
        """An emptying or a measure: one of them at least."""
        d = super().clean() or {}
        if not {"volume_m3", "hauteur_boues_pct"} & set(self.errors) and (
            d.get("volume_m3") is None and d.get("hauteur_boues_pct") is None
        ):
            self.add_error("volume_m3", "Dites le volume vidangé, ou la hauteur de boues mesurée.")
        return d

    def validate_unique(self) -> None:
        """A second sending is not a fault."""


def _essayer(
    formulaire: forms.Form | forms.ModelForm[Any], faire: Callable[[], Entretien]
) -> Entretien | None:
    """What the service writes; null with its reasons in the form when it refuses."""
    try:
        return faire()
    except ConflitEdition:
        raise
    except Refus as refus:
        for raison in refus.raisons:
            formulaire.add_error(None, raison)
    except PieceRefusee as refus:
        formulaire.add_error("fichier", str(refus))
    return None


def _revenir(request: HttpRequest, i: Installation, e: Entretien, fait: str) -> HttpResponse:
    messages.success(request, f"{e} : c'est {fait}.")
    if alerte := entretiens.alerte(e):
        messages.warning(request, alerte)
    return redirect(f"{i.get_absolute_url()}#entretiens")


@droit(perms.ENREGISTRER)
@require_http_methods(["GET", "HEAD", "POST"])
def nouveau(request: HttpRequest, pk: int) -> HttpResponse:
    """Record an upkeep; a double click makes one."""
    i = commun.installation_ou_404(request, pk)
    if not perms.peut_enregistrer(request.user, i):
        raise Http404
    envoi = request.method == "POST"
    formulaire = FormulaireEntretien(
        request.POST if envoi else None,
        request.FILES if envoi else None,
        vidangeurs=Vidangeur.objects.filter(insee=i.insee),
    )
    if envoi and formulaire.is_valid():
        d = formulaire.cleaned_data
        e = _essayer(
            formulaire,
            lambda: entretiens.enregistrer(
                i, par=commun.compte(request), le=d["date"], vidangeur=d["vidangeur"],
                bordereau=d["bordereau"], volume_m3=d["volume_m3"],
                hauteur_boues_pct=d["hauteur_boues_pct"], notes=d["notes"], fichier=d["fichier"],
                client_uuid=d["client_uuid"],
            ),
        )  # fmt: skip
        if e is not None:
            return _revenir(request, i, e, "enregistré")
    contexte = {"i": i, "formulaire": formulaire}
    return render(request, "assainissement/entretien.html", contexte, status=422 if envoi else 200)


@droit(perms.ENREGISTRER)
@require_http_methods(["GET", "HEAD", "POST"])
def corriger(request: HttpRequest, pk: int, entretien: int) -> HttpResponse:
    """Correct an upkeep mistyped: its day, its volume, who made it."""
    i = commun.installation_ou_404(request, pk)
    if not perms.peut_enregistrer(request.user, i):
        raise Http404
    e = get_object_or_404(Entretien.objects.filter(installation=i), pk=entretien)
    envoi, concurrent = request.method == "POST", False
    formulaire = FormulaireEntretien(
        request.POST if envoi else None,
        request.FILES if envoi else None,
        instance=e,
        vidangeurs=Vidangeur.objects.filter(insee=i.insee),
    )
    del formulaire.fields["client_uuid"]
    if envoi and formulaire.is_valid():
        d = formulaire.cleaned_data
        try:
            corrige = _essayer(
                formulaire,
                lambda: entretiens.modifier(
                    e, {c: d[c] for c in CORRIGES}, par=commun.compte(request), fichier=d["fichier"],
                    version=version_vue(request),
                ),
            )  # fmt: skip
        except ConflitEdition as erreur:
            formulaire.add_error(None, str(erreur))
            concurrent = True
        else:
            if corrige is not None:
                return _revenir(request, i, corrige, "corrigé")
    contexte = {
        "i": i,
        "formulaire": formulaire,
        "version": version_a_porter(request, i, concurrent=concurrent),
    }
    return render(request, "assainissement/entretien.html", contexte, status=422 if envoi else 200)

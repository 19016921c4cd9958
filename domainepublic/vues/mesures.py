"""Traffic measures of a file, and the DiaLog payload made from them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from domainepublic import dialog, perms
from domainepublic import mesures as service
from domainepublic.models import DossierODP, MesureCirculation
from domainepublic.regles.creneaux import JOURS_LISIBLES
from domainepublic.regles.tables.dialog import (
    POIDS_LOURDS,
    TONNAGES,
    VITESSE_LIMITEE,
    VITESSE_MAX,
    VITESSE_MIN,
)
from domainepublic.regles.vehicules import CONCERNES_LISIBLES, EXCEPTES_LISIBLES
from domainepublic.vues.dossier import dossier_a_instruire, dossier_ou_404
from gis_data.acces import droit
from mairie.calendrier import jma
from mairie.ecrans.formulaires import habiller
from mairie.models import Voie
from mairie.workflow import Refus


class FormulaireMesure(forms.Form):
    """What the order forbids or changes."""

    type = forms.ChoiceField(label="Mesure", choices=MesureCirculation._meta.get_field("type").choices or [])
    vitesse = forms.IntegerField(
        label="Vitesse (km/h), si elle est limitée",
        required=False,
        min_value=VITESSE_MIN,
        max_value=VITESSE_MAX,
    )
    concernes = forms.MultipleChoiceField(
        label="Véhicules concernés (aucun coché : tous)",
        choices=list(CONCERNES_LISIBLES.items()),
        required=False,
        widget=forms.CheckboxSelectMultiple(),
    )
    tonnage_max = forms.ChoiceField(
        label="Poids lourds de plus de",
        choices=[("", "tout poids lourd"), *((str(t), f"{t} t".replace(".", ",")) for t in TONNAGES)],
        required=False,
    )
    exceptes = forms.MultipleChoiceField(
        label="Sauf",
        choices=list(EXCEPTES_LISIBLES.items()),
        required=False,
        widget=forms.CheckboxSelectMultiple(),
    )
    debut = forms.DateField(label="Du")
    fin = forms.DateField(label="Au (compris)")
    jours = forms.MultipleChoiceField(
        label="Jours (aucun coché : tous)",
        choices=list(JOURS_LISIBLES.items()),
        required=False,
        widget=forms.CheckboxSelectMultiple(),
    )
    de = forms.TimeField(
        label="De", required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    a = forms.TimeField(
        label="À",
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text="Minuit s'écrit 00:00. D'autres heures : ajoutez une mesure de plus.",
    )
    voie = forms.ModelChoiceField(label="Voie", queryset=Voie.objects.none(), required=False)
    du_numero = forms.CharField(label="Du numéro", max_length=10, required=False)
    au_numero = forms.CharField(label="Au numéro", max_length=10, required=False)
    sens = forms.ChoiceField(label="Sens", choices=MesureCirculation.Sens.choices)

    def __init__(self, *args: Any, dossier: DossierODP, **options: Any) -> None:
        super().__init__(*args, **options)
        voie = self.fields["voie"]
        assert isinstance(voie, forms.ModelChoiceField)  # noqa: S101
        voie.queryset = Voie.objects.filter(insee=dossier.insee, active=True).order_by("nom")
        self.initial = {"debut": dossier.debut, "fin": dossier.fin, "voie": dossier.voie_id, **self.initial}
        habiller(self)

    def clean(self) -> dict[str, Any]:
        """Dates in order; both hours, both numbers; a speed for what limits it and for nothing else."""
        d = super().clean() or {}
        if d.get("debut") and d.get("fin") and d["fin"] < d["debut"]:
            self.add_error("fin", f"La fin ({jma(d['fin'])}) précède le début ({jma(d['debut'])}).")
        if bool(d.get("de")) != bool(d.get("a")):
            self.add_error("a", "Donnez les deux heures, ou aucune.")
        elif d.get("de") and d["de"] == d["a"]:
            self.add_error("a", "Les deux heures sont les mêmes.")
        if d.get("tonnage_max") and POIDS_LOURDS not in d.get("concernes", ()):
            self.add_error("tonnage_max", "Un tonnage concerne les poids lourds : cochez-les.")
        if bool(d.get("du_numero")) != bool(d.get("au_numero")):
            self.add_error("au_numero", "Donnez les deux numéros, ou aucun.")
        if d.get("type") == VITESSE_LIMITEE and not d.get("vitesse"):
            self.add_error("vitesse", "Dites à quelle vitesse.")
        return d

    def mesure(self) -> dict[str, Any]:
        """Columns of the row."""
        d = dict(self.cleaned_data)
        vehicules = {k: v for k in ("concernes", "exceptes", "tonnage_max") if (v := d.pop(k))}
        de, a, jours = d.pop("de"), d.pop("a"), d.pop("jours")
        creneaux = []
        if de or jours:
            # A day ends at 24:00; a field of hours knows 00:00 only.
            fin = f"{a:%H:%M}" if a else "24:00"
            creneaux = [
                {
                    "jours": jours,
                    "de": f"{de:%H:%M}" if de else "00:00",
                    "a": "24:00" if fin == "00:00" else fin,
                }
            ]
        d["vitesse"] = d["vitesse"] if d["type"] == VITESSE_LIMITEE else None
        return {**d, "creneaux": creneaux, "vehicules": vehicules}


@droit(perms.INSTRUIRE)
@require_http_methods(["GET", "HEAD", "POST"])
def ajouter(request: HttpRequest, pk: int) -> HttpResponse:
    """One more measure, while nothing is signed."""
    d = dossier_a_instruire(request, pk)
    formulaire = FormulaireMesure(request.POST if request.method == "POST" else None, dossier=d)
    if request.method == "POST" and formulaire.is_valid():
        try:
            m = service.ajouter(d, formulaire.mesure())
            messages.success(request, f"« {m} » est enregistré.")
            return redirect(f"{d.get_absolute_url()}#mesures")
        except Refus as e:
            formulaire.add_error(None, str(e))
    statut = 422 if request.method == "POST" else 200
    return render(request, "domainepublic/mesure.html", {"d": d, "formulaire": formulaire}, status=statut)


@droit(perms.INSTRUIRE)
@require_POST
def retirer(request: HttpRequest, pk: int, mesure: int) -> HttpResponse:
    """Take one away, while nothing is signed."""
    d = dossier_a_instruire(request, pk)
    try:
        service.retirer(get_object_or_404(MesureCirculation, dossier=d, pk=mesure))
        messages.success(request, "La mesure est retirée.")
    except Refus as e:
        messages.error(request, str(e))
    return redirect(f"{d.get_absolute_url()}#mesures")


@droit(perms.LIRE)
@require_safe
def charge(request: HttpRequest, pk: int) -> HttpResponse:
    """The payload: read, copied, or downloaded with « ?fichier=1 »."""
    d = dossier_ou_404(request, pk)
    reponse, raison = dialog.preparer(d)
    texte = dialog.en_texte(reponse["charge"]) if reponse and reponse["charge"] else ""
    if request.GET.get("fichier"):
        if not texte:
            raise Http404
        fichier = HttpResponse(texte, content_type="application/json; charset=utf-8")
        fichier["Content-Disposition"] = f'attachment; filename="dialog-{dialog.numero_acte(d)}.json"'
        return fichier
    mesures = list(d.mesures.all())
    exclues = [mesures[x["mesure"]] for x in (reponse or {}).get("non_exportees", [])]
    contexte = {"d": d, "texte": texte, "raison": raison, "exclues": exclues}
    return render(request, "domainepublic/dialog.html", contexte)

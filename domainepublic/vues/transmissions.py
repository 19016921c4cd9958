"""« Nouveau dossier », its options: a business bought or inherited, an infraction made regular."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from domainepublic import perms
from domainepublic import transmissions as service
from domainepublic.models import DossierODP
from domainepublic.recherche import par_numero
from domainepublic.vues.depot import nouveau_tiers
from domainepublic.vues.dossier import compte
from gis_data.acces import droit
from mairie.ecrans.formulaires import habiller
from mairie.habilitations import peut
from mairie.models import Tiers
from mairie.workflow import ErreurWorkflow


class FormulaireTransmission(forms.Form):
    """Which title, why, who takes it over, from when."""

    genre = forms.ChoiceField(
        label="Pourquoi", choices=list(service.GENRES.items()), widget=forms.RadioSelect()
    )
    titre = forms.CharField(
        label="Numéro du dossier d'origine", max_length=40, help_text="ODP-25999-2026-00012"
    )
    debut = forms.DateField(
        label="À compter du",
        help_text="Reprise : le jour prévu de la vente ; le titre attendra qu'elle soit justifiée.",
    )
    fin = forms.DateField(
        label="Jusqu'au",
        required=False,
        help_text="Pour une régularisation. Une reprise garde la fin du titre ; une succession, trois mois"
        " pour ce qui servait le fonds le jour du décès.",
    )
    deces_le = forms.DateField(
        label="Décès de l'ancien titulaire, pour une succession",
        required=False,
        help_text="L'exploitant était une personne physique (CG3P L2124-34).",
    )
    beneficiaire = forms.ChoiceField(label="Le demandeur est", choices=DossierODP.Beneficiaire.choices)
    demandeur = forms.ModelChoiceField(
        label="Demandeur déjà connu", queryset=Tiers.objects.none(), required=False
    )
    nom = forms.CharField(label="Sinon, nom ou raison sociale", max_length=150, required=False)
    prenoms = forms.CharField(label="Prénoms", max_length=150, required=False)
    adresse_tiers = forms.CharField(label="Numéro et voie", max_length=200, required=False)
    code_postal = forms.CharField(label="Code postal", max_length=10, required=False)
    ville = forms.CharField(label="Commune du demandeur", max_length=120, required=False)
    courriel = forms.EmailField(label="Courriel", required=False)

    def __init__(self, *args: Any, personne: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.personne = personne
        self.fields["debut"].initial = timezone.localdate()
        champ = self.fields["demandeur"]
        assert isinstance(champ, forms.ModelChoiceField)  # noqa: S101
        visibles = Tiers.objects.visibles_par(personne)
        recents = visibles.actifs().order_by("-modifie_le").values_list("pk", flat=True)[:200]
        champ.queryset = visibles.filter(pk__in=list(recents))
        habiller(self)

    def clean_titre(self) -> DossierODP:
        """A file that this person instructs."""
        filtre = par_numero(self.cleaned_data["titre"])
        trouves = DossierODP.objects.visibles_par(self.personne).filter(filtre)[:2] if filtre else ()
        siens = [d for d in trouves if peut(self.personne, perms.INSTRUIRE, d.insee)]
        if len(siens) != 1:
            raise forms.ValidationError(
                "Aucun dossier que vous instruisez ne porte ce numéro : écrivez-le en entier."
            )
        return siens[0]

    def clean(self) -> dict[str, Any]:
        """One person, known or new."""
        donnees = super().clean() or {}
        if not donnees.get("demandeur") and not donnees.get("nom"):
            self.add_error("nom", "Choisissez un demandeur connu, ou écrivez son nom.")
        return donnees


@droit(perms.INSTRUIRE)
@require_http_methods(["GET", "HEAD", "POST"])
def reprendre(request: HttpRequest) -> HttpResponse:
    """Nothing typed is lost on a refusal."""
    initial = {"titre": request.GET.get("titre", "")[:40], "genre": request.GET.get("genre", service.REPRISE)}
    donnees = request.POST if request.method == "POST" else None
    formulaire = FormulaireTransmission(donnees, initial=initial, personne=request.user)
    if donnees is not None and formulaire.is_valid():
        d = formulaire.cleaned_data
        origine: DossierODP = d["titre"]
        try:
            with transaction.atomic():
                demandeur = d["demandeur"] or nouveau_tiers({**d, "insee": origine.insee}, compte(request))
                nouveau = service.reprendre(
                    origine, d["genre"], demandeur, par=compte(request), debut=d["debut"], fin=d["fin"],
                    deces_le=d["deces_le"], beneficiaire=d["beneficiaire"],
                )  # fmt: skip
        except ErreurWorkflow as e:
            formulaire.add_error(None, str(e))
        else:
            messages.success(request, f"Le dossier {nouveau} est enregistré, sur le sol de {origine}.")
            return redirect(nouveau.get_absolute_url())
    statut = 422 if donnees is not None else 200
    return render(request, "domainepublic/transmission.html", {"f": formulaire}, status=statut)

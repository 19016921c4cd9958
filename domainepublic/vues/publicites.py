"""« Occupations annoncées »: publicities open to all, and the form of who is interested."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from domainepublic import perms, publicites
from domainepublic.models import DossierODP, Interet
from domainepublic.models.publicites import MESSAGE_MAX
from domainepublic.plans import plan_du_sol
from domainepublic.vues.dossier import compte, dossier_a_instruire
from gis_data.acces import droit, public
from mairie.debit import TropDeDemandes, compter
from mairie.ecrans.formulaires import habiller
from mairie.workflow import Refus


class FormulaireInteret(forms.Form):
    """Who, how to reach them, what they would do there."""

    nom = forms.CharField(label="Nom ou raison sociale", max_length=150)
    courriel = forms.EmailField(label="Courriel", required=False)
    telephone = forms.CharField(label="Téléphone", max_length=20, required=False)
    message = forms.CharField(
        label="Votre projet à cet endroit", max_length=MESSAGE_MAX, required=False, widget=forms.Textarea()
    )
    # Filled by programs only: hidden from people by the page's style.
    site = forms.CharField(label="Laissez ce champ vide", required=False, max_length=100)

    def __init__(self, *args: object, **options: object) -> None:
        super().__init__(*args, **options)  # type: ignore[arg-type]
        self.fields["site"].widget.attrs |= {"tabindex": "-1", "autocomplete": "off"}
        self.fields["nom"].widget.attrs["autocomplete"] = "name"
        self.fields["courriel"].widget.attrs["autocomplete"] = "email"
        self.fields["telephone"].widget.attrs["autocomplete"] = "tel"
        habiller(self)

    def clean(self) -> dict[str, object]:
        """Someone who can be answered."""
        d = super().clean() or {}
        if not d.get("courriel") and not d.get("telephone"):
            self.add_error("courriel", "Donnez un courriel ou un téléphone, pour que la mairie vous réponde.")
        return d


@public
@require_safe
def liste(request: HttpRequest) -> HttpResponse:
    """What is announced now, what came of it, and what was given without competition, with the reason."""
    contexte = {
        "annonces": publicites.annonces(),
        "dispenses": publicites.dispenses(timezone.localdate()),
        "resultats": publicites.resultats(timezone.localdate()),
    }
    return render(request, "domainepublic/usager/publicites.html", contexte)


@public
@require_http_methods(["GET", "HEAD", "POST"])
def annonce(request: HttpRequest, pk: int) -> HttpResponse:
    """One announcement, and « je suis intéressé »."""
    a = next(iter(publicites.annonces(DossierODP.objects.filter(pk=pk))), None)
    if a is None:
        if not publicites.fut_annoncee(pk):
            raise Http404
        return render(request, "domainepublic/usager/annonce_close.html", status=404)
    formulaire = FormulaireInteret(request.POST if request.method == "POST" else None)
    erreurs: list[str] = []
    statut = 422 if request.method == "POST" else 200
    if request.method == "POST" and formulaire.is_valid():
        champs = dict(formulaire.cleaned_data)
        try:
            if champs.pop("site"):
                raise Refus("Votre déclaration n'a pas pu être envoyée : appelez la mairie.")
            compter(request, "odp.interet", settings.ODP_DEPOTS_PAR_HEURE)
            publicites.declarer_interet(a.dossier, **champs)
        except TropDeDemandes as e:
            erreurs, statut = [str(e)], 429
        except Refus as e:
            erreurs = list(e.raisons)
        else:
            messages.success(
                request, "Votre intérêt est enregistré. La mairie vous répondra après la fin de la publicité."
            )
            return redirect("odp_annonce", pk=pk)
    plan = plan_du_sol(a.dossier.insee, list(a.dossier.emprises.all()))
    contexte = {"a": a, "formulaire": formulaire, "erreurs": erreurs, "plan": plan}
    return render(request, "domainepublic/usager/publicite.html", contexte, status=statut)


@droit(perms.INSTRUIRE)
@require_POST
def juger_interet(request: HttpRequest, pk: int, interet: int, quoi: str) -> HttpResponse:
    """Set an interest aside with a reason, or count it again."""
    d = dossier_a_instruire(request, pk)
    trouve = get_object_or_404(Interet, dossier=d, pk=interet)
    try:
        if quoi == "ecarter":
            publicites.ecarter(trouve, request.POST.get("motif", ""), compte(request))
            messages.success(request, "L'intérêt est écarté ; il reste au dossier, avec son motif.")
        elif quoi == "retablir":
            publicites.retablir(trouve, compte(request))
            messages.success(request, "L'intérêt compte de nouveau.")
        else:
            raise Http404
    except Refus as e:
        messages.error(request, str(e))
    return redirect(f"{d.get_absolute_url()}#interets")

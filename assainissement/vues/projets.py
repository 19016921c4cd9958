"""Pages of projects: the request, its pieces, the opinion, the works; links to parcels to renew."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assainissement import perms, projets, rattachements
from assainissement.circuits.projet import PROJET
from assainissement.models import Installation, InstallationParcelle, ProjetAnc
from assainissement.projets import NouveauProjet
from assainissement.saisies import lire_idus
from assainissement.vues import commun
from gis_data.acces import droit
from mairie.courriers.erreurs import CourrierRefuse
from mairie.courriers.rendu import RenduRefuse
from mairie.courriers.sujets import sujet_de
from mairie.ecrans.formulaires import habiller
from mairie.habilitations import communes_du_droit, peut
from mairie.models import Courrier
from mairie.workflow import Refus

MUETTES = ("demander", "preciser_limite", "visiter", "annuler_visite", "conclure_execution")
AIDES = {
    "rendre_avis": "L'avis part en PDF. Favorable, il s'accompagne de l'attestation, qui rejoint le permis.",
    "modifier_projet": "L'avis rendu ne vaut plus : un nouvel examen commence.",
    "reprendre": "Le projet abandonné s'examine de nouveau ; l'avis d'avant reste au journal.",
    "planifier_execution": "Une visite de chantier s'ajoute aux contrôles à planifier.",
}


def projet_ou_404(request: HttpRequest, pk: int) -> ProjetAnc:
    """The project, if this person may read it."""
    trouve: ProjetAnc = get_object_or_404(
        ProjetAnc.objects.visibles_par(request.user).select_related(
            "installation", "controle_conception", "controle_execution"
        ),
        pk=pk,
    )
    return trouve


@droit(perms.LIRE)
@require_safe
def projet(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything about one project on one page."""
    p = projet_ou_404(request, pk)
    i = p.installation
    contexte = {
        "p": p,
        "i": i,
        **commun.contexte_actions(p, request, MUETTES),
        "avis": projets.avis_de(p),
        "parcelles": list(i.parcelles.values_list("reference", flat=True)),
        "controles": [c for c in (p.controle_conception, p.controle_execution) if c is not None],
        "lettres": Courrier.objects.du_dossier(p).order_by("-pk"),
        "genre": sujet_de(p).genre,
        "plan": commun.plan_de(i),
        "lignes": commun.lignes(p, PROJET),
        "peut_annuler": False,
    }
    return render(request, "assainissement/projet.html", contexte)


@droit(perms.LIRE)
@require_http_methods(["GET", "HEAD", "POST"])
def evenement(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """Enter one event of a project."""
    p = projet_ou_404(request, pk)

    def agir(*args: Any, **options: Any) -> Any:
        try:
            return projets.agir(*args, **options)
        except (RenduRefuse, CourrierRefuse) as e:
            raise Refus(f"Le document n'a pas pu être fait, rien n'est changé. {e}") from e

    return commun.saisir_evenement(
        request, p, code, PROJET, agir, muettes=MUETTES, retour=p.get_absolute_url(), aide=AIDES.get(code, "")
    )


class FormulaireProjet(forms.Form):
    """A project brought by its owner, without a permit (rehabilitation, small works)."""

    insee = forms.ChoiceField(label="Commune")
    parcelles = forms.CharField(
        label="Parcelles", required=False, help_text="Références de 14 caractères, séparées par une virgule."
    )
    recu_le = forms.DateField(label="Reçu le")
    objet = forms.CharField(label="Projet", max_length=200, required=False)
    client_uuid = forms.UUIDField(widget=forms.HiddenInput(), required=False)

    def __init__(self, *args: Any, communes: dict[str, str], **options: Any) -> None:
        super().__init__(*args, **options)
        insee = self.fields["insee"]
        assert isinstance(insee, forms.ChoiceField)  # noqa: S101
        insee.choices = list(communes.items())
        self.fields["client_uuid"].initial = uuid4
        self.fields["recu_le"].initial = timezone.localdate()
        habiller(self)

    def clean_parcelles(self) -> list[str]:
        """References as a list."""
        return lire_idus(self.cleaned_data["parcelles"])

    def clean_recu_le(self) -> Any:
        """Not ahead."""
        le = self.cleaned_data["recu_le"]
        if le > timezone.localdate():
            raise forms.ValidationError("La date de réception est dans l'avenir.")
        return le


@droit(perms.ENREGISTRER)
@require_http_methods(["GET", "HEAD", "POST"])
def nouveau(request: HttpRequest) -> HttpResponse:
    """Enter a project: from an installation to rebuild, or on parcels."""
    envoi = request.method == "POST"
    i = _installation(request)
    communes = communes_du_droit(request.user, perms.ENREGISTRER)
    initial: dict[str, Any] = {"parcelles": request.GET.get("parcelle", "")}
    if i is not None:
        initial = {
            "insee": i.insee,
            "parcelles": ", ".join(i.parcelles.values_list("reference", flat=True)),
            "objet": "Réhabilitation" if i.etat == "active" else "",
        }
    formulaire = FormulaireProjet(request.POST if envoi else None, communes=communes, initial=initial)
    if envoi and formulaire.is_valid():
        d = formulaire.cleaned_data
        try:
            p = projets.demander(
                NouveauProjet(
                    insee=d["insee"], parcelles=d["parcelles"], recu_le=d["recu_le"], objet=d["objet"],
                    installation=i if i is not None and i.insee == d["insee"] else None,
                    client_uuid=d["client_uuid"],
                ),
                par=commun.compte(request),
            )  # fmt: skip
            messages.success(request, "Le projet est enregistré.")
            return redirect(p.get_absolute_url())
        except Refus as e:
            formulaire.add_error(None, str(e))
    contexte = {"formulaire": formulaire, "installation": i}
    return render(request, "assainissement/projet_nouveau.html", contexte, status=422 if envoi else 200)


def _installation(request: HttpRequest) -> Installation | None:
    cle = request.GET.get("installation", "")
    if not (cle.isdecimal() and len(cle) < 19):
        return None
    i = commun.installation_ou_404(request, int(cle))
    if not perms.peut_enregistrer(request.user, i):
        raise Http404
    return i


@droit(perms.LIRE)
@require_safe
def a_rattacher(request: HttpRequest) -> HttpResponse:
    """Links that the cadastre broke, with the parcels that may take their place."""
    visibles = Installation.objects.visibles_par(request.user)
    contexte = {
        "liens": rattachements.lister(visibles),
        "communes": communes_du_droit(request.user, perms.ENREGISTRER),
    }
    return render(request, "assainissement/a_rattacher.html", contexte)


@droit(perms.ENREGISTRER)
@require_POST
def rattacher(request: HttpRequest, pk: int) -> HttpResponse:
    """The link takes the parcel chosen."""
    visibles = Installation.objects.visibles_par(request.user)
    lien = get_object_or_404(
        InstallationParcelle.objects.filter(installation__in=visibles).select_related("installation"), pk=pk
    )
    if not peut(request.user, perms.ENREGISTRER, lien.installation.insee):
        raise Http404
    try:
        idu = request.POST.get("parcelle", "")[:14]
        rattachements.rattacher(lien, idu, par=commun.compte(request))
        messages.success(request, f"{lien.installation} est rattachée à la parcelle {idu}.")
    except Refus as e:
        messages.error(request, str(e))
    return redirect("ass_a_rattacher")

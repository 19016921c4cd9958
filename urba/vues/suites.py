"""Entry of a later request on a living authorisation: modification, transfer, prorogation."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from gis_data.acces import droit
from mairie.habilitations import peut
from mairie.models import Tiers
from mairie.tiers import service as tiers_service
from mairie.workflow import Refus
from urba import lots, perms
from urba.formulaires import DateFr
from urba.models import DossierInstruction, Lot
from urba.regles.numeros import NatureDossier
from urba.services import Demandeur, NouveauDossier, deja_depose, demander, refus_demande
from urba.vues.dossier import _compte, dossier_ou_404

OFFERTES = {
    "modificatif": (NatureDossier.MODIFICATIF, "Demande de permis modificatif"),
    "transfert": (NatureDossier.TRANSFERT, "Demande de transfert"),
    "prorogation": (NatureDossier.PROROGATION, "Demande de prorogation"),
}


class FormulaireSuite(forms.Form):
    """Day, way, object; for a transfer the new holder, the signed agreements and the lots."""

    depose_le = forms.DateField(label="Reçue en mairie le", widget=DateFr())
    canal = forms.ChoiceField(
        label="Reçue", choices=[c for c in DossierInstruction.Canal.choices if c[0] not in ("sve", "reprise")]
    )
    objet = forms.CharField(label="Objet", max_length=200, required=False)
    nouveau = forms.ModelChoiceField(
        label="Nouveau titulaire déjà connu", queryset=Tiers.objects.none(), required=False
    )
    nom = forms.CharField(label="ou son nom, ou sa raison sociale", max_length=150, required=False)
    morale = forms.BooleanField(label="C'est une personne morale", required=False)
    prenoms = forms.CharField(label="Prénoms", max_length=150, required=False)
    accords = forms.BooleanField(
        label="L'accord signé du titulaire et celui du nouveau titulaire sont joints", required=False
    )
    lots = forms.ModelMultipleChoiceField(
        label="Lots transférés",
        queryset=Lot.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple(),
        help_text="Aucun coché : le transfert est total. Un lot au moins reste au titulaire.",
    )
    client_uuid = forms.UUIDField(widget=forms.HiddenInput(), required=False)

    def __init__(
        self, *args: Any, nature: NatureDossier, tiers: Any, lots_offerts: Any, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.nature = nature
        self.fields["depose_le"].initial = timezone.localdate()
        self.fields["client_uuid"].initial = uuid4
        transfert = nature is NatureDossier.TRANSFERT
        if not transfert:
            for nom in ("nouveau", "nom", "morale", "prenoms", "accords"):
                del self.fields[nom]
        else:
            self.fields["nouveau"].queryset = tiers  # type: ignore[attr-defined]
        if transfert and lots_offerts.exists():
            self.fields["lots"].queryset = lots_offerts  # type: ignore[attr-defined]
        else:
            del self.fields["lots"]
        self.fields["objet"].required = nature is NatureDossier.MODIFICATIF

    def clean_depose_le(self) -> date:
        """Not ahead."""
        jour: date = self.cleaned_data["depose_le"]
        if jour > timezone.localdate():
            raise forms.ValidationError("La date de réception ne peut être dans l'avenir.")
        return jour

    def clean(self) -> dict[str, Any]:
        """A transfer names who takes the permit over."""
        donnees = super().clean() or {}
        if self.nature is NatureDossier.TRANSFERT and not (donnees.get("nouveau") or donnees.get("nom")):
            self.add_error("nom", "Choisissez le nouveau titulaire, ou écrivez son nom.")
        return donnees


@droit(perms.DEPOSER)
@require_http_methods(["GET", "HEAD", "POST"])
def demander_suite(request: HttpRequest, pk: int, nature: str) -> HttpResponse:
    """One screen for the three; what the law does not open says why."""
    d = dossier_ou_404(request, pk)
    if nature not in OFFERTES or d.nature != "INITIAL":
        raise Http404
    if not peut(request.user, perms.DEPOSER, d.insee):
        raise Http404
    code, titre = OFFERTES[nature]
    connus = Tiers.objects.visibles_par(request.user).actifs().order_by("-modifie_le")[:200]
    options: dict[str, Any] = {
        "nature": code,
        "tiers": Tiers.objects.visibles_par(request.user).filter(pk__in=[t.pk for t in connus]),
        "lots_offerts": Lot.objects.filter(dossier=d).order_by("numero"),
    }
    formulaire = FormulaireSuite(request.POST or None, **options)
    if request.method == "POST" and formulaire.is_valid():
        try:
            suite = _demander(d, code, formulaire.cleaned_data, _compte(request))
        except Refus as e:
            for raison in e.raisons:
                formulaire.add_error(None, raison)
        else:
            messages.success(request, f"La demande {suite} est enregistrée.")
            return redirect("urba_dossier", pk=suite.pk)
    contexte = {
        "d": d,
        "titre": titre,
        "formulaire": formulaire,
        "refus": refus_demande(d.da, d, code, timezone.localdate()),
        "lots": lots.lots_de(d),
    }
    return render(request, "urba/suite.html", contexte, status=422 if request.method == "POST" else 200)


def _demander(
    d: DossierInstruction, nature: NatureDossier, v: dict[str, Any], par: Any
) -> DossierInstruction:
    # Sent twice, the form makes neither a second request nor a second person.
    if (deja := deja_depose(v["client_uuid"])) is not None:
        return deja
    with transaction.atomic():
        demandeurs = []
        if nature is NatureDossier.TRANSFERT:
            tiers = v["nouveau"] or _nouveau(v, d.insee, par)
            demandeurs = [Demandeur(tiers, accepte_electronique=tiers.accepte_electronique)]
        return demander(
            d.da,
            nature,
            NouveauDossier(
                d.insee, d.type_detail, v["depose_le"], demandeurs, canal=v["canal"], objet=v["objet"],
                client_uuid=v["client_uuid"],
            ),
            par=par,
            accords_signes=bool(v.get("accords")),
            lots=list(v.get("lots") or ()),
        )  # fmt: skip


def _nouveau(v: dict[str, Any], insee: str, par: Any) -> Tiers:
    noms = {"raison_sociale": v["nom"]} if v["morale"] else {"nom": v["nom"], "prenoms": v["prenoms"]}
    nature = Tiers.Nature.MORALE if v["morale"] else Tiers.Nature.PERSONNE
    return tiers_service.creer({"nature": nature, **noms}, collectivite=insee, par=par)

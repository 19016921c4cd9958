"""Yearly renewal: preview, then the task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from domainepublic import perms
from domainepublic.apercu_renouvellement import Proposition, Tri, choix, proposer
from domainepublic.courriers.catalogue import ACTE
from domainepublic.renouvellement import renouveler
from domainepublic.vues.dossier import compte
from gis_data.acces import droit
from mairie.delegations import signature_de
from mairie.ecrans.formulaires import habiller
from mairie.habilitations import communes_du_droit, peut
from mairie.models import Impression

QUANTITE = forms.DecimalField(min_value=Decimal("0.01"), max_digits=10, decimal_places=2, localize=True)


def _signe(request: HttpRequest, insee: str) -> bool:
    """This person may sign the acts of the commune today."""
    if not peut(request.user, perms.SIGNER, insee):
        return False
    return signature_de(compte(request), insee, ACTE, timezone.localdate()) is not None


class FormulaireTri(forms.Form):
    """Year, commune, and what narrows the list; read from the address."""

    annee = forms.IntegerField(label="Année", min_value=1901, max_value=2199)
    commune = forms.ChoiceField(label="Commune", required=False)
    type = forms.ChoiceField(label="Type", required=False)
    zone = forms.ChoiceField(label="Zone tarifaire", required=False)
    voie = forms.ChoiceField(label="Voie", required=False)
    impaye = forms.ChoiceField(
        label="Paiement", required=False, choices=(("", "Tous"), ("1", "impayés"), ("0", "à jour"))
    )

    def __init__(
        self, *args: Any, communes: Mapping[str, str], insee: str, annee: int, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.offrir("commune", list(communes.items()))
        if len(communes) < 2:
            del self.fields["commune"]
        for code, lignes in choix(insee, annee).items():
            if lignes:
                self.offrir(code, [("", "Toutes" if code != "type" else "Tous"), *lignes])
            else:
                del self.fields[code]
        habiller(self)

    def offrir(self, code: str, lignes: list[tuple[str, str]]) -> None:
        """What a choice holds."""
        champ = self.fields[code]
        assert isinstance(champ, forms.ChoiceField)  # noqa: S101
        champ.choices = lignes

    def tri(self) -> Tri:
        """What cannot be read narrows nothing."""
        self.is_valid()
        propre = self.cleaned_data
        voie = propre.get("voie")
        return Tri(
            type=propre.get("type", ""),
            zone=propre.get("zone", ""),
            voie=int(voie) if voie else None,
            impaye={"1": True, "0": False}.get(propre.get("impaye", "")),
        )


def _annee(request: HttpRequest) -> int:
    demandee = request.GET.get("annee", "")
    if demandee.isdecimal() and len(demandee) == 4 and 1900 < int(demandee) < 2200:
        return int(demandee)
    jour = timezone.localdate()
    return jour.year + (jour.month >= 7)


def _quantites(
    request: HttpRequest, propositions: Sequence[Proposition]
) -> tuple[dict[int, Decimal], list[str]]:
    """Quantities typed that differ from what was, by key of the title; faults as sentences."""
    changees, fautes = {}, []
    for p in propositions:
        saisie = request.POST.get(f"quantite_{p.dossier.pk}", "").strip() if p.modifiable else ""
        if not saisie:
            continue
        try:
            quantite = QUANTITE.clean(saisie)
        except forms.ValidationError as e:
            fautes.append(f"{p.dossier}, quantité « {saisie[:20]} » : {' '.join(e.messages)}")
        else:
            if quantite != p.avant:
                changees[p.dossier.pk] = quantite
    return changees, fautes


@droit(perms.INSTRUIRE)
@require_http_methods(["GET", "HEAD", "POST"])
def renouvellement(request: HttpRequest) -> HttpResponse:
    """One line a title of the year before; those ticked are renewed in the background.

    « Recalculer » shows what the quantities typed would cost, and writes nothing.
    """
    communes = communes_du_droit(request.user, perms.INSTRUIRE)
    insee = request.GET.get("commune") or next(iter(communes), "")
    if insee and insee not in communes:
        raise Http404
    annee = _annee(request)
    filtre = FormulaireTri(
        {**request.GET.dict(), "annee": annee, "commune": insee}, communes=communes, insee=insee, annee=annee
    )
    tri = filtre.tri()
    propositions = proposer(insee, annee, tri) if insee else []
    peut_signer = bool(insee) and _signe(request, insee)
    peut_facturer = peut_signer and peut(request.user, perms.FACTURER, insee)
    coches: set[int] | None = None
    statut = 200
    if request.method == "POST":
        connues = {p.dossier.pk for p in propositions if p.suite is None}
        cles = [int(c) for c in request.POST.getlist("dossiers") if c.isdecimal() and int(c) in connues]
        quantites, fautes = _quantites(request, propositions)
        coches = set(cles)
        for faute in fautes:
            messages.error(request, faute)
        if "recalculer" not in request.POST and not fautes:
            if cles:
                moi = compte(request)
                tache = renouveler.demander(
                    annee,
                    cles,
                    moi.pk,
                    signer=peut_signer and "signer" in request.POST,
                    facturer=peut_facturer and "facturer" in request.POST,
                    quantites={str(c): str(quantites[c]) for c in cles if c in quantites},
                    par=moi,
                    insee=insee,
                )
                return redirect("tache_suivre", pk=tache.pk)
            messages.error(request, "Cochez au moins une occupation qui n'est pas déjà renouvelée.")
        statut = 422 if fautes else 200
        propositions = proposer(insee, annee, tri, quantites)
    contexte = {
        "lignes": [
            (p, p.dossier.pk in coches if coches is not None else not p.alertes) for p in propositions
        ],
        "annee": annee,
        "insee": insee,
        "filtre": filtre,
        "total": sum((p.nouveau or Decimal(0) for p in propositions), Decimal(0)),
        "peut_signer": peut_signer,
        "peut_facturer": peut_facturer,
        "impressions": Impression.objects.filter(auteur=compte(request), demande__renouvellement=annee)[:5],
        "restent": sum(p.suite is None for p in propositions),
        "modifiables": any(p.modifiable for p in propositions),
    }
    return render(request, "domainepublic/renouvellement.html", contexte, status=statut)

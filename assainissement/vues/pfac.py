"""Contributions to the sewer: one line a permit, its calculation, what may be done."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assainissement import perms
from assainissement import pfac as services
from assainissement.circuits.pfac import PFAC
from assainissement.formulaires_redevances import FormulaireNouvellePfac, FormulaireProjetPfac
from assainissement.models import Pfac
from assainissement.vues import commun
from gis_data.acces import droit
from mairie.courriers.sujets import sujet_de
from mairie.habilitations import communes_du_droit
from mairie.models import Courrier
from mairie.workflow import Refus, refus_annulation

MUETTES = ("preparer",)
AIDES = {
    "constater_raccordement": "La date est celle du raccordement : elle crée la dette et fige le calcul.",
    "titrer": "La date est celle où le redevable a reçu le titre : il a deux mois pour le contester.",
}


def pfac_ou_404(request: HttpRequest, pk: int) -> Pfac:
    """The contribution, if this person bills in its commune."""
    trouvee: Pfac = get_object_or_404(
        Pfac.objects.visibles_par(request.user).select_related("deliberation", "redevable"), pk=pk
    )
    return trouvee


@droit(perms.FACTURER)
@require_http_methods(["GET", "HEAD", "POST"])
def nouvelle(request: HttpRequest) -> HttpResponse:
    """A line for a permit that no event announced."""
    communes = communes_du_droit(request.user, perms.FACTURER)
    formulaire = FormulaireNouvellePfac(request.POST or None, communes=communes)
    if request.method == "POST" and formulaire.is_valid():
        d = formulaire.cleaned_data
        p = services.preparer(
            d["insee"], d["dossier"], parcelles=d["parcelles"], decision_le=d["decision_le"],
            entrees=formulaire.entrees(), par=commun.compte(request),
        )  # fmt: skip
        return redirect(p.get_absolute_url())
    statut = 422 if request.method == "POST" else 200
    contexte = {"formulaire": formulaire}
    return render(request, "assainissement/redevances/pfac_nouvelle.html", contexte, status=statut)


def _page(request: HttpRequest, p: Pfac, formulaire: forms.Form | None = None) -> HttpResponse:
    jour = timezone.localdate()
    vivante = p.figee or p.etat == "preparee"
    contexte: dict[str, Any] = {
        "p": p,
        "resultat": services.resultat_de(p, jour) if vivante else {},
        "simule": not p.figee,
        "faute": services.manque(p, jour) if p.etat == "preparee" else "",
        **commun.contexte_actions(p, request, MUETTES),
        "lignes": commun.lignes(p, PFAC),
        "annulation": refus_annulation(p, commun.compte(request)),
        "formulaire": formulaire
        or (FormulaireProjetPfac(initial=p.entrees) if p.etat == "preparee" else None),
        "projet": FormulaireProjetPfac.en_mots(p.entrees),
        "lettres": Courrier.objects.filter(
            dossier_type__app_label="assainissement", dossier_type__model="pfac", dossier_id=p.pk
        ).order_by("-pk"),
        "genre": sujet_de(p).genre,
    }
    statut = 422 if request.method == "POST" else 200
    return render(request, "assainissement/redevances/pfac.html", contexte, status=statut)


@droit(perms.FACTURER)
@require_safe
def pfac(request: HttpRequest, pk: int) -> HttpResponse:
    """One contribution: its calculation in words, a simulation until the connection."""
    return _page(request, pfac_ou_404(request, pk))


@droit(perms.FACTURER)
@require_POST
def completer(request: HttpRequest, pk: int) -> HttpResponse:
    """What the project is, until the connection."""
    p = pfac_ou_404(request, pk)
    formulaire = FormulaireProjetPfac(request.POST)
    if not formulaire.is_valid():
        return _page(request, p, formulaire)
    try:
        services.completer(p, formulaire.entrees())
    except Refus as e:
        formulaire.add_error(None, str(e))
        return _page(request, p, formulaire)
    messages.success(request, "Le projet est enregistré.")
    return redirect(p.get_absolute_url())


@droit(perms.FACTURER)
@require_POST
def annuler(request: HttpRequest, pk: int) -> HttpResponse:
    """Strike out its last event."""
    p = pfac_ou_404(request, pk)
    return commun.annuler(request, p, p.get_absolute_url())


@droit(perms.FACTURER)
@require_http_methods(["GET", "HEAD", "POST"])
def evenement(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """Enter one event of a contribution."""
    p = pfac_ou_404(request, pk)
    return commun.saisir_evenement(
        request, p, code, PFAC, services.agir, muettes=MUETTES, retour=p.get_absolute_url(),
        aide=AIDES.get(code, ""),
    )  # fmt: skip

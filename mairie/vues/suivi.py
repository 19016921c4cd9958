"""Follow a request: number and key, then the page of its trade."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from gis_data.acces import public
from mairie import journal, liens, suivi_usager
from mairie.models import Utilisateur
from mairie.vues_avis import sans_trace


@public
@require_http_methods(["GET", "HEAD", "POST"])
def suivi(request: HttpRequest) -> HttpResponse:
    """An unknown number fails like a wrong key, as slowly and with the same words."""
    saisie = {"numero": request.POST.get("numero", request.GET.get("numero", ""))[:40].strip()}
    erreur, statut = "", 200
    if request.method == "POST":
        trouve = suivi_usager.trouver(saisie["numero"]) if saisie["numero"] else None
        objet = trouve[1] if trouve else None
        usage = trouve[0].usage if trouve else "mairie.suivi"
        try:
            lien = liens.ouvrir_par_cle(objet, usage, request.POST.get("cle", "")[:60], request)
        except liens.LienRefuse as refus:
            statut = 429 if refus.motif == liens.Motif.TROP_D_ESSAIS else 422
            erreur = (
                str(refus)
                if refus.motif != liens.Motif.INCONNU
                else "Ce numéro et cette clé ne vont pas ensemble : vérifiez les deux sur votre accusé de"
                " réception."
            )
        else:
            assert trouve is not None  # noqa: S101 - a key opens nothing without its file
            suivi_usager.ouvrir(request, trouve[1], lien)
            return sans_trace(redirect(trouve[0].adresse(trouve[1])))
    contexte = {"saisie": saisie, "erreur": erreur, "suivis": suivi_usager.suivis()}
    return sans_trace(render(request, "mairie/suivi.html", contexte, status=statut))


@public
@require_POST
def fermer(request: HttpRequest) -> HttpResponse:
    """Leave nothing open on a shared computer."""
    suivi_usager.fermer(request)
    return sans_trace(redirect("suivi_usager"))


def donner_cle(
    request: HttpRequest, porteur: Model, usage: str, *, insee: str, numero: str, retour: str
) -> HttpResponse:
    """A new key of a file for who lost the first, which dies: shown this once to the agent, and logged."""
    par = request.user if isinstance(request.user, Utilisateur) else None
    with transaction.atomic():
        _, cle = liens.creer_cle(porteur, usage, insee=insee, par=par)
        journal.noter(request, suivi_usager.CLE_RENOUVELEE, porteur, insee=insee)
    contexte = {
        "cle": liens.ecrire_cle(cle),
        "numero": numero,
        "retour": retour,
        "adresse": suivi_usager.adresse(),
    }
    return sans_trace(render(request, "mairie/cle_de_suivi.html", contexte))

"""Follow-up of an occupation by who holds its key: where it stands, pieces, price, prolong, stop."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_safe

from domainepublic.models import DossierODP
from domainepublic.usager import suivi as service
from domainepublic.usager.declaration import par_numero
from domainepublic.usager.formulaires import (
    FormulaireArreter,
    FormulairePieces,
    FormulaireProlonger,
    FormulaireRenouvellement,
)
from domainepublic.usager.renouvellement import repondre
from gis_data.acces import public
from mairie import suivi_usager
from mairie.courriers import envois
from mairie.courriers.reponses import reponse_pdf
from mairie.debit import TropDeDemandes, compter
from mairie.models import Piece
from mairie.pieces.reception import recoit_pieces
from mairie.pieces.service import deposer_plusieurs
from mairie.roles import usager
from mairie.vues_avis import sans_trace
from mairie.workflow import ConflitEdition, Refus, rafraichir


@public
@recoit_pieces
@require_http_methods(["GET", "HEAD", "POST"])
def suivi(request: HttpRequest, numero: str) -> HttpResponse:
    """Without the key given in this browser, the page asks for it and says nothing of the file."""
    d = par_numero(numero)
    if d is None or not suivi_usager.est_ouvert(request, d):
        return sans_trace(redirect(f"/suivi/?{urlencode({'numero': numero})}"))
    # The calendar may have moved it since the night.
    rafraichir(d)
    classes: dict[str, Callable[..., Any]] = {
        "pieces": FormulairePieces,
        "prolonger": FormulaireProlonger,
        "arreter": FormulaireArreter,
        "renouveler": partial(FormulaireRenouvellement, unite=_unite(d)),
    }
    formulaires = {code: classe() for code, classe in classes.items()}
    statut = 200
    if request.method == "POST":
        quoi = request.POST.get("action", "")
        if quoi not in classes:
            return HttpResponse(status=400)
        formulaires[quoi] = formulaire = classes[quoi](request.POST, request.FILES or None)
        statut = 422
        if formulaire.is_valid():
            try:
                compter(request, "odp.suivi", settings.ODP_BROUILLONS_PAR_HEURE)
                if quoi == "pieces":
                    _joindre(request, d, formulaire.cleaned_data["pieces"])
                elif quoi == "prolonger":
                    service.prolonger(d, formulaire.cleaned_data["fin"])
                    messages.success(request, "Votre demande de prolongation est envoyée.")
                elif quoi == "renouveler":
                    repondre(d, **formulaire.cleaned_data)
                    messages.success(request, "La mairie a votre réponse.")
                else:
                    service.arreter(d, formulaire.cleaned_data["le"])
                    messages.success(request, "La mairie sait que la place sera libre.")
                return sans_trace(redirect("odp_suivi", numero=d.numero))
            except (Refus, ConflitEdition, TropDeDemandes) as e:
                formulaire.add_error(None, str(e))
    contexte = {**service.presenter(d), "formulaires": formulaires}
    return sans_trace(render(request, "domainepublic/usager/suivi.html", contexte, status=statut))


def _unite(d: DossierODP) -> str:
    """Words of the unit of the only emprise; empty where there are several, each with its own."""
    emprises = list(d.emprises.all()[:2])
    return str(emprises[0].unite_lisible) if len(emprises) == 1 else ""


@public
@require_safe
def acte(request: HttpRequest, numero: str, pk: int) -> HttpResponse:
    """The signed act as its holder received it; only for who opened the file with its key."""
    d = par_numero(numero)
    if d is None or not suivi_usager.est_ouvert(request, d):
        return sans_trace(redirect(f"/suivi/?{urlencode({'numero': numero})}"))
    trouve = next((c for c in service.actes_signes(d) if c.pk == pk), None)
    if trouve is None:
        raise Http404
    try:
        octets = envois.lire_pdf(trouve)
    except (envois.PdfAltere, OSError):
        messages.error(request, "Ce fichier n'est pas lisible pour le moment : demandez-le à la mairie.")
        return sans_trace(redirect("odp_suivi", numero=d.numero))
    return sans_trace(reponse_pdf(octets, envois.nom_pdf(trouve), telecharger=True))


def _joindre(request: HttpRequest, d: DossierODP, fichiers: list[object]) -> None:
    if d.etat not in service.PIECES_JUSQU_A:
        raise Refus("Ce dossier ne reçoit plus de pièces en ligne : appelez la mairie.")
    resultats = deposer_plusieurs(
        d, fichiers, par=usager(service.PORTE), code="autre", origine=Piece.Origine.USAGER
    )
    gardes = [r for r in resultats if r.piece is not None]
    for refus in (r.refus for r in resultats if r.refus):
        messages.error(request, refus)
    for _, nom in getattr(request, "fichiers_refuses", []):
        messages.error(request, f"« {nom} » est trop lourd : réduisez-le.")
    if gardes:
        reste = service.completer(d, len(gardes))
        messages.success(request, f"{len(gardes)} fichier(s) ajouté(s).")
        if reste:
            messages.info(
                request,
                f"Il en manque encore {reste}. Si un seul fichier les réunit toutes, la mairie le verra.",
            )
    elif not resultats:
        raise Refus("Choisissez au moins un fichier.")

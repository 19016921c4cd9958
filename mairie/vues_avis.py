"""The page of a consulted service (one secret link, one answer, no account), and agents' acts on it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST

from gis_data.acces import droit, public
from mairie import consultations, liens, perms
from mairie.habilitations import habilitations_de, peut
from mairie.models import Consultation, Utilisateur

LONGUEUR_MOTIVATION = 20_000


def sans_trace(reponse: HttpResponse) -> HttpResponse:
    """A page behind a secret: kept nowhere, told to nobody, found by no search engine."""
    reponse["Cache-Control"] = "private, no-store"
    # « no-referrer » would send the forms of the page with « Origin: null », which the CSRF guard refuses.
    reponse["Referrer-Policy"] = "same-origin"
    reponse["X-Robots-Tag"] = "noindex, nofollow"
    return reponse


def lien_mort(request: HttpRequest, refus: liens.LienRefuse) -> HttpResponse:
    """Why the link does not open, and how to get another."""
    demande = False
    if request.method == "POST" and request.POST.get("action") == "demander" and refus.lien is not None:
        liens.demander_nouveau(refus.lien)
        demande = True
    statut = 429 if refus.motif == liens.Motif.TROP_D_ESSAIS else (404 if refus.lien is None else 410)
    contexte = {"refus": refus, "demande": demande}
    return sans_trace(render(request, "mairie/lien_mort.html", contexte, status=200 if demande else statut))


@public
@require_http_methods(["GET", "HEAD", "POST"])
def avis(request: HttpRequest, jeton: str) -> HttpResponse:
    """The request, its last day, and the answer: saved for later, given, corrected until the last day.

    Opening the page is not receiving: mail filters open links too, and silence would speak too early.
    """
    try:
        lien = liens.ouvrir(jeton, consultations.USAGE_LIEN, request, "avis" if request.POST else "ouverture")
    except liens.LienRefuse as refus:
        return lien_mort(request, refus)
    c = get_object_or_404(Consultation.objects.select_related("service"), pk=lien.objet_id)
    erreur = ""
    saisie = {
        "avis": request.POST.get("avis", ""),
        "motivation": request.POST.get("motivation", "")[:LONGUEUR_MOTIVATION],
    }
    if request.method == "POST":
        try:
            if request.POST.get("action") == "recevoir":
                consultations.recevoir(c, timezone.localdate())
                messages.success(request, "Réception enregistrée : le délai court de ce jour.")
            elif request.POST.get("action") == "provisoire":
                consultations.garder_provisoire(c, saisie["avis"], saisie["motivation"])
                messages.success(request, "Votre réponse est gardée : vous pouvez la terminer plus tard.")
            else:
                consultations.rendre_avis(c, saisie["avis"], motivation=saisie["motivation"], par_lien=True)
                messages.success(request, "Votre avis est enregistré. La mairie en est prévenue.")
            return sans_trace(redirect(request.path))
        except consultations.ConsultationImpossible as e:
            erreur = str(e)
    statut = 422 if erreur else 200
    return sans_trace(render(request, "mairie/avis.html", _contexte(c, saisie, erreur), status=statut))


def _contexte(c: Consultation, saisie: dict[str, str], erreur: str) -> dict[str, Any]:
    presenter = consultations.suivi(c.metier).presenter
    jour = timezone.localdate()
    fin = consultations.limite_de(c)
    valeurs = saisie if erreur else (c.provisoire or {"avis": c.avis, "motivation": c.motivation})
    close = c.close_le is not None
    corrigeable = not close and (not c.avis or (c.limite is not None and jour <= c.limite))
    return {
        "c": c,
        "fin": fin,
        "jours": (fin.jour - jour).days if fin else None,
        "presentation": presenter(c) if presenter else {},
        "choix": Consultation.Avis.choices,
        "saisie": valeurs,
        "erreur": erreur,
        "ouverte": corrigeable,
        "versions": c.versions.all(),
    }


Acte = Callable[[Consultation, HttpRequest], str]


def _jour(request: HttpRequest, champ: str) -> date:
    try:
        lu = parse_date(request.POST.get(champ, "").strip())
    except ValueError:
        lu = None
    if lu is None:
        raise consultations.ConsultationImpossible("Écrivez la date sous la forme jour, mois, année.")
    return lu


def _envoyer(c: Consultation, request: HttpRequest) -> str:
    _, jeton = consultations.envoyer(c, par=_compte(request))
    adresse = liens.adresse(consultations.USAGE_LIEN, jeton)
    return f"Consultation envoyée. Lien à remettre au service, montré cette seule fois : {adresse}"


def _recevoir(c: Consultation, request: HttpRequest) -> str:
    consultations.recevoir(c, _jour(request, "le"))
    return "Réception enregistrée : le délai du service est certain."


def _avis(c: Consultation, request: HttpRequest) -> str:
    consultations.rendre_avis(
        c,
        request.POST.get("avis", ""),
        motivation=request.POST.get("motivation", "")[:LONGUEUR_MOTIVATION],
        le=_jour(request, "le"),
        par=_compte(request),
    )
    return "Avis enregistré."


def _clore(c: Consultation, request: HttpRequest) -> str:
    consultations.clore(c, request.POST.get("motif", ""))
    return "Consultation close sans avis."


def _lien(c: Consultation, request: HttpRequest) -> str:
    _, jeton = consultations.renouveler_lien(c, _compte(request))
    adresse = liens.adresse(consultations.USAGE_LIEN, jeton)
    return f"Nouveau lien, montré cette seule fois ; les anciens ne s'ouvrent plus : {adresse}"


ACTES: dict[str, Acte] = {
    "envoyer": _envoyer,
    "recevoir": _recevoir,
    "avis": _avis,
    "clore": _clore,
    "lien": _lien,
}


def _compte(request: HttpRequest) -> Utilisateur:
    assert isinstance(request.user, Utilisateur)  # noqa: S101
    return request.user


def _peut_noter(utilisateur: Utilisateur, c: Consultation) -> bool:
    """The right, there, by a role of the town hall or of the trade that asks: not of another trade."""
    if not peut(utilisateur, perms.CONSULTER_SERVICES, c.insee):
        return False
    return utilisateur.is_superuser or any(
        perms.CONSULTER_SERVICES in h.droits and h.metier in ("mairie", c.metier) and c.insee in h.codes
        for h in habilitations_de(utilisateur)
    )


@droit(perms.CONSULTER_SERVICES)
@require_POST
def acte(request: HttpRequest, pk: int, nom: str) -> HttpResponse:
    """One act of an agent on a consultation of his collectivité, then back to the dossier."""
    c = get_object_or_404(Consultation.objects.visibles_par(request.user), pk=pk)
    if not _peut_noter(_compte(request), c) or nom not in ACTES:
        raise PermissionDenied
    try:
        messages.success(request, ACTES[nom](c, request))
    except consultations.ConsultationImpossible as e:
        messages.error(request, str(e))
    suite = request.POST.get("suite", "")
    sur = url_has_allowed_host_and_scheme(suite, {request.get_host()}, require_https=request.is_secure())
    return redirect(suite if sur else "/bureau/")

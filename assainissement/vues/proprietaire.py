"""The owner's page, behind the number of his installation and the key of his letter; the agents' keys."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assainissement import perms, proprietaire
from assainissement.models import Installation
from assainissement.vues import commun
from gis_data.acces import droit, public
from mairie import journal, liens, suivi_usager
from mairie.courriers import envois
from mairie.courriers.reponses import reponse_pdf
from mairie.debit import TropDeDemandes, compter
from mairie.pieces.genres import USUELS, extensions
from mairie.pieces.reception import recoit_pieces, refuses
from mairie.vues.suivi import donner_cle
from mairie.vues_avis import sans_trace
from mairie.workflow import ConflitEdition, Refus

LU = "assainissement.rapport_lu_par_lien"
REVOQUEE = "assainissement.cle_retiree"


def declarer_actions() -> None:
    """From ``AppConfig.ready``."""
    journal.declarer(
        journal.Action(LU, "Rapport d'assainissement lu par son lien"),
        journal.Action(REVOQUEE, "Clé de suivi d'une installation retirée"),
    )


class FormulairePapier(forms.Form):
    """One paper of the owner."""

    code = forms.ChoiceField(label="Ce que c'est", choices=list(proprietaire.PIECES.items()))
    fichier = forms.FileField(
        label="Fichier",
        widget=forms.FileInput(attrs={"accept": ",".join(f".{e}" for e in extensions(USUELS))}),
    )


def _ouverte(request: HttpRequest, numero: str) -> Installation | None:
    i = proprietaire.par_numero(numero)
    return i if i is not None and suivi_usager.est_ouvert(request, i) else None


@public
@recoit_pieces
@require_http_methods(["GET", "HEAD", "POST"])
def suivi(request: HttpRequest, numero: str) -> HttpResponse:
    """Without the key given in this browser, the page asks for it and says nothing of the installation."""
    i = _ouverte(request, numero)
    if i is None:
        return sans_trace(redirect(f"/suivi/?{urlencode({'numero': numero[:40]})}"))
    jour = timezone.localdate()
    erreur, statut = "", 200
    papier = FormulairePapier()
    if request.method == "POST":
        try:
            compter(request, "ass.suivi", proprietaire.ENVOIS_PAR_HEURE)
            if request.POST.get("action") == "rdv":
                c = proprietaire.choisir(i, request.POST.get("creneau", "")[:40], jour)
                messages.success(request, f"Votre rendez-vous est fixé : contrôle {c}.")
                return sans_trace(redirect("ass_suivi", numero=i.numero))
            papier = FormulairePapier(request.POST, request.FILES)
            lourds = refuses(request, "fichier")
            if lourds:
                raise Refus(f"« {lourds[0]} » est trop lourd : réduisez-le.")
            if papier.is_valid():
                _joindre(request, i, papier)
                return sans_trace(redirect("ass_suivi", numero=i.numero))
        except (Refus, ConflitEdition, TropDeDemandes) as e:
            erreur = str(e)
        statut = 422
    contexte = {**proprietaire.presenter(i, jour), "papier": papier, "erreur": erreur}
    return sans_trace(render(request, "assainissement/suivi.html", contexte, status=statut))


def _joindre(request: HttpRequest, i: Installation, papier: FormulairePapier) -> None:
    d = papier.cleaned_data
    for r in proprietaire.joindre(i, [d["fichier"]], d["code"]):
        if r.refus:
            raise Refus(r.refus)
        messages.success(request, f"« {r.nom} » est reçu. Le service le regarde.")


@public
@require_safe
def rapport(request: HttpRequest, numero: str, pk: int) -> HttpResponseBase:
    """One report of this installation as it was sent; each reading is logged."""
    i = _ouverte(request, numero)
    if i is None:
        return sans_trace(redirect(f"/suivi/?{urlencode({'numero': numero[:40]})}"))
    lettre = get_object_or_404(proprietaire.rapports(i), pk=pk)
    try:
        octets = envois.lire_pdf(lettre)
    except (envois.PdfAltere, OSError):
        raise Http404 from None
    journal.noter(proprietaire.PORTE, LU, lettre.dossier, insee=i.insee)
    reponse = reponse_pdf(octets, envois.nom_pdf(lettre))
    reponse["Cache-Control"] = "private, no-store"
    reponse["X-Robots-Tag"] = "noindex, nofollow"
    return reponse


def _a_gerer(request: HttpRequest, pk: int) -> Installation:
    i = commun.installation_ou_404(request, pk)
    if not perms.peut_enregistrer(request.user, i):
        raise Http404
    return i


@droit(perms.ENREGISTRER)
@require_POST
def cle(request: HttpRequest, pk: int) -> HttpResponse:
    """A new key for the owner, shown this once; the former one dies."""
    i = _a_gerer(request, pk)
    return donner_cle(
        request, i, proprietaire.USAGE, insee=i.insee, numero=str(i), retour=i.get_absolute_url()
    )


@droit(perms.ENREGISTRER)
@require_POST
def retirer(request: HttpRequest, pk: int) -> HttpResponse:
    """The key opens no more: the house is sold, the letter was lost."""
    i = _a_gerer(request, pk)
    if liens.revoquer_tous(i, proprietaire.USAGE):
        journal.noter(commun.compte(request), REVOQUEE, i, insee=i.insee)
    messages.success(request, "La clé de suivi n'ouvre plus rien.")
    return redirect(i.get_absolute_url())

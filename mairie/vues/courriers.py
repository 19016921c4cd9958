"""Letters on screen: the desk of a dossier, a draft with its preview, a letter and what became of it."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gis_data.acces import droit
from mairie import journal
from mairie.courriers import conservation, envois, services
from mairie.courriers.actions import LETTRE_LUE
from mairie.courriers.declaration import GENERAL
from mairie.courriers.ecran import (
    champs_offerts,
    contexte_bureau,
    contexte_lettre,
    forme_signature,
    phrases_de,
)
from mairie.courriers.erreurs import AConfirmer, CourrierRefuse, SansDroit
from mairie.courriers.formulaires import EnvoiForm, LettreForm, SuiviForm
from mairie.courriers.modeles import modeles_proposes
from mairie.courriers.rendu import RenduRefuse
from mairie.courriers.reponses import reponse_pdf
from mairie.courriers.services import Libre
from mairie.courriers.sujets import Sujet, sujet
from mairie.courriers.texte import TexteTropLong
from mairie.models import Courrier, Delegation, ModeleCourrier, Phrase, Utilisateur
from mairie.perms import LIRE

FINALITE = "suivi du dossier"
FICHIER_MAX = envois.PDF_SIGNE_MAX


def _dossier(request: HttpRequest, genre: str, pk: int) -> tuple[Sujet, Any]:
    """Kind and dossier that this person may read; 404 otherwise."""
    trouve = sujet(genre)
    if trouve is None:
        raise Http404
    return trouve, get_object_or_404(trouve.visibles(request.user), pk=pk)


def _par(request: HttpRequest) -> Utilisateur:
    # A right is held by an account only.
    return cast(Utilisateur, request.user)


def _courrier(request: HttpRequest, pk: int) -> Courrier:
    lettres = Courrier.objects.visibles_par(request.user).select_related(
        "emetteur", "modele", "cree_par", "modifie_par", "finalise_par", "delegation", "remplace"
    )
    trouvee: Courrier = get_object_or_404(lettres, pk=pk)
    return trouvee


@droit(LIRE)
@require_safe
def nouveau(request: HttpRequest) -> HttpResponse:
    """Where a letter about no dossier starts: the desk of the collectivité, or the choice among several."""
    choix = [c for c in GENERAL.visibles(request.user) if GENERAL.rediger(request.user, c)]
    if len(choix) == 1:
        return redirect("courriers_dossier", GENERAL.genre, choix[0].pk)
    return render(request, "mairie/courriers/nouveau.html", {"choix": choix, "genre": GENERAL.genre})


@droit(LIRE)
@require_safe
def bureau(request: HttpRequest, genre: str, pk: int) -> HttpResponse:
    """Letters of a dossier, and the templates that may start another."""
    s, dossier = _dossier(request, genre, pk)
    return render(request, "mairie/courriers/bureau.html", contexte_bureau(request.user, s, dossier))


@droit(LIRE)
@require_POST
def preparer(request: HttpRequest, genre: str, pk: int) -> HttpResponse:
    """Start a letter from a template (or none) and open it."""
    s, dossier = _dossier(request, genre, pk)
    a = list(s.destinataires(dossier))
    rang = request.POST.get("destinataire", "")
    choisi = a[int(rang)] if rang.isdecimal() and int(rang) < len(a) else (a[0] if len(a) == 1 else None)
    modele: ModeleCourrier | Libre = Libre()
    if (code := request.POST.get("modele", "")) != "libre":
        proposes = modeles_proposes(s.metier, s.genre, s.insee(dossier), timezone.localdate())
        trouve = next((m for m in proposes if str(m.pk) == code), None)
        if trouve is None:
            messages.error(request, "Choisissez un modèle dans la liste.")
            return redirect("courriers_dossier", genre, pk)
        if s.convient is not None and not s.convient(dossier, trouve.code):
            messages.error(
                request, f"« {trouve.libelle} » n'a pas lieu d'être aujourd'hui : voyez l'état du dossier."
            )
            return redirect("courriers_dossier", genre, pk)
        modele = trouve
    try:
        courrier = services.preparer(dossier, modele, par=_par(request), destinataire=choisi)
    except SansDroit as e:
        raise PermissionDenied(str(e)) from e
    except CourrierRefuse as e:
        messages.error(request, str(e))
        return redirect("courriers_dossier", genre, pk)
    return redirect("courrier", courrier.pk)


@droit(LIRE)
@require_http_methods(["GET", "HEAD", "POST"])
def lettre(request: HttpRequest, pk: int) -> HttpResponse:
    """A draft with its editor, or a letter with its PDF and its life. POST saves the draft."""
    courrier = _courrier(request, pk)
    if request.method == "POST":
        return _enregistrer(request, courrier)
    if not courrier.modifiable:
        with transaction.atomic():
            journal.consulter(request, LETTRE_LUE, courrier, finalite=FINALITE, insee=courrier.insee)
        return render(request, "mairie/courriers/lettre_finale.html", contexte_lettre(request.user, courrier))
    forme = LettreForm(instance=courrier, initial={"version": courrier.version})
    return _montrer(request, courrier, forme)


def _montrer(
    request: HttpRequest,
    courrier: Courrier,
    forme: LettreForm,
    fautes: tuple[str, ...] = (),
    a_confirmer: tuple[str, ...] = (),
    autre: Courrier | None = None,
) -> HttpResponse:
    contexte = contexte_lettre(request.user, courrier) | {
        "forme": forme,
        "fautes": fautes,
        "a_confirmer": a_confirmer,
        "autre": autre,
        "groupes_champs": champs_offerts(courrier.metier),
        "phrases": phrases_de(courrier),
    }
    code = 409 if autre is not None else 422 if fautes else 200
    return render(request, "mairie/courriers/brouillon.html", contexte, status=code)


def _enregistrer(request: HttpRequest, courrier: Courrier) -> HttpResponse:
    """Save, then what the button says: stay, add a phrase, finalise."""
    forme = LettreForm(request.POST, instance=Courrier.objects.get(pk=courrier.pk))
    json = request.headers.get("Accept", "").startswith("application/json")
    if not forme.is_valid():
        return _refuser(request, courrier, forme, _fautes(forme), json)
    acte = request.POST.get("acte", "enregistrer")
    champs = {c: str(forme.cleaned_data[c]) for c in services.SAISIS}
    if acte == "phrase":
        champs["corps"] += _phrase(request, courrier)
    fait: Courrier | None = None
    try:
        version = forme.cleaned_data["version"]
        titre = forme.cleaned_data.get("delegation")
        fait = services.modifier(
            courrier, par=_par(request), version=version, champs=champs, delegation=titre
        )
        if acte == "finaliser":
            confirmer = request.POST.get("confirmer") == "oui"
            services.finaliser(fait, par=_par(request), version=fait.version, confirmer=confirmer)
    except SansDroit as e:
        raise PermissionDenied(str(e)) from e
    except AConfirmer as e:
        neuve = _courrier(request, courrier.pk)
        forme = LettreForm(instance=neuve, initial={"version": neuve.version})
        return _montrer(request, neuve, forme, a_confirmer=e.raisons)
    except CourrierRefuse as e:
        if fait is not None:
            # The text is saved, only the finalisation is refused: nobody else wrote.
            neuve = _courrier(request, courrier.pk)
            forme = LettreForm(instance=neuve, initial={"version": neuve.version})
            return _montrer(request, neuve, forme, e.raisons)
        return _refuser(request, courrier, forme, e.raisons, json)
    if json:
        manques = services.manques(fait, services.composer(fait))
        return JsonResponse({"version": fait.version, "manques": manques})
    if acte == "finaliser":
        messages.success(request, "La lettre est finalisée : elle ne changera plus.")
    elif acte != "phrase":
        messages.success(request, "Le brouillon est enregistré.")
    return redirect("courrier", courrier.pk)


def _refuser(
    request: HttpRequest, courrier: Courrier, forme: LettreForm, fautes: tuple[str, ...], json: bool
) -> HttpResponse:
    if json:
        return JsonResponse({"fautes": list(fautes)}, status=422)
    courrier.refresh_from_db()
    if not courrier.modifiable:
        for faute in fautes:
            messages.error(request, faute)
        return redirect("courrier", courrier.pk)
    perime = str(courrier.version) != request.POST.get("version", "")
    if perime:
        # What was typed stays in the form; saving again takes the place of the other's text, shown above.
        saisie = request.POST.copy()
        saisie["version"] = str(courrier.version)
        forme.data = saisie
    return _montrer(request, courrier, forme, fautes, autre=courrier if perime else None)


def _phrase(request: HttpRequest, courrier: Courrier) -> str:
    choisie = request.POST.get("phrase", "")
    permises = {str(p.pk): p for p in phrases_de(courrier)}
    phrase: Phrase | None = permises.get(choisie)
    return phrase.texte if phrase else ""


@droit(LIRE)
@require_safe
def pdf(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The PDF: a preview while it is a draft, the archived file afterwards."""
    courrier = _courrier(request, pk)
    if courrier.corps == conservation.VIDE:
        # Its time of keeping is over: the file is gone.
        raise Http404
    if courrier.pdf:
        try:
            octets = envois.lire_pdf(courrier)
        except (envois.PdfAltere, OSError):
            return render(request, "mairie/courriers/pdf_altere.html", {"courrier": courrier}, status=500)
        telecharger = "telecharger" in request.GET
        if telecharger:
            with transaction.atomic():
                journal.consulter(request, LETTRE_LUE, courrier, finalite=FINALITE, insee=courrier.insee)
        return reponse_pdf(octets, envois.nom_pdf(courrier), telecharger)
    try:
        rendu = services.apercu(courrier)
    except (RenduRefuse, TexteTropLong) as e:
        return render(request, "mairie/courriers/sans_apercu.html", {"raison": str(e)}, status=422)
    return reponse_pdf(rendu.pdf, "apercu.pdf")


@droit(LIRE)
@require_POST
def agir(request: HttpRequest, pk: int, acte: str) -> HttpResponse:
    """Sign, send, follow, give up, take again: one address an act."""
    courrier = _courrier(request, pk)
    if acte not in _ACTES:
        raise Http404
    try:
        with transaction.atomic():
            suite = _ACTES[acte](request, courrier)
    except SansDroit as e:
        raise PermissionDenied(str(e)) from e
    except AConfirmer as e:
        contexte = {"courrier": courrier, "raisons": e.raisons, "acte": acte, "saisie": _saisie(request)}
        return render(request, "mairie/courriers/confirmer.html", contexte)
    except CourrierRefuse as e:
        for raison in e.raisons:
            messages.error(request, raison)
        return redirect("courrier", pk)
    messages.success(request, suite[0])
    return redirect("courrier", suite[1].pk)


def _saisie(request: HttpRequest) -> list[tuple[str, str]]:
    hors = ("csrfmiddlewaretoken", "confirmer")
    return [(c, v) for c, v in request.POST.items() if c not in hors and isinstance(v, str)]


def _fautes(forme: Any) -> tuple[str, ...]:
    """Errors of a form, each with the label of its field."""
    return tuple(
        f"{forme.fields[champ].label or champ} : {erreur}" if champ in forme.fields else str(erreur)
        for champ, erreurs in forme.errors.items()
        for erreur in erreurs
    )


def _lire(forme: Any) -> dict[str, Any]:
    """Values of a form, or its faults as one refusal."""
    if not forme.is_valid():
        raise CourrierRefuse(*_fautes(forme))
    valeurs: dict[str, Any] = forme.cleaned_data
    return valeurs


def _confirme(request: HttpRequest) -> bool:
    return request.POST.get("confirmer") == "oui"


def _signer(request: HttpRequest, courrier: Courrier) -> tuple[str, Courrier]:
    valeurs = _lire(forme_signature(courrier, request.POST, request.FILES))
    fichier = valeurs.get("fichier")
    if fichier is not None and fichier.size > FICHIER_MAX:
        raise CourrierRefuse(f"Le fichier dépasse {FICHIER_MAX // 1024**2} Mo.")
    titre = Delegation.objects.filter(pk=valeurs["delegation"]).first() if valeurs.get("delegation") else None
    fait = envois.signer(
        courrier,
        par=_par(request),
        le=valeurs["le"],
        signataire=valeurs.get("signataire", ""),
        delegation=titre,
        fichier=fichier.read() if fichier is not None else None,
        confirmer=_confirme(request),
    )
    return "La signature est enregistrée.", fait


def _envoyer(request: HttpRequest, courrier: Courrier) -> tuple[str, Courrier]:
    valeurs = _lire(EnvoiForm(request.POST))
    fait = envois.envoyer(courrier, par=_par(request), confirmer=_confirme(request), **valeurs)
    if fait.etat == Courrier.Etat.EN_ENVOI:
        return "La lettre est dans la file des courriels ; son envoi sera daté par la preuve.", fait
    return "L'envoi est enregistré.", fait


def _suivre(request: HttpRequest, courrier: Courrier) -> tuple[str, Courrier]:
    faits = [(f.value, f.label) for f in envois.faits_possibles(courrier)]
    valeurs = _lire(SuiviForm(request.POST, faits=faits))
    fait = envois.enregistrer(courrier, par=_par(request), confirmer=_confirme(request), **valeurs)
    return "La date est enregistrée.", fait


def _abandonner(request: HttpRequest, courrier: Courrier) -> tuple[str, Courrier]:
    version = request.POST.get("version", "")
    fait = services.abandonner(
        courrier,
        par=_par(request),
        version=int(version) if version.isdecimal() else -1,
        motif=request.POST.get("motif", ""),
    )
    return "La lettre est abandonnée.", fait


def _reprendre(request: HttpRequest, courrier: Courrier) -> tuple[str, Courrier]:
    nouvelle = services.reprendre(courrier, par=_par(request))
    return "Le texte est repris dans un nouveau brouillon.", nouvelle


_ACTES = {
    "signer": _signer,
    "envoyer": _envoyer,
    "suivre": _suivre,
    "abandonner": _abandonner,
    "reprendre": _reprendre,
}

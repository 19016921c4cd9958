"""The collectivités administered, their services, their EPCI, and who signs for them."""

from __future__ import annotations

from datetime import date

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gis_data.acces import droit
from mairie import communes, historique, journal
from mairie.comptes import reglages
from mairie.comptes.droits import Refus
from mairie.comptes.formulaires_administration import (
    FormulaireCollectivite,
    FormulaireDelegation,
    FormulaireFin,
    FormulaireRattachement,
    FormulaireService,
    qualites_connues,
)
from mairie.comptes.traces import COLLECTIVITE_MODIFIEE, SERVICE_MODIFIE
from mairie.delegations import libelle_type
from mairie.models import Appartenance, Collectivite, Delegation, Service
from mairie.perms import ADMINISTRER
from mairie.vues.outils import soi


# --- Collectivités ------------------------------------------------------------------------------
@droit(ADMINISTRER)
@require_safe
def collectivites(request: HttpRequest) -> HttpResponse:
    """Those administered, with their services."""
    visibles = Collectivite.objects.visibles_par(request.user).prefetch_related("services")
    return render(request, "comptes/administration/collectivites.html", {"collectivites": visibles})


@droit(ADMINISTRER)
@require_http_methods(["GET", "HEAD", "POST"])
def collectivite(request: HttpRequest, code: str) -> HttpResponse:
    """Address and contacts of one, its services, its memberships, its history."""
    sienne = get_object_or_404(Collectivite.objects.visibles_par(request.user), code=code)
    formulaire = FormulaireCollectivite(request.POST or None, instance=sienne)
    if request.method == "POST" and formulaire.is_valid():
        with transaction.atomic():
            formulaire.save()
            journal.noter(request, COLLECTIVITE_MODIFIEE, sienne, insee=sienne.code)
        messages.success(request, "Les coordonnées sont enregistrées.")
        return redirect("administration_collectivite", code=sienne.code)
    appartenances = (
        Appartenance.objects.filter(Q(epci=sienne) | Q(commune=sienne))
        .select_related("epci", "commune")
        .order_by("-du")
    )
    return render(
        request,
        "comptes/administration/collectivite.html",
        {
            "sienne": sienne,
            "formulaire": formulaire,
            "services": sienne.services.all(),
            "appartenances": appartenances,
            "rattachement": FormulaireRattachement(soi(request)) if sienne.nature == "epci" else None,
            "fin": timezone.localdate(),
            "historique": historique.meler(
                historique.lignes(Collectivite, [sienne.pk], "coordonnées"),
                historique.lignes(Appartenance, [a.pk for a in appartenances], "appartenance"),
                historique.lignes(Service, [s.pk for s in sienne.services.all()], "service"),
            ),
        },
    )


@droit(ADMINISTRER)
@require_POST
def rattacher(request: HttpRequest, code: str) -> HttpResponse:
    """A commune joins this EPCI."""
    epci = get_object_or_404(Collectivite.objects.visibles_par(request.user), code=code, nature="epci")
    formulaire = FormulaireRattachement(soi(request), request.POST)
    if not formulaire.is_valid():
        messages.error(request, "Choisissez une commune que vous administrez, et une date.")
    else:
        try:
            reglages.rattacher(
                soi(request), epci, formulaire.cleaned_data["commune"], formulaire.cleaned_data["du"]
            )
            messages.success(request, "La commune est rattachée.")
        except (Refus, ValidationError) as e:
            messages.error(request, str(e))
    return redirect("administration_collectivite", code=epci.code)


@droit(ADMINISTRER)
@require_http_methods(["GET", "HEAD", "POST"])
def detacher(request: HttpRequest, pk: int) -> HttpResponse:
    """A commune leaves its EPCI on a day."""
    appartenance = get_object_or_404(
        Appartenance.objects.visibles_par(request.user).select_related("epci", "commune"), pk=pk
    )
    formulaire = FormulaireFin(request.POST or None)
    formulaire.fields["dernier_jour"].label = "Premier jour hors de l'EPCI"
    if request.method == "POST" and formulaire.is_valid():
        try:
            reglages.detacher(soi(request), appartenance, formulaire.cleaned_data["dernier_jour"])
        except Refus as e:
            formulaire.add_error(None, str(e))
        else:
            messages.success(request, "Le départ est daté.")
            visible = Collectivite.objects.visibles_par(request.user).filter(pk=appartenance.epci_id)
            retour = appartenance.epci if visible.exists() else appartenance.commune
            return redirect("administration_collectivite", code=retour.code)
    return render(
        request,
        "comptes/administration/detacher.html",
        {"appartenance": appartenance, "formulaire": formulaire},
    )


# --- Services -----------------------------------------------------------------------------------
@droit(ADMINISTRER)
@require_http_methods(["GET", "HEAD", "POST"])
def nouveau_service(request: HttpRequest) -> HttpResponse:
    """A new service of a collectivité administered."""
    return _service(request, None)


@droit(ADMINISTRER)
@require_http_methods(["GET", "HEAD", "POST"])
def service(request: HttpRequest, pk: int) -> HttpResponse:
    """An existing one."""
    return _service(request, get_object_or_404(Service.objects.visibles_par(request.user), pk=pk))


def _service(request: HttpRequest, existant: Service | None) -> HttpResponse:
    formulaire = FormulaireService(
        soi(request),
        request.POST or None,
        instance=existant,
        initial={} if existant else {"collectivite": request.GET.get("collectivite"), "actif": True},
    )
    if request.method == "POST" and formulaire.is_valid():
        with transaction.atomic():
            enregistre = formulaire.save()
            journal.noter(request, SERVICE_MODIFIE, enregistre, insee=enregistre.collectivite.code)
        messages.success(request, f"Le service « {enregistre} » est enregistré.")
        return redirect("administration_collectivite", code=enregistre.collectivite.code)
    return render(
        request, "comptes/administration/service.html", {"service": existant, "formulaire": formulaire}
    )


# --- Delegations --------------------------------------------------------------------------------
@droit(ADMINISTRER)
@require_safe
def delegations(request: HttpRequest) -> HttpResponse:
    """Who signs, today and before, in the commune chosen if one is."""
    visibles = Delegation.objects.visibles_par(request.user).select_related("collectivite", "delegataire")
    ici = communes.courante(request)
    if ici:
        visibles = visibles.filter(collectivite__code=ici)
    jour = timezone.localdate()
    lignes = [
        (d, etat, {"en cours": "bien", "à venir": "info"}.get(etat, "neutre"), _actes(d))
        for d, etat in ((d, _etat(d, jour)) for d in visibles)
    ]
    return render(
        request,
        "comptes/administration/delegations.html",
        {
            "vivantes": [x for x in lignes if x[1] != "terminée"],
            "terminees": [x for x in lignes if x[1] == "terminée"],
            "historique": historique.lignes(Delegation, [d.pk for d, *_ in lignes]),
        },
    )


def _etat(d: Delegation, jour: date) -> str:
    if d.au is not None and d.au < jour:
        return "terminée"
    return "à venir" if d.du > jour else "en cours"


def _actes(d: Delegation) -> list[str]:
    return ["tous les actes, par sa fonction"] if d.titulaire else [libelle_type(t) for t in d.types_actes]


@droit(ADMINISTRER)
@require_http_methods(["GET", "HEAD", "POST"])
def nouvelle_delegation(request: HttpRequest) -> HttpResponse:
    """Write who signs: by office or by delegation."""
    moi = soi(request)
    formulaire = FormulaireDelegation(moi, request.POST or None)
    if request.method == "POST" and formulaire.is_valid():
        d = formulaire.cleaned_data
        try:
            reglages.deleguer(
                moi,
                reglages.NouvelleDelegation(
                    d["collectivite"],
                    d["delegataire"],
                    d["qualite"],
                    d["du"],
                    d["titulaire"],
                    tuple(d["types_actes"]),
                    d["au"],
                    d["acte_reference"],
                    d["acte_date"],
                ),
            )
        except Refus as e:
            formulaire.add_error(None, str(e))
        else:
            messages.success(request, "La délégation est enregistrée.")
            return redirect("administration_delegations")
    return render(
        request,
        "comptes/administration/delegation.html",
        {"formulaire": formulaire, "qualites": qualites_connues(moi)},
    )


@droit(ADMINISTRER)
@require_http_methods(["GET", "HEAD", "POST"])
def terminer_delegation(request: HttpRequest, pk: int) -> HttpResponse:
    """End a delegation on a day."""
    delegation = get_object_or_404(
        Delegation.objects.visibles_par(request.user).select_related("collectivite", "delegataire"), pk=pk
    )
    formulaire = FormulaireFin(request.POST or None)
    if request.method == "POST" and formulaire.is_valid():
        try:
            reglages.terminer_delegation(soi(request), delegation, formulaire.cleaned_data["dernier_jour"])
        except Refus as e:
            formulaire.add_error(None, str(e))
        else:
            messages.success(request, "La délégation est terminée.")
            return redirect("administration_delegations")
    return render(
        request,
        "comptes/administration/terminer_delegation.html",
        {"delegation": delegation, "actes": _actes(delegation), "formulaire": formulaire},
    )

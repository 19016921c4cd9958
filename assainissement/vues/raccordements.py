"""Pages of connections to the sewer: sheet, entry, connection made, derogation."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from assainissement import perms, raccordements
from assainissement.formulaires_ac import (
    FormulaireBranchement,
    FormulaireCorrigerDerogation,
    FormulaireCorrigerJour,
    FormulaireDerogation,
    FormulaireRaccorder,
)
from assainissement.models import Branchement, Installation, Pfac, ZonageAssainissement
from assainissement.mots_ac import TONS_BRANCHEMENT, TONS_CONTROLE_AC
from assainissement.vues import commun
from cadastre.models import Parcelle
from gis_data.acces import droit
from mairie.habilitations import communes_du_droit, peut
from mairie.models import Courrier, Tiers
from mairie.workflow import ConflitEdition, Refus


def branchement_ou_404(request: HttpRequest, pk: int) -> Branchement:
    """The connection, if this person may read it."""
    trouve: Branchement = get_object_or_404(
        Branchement.objects.visibles_par(request.user).select_related("adresse__voie", "proprietaire"), pk=pk
    )
    return trouve


def _a_modifier(request: HttpRequest, pk: int, droit_exige: str = perms.ENREGISTRER) -> Branchement:
    b = branchement_ou_404(request, pk)
    if not peut(request.user, droit_exige, b.insee):
        raise Http404
    return b


def _version_vue(request: HttpRequest) -> str | None:
    return request.POST.get("version") or None


def _version_a_porter(request: HttpRequest, b: Branchement, *, concurrent: bool) -> str:
    """What the form carries on: what its person saw first, until a conflict has shown the newer one."""
    vue = _version_vue(request)
    return vue if vue is not None and not concurrent else raccordements.version(b)


def tiers_offerts(request: HttpRequest, choisi: Any = None) -> Any:
    """People recently used whom this person may read, and the one chosen already."""
    recents = Tiers.objects.visibles_par(request.user).actifs().order_by("-modifie_le")[:200]
    cles = {t.pk for t in recents} | ({choisi.pk} if choisi is not None else set())
    return Tiers.objects.filter(pk__in=cles)


@droit(perms.LIRE)
@require_safe
def branchement(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything about one connection on one page."""
    b = branchement_ou_404(request, pk)
    jour = timezone.localdate()
    etat = b.etat_au(jour)
    references = [p.reference for p in b.parcelles.all()]
    vivantes = set(
        Parcelle.objects.filter(idu__in=references, valide_au__isnull=True).values_list("idu", flat=True)
    )
    zones = []
    if b.geom is not None:
        zones = list(
            ZonageAssainissement.objects.en_vigueur(jour)
            .filter(insee=b.insee, geom__intersects=b.geom)
            .defer("geom", "geom_3857")
        )
    contexte: dict[str, Any] = {
        "b": b,
        "ton": TONS_BRANCHEMENT[etat],
        "etat": etat,
        "derogation": b.derogations.filter(du__lte=jour, au__gte=jour).first(),
        "derogations": [(d, d.du <= jour <= d.au) for d in b.derogations.all()],
        "controles": [(c, TONS_CONTROLE_AC[c.etat]) for c in b.controles.exclude(etat="")],
        "parcelles": [(r, r in vivantes) for r in references],
        "zones": zones,
        "installations": Installation.objects.visibles_par(request.user)
        .filter(parcelles__reference__in=references, insee=b.insee, etat="active")
        .distinct(),
        "plan": commun.plan_de(b),
        "lettres": Courrier.objects.filter(
            dossier_type__app_label="assainissement", dossier_type__model="branchement", dossier_id=b.pk
        ).order_by("-pk"),
        "peut_enregistrer": peut(request.user, perms.ENREGISTRER, b.insee),
        "peut_deroger": peut(request.user, perms.VALIDER, b.insee),
    }
    return render(request, "assainissement/branchement.html", contexte)


@droit(perms.ENREGISTRER)
@require_http_methods(["GET", "HEAD", "POST"])
def nouveau(request: HttpRequest) -> HttpResponse:
    """Enter a connection; a double click makes one."""
    envoi = request.method == "POST"
    formulaire = FormulaireBranchement(
        request.POST if envoi else None, request.FILES if envoi else None,
        communes=communes_du_droit(request.user, perms.ENREGISTRER), tiers=tiers_offerts(request),
        initial=commun.depuis_parcelle(request, "lieu"),
    )  # fmt: skip
    if envoi and formulaire.is_valid():
        d = formulaire.cleaned_data
        try:
            b = raccordements.creer(
                d["insee"], par=commun.compte(request), champs=formulaire.champs(), parcelles=d["parcelles"],
                raccorde_le=d["raccorde"], client_uuid=d["client_uuid"],
            )  # fmt: skip
        except Refus as e:
            for raison in e.raisons:
                formulaire.add_error("raccorde", raison)
        else:
            messages.success(request, f"Le branchement {b} est enregistré.")
            return redirect(b.get_absolute_url())
    contexte = {"titre": "Nouveau branchement", "formulaire": formulaire, "dessin": True}
    return render(request, "assainissement/branchement_saisie.html", contexte, status=422 if envoi else 200)


@droit(perms.ENREGISTRER)
@require_http_methods(["GET", "HEAD", "POST"])
def modifier(request: HttpRequest, pk: int) -> HttpResponse:
    """Correct what a connection is."""
    b = _a_modifier(request, pk)
    envoi = request.method == "POST"
    formulaire = FormulaireBranchement(
        request.POST if envoi else None, request.FILES if envoi else None, instance=b,
        communes={}, tiers=tiers_offerts(request, b.proprietaire),
    )  # fmt: skip
    concurrent = False
    if envoi and formulaire.is_valid():
        try:
            raccordements.modifier(
                b,
                formulaire.champs(),
                formulaire.cleaned_data["parcelles"],
                par=commun.compte(request),
                vue=_version_vue(request),
            )
        except ConflitEdition as e:
            formulaire.add_error(None, str(e))
            concurrent = True
        else:
            messages.success(request, "Le branchement est corrigé.")
            return redirect(b.get_absolute_url())
    contexte = {"titre": "Corriger le branchement", "b": b, "formulaire": formulaire, "dessin": True}
    return _saisie(request, b, contexte, concurrent=concurrent)


def _saisie(
    request: HttpRequest, b: Branchement, contexte: dict[str, Any], *, concurrent: bool
) -> HttpResponse:
    """The form, with the version that it carries."""
    if concurrent:
        b = branchement_ou_404(request, b.pk)
    contexte["version"] = _version_a_porter(request, b, concurrent=concurrent)
    statut = 422 if request.method == "POST" else 200
    return render(request, "assainissement/branchement_saisie.html", contexte, status=statut)


@droit(perms.ENREGISTRER)
@require_http_methods(["GET", "HEAD", "POST"])
def raccorder(request: HttpRequest, pk: int) -> HttpResponse:
    """Say the day the building was connected."""
    b = _a_modifier(request, pk)
    envoi = request.method == "POST"
    formulaire = FormulaireRaccorder(request.POST if envoi else None)
    if envoi and formulaire.is_valid():
        try:
            raccordements.constater(b, formulaire.cleaned_data["le"], par=commun.compte(request))
        except Refus as e:
            for raison in e.raisons:
                formulaire.add_error("le", raison)
        else:
            messages.success(request, "Le raccordement est constaté.")
            return redirect(b.get_absolute_url())
    contexte = {"titre": "Constater le raccordement", "b": b, "formulaire": formulaire}
    return render(request, "assainissement/branchement_saisie.html", contexte, status=422 if envoi else 200)


@droit(perms.VALIDER)
@require_http_methods(["GET", "HEAD", "POST"])
def deroger(request: HttpRequest, pk: int) -> HttpResponse:
    """Record a derogation with its act."""
    b = _a_modifier(request, pk, perms.VALIDER)
    envoi = request.method == "POST"
    formulaire = FormulaireDerogation(request.POST if envoi else None)
    if envoi and formulaire.is_valid():
        d = formulaire.cleaned_data
        try:
            raccordements.deroger(b, par=commun.compte(request), **d)
        except Refus as e:
            for raison in e.raisons:
                formulaire.add_error(None, raison)
        else:
            messages.success(request, "La dérogation est enregistrée.")
            return redirect(b.get_absolute_url())
    contexte = {"titre": "Accorder une dérogation", "b": b, "formulaire": formulaire}
    return render(request, "assainissement/branchement_saisie.html", contexte, status=422 if envoi else 200)


@droit(perms.VALIDER)
@require_http_methods(["GET", "HEAD", "POST"])
def corriger_jour(request: HttpRequest, pk: int) -> HttpResponse:
    """Another day of connection, or none, with the reason."""
    b = _a_modifier(request, pk, perms.VALIDER)
    formulaire = FormulaireCorrigerJour(request.POST or None, initial={"le": b.raccorde_le})
    concurrent = False
    if request.method == "POST" and formulaire.is_valid():
        d = formulaire.cleaned_data
        try:
            raccordements.corriger_jour(
                b, d["le"], d["raison"], par=commun.compte(request), vue=_version_vue(request)
            )
        except ConflitEdition as e:
            formulaire.add_error(None, str(e))
            concurrent = True
        except Refus as e:
            for raison in e.raisons:
                formulaire.add_error("le", raison)
        else:
            messages.success(request, "La date du raccordement est corrigée.")
            _dire_titrees(request, b)
            return redirect(b.get_absolute_url())
    contexte = {"titre": "Corriger la date du raccordement", "b": b, "formulaire": formulaire}
    return _saisie(request, b, contexte, concurrent=concurrent)


def _dire_titrees(request: HttpRequest, b: Branchement) -> None:
    """A contribution titled already keeps its day: finance alone mends it."""
    references = set(b.parcelles.values_list("reference", flat=True))
    for p in Pfac.objects.filter(insee=b.insee, etat__in=("titree", "soldee")):
        if references & set(p.parcelles):
            messages.warning(
                request,
                f"La participation {p} est déjà {p.libelle_etat} : son titre garde l'ancienne date,"
                " voyez avec les finances.",
            )


@droit(perms.VALIDER)
@require_http_methods(["GET", "HEAD", "POST"])
def corriger_derogation(request: HttpRequest, pk: int, derogation: int) -> HttpResponse:
    """End a derogation early, or mend what was typed of it."""
    b = _a_modifier(request, pk, perms.VALIDER)
    x = get_object_or_404(b.derogations, pk=derogation)
    formulaire = FormulaireCorrigerDerogation(
        request.POST or None, initial={"motif": x.motif, "acte": x.acte, "du": x.du, "au": x.au}
    )
    concurrent = False
    if request.method == "POST" and formulaire.is_valid():
        try:
            raccordements.corriger_derogation(
                x, par=commun.compte(request), vue=_version_vue(request), **formulaire.cleaned_data
            )
        except ConflitEdition as e:
            formulaire.add_error(None, str(e))
            concurrent = True
        except Refus as e:
            for raison in e.raisons:
                formulaire.add_error(None, raison)
        else:
            messages.success(request, "La dérogation est corrigée.")
            return redirect(b.get_absolute_url())
    contexte = {"titre": "Corriger ou finir la dérogation", "b": b, "formulaire": formulaire}
    return _saisie(request, b, contexte, concurrent=concurrent)

"""Conflicts of a file: compute again, waive with a reason."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from domainepublic import conflits, emprises, perms
from domainepublic.apercu_conflits import Apercu, chercher
from domainepublic.formulaires import FormulaireEmprise
from domainepublic.models import Conflit
from domainepublic.regles.decalage import DECALAGE_MAX_JOURS
from domainepublic.vues.dossier import compte, dossier_a_instruire, dossier_ou_404
from gis_data.acces import droit
from mairie.calendrier import jma
from mairie.habilitations import peut
from mairie.lecture_json import ErreurSaisie
from mairie.models import Voie
from mairie.workflow import ConflitEdition, Refus
from mairie.workflow.edition import version_vue


@droit(perms.INSTRUIRE)
@require_POST
def apercu(request: HttpRequest) -> HttpResponse:
    """While an agent draws: what this ground would meet on these days. A part of page; nothing is written."""
    formulaire = FormulaireEmprise(request.POST)
    dossier = None
    if (pk := request.POST.get("dossier", "")).isdigit():
        dossier = dossier_ou_404(request, int(pk))
    insee = dossier.insee if dossier else request.POST.get("insee", "")
    if not peut(request.user, perms.INSTRUIRE, insee):
        raise Http404
    trouves: list[Apercu] = []
    pret = formulaire.is_valid()
    if pret:
        nouvelle = formulaire.emprise()
        cle = request.POST.get("voie", "")
        voie = Voie.objects.filter(insee=insee, pk=int(cle)).first() if cle.isdigit() else None
        try:
            trouves = chercher(insee, nouvelle, dossier=dossier, voie=voie)
        except (ValueError, ErreurSaisie):
            # Not yet a whole drawing: the form will say what lacks.
            pret = False
    contexte = {"trouves": trouves, "pret": pret}
    return render(request, "domainepublic/_apercu_conflits.html", contexte)


@droit(perms.LIRE)
@require_POST
def recalculer(request: HttpRequest, pk: int) -> HttpResponse:
    """Look again at the street as it is now."""
    d = dossier_ou_404(request, pk)
    trouves = conflits.recalculer(d)
    bloquants = sum(c.bloque for c in trouves)
    messages.success(request, f"{len(trouves)} conflit(s), dont {bloquants} bloquant(s) à lever.")
    return redirect(f"{d.get_absolute_url()}#conflits")


@droit(perms.LEVER)
@require_POST
def lever(request: HttpRequest, pk: int, conflit: int) -> HttpResponse:
    """Waive one."""
    d = dossier_ou_404(request, pk)
    trouve = get_object_or_404(Conflit, dossier=d, pk=conflit)
    try:
        conflits.lever(
            trouve, request.POST.get("motif", ""), compte(request), vise=bool(request.POST.get("vise"))
        )
        messages.success(request, "Le conflit est levé ; le motif est au journal.")
    except Refus as e:
        messages.error(request, str(e))
    return redirect(f"{d.get_absolute_url()}#conflits")


@droit(perms.INSTRUIRE)
@require_POST
def decaler(request: HttpRequest, pk: int) -> HttpResponse:
    """Move the file to the free period that its page proposed, then look at the street again."""
    d = dossier_a_instruire(request, pk)
    brut = request.POST.get("jours", "")
    try:
        if not brut.isdecimal() or not 1 <= int(brut) <= DECALAGE_MAX_JOURS:
            raise Refus("Ce décalage n'est pas compris entre un jour et un an.")
        emprises.decaler(d, int(brut), version=version_vue(request), par=compte(request))
        restent = sum(c.bloque for c in conflits.recalculer(d))
        suite = f" {restent} conflit(s) bloquant(s) reste(nt)." if restent else " Plus rien ne bloque."
        assert d.debut is not None  # noqa: S101 - it has emprises
        messages.success(request, f"L'occupation est décalée au {jma(d.debut)}.{suite}")
    except (Refus, ConflitEdition) as e:
        messages.error(request, str(e))
    return redirect(f"{d.get_absolute_url()}#conflits")

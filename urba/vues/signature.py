"""The signatory's page: acts that wait, signed one or many at a time, or sent back. Made for a phone too."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from gis_data.acces import droit
from mairie.courriers.erreurs import CourrierRefuse
from mairie.models import Courrier
from urba import perms
from urba.courriers import parapheur
from urba.explications import raisons
from urba.models import DossierInstruction
from urba.vues.dossier import _compte, _plan


@droit(perms.LIRE)
@require_http_methods(["GET", "HEAD", "POST"])
def signature(request: HttpRequest) -> HttpResponse:
    """The queue of this person; POST signs what is ticked and says what became of each."""
    compte, jour = _compte(request), timezone.localdate()
    resultats: list[parapheur.Resultat] = []
    if request.method == "POST":
        choisis = [int(n) for n in request.POST.getlist("actes") if n.isdecimal()]
        if not choisis:
            messages.error(request, "Cochez au moins un acte à signer.")
            return redirect("urba_signature")
        resultats = parapheur.signer(choisis, par=compte, le=jour)
    attente, autres = parapheur.file_de(compte, jour)
    a_ecrire = (
        DossierInstruction.objects.visibles_par(request.user)
        .filter(etat="en_signature")
        .exclude(pk__in=[x.dossier.pk for x in attente])
        .select_related("da", "instructeur")
        .order_by("date_limite")
    )
    contexte: dict[str, Any] = {
        "attente": [(x, _plan(x.dossier)) for x in attente],
        "autres": autres,
        "a_ecrire": [
            (d, raisons(d, "date_limite")) for d in a_ecrire if parapheur.suites.acte_a_signer(d) is None
        ],
        "resultats": resultats,
        "echecs": sum(not r.fait for r in resultats),
    }
    return render(request, "urba/signature.html", contexte)


@droit(perms.LIRE)
@require_POST
def renvoyer(request: HttpRequest, pk: int) -> HttpResponse:
    """Send one act back, with its reason."""
    visibles = DossierInstruction.objects.visibles_par(request.user).values("pk")
    courrier = get_object_or_404(Courrier, pk=pk, metier="urba", dossier_id__in=visibles)
    try:
        parapheur.renvoyer(
            courrier,
            par=_compte(request),
            motif=request.POST.get("motif", ""),
            le=timezone.localdate(),
        )
        messages.success(request, f"« {courrier} » est renvoyé en rédaction avec votre motif.")
    except CourrierRefuse as e:
        messages.error(request, str(e))
    return redirect("urba_signature")

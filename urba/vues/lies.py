"""What is posted from the page of a request about the dossiers tied to it and the constraints it keeps."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from gis_data.acces import droit
from urba import contraintes_dossier, lies, perms
from urba.models import DossierInstruction
from urba.vues.dossier import _compte, dossier_ou_404

AUTRUI = "Ce dossier est confié à un autre instructeur."


def _entier(texte: str | None) -> int:
    return int(texte) if texte and texte.isdecimal() and len(texte) < 19 else 0


@droit(perms.INSTRUIRE)
@require_POST
def lier(request: HttpRequest, pk: int) -> HttpResponse:
    """Tie to the dossier of a number, or untie (``retirer``)."""
    d = dossier_ou_404(request, pk)
    compte = _compte(request)
    try:
        if not lies.peut_lier(compte, d):
            raise lies.LienRefuse(AUTRUI)
        if "retirer" in request.POST:
            lies.delier(d, _entier(request.POST.get("retirer")), par=compte)
            messages.success(request, "Le lien est retiré ; le journal le garde.")
        else:
            lies.lier(d, request.POST.get("numero", ""), request.POST.get("motif", ""), par=compte)
            messages.success(request, "Les deux dossiers sont liés, chacun montre l'autre.")
    except lies.LienRefuse as e:
        messages.error(request, str(e))
    return redirect(f"/urba/dossiers/{d.pk}/#lies")


@droit(perms.INSTRUIRE)
@require_POST
def contraintes(request: HttpRequest, pk: int) -> HttpResponse:
    """Check the ground again, set a constraint aside, take that back, add one."""
    d = dossier_ou_404(request, pk)
    compte = _compte(request)
    faire, ligne = request.POST.get("faire", ""), _entier(request.POST.get("ligne"))
    motif = request.POST.get("motif", "")
    try:
        if not perms.peut_instruire(compte, d):
            raise contraintes_dossier.ContrainteRefusee(AUTRUI)
        fait = _faire(d, faire, ligne, motif, request, compte)
    except contraintes_dossier.ContrainteRefusee as e:
        messages.error(request, str(e))
    else:
        messages.success(request, fait)
    return redirect(f"/urba/dossiers/{d.pk}/#contraintes")


def _faire(
    d: DossierInstruction, faire: str, ligne: int, motif: str, request: HttpRequest, compte: Any
) -> str:
    match faire:
        case "controler":
            contraintes_dossier.controler(d, par=compte, jour=timezone.localdate())
            return "Les couches sont interrogées à nouveau ; ce que vous aviez écarté ou ajouté est gardé."
        case "ecarter":
            c = contraintes_dossier.ecarter(d, ligne, motif, par=compte)
            return f"« {c.libelle} » est écartée ; le motif s'imprimera dans le rapport."
        case "retablir":
            contraintes_dossier.retablir(d, ligne, par=compte)
            return "La contrainte est remise comme la carte la donne."
        case "ajouter":
            libelle, nature = request.POST.get("libelle", ""), request.POST.get("nature", "")
            c = contraintes_dossier.ajouter(d, libelle, nature, motif, par=compte)
            return f"« {c.libelle} » est ajoutée au dossier."
    raise contraintes_dossier.ContrainteRefusee("Cette action n'existe pas.")

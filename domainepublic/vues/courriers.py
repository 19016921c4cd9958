"""Letters started from the page of a file; what follows is on the shared screens of letters."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from domainepublic import perms
from domainepublic.courriers import concurrence, suites
from domainepublic.courriers.catalogue import FINANCES, lettre_de
from domainepublic.courriers.sujet import AFFICHAGE, destinataires, vers
from domainepublic.models import DossierODP
from domainepublic.vues.dossier import compte, dossier_ou_404
from gis_data.acces import droit
from mairie.courriers import services
from mairie.courriers.erreurs import CourrierRefuse, SansDroit
from mairie.courriers.section import lettres_de
from mairie.courriers.sujets import Destinataire
from mairie.models import Consultation


@droit(perms.LIRE)
@require_POST
def preparer(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """Start the letter of a template on a file, to whom it goes, and open it."""
    d = dossier_ou_404(request, pk)
    modele = suites.modele(d, code)
    if modele is None:
        messages.error(request, "Ce modèle n'est plus en service : choisissez-en un autre.")
        return redirect(f"{d.get_absolute_url()}#courriers")
    try:
        courrier = services.preparer(
            d, modele, par=compte(request), destinataire=_destinataire(request, d, code)
        )
        if code == concurrence.CODE:
            concurrence.par_courriel(courrier)
    except SansDroit as e:
        raise PermissionDenied(str(e)) from e
    except CourrierRefuse as e:
        messages.error(request, str(e))
        return redirect(f"{d.get_absolute_url()}#courriers")
    return redirect("courrier", courrier.pk)


def _destinataire(request: HttpRequest, d: DossierODP, code: str) -> Destinataire | None:
    """The service consulted, an interest without answer, the payer of a bill, else the holder."""
    offerts: list[Any] = list(destinataires(d))
    if code == "consultation":
        numero = request.POST.get("consultation", "")
        trouvee = Consultation.objects.filter(pk=int(numero), dossier_id=d.pk) if numero.isdecimal() else None
        nom = str(trouvee[0].service) if trouvee else ""
        services_ = [x for x in offerts if x.qualite == "service consulté"]
        return next((x for x in services_ if x.nom == nom), services_[0] if services_ else None)
    if code == concurrence.CODE:
        muets = concurrence.sans_reponse(d, lettres_de(d))
        return concurrence.vers(muets[0]) if muets else None
    lettre = lettre_de(code)
    if lettre is not None and lettre.affichage:
        return AFFICHAGE
    if lettre is not None and lettre.redacteurs == FINANCES and d.qui_paie is not None:
        return vers(d.qui_paie, "payeur")
    return offerts[0] if offerts else None

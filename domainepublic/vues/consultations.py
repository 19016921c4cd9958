"""Ask services for their opinion on a file."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from domainepublic import consultations, perms
from domainepublic.vues.dossier import compte, dossier_a_instruire
from gis_data.acces import droit
from mairie import consultations as partagees
from mairie import liens
from mairie.consultations import ConsultationImpossible
from mairie.workflow import ConflitEdition, Refus
from mairie.workflow.edition import version_vue


@droit(perms.INSTRUIRE)
@require_POST
def consulter(request: HttpRequest, pk: int) -> HttpResponse:
    """Send to the services ticked; each link is shown once."""
    d = dossier_a_instruire(request, pk)
    cles = [c for c in request.POST.getlist("services") if c.isdigit()]
    choisis = list(partagees.services("domainepublic", d.insee).filter(pk__in=cles))
    version = version_vue(request)
    try:
        parties = consultations.consulter(
            d, choisis, par=compte(request), version=d.version if version is None else version,
            obligatoire="obligatoire" in request.POST,
        )  # fmt: skip
    except (Refus, ConflitEdition, ConsultationImpossible) as e:
        messages.error(request, str(e))
    else:
        for c, jeton in parties:
            limite = f"{c.limite:%d/%m/%Y}" if c.limite else ""
            adresse = liens.adresse(partagees.USAGE_LIEN, jeton)
            messages.success(
                request,
                f"{c.service} : réponse attendue le {limite}. Lien, montré cette seule fois : {adresse}",
            )
    return redirect(f"{d.get_absolute_url()}#consultations")

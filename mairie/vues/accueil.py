"""What a citizen comes for: the home, and the list of what may be asked."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from gis_data.acces import public
from mairie.demarches import par_theme
from mairie.models import Collectivite
from mairie.portes import autres_portes, couches_du_voisinage, portes
from mairie.territoire import territoire

# Houses and streets are told apart from there on.
ZOOM_AUTOUR = 16


@public
@require_safe
def accueil(request: HttpRequest) -> HttpResponse:
    """A large search over the plan, four doors, and how to reach the town hall."""
    contexte = {
        "portes": portes(),
        "autres": autres_portes(),
        "coeur": territoire().coeur,
        "mairie": _a_joindre(),
    }
    return render(request, "mairie/accueil.html", contexte)


@public
@require_safe
def autour(request: HttpRequest) -> HttpResponse:
    """The map where most houses are, with what is published of permits and works."""
    noms = couches_du_voisinage()
    if not noms:
        raise Http404("Rien n'est encore publié sur la carte.")
    demande: dict[str, Any] = {"couches": ",".join(noms)}
    coeur = territoire().coeur
    if coeur is not None:
        demande |= {"lon": f"{coeur[0]:.5f}", "lat": f"{coeur[1]:.5f}", "z": ZOOM_AUTOUR}
    return redirect(f"{reverse('carte')}?{urlencode(demande, safe=',')}")


@public
@require_safe
def demarches(request: HttpRequest) -> HttpResponse:
    """Procedures open to citizens, by theme."""
    return render(request, "mairie/demarches.html", {"themes": par_theme(), "mairie": _a_joindre()})


def _a_joindre() -> Collectivite | None:
    """The only commune, else the only EPCI; null where several communes would each have its own desk."""
    actives = Collectivite.objects.filter(active=True)
    for nature in (Collectivite.Nature.COMMUNE, Collectivite.Nature.EPCI):
        trouvees = list(actives.filter(nature=nature)[:2])
        if len(trouvees) == 1:
            return trouvees[0]
    return None

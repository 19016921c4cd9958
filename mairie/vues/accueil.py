"""What a citizen comes for: the home, and the list of what may be asked."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from gis_data.acces import public
from mairie.demarches import par_theme
from mairie.models import Collectivite
from mairie.portes import autres_portes, portes
from mairie.territoire import territoire


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

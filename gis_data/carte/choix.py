"""Which layers a reader may ask of the map: the public ones, and those that are granted to her."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import Any

from django.db.models import F, Q, QuerySet
from django.db.models.expressions import Combinable
from django.http import HttpRequest

from gis_data.carte.filtres import Filtres, filtrer
from gis_data.couches import Attribut, Couche, CoucheInconnue, couche, couches

PUBLIQUE = "no-cache"
INTERNE = "private, no-store"


def couches_de(utilisateur: Any) -> list[Couche]:
    """Layers of the map for this person, in the order of their declaration."""
    return [c for c in couches() if c.visible_par(utilisateur)]


def couche_de(request: HttpRequest, nom: str) -> Couche:
    """The layer; ``CoucheInconnue`` for one not granted too, which nobody must guess.

    The session is read only where an internal layer is named.
    """
    trouvee = couche(nom)
    if not trouvee.publique and not trouvee.visible_par(request.user):
        raise CoucheInconnue(nom)
    return trouvee


def couches_demandees(request: HttpRequest) -> list[Couche]:
    """Layers named by ``?couches=a,b``; without it, the public ones drawn unless switched off."""
    noms = list(filter(None, request.GET.get("couches", "").split(",")))
    if not noms:
        return [c for c in couches() if c.visible and c.publique]
    return [couche_de(request, nom) for nom in dict.fromkeys(noms)]


def politique(choisies: Iterable[Couche]) -> str:
    """``Cache-Control`` of an answer about these layers."""
    return PUBLIQUE if all(c.publique for c in choisies) else INTERNE


def expression(attribut: Attribut) -> Combinable:
    """What an attribute reads, as an expression."""
    source = attribut.expression
    return F(source) if isinstance(source, str) else source


def objets_du_jour(
    choisie: Couche, utilisateur: Any, jour: datetime.date | None = None, filtres: Filtres | None = None
) -> QuerySet[Any]:
    """Rows that this person sees and the filters keep; with ``jour``, those that hold on that day where the
    layer has dates."""
    objets = filtrer(choisie, choisie.objets(None if choisie.publique else utilisateur), filtres)
    if jour is None or choisie.dates is None:
        return objets
    debut, fin = (expression(choisie.attribut(nom)) for nom in choisie.dates)
    return objets.annotate(j_debut=debut, j_fin=fin).filter(
        Q(j_debut__isnull=True) | Q(j_debut__lte=jour), Q(j_fin__isnull=True) | Q(j_fin__gte=jour)
    )

"""Small writings of the generated screens."""

from __future__ import annotations

from django import template

from mairie.ecrans import enregistrees
from mairie.ecrans.valeurs import nombre
from mairie.models import VueEnregistree

register = template.Library()


@register.filter
def nombre_fr(valeur: int | None) -> str:
    """``12 345`` with narrow no-break spaces; a dash where there is none."""
    return "–" if valeur is None else nombre(valeur)


@register.filter
def adresse_vue(vue: VueEnregistree) -> str:
    """Query string that shows a saved view."""
    return enregistrees.adresse(vue)

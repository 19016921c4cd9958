"""Small writings of the generated screens."""

from __future__ import annotations

from django import template

from mairie.ecrans import enregistrees
from mairie.models import VueEnregistree

register = template.Library()


@register.filter
def adresse_vue(vue: VueEnregistree) -> str:
    """Query string that shows a saved view."""
    return enregistrees.adresse(vue)

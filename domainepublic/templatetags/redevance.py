"""The detail of a fee in templates: the very lines that the paper bears."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import template

from domainepublic.detail import LigneDetail, lignes_du_detail

register = template.Library()


@register.filter
def en_lignes(etapes: Iterable[Mapping[str, Any]]) -> list[LigneDetail]:
    """Steps of the engine as people read them."""
    return lignes_du_detail(etapes)

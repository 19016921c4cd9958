"""The person's widgets, for the page that shows them."""

from __future__ import annotations

from typing import Any

from django import template

from mairie import widgets

register = template.Library()


@register.simple_tag(takes_context=True)
def bureau_widgets(context: dict[str, Any]) -> list[widgets.Place]:
    """Widgets of the reader of the page, in her order."""
    return widgets.bureau(context["request"].user)

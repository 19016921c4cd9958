"""How areas, shares and references are written on the screens."""

from __future__ import annotations

from django import template

from cadastre.regles.contenance import hectares_ares_centiares
from cadastre.regles.ecritures import FORME_IDU
from cadastre.regles.ecritures import libelle as libelle_idu

register = template.Library()
ESPACE = "\u202f"


@register.filter
def m2(valeur: float | None, decimales: int = 0) -> str:
    """``12 345 m²`` with narrow no-break spaces; a dash where the value is unknown."""
    if valeur is None:
        return "–"
    texte = f"{valeur:,.{decimales}f}".replace(",", ESPACE).replace(".", ",")
    return f"{texte}\u00a0m²"


@register.filter
def difference_m2(valeur: float) -> str:
    """``+ 12 m²`` or ``− 12 m²``."""
    signe = "+" if valeur >= 0 else "−"
    return f"{signe}\u00a0{m2(abs(valeur))}"


@register.filter
def ha_a_ca(valeur: int | None) -> str:
    """``1 ha 23 a 45 ca``."""
    return "–" if valeur is None else hectares_ares_centiares(valeur).replace(" ", "\u00a0")


@register.filter
def part(valeur: float | None) -> str:
    """A share of 0 to 1 in whole per cent; never 100 % unless whole, never 0 %."""
    if valeur is None:
        return ""
    pourcent = round(valeur * 100)
    if pourcent == 100 and valeur < 0.9995:
        pourcent = 99
    return f"{max(pourcent, 1)}\u00a0%"


@register.filter
def reference(idu: str) -> str:
    """``AB 12``; the text as it is where it has not the form of an identifier."""
    return libelle_idu(idu) if FORME_IDU.fullmatch(idu or "") else idu


@register.filter
def nombre(valeur: int | None) -> str:
    """``12 345`` with narrow no-break spaces."""
    return "–" if valeur is None else f"{valeur:,}".replace(",", ESPACE)


@register.filter
def pourcent(valeur: float | None) -> str:
    """``66,7 %``; whole values without decimal; a dash where the value is unknown."""
    if valeur is None:
        return "–"
    texte = f"{valeur:.1f}".removesuffix(".0").replace(".", ",")
    return f"{texte}\u00a0%"


@register.filter
def minuscule(texte: str) -> str:
    """The first letter small, but for an acronym: the name within a sentence."""
    return texte if texte[1:2].isupper() else texte[:1].lower() + texte[1:]

"""Parts of the house style as template tags: badges of state, banners, dates, figures."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString

from mairie import ouverture

register = template.Library()

ESPACE = "\u202f"
# Tone of a part: its icon when the caller gives none, and the word that says it to who does not see colours.
TONS = {
    "neutre": ("bi-circle", ""),
    "info": ("bi-info-circle", "Information"),
    "bien": ("bi-check-circle", "Fait"),
    "bientot": ("bi-hourglass-split", "Bientôt"),
    "attention": ("bi-exclamation-triangle", "Attention"),
    "danger": ("bi-exclamation-octagon", "Important"),
}
# Days before a date from which it is shown as soon due.
BIENTOT = 7
_TONS_MESSAGES = {"success": "bien", "error": "danger", "warning": "attention"}


@register.filter
def ouverte(adresse: str) -> bool:
    """Whether the site answers at this address."""
    return ouverture.ouverte(adresse)


@register.simple_tag
def etiquette(libelle: str, ton: str = "neutre", icone: str = "") -> SafeString:
    """A badge of state: an icon and a word, never the colour alone. ``ton``: a key of ``TONS``."""
    return format_html(
        '<span class="etiquette etiquette-{}"><span class="bi {}" aria-hidden="true"></span>{}</span>',
        ton,
        icone or TONS[ton][0],
        libelle,
    )


@register.simple_block_tag
def banniere(content: str, ton: str = "info", icone: str = "", role: str = "note") -> SafeString:
    """A banner around its content; ``role="alert"`` when it answers what the person just did."""
    symbole, mot = TONS[ton]
    return format_html(
        '<div class="banniere banniere-{}" role="{}"><span class="bi {}" aria-hidden="true"></span>'
        '<div><span class="visually-hidden">{} :</span>{}</div></div>',
        ton,
        role,
        icone or symbole,
        mot or "Note",
        content,
    )


@register.filter
def ton_message(niveau: str) -> str:
    """Tone of a message of Django's ``messages``, by its level."""
    return _TONS_MESSAGES.get(niveau, "info")


@register.filter
def icone_ton(ton: str) -> str:
    """Icon of a tone."""
    return TONS.get(ton, TONS["info"])[0]


def _jour(valeur: date | datetime) -> date:
    return timezone.localdate(valeur) if isinstance(valeur, datetime) else valeur


@register.filter
def jour(valeur: date | datetime | None) -> str:
    """« jeudi 12 mars 2026 », « dimanche 1er mars 2026 »; a dash where there is no date."""
    if valeur is None:
        return "–"
    return date_format(_jour(valeur), "l j F Y").replace(" 1 ", " 1er ", 1)


@register.filter
def jour_mois(valeur: date | datetime | None) -> str:
    """« 12 mars 2026 », « 1er mars 2026 »; nothing where there is no date."""
    if not valeur:
        return ""
    jour = _jour(valeur)
    ecrit = date_format(jour, "j F Y")
    return f"1er{ecrit[1:]}" if jour.day == 1 else ecrit


@register.filter
def distance(valeur: date | datetime | None) -> str:
    """« dans 9 jours », « demain », « aujourd'hui », « il y a 3 jours », counted in calendar days."""
    if valeur is None:
        return ""
    ecart = (_jour(valeur) - timezone.localdate()).days
    proches = {0: "aujourd'hui", 1: "demain", -1: "hier"}
    if ecart in proches:
        return proches[ecart]
    return f"dans {ecart}\u00a0jours" if ecart > 0 else f"il y a {-ecart}\u00a0jours"


@register.simple_tag
def date_limite(valeur: date | datetime | None) -> SafeString:
    """A deadline in words with its countdown: overdue, soon due (7 days) or later, each with its icon."""
    if valeur is None:
        return format_html('<span class="discret">{}</span>', "sans date limite")
    limite = _jour(valeur)
    ecart = (limite - timezone.localdate()).days
    if ecart < 0:
        ton, icone, mot = "danger", "bi-exclamation-octagon", f"en retard de {nombre(-ecart)}\u00a0jour"
        mot += "s" if ecart < -1 else ""
    else:
        ton = "bientot" if ecart <= BIENTOT else "neutre"
        icone, mot = ("bi-hourglass-split" if ecart <= BIENTOT else "bi-calendar3"), distance(limite)
    return format_html(
        '<span class="date-limite"><time datetime="{}">{}</time> '
        '<span class="etiquette etiquette-{}"><span class="bi {}" aria-hidden="true"></span>{}</span></span>',
        limite.isoformat(),
        jour(limite),
        ton,
        icone,
        mot,
    )


@register.filter
def nombre(valeur: float | Decimal | None, decimales: int = 0) -> str:
    """``12 345`` or ``12 345,6`` with narrow no-break spaces; a dash where the value is unknown."""
    if valeur is None:
        return "–"
    return f"{valeur:,.{decimales}f}".replace(",", ESPACE).replace(".", ",").replace("-", "−")


@register.filter
def euros(valeur: Decimal | float | None) -> str:
    """``1 234,50 €``; a dash where the amount is unknown."""
    return "–" if valeur is None else f"{nombre(valeur, 2)}\u00a0€"

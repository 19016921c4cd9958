"""Cells of a list drawn without a template: fifty rows are some seven hundred of them, on each page.

The output is that of ``_valeur.html`` and ``_pourquoi.html``, which draw it on other pages; a test compares.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from mairie.ecrans.valeurs import Ton
from mairie.templatetags.charte import etiquette

RIEN = mark_safe(
    '<span class="discret" aria-hidden="true">–</span><span class="visually-hidden">sans valeur</span>'
)


@lru_cache(maxsize=256)
def _ton(libelle: str, ton: str, icone: str) -> SafeString:
    return etiquette(libelle, ton, icone)


def valeur(
    texte: str, ton: Ton | None, lien: str, pourquoi: Sequence[Any], *, sans_lien: bool = False
) -> SafeString:
    """One value: a label, a link, a date that unfolds, a text, or what says that there is none."""
    if ton:
        return _ton(str(ton.libelle), ton.ton, ton.icone)
    if lien and not sans_lien:
        return format_html('<a href="{}">{}</a>', lien, texte)
    if texte and pourquoi:
        return deplier(texte, pourquoi)
    if texte:
        return format_html('<span class="valeur">{}</span>', texte)
    return RIEN


def rangee(cellules: Sequence[Any], adresse: str) -> SafeString:
    """Cells of one row (``champ``, ``texte``, ``ton``, ``lien``, ``pourquoi``); the first is its head."""
    sortie = []
    for rang, c in enumerate(cellules):
        attributs = f'class="nature-{c.champ.nature}" data-titre="{conditional_escape(c.champ.titre)}"'
        if rang:
            sortie.append(f"<td {attributs}>{valeur(c.texte, c.ton, c.lien, c.pourquoi)}</td>")
        elif adresse:
            tete = valeur(c.texte, c.ton, c.lien, c.pourquoi, sans_lien=True)
            lien = f'<a href="{conditional_escape(adresse)}">{tete}</a>'
            sortie.append(f'<th scope="row" {attributs}>{lien}</th>')
        else:
            tete = valeur(c.texte, c.ton, c.lien, c.pourquoi)
            sortie.append(f'<th scope="row" {attributs}>{tete}</th>')
    return mark_safe("\n".join(sortie))  # noqa: S308 - each part is escaped


def deplier(titre: str, etapes: Sequence[Any]) -> SafeString:
    """A value that unfolds into the steps that give it."""
    lignes = "".join(
        f'<li><span class="regle">{conditional_escape(e.nom)}</span>'
        f' <span class="article">{conditional_escape(e.article)}</span>'
        f' <span class="resultat-etape">{conditional_escape(e.resultat)}</span></li>'
        for e in etapes
    )
    return mark_safe(  # noqa: S308 - each part is escaped
        f'<details class="pourquoi-valeur"><summary>{conditional_escape(titre)}</summary>'
        f'<ol class="etapes">{lignes}</ol></details>'
    )

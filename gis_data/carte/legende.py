"""The legend: each line of the registry's drawings as a small SVG, the same for screen and print."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from gis_data.couches import Aplat, Couche, Symbole, Texte, Trait
from gis_data.couches.dessin import Dessin, Icone, Nombre

LARGEUR, HAUTEUR = 34, 22
# Lets a pale fill be seen on the page.
BORD_CLAIR = "#d9d5cc"


@dataclass(frozen=True)
class Ligne:
    """One line of the legend: its drawing, its words, the zooms where the map shows it."""

    couche: str
    libelle: str
    svg: SafeString
    zoom_min: float
    zoom_max: float | None


def _taille(valeur: Nombre) -> float:
    """The size at the highest zoom."""
    return valeur[max(valeur)] if isinstance(valeur, Mapping) else valeur


def _svg(contenu: SafeString) -> SafeString:
    return format_html(
        '<svg class="legende-signe" width="{}" height="{}" viewBox="0 0 {} {}" aria-hidden="true"'
        ' focusable="false">'
        "{}</svg>",
        LARGEUR,
        HAUTEUR,
        LARGEUR,
        HAUTEUR,
        contenu,
    )


def _tirets(tirets: tuple[float, ...], epaisseur: float) -> SafeString:
    if not tirets:
        return mark_safe("")
    return format_html(' stroke-dasharray="{}"', " ".join(f"{t * epaisseur:g}" for t in tirets))


def _chemins(icone: Icone) -> SafeString:
    return format_html_join(
        "",
        '<path d="{}" fill="{}" stroke="{}" stroke-width="{}"/>',
        ((d, fond or "none", trait or "none", largeur) for d, fond, trait, largeur in icone.chemins),
    )


def _icone(icone: Icone) -> SafeString:
    echelle = min(1.0, (HAUTEUR + 4) / icone.cote)
    x, y = (LARGEUR - icone.cote * echelle) / 2, (HAUTEUR - icone.cote * echelle) / 2
    return format_html(
        '<g transform="translate({} {}) scale({})">{}</g>',
        round(x, 2),
        round(y, 2),
        round(echelle, 3),
        _chemins(icone),
    )


def _aplat(d: Aplat) -> SafeString:
    epaisseur = _taille(d.epaisseur)
    fond = format_html(
        '<rect x="3" y="4" width="28" height="14" fill="{}" fill-opacity="{}" stroke="{}"'
        ' stroke-width="{}"{}/>',
        d.remplissage or "none",
        d.opacite,
        d.contour or BORD_CLAIR,
        max(epaisseur, 0.8),
        _tirets(d.tirets, epaisseur),
    )
    if not d.motif:
        return fond
    cle = f"legende-{d.motif.nom}"
    return format_html(
        '<defs><pattern id="{}" width="{}" height="{}" patternUnits="userSpaceOnUse">{}</pattern></defs>'
        '{}<rect x="3" y="4" width="28" height="14" fill="url(#{})"/>',
        cle,
        d.motif.cote,
        d.motif.cote,
        _chemins(d.motif),
        fond,
        cle,
    )


def _texte(d: Texte) -> SafeString:
    fond = _icone(d.cartouche) if d.cartouche else mark_safe("")
    return format_html(
        '{}<text x="17" y="15" text-anchor="middle" font-size="{}" font-style="{}" font-weight="{}"'
        ' fill="{}">{}</text>',
        fond,
        11 if d.cartouche else min(12, _taille(d.taille)),
        "italic" if d.italique else "normal",
        600 if d.gras else 400,
        d.couleur,
        d.exemple,
    )


def lignes_de(dessin: Dessin, valeurs: Collection[str] | None = None) -> Iterable[tuple[str, SafeString]]:
    """(words, sign) of a drawing; with ``valeurs``, only the signs of these values."""
    for mots, signe in _signes(dessin, valeurs):
        yield mots, _svg(signe)


def _signes(dessin: Dessin, valeurs: Collection[str] | None) -> Iterable[tuple[str, SafeString]]:
    match dessin:
        case Symbole():
            for valeur, mot in dessin.libelles.items():
                if valeurs is None or valeur in valeurs:
                    yield mot, _icone(dessin.icones[valeur])
        case Aplat() if dessin.legende:
            yield dessin.legende, _aplat(dessin)
        case Trait() if dessin.legende:
            epaisseur = max(1.0, _taille(dessin.epaisseur))
            yield (
                dessin.legende,
                format_html(
                    '<path d="M2 11h30" fill="none" stroke="{}" stroke-width="{}"{}/>',
                    dessin.couleur,
                    epaisseur,
                    _tirets(dessin.tirets, epaisseur),
                ),
            )
        case Texte() if dessin.legende:
            yield dessin.legende, _texte(dessin)


def legende(choisies: Iterable[Couche]) -> list[Ligne]:
    """All lines of the legend of ``choisies``."""
    return [
        Ligne(couche.nom, mot, signe, dessin.zoom_min, dessin.zoom_max)
        for couche in choisies
        for dessin in couche.dessins
        for mot, signe in lignes_de(dessin)
    ]

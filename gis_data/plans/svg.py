"""SVG text of a plan. Colours are attributes, not styles: the page forbids inline styles."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape, unescape

import numpy as np
import numpy.typing as npt
import shapely

from gis_data.plans.cadre import Cadre
from gis_data.plans.contours import contour
from gis_data.plans.textes import Etiquette

POLICE = "Source Sans 3, sans-serif"
Attributs = Mapping[str, str | float]


def attributs(valeurs: Attributs) -> str:
    """`` a="1" b="2"``, escaped; an underscore in a name stands for a hyphen."""
    return "".join(f' {nom.replace("_", "-")}="{escape(str(v), quote=True)}"' for nom, v in valeurs.items())


def vers_le_dessin(
    geometries: npt.NDArray[np.object_], cadre: Cadre, marge: float = 20
) -> npt.NDArray[np.object_]:
    """Geometries clipped to the frame (and ``marge`` units around), in drawing units."""
    xmin, ymin, xmax, ymax = cadre.bornes
    m = marge * cadre.unite_m
    coupees = shapely.clip_by_rect(geometries, xmin - m, ymin - m, xmax + m, ymax + m)
    return shapely.transform(coupees, cadre.projeter)


def _anneau(coordonnees: npt.NDArray[np.float64], ferme: bool, decimales: int) -> str:
    pas = 10**decimales
    points = np.rint(coordonnees * pas).astype(int)
    garde = np.ones(len(points), dtype=bool)
    garde[1:] = (points[1:] != points[:-1]).any(axis=1)
    points = points[garde]
    if ferme and len(points) > 1 and (points[0] == points[-1]).all():
        points = points[:-1]
    if len(points) < (3 if ferme else 2):
        return ""
    lus = points.tolist()
    suite = "L".join(f"{x / pas:g} {y / pas:g}" if decimales else f"{x} {y}" for x, y in lus)
    return f"M{suite}{'z' if ferme else ''}"


def chemin(geometrie: shapely.Geometry, decimales: int = 0) -> str:
    """Path data of lines and areas, whole units or finer; empty where nothing of it is left."""
    morceaux: list[str] = []
    for partie in shapely.get_parts(geometrie):
        if partie.geom_type == "Polygon":
            morceaux.extend(
                _anneau(shapely.get_coordinates(a), True, decimales)
                for a in (partie.exterior, *partie.interiors)
            )
        elif partie.geom_type in ("LineString", "LinearRing"):
            morceaux.append(_anneau(shapely.get_coordinates(partie), False, decimales))
        elif partie.geom_type.startswith(("Multi", "Geometry")):
            morceaux.append(chemin(partie, decimales))
    return "".join(morceaux)


def traces(geometries: npt.NDArray[np.object_], dessin: Attributs, decimales: int = 0) -> str:
    """One path of many geometries that are drawn alike."""
    d = "".join(chemin(g, decimales) for g in geometries if g is not None and not g.is_empty)
    return f'<path d="{d}"{attributs(dessin)}/>' if d else ""


def texte(etiquette: Etiquette, style: Attributs) -> str:
    """A text with a white halo, centred on its point."""
    tourne = (
        f' transform="rotate({etiquette.angle} {etiquette.x:.0f} {etiquette.y:.0f})"'
        if etiquette.angle
        else ""
    )
    return (
        f'<text x="{etiquette.x:.0f}" y="{etiquette.y + etiquette.taille * 0.34:.0f}"'
        f' font-size="{etiquette.taille:g}"{tourne}{attributs(style)}>{escape(etiquette.texte)}</text>'
    )


_TEXTE = re.compile(r'<text ([^>]*)paint-order="stroke" ([^>]*)>([^<]*)</text>')
_TRAIT = re.compile(r'stroke(?:-[a-z]+)?="[^"]*" ?')
_ATTRIBUT = re.compile(r'([a-z-]+)="([^"]*)"')


def imprimable(document: str) -> str:
    """The same drawing where ``paint-order`` is unknown (PDF): each text once, over its halo, a path."""

    def separer(trouve: re.Match[str]) -> str:
        avant, apres, texte = trouve.groups()
        halo = _halo(dict(_ATTRIBUT.findall(avant + apres)), unescape(texte))
        return f"{halo}<text {_TRAIT.sub('', avant + apres)}>{texte}</text>"

    return _TEXTE.sub(separer, document)


def _halo(attributs_: dict[str, str], texte: str) -> str:
    """Outline of a text, stroked; nothing where the font lacks one of its letters."""
    taille = float(attributs_["font-size"])
    espacement = float(attributs_.get("letter-spacing", 0)) / taille
    graisse = {"bold": 700, "normal": 400}.get(g := attributs_.get("font-weight", "normal")) or int(g)
    trouve = contour(texte, attributs_.get("font-style") == "italic", graisse, espacement)
    if trouve is None:
        return ""
    d, longueur, em = trouve
    echelle = taille / em
    part = {"middle": 0.5, "end": 1.0}.get(attributs_.get("text-anchor", ""), 0.0)
    gauche = float(attributs_["x"]) - part * longueur * echelle
    place = f"translate({gauche:.1f} {attributs_['y']}) scale({echelle:.5f} {-echelle:.5f})"
    forme: dict[str, str | float] = {
        "transform": f"{attributs_.get('transform', '')} {place}".strip(),
        "fill": "none",
        "stroke": attributs_["stroke"],
        "stroke_width": f"{float(attributs_['stroke-width']) / echelle:.0f}",
        "stroke_linejoin": "round",
    }
    if opacite := attributs_.get("opacity"):
        forme["opacity"] = opacite
    return f'<path d="{d}"{attributs(forme)}/>' if d else ""


def echelle_et_nord(cadre: Cadre) -> str:
    """Graphic scale at the bottom left, north at the top right."""
    metres, longueur = cadre.echelle_graphique()
    x, y = 40.0, cadre.hauteur - 40
    libelle = f"{metres} m" if metres < 1000 else f"{metres // 1000} km"
    barre = (
        f'<g font-family="{POLICE}" font-size="28" fill="#1d2b3a">'
        f'<rect x="{x - 16:.0f}" y="{y - 62:.0f}" width="{longueur + 130:.0f}" height="84" rx="8"'
        ' fill="#ffffff" fill-opacity="0.88"/>'
        f'<path d="M{x:.0f} {y:.0f}h{longueur:.0f}v-14h-{longueur:.0f}z" fill="#ffffff" stroke="#1d2b3a"'
        ' stroke-width="2"/>'
        f'<path d="M{x:.0f} {y:.0f}h{longueur / 2:.0f}v-14h-{longueur / 2:.0f}z"/>'
        f'<text x="{x:.0f}" y="{y - 26:.0f}" text-anchor="middle">0</text>'
        f'<text x="{x + longueur:.0f}" y="{y - 26:.0f}" text-anchor="middle">{libelle}</text></g>'
    )
    nx, ny = cadre.largeur - 64, 36.0
    nord = (
        f'<g><circle cx="{nx:.0f}" cy="{ny + 46:.0f}" r="52" fill="#ffffff" fill-opacity="0.88"/>'
        f'<path d="M{nx:.0f} {ny + 2:.0f}l17 58l-17 -12z" fill="#1d2b3a"/>'
        f'<path d="M{nx:.0f} {ny + 2:.0f}l-17 58l17 -12z" fill="#ffffff" stroke="#1d2b3a" stroke-width="2"/>'
        f'<text x="{nx:.0f}" y="{ny + 90:.0f}" text-anchor="middle" font-family="{POLICE}" font-size="30"'
        ' font-weight="700" fill="#1d2b3a">N</text></g>'
    )
    return barre + nord


def document(
    cadre: Cadre,
    corps: str,
    titre: str,
    description: str,
    identifiant: str = "plan",
    definitions: str = "",
) -> str:
    """The whole SVG: an image with an accessible title and description; ``definitions``: its patterns."""
    taille = f'width="{cadre.largeur:.0f}" height="{cadre.hauteur:.0f}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {cadre.largeur:.0f} {cadre.hauteur:.0f}"'
        f' role="img" aria-labelledby="{identifiant}-titre {identifiant}-description" class="plan-svg"'
        f' data-denominateur="{cadre.denominateur}">'
        f'<title id="{identifiant}-titre">{escape(titre)}</title>'
        f'<desc id="{identifiant}-description">{escape(description)}</desc>'
        f'<defs><clipPath id="{identifiant}-cadre"><rect {taille}/></clipPath>{definitions}</defs>'
        f'<g clip-path="url(#{identifiant}-cadre)"><rect {taille} fill="#ffffff"/>{corps}</g></svg>'
    )

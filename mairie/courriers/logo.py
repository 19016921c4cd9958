"""Pictures of letterheads: a raster is decoded and written again, a drawing is rebuilt from a closed list."""

from __future__ import annotations

import io
import re
from xml.etree import ElementTree

from PIL import Image, UnidentifiedImageError

COTE_MAX = 1600
PIXELS_MAX = 40_000_000
ELEMENTS_MAX = 4000
_SVG = "http://www.w3.org/2000/svg"
_ELEMENTS = frozenset(
    {
        *("svg", "g", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "defs", "title"),
        *("desc", "linearGradient", "radialGradient", "stop", "clipPath"),
    }
)
# What editors add and nobody sees.
_IGNORES = frozenset({"metadata", "namedview", "sodipodi", "pgf", "page", "grid", "perspective"})
_GEOMETRIE = frozenset(
    {
        *("id", "d", "x", "y", "width", "height", "cx", "cy", "r", "rx", "ry", "x1", "y1", "x2", "y2", "fx"),
        *("fy", "points", "transform", "viewBox", "preserveAspectRatio", "offset", "gradientUnits"),
        *("gradientTransform", "spreadMethod", "clipPathUnits", "pathLength"),
    }
)
_STYLE = frozenset(
    {
        *("fill", "fill-opacity", "fill-rule", "stroke", "stroke-width", "stroke-opacity", "stroke-linecap"),
        *("stroke-linejoin", "stroke-miterlimit", "stroke-dasharray", "stroke-dashoffset", "opacity"),
        *("clip-path", "clip-rule", "stop-color", "stop-opacity", "display", "visibility", "color"),
    }
)
_LOCALE = re.compile(r"url\(\s*['\"]?#[\w.:-]+['\"]?\s*\)")


class LogoRefuse(ValueError):
    """The picture is not taken; the message, in French, says why and what to do."""


def preparer_logo(octets: bytes) -> tuple[str, bytes]:
    """(type, bytes) of a picture fit for letters: PNG, or SVG of drawings only. ``LogoRefuse``."""
    debut = octets[:1024].lstrip().lower()
    if debut.startswith((b"<svg", b"<?xml", b"<!doctype", b"<!--")) or b"<svg" in debut:
        return "image/svg+xml", _svg(octets)
    return "image/png", _png(octets)


def _png(octets: bytes) -> bytes:
    try:
        with Image.open(io.BytesIO(octets), formats=("PNG", "JPEG", "WEBP")) as image:
            if image.width * image.height > PIXELS_MAX:
                raise LogoRefuse("Cette image a trop de pixels : réduisez-la.")
            mode = "RGBA" if "A" in image.getbands() or "transparency" in image.info else "RGB"
            propre = image.convert(mode)
    except LogoRefuse:
        raise
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError, SyntaxError):
        raise LogoRefuse("Ce fichier n'est pas une image PNG, JPEG ou SVG lisible.") from None
    propre.thumbnail((COTE_MAX, COTE_MAX))
    sortie = io.BytesIO()
    propre.save(sortie, "PNG", optimize=True)
    return sortie.getvalue()


def _svg(octets: bytes) -> bytes:
    # Before any parser sees it: entities may read files or fill the memory.
    if re.search(rb"<!(?:ENTITY|DOCTYPE[^>]*\[)", octets, re.IGNORECASE):
        raise LogoRefuse("Ce dessin SVG contient des entités : enregistrez-le en « SVG simple ».")
    try:
        arbre = ElementTree.fromstring(octets)  # noqa: S314 no entity, see above
    except (ElementTree.ParseError, ValueError):
        raise LogoRefuse("Ce dessin SVG est illisible : enregistrez-le de nouveau, ou en PNG.") from None
    if _local(arbre.tag) != "svg":
        raise LogoRefuse("Ce fichier n'est pas un dessin SVG.")
    ElementTree.register_namespace("", _SVG)
    propre = _element(arbre, [0])
    if propre is None or not ({"viewBox"} <= set(arbre.attrib) or {"width", "height"} <= set(arbre.attrib)):
        raise LogoRefuse("Ce dessin SVG ne dit pas sa taille : enregistrez-le en PNG.")
    return ElementTree.tostring(propre, encoding="utf-8")


def _local(nom: object) -> str:
    return str(nom).rpartition("}")[2]


def _element(source: ElementTree.Element, compte: list[int]) -> ElementTree.Element | None:
    nom, espace = _local(source.tag), str(source.tag).rpartition("}")[0].removeprefix("{")
    if espace not in (_SVG, "") or nom in _IGNORES:
        return None
    if nom not in _ELEMENTS:
        raise LogoRefuse(
            f"Ce dessin SVG contient « {nom} », qu'une lettre n'imprime pas : vectorisez-le tout entier,"
            " ou enregistrez-le en PNG."
        )
    compte[0] += 1
    if compte[0] > ELEMENTS_MAX:
        raise LogoRefuse("Ce dessin SVG est trop complexe : enregistrez-le en PNG.")
    propre = ElementTree.Element(f"{{{_SVG}}}{nom}", _attributs(source))
    if nom in ("title", "desc"):
        propre.text = source.text
    propre.extend([fils for enfant in source if (fils := _element(enfant, compte)) is not None])
    return propre


def _attributs(source: ElementTree.Element) -> dict[str, str]:
    gardes: dict[str, str] = {}
    for nom, valeur in source.attrib.items():
        local = _local(nom)
        if local == "style" and nom == local:
            for declaration in valeur.split(";"):
                propriete, _, reste = declaration.partition(":")
                if propriete.strip() in _STYLE and _sur(reste):
                    gardes[propriete.strip()] = reste.strip()
        elif (nom in _GEOMETRIE or nom in _STYLE) and _sur(valeur):
            gardes.setdefault(nom, valeur)
    return gardes


def _sur(valeur: str) -> bool:
    """Only references inside the drawing itself."""
    return "url(" not in _LOCALE.sub("", valeur).lower() and "\\" not in valeur and "expression" not in valeur

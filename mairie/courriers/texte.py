"""Rich text of letters: a closed set of tags, cleaned on save, read as a small tree. No Django."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape
from html.parser import HTMLParser

import nh3

TEXTE_MAX = 200_000
ALIGNEMENTS = frozenset({"centre", "droite"})
BLOCS = frozenset(
    {"p", "h2", "h3", "ul", "ol", "li", "blockquote", "table", "thead", "tbody", "tr", "th", "td", "hr"}
)
EN_LIGNE = frozenset({"strong", "em", "u", "sub", "sup", "br", "img"})
VIDES = frozenset({"br", "hr", "img"})
# What browsers and word processors write for the same thing.
_EQUIVALENTS = {
    "b": "strong", "i": "em", "div": "p", "section": "p", "address": "p", "h1": "h2", "h4": "h3", "h5": "h3",
    "h6": "h3", "caption": "p",
}  # fmt: skip
_STRUCTURE = {
    "ul": {"li"}, "ol": {"li"}, "table": {"thead", "tbody", "tr"}, "thead": {"tr"}, "tbody": {"tr"},
    "tr": {"td", "th"},
}  # fmt: skip
_PIECE = re.compile(r"piece:[1-9][0-9]{0,17}")


@dataclass
class Element:
    """A tag with its children; text is kept as plain strings, not escaped."""

    nom: str
    attributs: dict[str, str] = field(default_factory=dict)
    enfants: list[Noeud] = field(default_factory=list)


Noeud = Element | str


class TexteTropLong(ValueError):
    """The text passes ``TEXTE_MAX`` characters."""


def _attribut(balise: str, nom: str, valeur: str) -> str | None:
    if nom == "src":
        return valeur if _PIECE.fullmatch(valeur) else None
    if nom in ("colspan", "rowspan"):
        return valeur if re.fullmatch(r"[1-9][0-9]?", valeur) else None
    return valeur


def lire(html: str) -> list[Noeud]:
    """Tree of a text from anywhere: only allowed tags are left, blocks stand on top.

    Raises ``TexteTropLong``.
    """
    if len(html) > TEXTE_MAX:
        raise TexteTropLong(f"Ce texte est trop long : {TEXTE_MAX} signes au plus, mise en forme comprise.")
    propre = nh3.clean(
        html.replace("\0", ""),
        tags=set(BLOCS | EN_LIGNE | set(_EQUIVALENTS)),
        attributes={
            "img": {"src", "alt"},
            "td": {"colspan", "rowspan"},
            "th": {"colspan", "rowspan"},
        },
        allowed_classes={balise: set(ALIGNEMENTS) for balise in ("p", "div", "h2", "h3")},
        attribute_filter=_attribut,
        url_schemes={"piece"},
        link_rel=None,
        strip_comments=True,
        clean_content_tags={"script", "style", "template", "title", "iframe", "object", "svg", "math"},
    )
    lecteur = _Lecteur()
    lecteur.feed(propre)
    lecteur.close()
    return _blocs(lecteur.racine.enfants, "")


def ecrire(noeuds: list[Noeud]) -> str:
    """HTML of a tree; text and attributes escaped."""
    return "".join(_ecrire(n) for n in noeuds)


def nettoyer(html: str) -> str:
    """The text as it is stored."""
    return ecrire(lire(html))


def depuis_texte(texte: str) -> str:
    """HTML of a text typed without JavaScript: a blank line starts a paragraph, a line end is kept."""
    if re.search(r"<(p|ul|ol|h2|h3|table|br|strong|em)\b", texte):
        return texte
    paragraphes = [p.strip() for p in re.split(r"\n[ \t]*\n", texte.replace("\r\n", "\n")) if p.strip()]
    return "".join(f"<p>{escape(p, quote=False).replace(chr(10), '<br>')}</p>" for p in paragraphes)


def contenu(noeud: Noeud) -> str:
    """Plain text under a node."""
    if isinstance(noeud, str):
        return noeud
    if noeud.nom == "br":
        return "\n"
    return "".join(contenu(e) for e in noeud.enfants)


def parcourir(noeuds: list[Noeud]) -> Iterator[Noeud]:
    """All nodes, depth first."""
    for noeud in noeuds:
        yield noeud
        if isinstance(noeud, Element):
            yield from parcourir(noeud.enfants)


class _Lecteur(HTMLParser):
    """Reads the output of nh3, whose tags are balanced."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.racine = Element("")
        self._pile = [self.racine]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(_EQUIVALENTS.get(tag, tag), {nom: valeur or "" for nom, valeur in attrs})
        if tag == "img" and "src" not in element.attributs:
            return
        self._pile[-1].enfants.append(element)
        if tag not in VIDES:
            self._pile.append(element)

    def handle_endtag(self, tag: str) -> None:
        nom = _EQUIVALENTS.get(tag, tag)
        for i in range(len(self._pile) - 1, 0, -1):
            if self._pile[i].nom == nom:
                del self._pile[i:]
                break

    def handle_data(self, data: str) -> None:
        self._pile[-1].enfants.append(data)


def _blocs(noeuds: list[Noeud], parent: str) -> list[Noeud]:
    """Children of a container: loose text goes into paragraphs, a paragraph that holds blocks is opened."""
    sortie: list[Noeud] = []
    ligne: list[Noeud] = []

    def clore() -> None:
        if _montre(ligne):
            sortie.append(Element("p", {}, _rogner(list(ligne))))
        ligne.clear()

    for noeud in noeuds:
        if isinstance(noeud, str):
            ligne.append(_une_espace(noeud))
        elif noeud.nom in EN_LIGNE and not _a_des_blocs(noeud):
            ligne.append(_en_ligne(noeud))
        else:
            clore()
            sortie.extend(_bloc(noeud))
    clore()
    # In a cell or an item, text alone needs no paragraph.
    if parent in ("li", "td", "th") and len(sortie) == 1:
        seul = sortie[0]
        if isinstance(seul, Element) and seul.nom == "p" and not seul.attributs:
            return seul.enfants
    return sortie


def _bloc(noeud: Element) -> list[Noeud]:
    if noeud.nom in _STRUCTURE:
        permis = _STRUCTURE[noeud.nom]
        enfants: list[Noeud] = []
        for enfant in noeud.enfants:
            if isinstance(enfant, Element) and enfant.nom in permis:
                enfants.extend(_element(enfant))
            elif noeud.nom in ("ul", "ol") and (contenus := _blocs([enfant], "li")):
                # A sub-list written beside its item, or text between items.
                enfants.append(Element("li", {}, contenus))
        return [Element(noeud.nom, {}, enfants)] if enfants else []
    if noeud.nom == "blockquote":
        return _element(noeud)
    if noeud.nom in VIDES:
        return [Element(noeud.nom)]
    if _a_des_blocs(noeud) or noeud.nom in ("li", "td", "th"):
        return _blocs(noeud.enfants, "")
    ligne = _enfants_en_ligne(noeud)
    if not _montre(ligne):
        return []
    classe = noeud.attributs.get("class", "")
    attributs = {"class": classe} if classe in ALIGNEMENTS else {}
    return [Element(noeud.nom, attributs, _rogner(ligne))]


def _element(noeud: Element) -> list[Noeud]:
    """A part of a list or of a table, where it may stand; elsewhere ``_bloc`` opens it."""
    if noeud.nom in _STRUCTURE:
        return _bloc(noeud)
    return [Element(noeud.nom, noeud.attributs, _blocs(noeud.enfants, noeud.nom))]


def _en_ligne(noeud: Element) -> Element:
    permis = ("src", "alt") if noeud.nom == "img" else ()
    attributs = {n: v for n, v in noeud.attributs.items() if n in permis}
    return Element(noeud.nom, attributs, _enfants_en_ligne(noeud))


def _enfants_en_ligne(noeud: Element) -> list[Noeud]:
    return [_en_ligne(e) if isinstance(e, Element) else _une_espace(e) for e in noeud.enfants]


def _une_espace(texte: str) -> str:
    # Editors leave unbreakable spaces where they like; ``typographie`` puts those that French wants.
    return re.sub(r"[ \t\r\n\f\u00a0]+", " ", texte)


def _rogner(ligne: list[Noeud]) -> list[Noeud]:
    """Without the blanks and line ends that browsers leave at the end of a paragraph."""
    while ligne and (
        (isinstance(ligne[-1], str) and not ligne[-1].strip())
        or (isinstance(ligne[-1], Element) and ligne[-1].nom == "br")
    ):
        ligne.pop()
    return ligne


def _montre(ligne: list[Noeud]) -> bool:
    """Whether a line holds something to read or to see."""
    return any(n.strip() if isinstance(n, str) else n.nom == "img" for n in parcourir(ligne))


def _a_des_blocs(noeud: Element) -> bool:
    return any(isinstance(n, Element) and n.nom in BLOCS for n in parcourir(noeud.enfants))


def _ecrire(noeud: Noeud) -> str:
    if isinstance(noeud, str):
        return escape(noeud, quote=False)
    attributs = "".join(f' {nom}="{escape(valeur)}"' for nom, valeur in sorted(noeud.attributs.items()))
    if noeud.nom in VIDES:
        return f"<{noeud.nom}{attributs}>"
    return f"<{noeud.nom}{attributs}>{ecrire(noeud.enfants)}</{noeud.nom}>"

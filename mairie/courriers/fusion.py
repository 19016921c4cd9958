"""From a text with ``[champ]`` to a text with values. No template engine: a closed grammar on a tree.

``[champ]`` value · ``[tableau:champ]`` table, alone in its paragraph · ``[si champ]`` … ``[sinon]`` …
``[fin]`` (``[si non champ]``) · ``[chaque champ]`` … ``[champ.colonne]`` … ``[fin]`` · ``[[mot]]`` writes
« [mot] ». A passage lies within one paragraph, or between paragraphs (or items) that hold only its marks.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any

from mairie.courriers.champs import BlocFusion, Champ, Illustration, ImageFusion
from mairie.courriers.texte import Element, Noeud, contenu, ecrire, lire, parcourir

_CROCHETS = re.compile(r"\[\[([^\[\]\n]{1,80})\]\]|\[([^\[\]\n]{1,80})\]")
_MARQUE = re.compile(r"(si non|si|chaque)\s+(\S.*)|sinon|fin")
_LETTRE = re.compile(r"[^\W\d_]")
# A mark that ends a passage or opens its other branch.
_FIN, _SINON = "fin", "sinon"


@dataclass(frozen=True)
class Faute:
    """What is wrong in a text, and where: number of the block, words around."""

    place: str
    message: str

    def __str__(self) -> str:
        return f"{self.place} : {self.message}"


@dataclass
class Valeur:
    """``[code]`` or ``[code.colonne]``."""

    code: str
    colonne: str = ""
    place: str = ""


@dataclass
class Marque:
    """A mark of passage not yet paired; ``genre``: si, si non, chaque, sinon, fin."""

    genre: str
    code: str = ""


@dataclass
class Passage:
    """A passage: conditional (``si``, ``si non``) or repeated (``chaque``)."""

    genre: str
    code: str
    corps: list[Piece] = field(default_factory=list)
    sinon: list[Piece] = field(default_factory=list)


@dataclass
class Balise:
    """An element whose children were read."""

    element: Element
    enfants: list[Piece]


@dataclass
class Bloc:
    """``[tableau:code]``, a picture or a list: what takes the place of its paragraph."""

    genre: str
    code: str


Piece = str | Valeur | Marque | Passage | Balise | Bloc


@dataclass(frozen=True)
class Lu:
    """A text read: its pieces and its faults."""

    pieces: list[Piece]
    fautes: list[Faute]
    codes: frozenset[str]


def analyser(html: str, champs: Mapping[str, Champ]) -> Lu:
    """Read a text against a closed list of fields; all faults at once, in the order of the text."""
    lecture = _Lecture(champs)
    pieces = lecture.enfants(lire(html), racine=True)
    fautes = [*lecture.fautes, *_colonnes_dehors(pieces, frozenset())]
    return Lu(pieces, fautes, frozenset(lecture.codes))


def _colonnes_dehors(pieces: list[Piece], repetes: frozenset[str]) -> Iterator[Faute]:
    """Columns written outside of the passage that repeats their list."""
    for piece in pieces:
        if isinstance(piece, Valeur) and piece.colonne and piece.code not in repetes:
            nom = f"{piece.code}.{piece.colonne}"
            yield Faute(
                piece.place, f"« [{nom}] » est hors de « [chaque {piece.code}] » … « [fin] », qui le répète."
            )
        elif isinstance(piece, Balise):
            yield from _colonnes_dehors(piece.enfants, repetes)
        elif isinstance(piece, Passage):
            dedans = repetes | {piece.code} if piece.genre == "chaque" else repetes
            yield from _colonnes_dehors([*piece.corps, *piece.sinon], dedans)


def verifier_ligne(texte: str, champs: Mapping[str, Champ]) -> list[Faute]:
    """Faults of one line (the subject of a letter): only ``[champ]`` values are allowed."""
    lecture = _Lecture(champs)
    pieces = lecture.texte(texte)
    if any(isinstance(p, Marque | Bloc) for p in pieces):
        lecture.faute("L'objet ne peut contenir que des champs simples.")
    return [Faute("Objet", f.message) for f in lecture.fautes]


def codes_de(html: str, champs: Mapping[str, Champ]) -> frozenset[str]:
    """Fields that a text uses."""
    return analyser(html, champs).codes


class _Lecture:
    def __init__(self, champs: Mapping[str, Champ]) -> None:
        self.champs = champs
        self.fautes: list[Faute] = []
        self.codes: set[str] = set()
        self._bloc, self._extrait = 0, ""

    def _place(self) -> str:
        mots = " ".join(self._extrait.split())
        extrait = f" « {mots[:50]}{'…' if len(mots) > 50 else ''} »" if mots else ""
        return f"Paragraphe {max(self._bloc, 1)}{extrait}"

    def faute(self, message: str) -> None:
        self.fautes.append(Faute(self._place(), message))

    def enfants(self, noeuds: list[Noeud], racine: bool = False) -> list[Piece]:
        pieces: list[Piece] = []
        for noeud in noeuds:
            if racine:
                self._bloc += 1
                self._extrait = contenu(noeud)
            pieces.extend(self._lire(noeud))
        return self._apparier(pieces)

    def _lire(self, noeud: Noeud) -> list[Piece]:
        if isinstance(noeud, str):
            return self.texte(noeud)
        seul = self._seul(noeud)
        if seul is not None:
            return [seul]
        return [Balise(noeud, self.enfants(noeud.enfants))]

    def _seul(self, noeud: Element) -> Piece | None:
        """What takes the place of a paragraph or an item that holds nothing else."""
        if noeud.nom not in ("p", "li"):
            return None
        trouve = _CROCHETS.fullmatch(contenu(noeud).strip())
        if trouve is None or trouve[2] is None:
            return None
        if any(isinstance(n, Element) and n.nom in ("img", "br") for n in parcourir(noeud.enfants)):
            return None
        piece = self._crochets(trouve[2])
        if isinstance(piece, Marque | Bloc):
            return piece
        if isinstance(piece, Valeur) and noeud.nom == "p" and not piece.colonne:
            champ = self.champs.get(piece.code)
            if isinstance(champ, ImageFusion):
                return Bloc("image", piece.code)
            return Bloc("valeur", piece.code)
        self._oublier_derniere(piece)
        return None

    def _oublier_derniere(self, piece: Piece) -> None:
        """The paragraph will be read again word by word: a fault must not be said twice."""
        if isinstance(piece, str) and self.fautes:
            self.fautes.pop()

    def texte(self, texte: str) -> list[Piece]:
        """Text and marks of a run of characters."""
        pieces: list[Piece] = []
        fin = 0
        for trouve in _CROCHETS.finditer(texte):
            if trouve.start() > fin:
                pieces.append(texte[fin : trouve.start()])
            fin = trouve.end()
            if trouve[1] is not None:
                pieces.append(f"[{trouve[1]}]")
                continue
            piece = self._crochets(trouve[2])
            if isinstance(piece, Bloc):
                self.faute(f"« [{trouve[2]}] » doit être seul dans son paragraphe.")
            elif isinstance(piece, Valeur) and isinstance(self.champs.get(piece.code), ImageFusion):
                self.faute(f"L'image « [{trouve[2]}] » doit être seule dans son paragraphe.")
            else:
                pieces.append(piece)
        if fin < len(texte):
            pieces.append(texte[fin:])
        return pieces

    def _crochets(self, brut: str) -> Piece:
        """What stands between brackets; the text itself when it is no field (« […] », « [1] »)."""
        interieur = brut.strip()
        if not _LETTRE.search(interieur):
            return f"[{brut}]"
        if marque := _MARQUE.fullmatch(interieur):
            genre = marque[1] or interieur
            code = (marque[2] or "").strip()
            if code and self._champ(code, bloc=genre == "chaque") is None:
                return f"[{interieur}]"
            return Marque(genre, code)
        if interieur.startswith("tableau:"):
            code = interieur.removeprefix("tableau:").strip()
            return Bloc("tableau", code) if self._champ(code, bloc=True) else f"[{interieur}]"
        code, point, colonne = interieur.partition(".")
        champ = self._champ(code, bloc=True if point else None)
        if champ is None:
            return f"[{interieur}]"
        if isinstance(champ, BlocFusion):
            if not point:
                self.faute(
                    f"« [{code}] » est une liste : écrivez « [tableau:{code}] » ou « [chaque {code}] »."
                )
                return f"[{interieur}]"
            if colonne not in champ.colonnes:
                self.faute(f"« [{code}.{colonne}] » : colonne inconnue ({', '.join(champ.colonnes)}).")
                return f"[{interieur}]"
        return Valeur(code, colonne, self._place())

    def _champ(self, code: str, *, bloc: bool | None = None) -> Champ | None:
        champ = self.champs.get(code)
        if champ is None:
            proches = difflib.get_close_matches(code, self.champs, n=1, cutoff=0.6)
            conseil = f" Vouliez-vous « [{proches[0]}] » ?" if proches else ""
            self.faute(f"Le champ « [{code}] » n'existe pas.{conseil}")
            return None
        if bloc and not isinstance(champ, BlocFusion):
            self.faute(f"« {code} » n'est pas une liste.")
            return None
        self.codes.add(code)
        return champ

    def _apparier(self, pieces: list[Piece]) -> list[Piece]:
        """Pair the marks of one level."""
        racine: list[Piece] = []
        pile: list[tuple[Passage, bool]] = []

        def courante() -> list[Piece]:
            if not pile:
                return racine
            passage, autre = pile[-1]
            return passage.sinon if autre else passage.corps

        for piece in pieces:
            if not isinstance(piece, Marque):
                courante().append(piece)
            elif piece.genre == _FIN:
                if pile:
                    passage, _ = pile.pop()
                    courante().append(passage)
                else:
                    self.faute("« [fin] » sans « [si …] » ni « [chaque …] » au même niveau avant lui.")
            elif piece.genre == _SINON:
                if pile and pile[-1][0].genre != "chaque" and not pile[-1][1]:
                    pile[-1] = (pile[-1][0], True)
                else:
                    self.faute("« [sinon] » sans « [si …] » au même niveau avant lui.")
            else:
                pile.append((Passage(piece.genre, piece.code), False))
        for passage, _ in pile:
            self.faute(
                f"« [{passage.genre} {passage.code}] » n'a pas de « [fin] » au même niveau : les deux dans le"
                " même paragraphe, ou chacun seul dans le sien."
            )
            racine.extend([*passage.corps, *passage.sinon])
        return racine


# --- merge ---------------------------------------------------------------------------------------


@dataclass
class Fusion:
    """A merged text: HTML, fields that are empty though they must not be, pictures named in it by code."""

    html: str
    manquants: list[str]
    images: list[str]


def fusionner(
    html: str,
    champs: Mapping[str, Champ],
    valeurs: Callable[[str], Any],
    typographie: Callable[[str], str] = lambda texte: texte,
) -> Fusion:
    """Put values in a text. ``valeurs(code)``: see ``champs.valeur_gelee``; each is escaped.

    An empty field leaves its name, marked, where it may not be empty. Faults of the text stay as written.
    """
    ecrivain = _Ecrivain(champs, valeurs, typographie)
    corps = "".join(ecrivain.piece(p, {}) for p in analyser(html, champs).pieces)
    return Fusion(corps, list(dict.fromkeys(ecrivain.manquants)), list(dict.fromkeys(ecrivain.images)))


def fusionner_ligne(
    texte: str, champs: Mapping[str, Champ], valeurs: Callable[[str], Any]
) -> tuple[str, list[str]]:
    """Put values in one line; (plain text, fields missing)."""
    manquants: list[str] = []
    morceaux: list[str] = []
    for piece in _Lecture(champs).texte(texte):
        if isinstance(piece, Valeur):
            valeur = _en_ligne(valeurs(piece.code))
            if not valeur and not champs[piece.code].facultatif:
                manquants.append(piece.code)
            morceaux.append(valeur)
        elif isinstance(piece, str):
            morceaux.append(piece)
    return " ".join("".join(morceaux).split()), list(dict.fromkeys(manquants))


def _en_ligne(valeur: Any) -> str:
    if isinstance(valeur, list):
        textes = [str(v) for v in valeur]
        return " et ".join([", ".join(textes[:-1]), textes[-1]] if len(textes) > 1 else textes)
    return "" if isinstance(valeur, Illustration) or valeur is None else str(valeur)


class _Ecrivain:
    def __init__(
        self, champs: Mapping[str, Champ], valeurs: Callable[[str], Any], typographie: Callable[[str], str]
    ) -> None:
        self.champs, self.valeurs, self.typographie = champs, valeurs, typographie
        self.manquants: list[str] = []
        self.images: list[str] = []

    def piece(self, piece: Piece, ligne: Mapping[str, Mapping[str, Any]]) -> str:
        match piece:
            case str():
                return self._echapper(piece)
            case Valeur():
                return self._valeur(piece, ligne)
            case Passage():
                return "".join(self.piece(p, lg) for p, lg in self._branche(piece, ligne))
            case Balise():
                interieur = "".join(self.piece(p, ligne) for p in piece.enfants)
                element = piece.element
                if element.nom in ("p", "li", "ul", "ol", "h2", "h3") and not interieur.strip():
                    return ""
                ouvre = ecrire([Element(element.nom, element.attributs)])
                return ouvre.replace("></", f">{interieur}</", 1) if interieur else ouvre
            case Bloc():
                return self._bloc(piece)
        return ""

    def _echapper(self, texte: str) -> str:
        return escape(self.typographie(texte), quote=False)

    def _vide(self, code: str) -> str:
        champ = self.champs[code]
        if champ.facultatif:
            return ""
        self.manquants.append(code)
        return f'<mark class="manquant">[{escape(code)}]</mark>'

    def _valeur(self, piece: Valeur, ligne: Mapping[str, Mapping[str, Any]]) -> str:
        if piece.colonne:
            return self._lignes(_en_ligne(ligne.get(piece.code, {}).get(piece.colonne, "")))
        texte = _en_ligne(self.valeurs(piece.code))
        return self._lignes(texte) if texte else self._vide(piece.code)

    def _lignes(self, texte: str) -> str:
        return "<br>".join(self._echapper(t) for t in texte.splitlines())

    def _branche(
        self, passage: Passage, ligne: Mapping[str, Mapping[str, Any]]
    ) -> Iterator[tuple[Piece, Mapping[str, Mapping[str, Any]]]]:
        valeur = self.valeurs(passage.code)
        if passage.genre == "chaque":
            for une in valeur or ():
                yield from ((p, {**ligne, passage.code: une}) for p in passage.corps)
            return
        vrai = bool(valeur) == (passage.genre == "si")
        yield from ((p, ligne) for p in (passage.corps if vrai else passage.sinon))

    def _bloc(self, bloc: Bloc) -> str:
        valeur, champ = self.valeurs(bloc.code), self.champs[bloc.code]
        if not valeur:
            vide = self._vide(bloc.code)
            return f"<p>{vide}</p>" if vide else ""
        if bloc.genre == "image":
            self.images.append(bloc.code)
            return self._image(bloc.code, valeur)
        if isinstance(champ, BlocFusion):
            tetes = "".join(f'<th scope="col">{self._echapper(t)}</th>' for t in champ.colonnes.values())
            lignes = "".join(
                "<tr>"
                + "".join(f"<td>{self._lignes(_en_ligne(une.get(c, '')))}</td>" for c in champ.colonnes)
                + "</tr>"
                for une in valeur
            )
            return f"<table><thead><tr>{tetes}</tr></thead><tbody>{lignes}</tbody></table>"
        if isinstance(valeur, list):
            return "<ul>" + "".join(f"<li>{self._lignes(v)}</li>" for v in valeur) + "</ul>"
        return f"<p>{self._lignes(_en_ligne(valeur))}</p>"

    def _image(self, code: str, image: Illustration) -> str:
        legende = f"<figcaption>{self._echapper(image.legende)}</figcaption>" if image.legende else ""
        return (
            f'<figure class="illustration"><img src="lettre:{escape(code)}" alt="{escape(image.alt)}"'
            f' style="width:{image.largeur_mm:g}mm;height:{image.hauteur_mm:g}mm">{legende}</figure>'
        )

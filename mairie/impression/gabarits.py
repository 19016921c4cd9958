"""Sheets: sizes in millimetres, and where the map, the legend and the title block stand on them. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

FORMATS: dict[str, tuple[int, int]] = {"a4": (210, 297), "a3": (297, 420)}
ORIENTATIONS = ("portrait", "paysage")
MARGE = 12
INTERVALLE = 3
LIGNE_MM = 4.2
COLONNE_MM = 36.0
# Letters of the legend: 6.5 points; room left of a line for its sign.
LETTRE_MM = 1.13
SIGNE_MM = 8.2
# A legend that would run over is set smaller: 6 points instead of 6.5.
SERRE = 0.89


@dataclass(frozen=True)
class Zone:
    """A rectangle on the sheet, from its upper left corner."""

    x: float
    y: float
    largeur: float
    hauteur: float


@dataclass(frozen=True)
class Gabarit:
    """One sheet. ``debout``: the title block is a column, otherwise a strip. ``colonnes``: of the legend."""

    format: str
    orientation: str
    largeur: int
    hauteur: int
    carte: Zone
    cartouche: Zone
    legende: Zone | None
    colonnes: int
    debout: bool
    serree: bool = False

    def serrer(self) -> Gabarit:
        """The same sheet with a smaller legend, in two columns where it had one."""
        return replace(self, serree=True, colonnes=max(2, self.colonnes))

    @property
    def ligne(self) -> float:
        """Height of a line of the legend, mm."""
        return LIGNE_MM * (SERRE if self.serree else 1)

    @property
    def lettre(self) -> float:
        """Mean width of a letter of the legend, mm."""
        return LETTRE_MM * (SERRE if self.serree else 1)

    @property
    def largeur_colonne(self) -> float:
        """Width of one column of the legend."""
        return (self.legende.largeur - 2 * (self.colonnes - 1)) / self.colonnes if self.legende else 0.0

    @property
    def abscisses(self) -> list[float]:
        """Left side of each column of the legend."""
        return [i * (self.largeur_colonne + 2) for i in range(self.colonnes)]

    @property
    def lignes(self) -> int:
        """Lines of legend in one column of the first page, under its heading and over a last remark."""
        return int((self.legende.hauteur - 8) / self.ligne) if self.legende else 0


def gabarit(format_: str, orientation: str, *, legende: bool = True, sources: int = 1) -> Gabarit:
    """The sheet of a format and an orientation; room for ``sources`` credits. ``KeyError`` for another."""
    petit, grand = FORMATS[format_]
    largeur, hauteur = (petit, grand) if orientation == "portrait" else (grand, petit)
    utile_l, utile_h = largeur - 2 * MARGE, hauteur - 2 * MARGE
    grande = format_ == "a3"
    if not legende:
        bande = 31.0 + 2.4 * max(0, sources - 3)
        carte = Zone(MARGE, MARGE, utile_l, utile_h - bande - INTERVALLE)
        cartouche = Zone(MARGE, MARGE + utile_h - bande, utile_l, bande)
        return Gabarit(format_, orientation, largeur, hauteur, carte, cartouche, None, 0, debout=False)
    if orientation == "portrait":
        bande = (58.0 if grande else 54.0) + 2.4 * max(0, sources - 2)
        bloc = 84.0 if grande else 72.0
        haut = MARGE + utile_h - bande
        carte = Zone(MARGE, MARGE, utile_l, utile_h - bande - INTERVALLE)
        cartouche = Zone(MARGE + utile_l - bloc, haut, bloc, bande)
        place = Zone(MARGE, haut, utile_l - bloc - INTERVALLE, bande)
        colonnes = int(place.largeur // COLONNE_MM)
        return Gabarit(format_, orientation, largeur, hauteur, carte, cartouche, place, colonnes, debout=True)
    bloc = 76.0 if grande else 60.0
    bas = 66.0 + 2.4 * max(0, sources - 2)
    carte = Zone(MARGE, MARGE, utile_l - bloc - INTERVALLE, utile_h)
    gauche = MARGE + utile_l - bloc
    cartouche = Zone(gauche, MARGE + utile_h - bas, bloc, bas)
    place = Zone(gauche, MARGE, bloc, utile_h - bas - INTERVALLE)
    return Gabarit(
        format_, orientation, largeur, hauteur, carte, cartouche, place, 2 if grande else 1, debout=True
    )


def lignes_de_texte(mots: str, largeur_mm: float, lettre_mm: float = LETTRE_MM) -> int:
    """Lines that words take beside their sign, two at most being usual."""
    place = max(1, int((largeur_mm - SIGNE_MM) / lettre_mm))
    lignes, reste = 1, place
    for mot in mots.split():
        if len(mot) > reste and reste < place:
            lignes, reste = lignes + 1, place
        reste -= len(mot) + 1
    return lignes


def ranger_au_mieux(entrees: list[tuple[str, str]], g: Gabarit) -> tuple[Gabarit, list[list[int]], list[int]]:
    """``ranger``, with the smaller legend where it spares the second page."""
    colonnes, suite = ranger(entrees, g)
    if suite:
        serre = g.serrer()
        autres, reste = ranger(entrees, serre)
        if not reste:
            return serre, autres, reste
    return g, colonnes, suite


def ranger(entrees: list[tuple[str, str]], g: Gabarit) -> tuple[list[list[int]], list[int]]:
    """(columns of the first page as ranks of entries, ranks left for the next page).

    ``entrees``: (theme, words); a theme that changes takes a line of its own. No entry is cut in two;
    columns of a legend that fits are even.
    """
    if g.legende is None:
        return [], []
    for hauteur in range(max(4, -(-len(entrees) // g.colonnes)), g.lignes):
        colonnes, suite = _remplir(entrees, g, hauteur)
        if not suite:
            return colonnes, suite
    return _remplir(entrees, g, g.lignes)


def _remplir(entrees: list[tuple[str, str]], g: Gabarit, hauteur: int) -> tuple[list[list[int]], list[int]]:
    colonnes: list[list[int]] = [[]]
    pris, dernier = 0.0, None
    for rang, (theme, mots) in enumerate(entrees):
        besoin = lignes_de_texte(mots, g.largeur_colonne, g.lettre) * 0.67 + 0.33
        titre = 1.1 if theme and theme != dernier else 0.0
        if pris + besoin + titre > hauteur and colonnes[-1]:
            if len(colonnes) == g.colonnes:
                return colonnes, list(range(rang, len(entrees)))
            colonnes.append([])
            # A theme that goes on says so again at the head of its column.
            pris, titre = 0.0, 1.1 if theme else 0.0
        colonnes[-1].append(rang)
        pris += besoin + titre
        dernier = theme
    return colonnes, []

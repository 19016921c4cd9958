"""What is measured on the paper is the scale: from the paths of the PDF itself."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace

import pytest
from django.contrib.auth.models import AnonymousUser

from gis_data.plans.carte import Bornes
from mairie.impression.demande import lire
from mairie.impression.feuille import composer, imprimer
from mairie.impression.gabarits import FORMATS
from tests.mairie.impression.conftest import demander
from tests.mairie.impression.lecture_pdf import Page, pages
from tests.plan_factice import COTE

pytestmark = pytest.mark.django_db

PARCELLE, COMMUNE, ENCRE = "#8a7a5c", "#6b4a8c", "#1d2b3a"
# The issue: right to 0.2 mm per 100 mm; under 100 mm a rounding of a hundredth is all there is.
TOLERANCE = 0.002
FEUILLES = [
    (200, "a4", "portrait"),
    (500, "a4", "paysage"),
    (1000, "a4", "portrait"),
    (1000, "a3", "paysage"),
    (2000, "a3", "portrait"),
    (2500, "a4", "paysage"),
    (5000, "a3", "paysage"),
    (10_000, "a4", "portrait"),
    (25_000, "a4", "paysage"),
]


def feuille(**options) -> Page:
    u = AnonymousUser()
    demande = lire(demander(**options), u)
    return pages(imprimer([composer(demande, u, Bornes(5000, 10))], titre="Essai").pdf)[0]


def du_plan(page: Page, **options) -> Page:
    """The same page with the paths of the map alone."""
    z = lire(demander(**options), AnonymousUser()).feuille.carte
    dedans = [
        (c, points)
        for c, points in page.chemins
        if z.x <= points[0][0] <= z.x + z.largeur and z.y <= points[0][1] <= z.y + z.hauteur
    ]
    return replace(page, chemins=dedans)


def etendue(page: Page, couleur: str, nord: bool = False) -> float:
    """Millimetres between the first and the last point drawn in a colour."""
    valeurs = [p[1 if nord else 0] for c, points in page.chemins if c == couleur for p in points]
    return max(valeurs) - min(valeurs)


def proche(mesure: float, attendu: float) -> bool:
    return abs(mesure - attendu) <= max(TOLERANCE * attendu, 0.02)


@pytest.mark.parametrize(("echelle", "papier", "orientation"), FEUILLES)
def test_cent_metres_mesures_sur_la_feuille_donnent_l_echelle(plan, echelle, papier, orientation):
    # Centred on one parcel where the whole street does not fit.
    large = echelle >= 1000
    options = {"echelle": echelle, "format": papier, "orientation": orientation}
    options |= {"x": 90, "y": 35} if large else {"x": 15, "y": 15}
    page = du_plan(feuille(**options), **options)
    petit, grand = FORMATS[papier]
    attendue = (petit, grand) if orientation == "portrait" else (grand, petit)
    assert (round(page.largeur, 2), round(page.hauteur, 2)) == attendue
    if echelle <= 500:
        # The square parcel AB 1, whole in the frame: one closed path of thirty metres a side.
        cote = COTE * 1000 / echelle
        carres = [
            (max(x) - min(x), max(y) - min(y))
            for c, points in page.chemins
            if c == PARCELLE
            for x, y in [tuple(zip(*points, strict=True))]
        ]
        assert any(proche(l, cote) and proche(h, cote) for l, h in carres), carres  # noqa: E741
    elif echelle <= 5000:
        assert proche(etendue(page, PARCELLE), 6 * COTE * 1000 / echelle)
        assert proche(etendue(page, PARCELLE, nord=True), (2 * COTE + 10) * 1000 / echelle)
    else:
        # The commune: 400 m by 300 m.
        assert proche(etendue(page, COMMUNE), 400_000 / echelle)
        assert proche(etendue(page, COMMUNE, nord=True), 300_000 / echelle)


@pytest.mark.parametrize(("echelle", "papier", "orientation"), FEUILLES)
def test_l_echelle_graphique_est_exacte(plan, echelle, papier, orientation):
    page = feuille(echelle=echelle, format=papier, orientation=orientation)
    (metres,) = {
        float(mots.replace(",", ".")) * (1000 if unite == "km" else 1)
        for mots, unite in re_longueurs(page.texte)
    }
    # Four cases in a row, black and white: the only inked boxes of 1.6 mm.
    cases = [
        points
        for c, points in page.chemins
        if c == ENCRE and abs(max(p[1] for p in points) - min(p[1] for p in points) - 1.6) < 0.01
    ]
    assert len(cases) == 4
    xs = [p[0] for points in cases for p in points]
    assert proche(max(xs) - min(xs), metres * 1000 / echelle)


def re_longueurs(texte: str) -> list[tuple[str, str]]:
    """The length at the end of the graphic scale: « 50 m », « 1 km », after a « 0 »."""
    return re.findall(r"\b0 [\d,]+(?: ?k?m)? ([\d,]+) ?(k?m)\b", texte)


def test_le_quadrillage_est_celui_de_la_projection(plan):
    """Crosses stand each fifty metres at 1/1000: fifty millimetres, wherever they are."""
    page = du_plan(feuille(echelle=1000))
    bras = [points for c, points in page.chemins if c == "#6a7a8c" and len(points) == 2]
    verticaux = sorted({round(p[0][0], 2) for p in bras if abs(p[0][0] - p[1][0]) < 0.001})
    ecarts = [b - a for a, b in itertools.pairwise(verticaux)]
    assert len(ecarts) >= 2 and all(abs(e - 50) < 0.02 for e in ecarts), ecarts


@pytest.mark.parametrize("papier", FORMATS)
@pytest.mark.parametrize("orientation", ["portrait", "paysage"])
@pytest.mark.parametrize("legende", ["1", "0"])
def test_rien_ne_sort_de_la_feuille(plan, papier, orientation, legende):
    page = feuille(format=papier, orientation=orientation, legende=legende)
    for _, points in page.chemins:
        for x, y in points:
            # Paths run a little beyond the frame, which clips them: never beyond the paper.
            assert 0 <= x <= page.largeur and 0 <= y <= page.hauteur

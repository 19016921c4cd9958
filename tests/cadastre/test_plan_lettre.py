"""The map extract of a letter: true to scale once printed, dated, described; nothing where no plan is."""

from __future__ import annotations

import io

import pdfplumber
import pytest
from django.contrib.gis.geos import LineString, Point

from cadastre.plan_lettre import dessiner
from mairie.courriers import services, sujets
from mairie.courriers.envois import lire_pdf
from mairie.courriers.plans import DemandePlan
from mairie.courriers.plans import dessiner as par_registre
from tests.mairie.courriers.fabrique import GENERAL, VOISIN, modele, redacteur, texte_pdf, ville
from tests.plan_factice import COTE, X0, Y0, point, rectangle

pytestmark = pytest.mark.django_db
# Points (1/72 inch) of a millimetre.
MM = 72 / 25.4


@pytest.fixture(autouse=True)
def _fichiers(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


def lettre(monkeypatch, emprise, corps: str = "<p>Voici :</p><p>[plan]</p>"):
    """A finalised letter whose dossier has this geometry."""
    from dataclasses import replace

    monkeypatch.setattr(sujets, "_sujets", {GENERAL.genre: replace(GENERAL, emprise=lambda d: emprise)})
    m = modele("plan", corps)
    c = services.preparer(ville(), m, par=redacteur(), destinataire=VOISIN)
    return services.finaliser(c, par=redacteur(), version=0)


def cotes(octets: bytes, couleur: tuple[float, ...]) -> tuple[float, float]:
    """Width and height in mm of what is filled with a colour, over all pages."""
    with pdfplumber.open(io.BytesIO(octets)) as pdf:
        formes = [
            f for page in pdf.pages for f in (*page.rects, *page.curves)
            if f["fill"] and tuple(round(v, 2) for v in f["non_stroking_color"] or ()) == couleur
        ]  # fmt: skip
    assert formes, "aucune forme de cette couleur"
    return (
        (max(f["x1"] for f in formes) - min(f["x0"] for f in formes)) / MM,
        (max(f["bottom"] for f in formes) - min(f["top"] for f in formes)) / MM,
    )


OCRE = (0.71, 0.38, 0.1)


@pytest.mark.parametrize(
    ("metres", "profondeur", "denominateur"), [(15, 10, 200), (50, 20, 500), (100, 40, 1000), (150, 40, 1500)]
)
def test_la_longueur_mesuree_sur_le_papier_est_celle_de_l_echelle(
    plan, monkeypatch, metres, profondeur, denominateur
):
    c = lettre(monkeypatch, rectangle(10, 0, metres, profondeur))
    octets = lire_pdf(c)
    assert f"Échelle 1/{denominateur}" in texte_pdf(octets)
    largeur, hauteur = cotes(octets, OCRE)
    # Drawing units are tenths of a millimetre.
    assert largeur == pytest.approx(metres * 1000 / denominateur, abs=0.15)
    assert hauteur == pytest.approx(profondeur * 1000 / denominateur, abs=0.15)


def test_cent_metres_au_1_5000_font_deux_centimetres(plan, monkeypatch):
    c = lettre(monkeypatch, rectangle(0, 0, 100, 40), "<p>x</p><p>[plan_situation]</p>")
    assert cotes(lire_pdf(c), OCRE) == pytest.approx((20, 8), abs=0.15)


def test_le_plan_est_date_decrit_et_porte_ses_numeros(plan, monkeypatch):
    c = lettre(monkeypatch, rectangle(1, 1, COTE - 2, COTE - 2))
    texte = "".join(texte_pdf(lire_pdf(c)).split())
    assert "éditiondu15/01/2025" in texte and "RueduLavoir" in texte
    fige = c.valeurs["champs"]["plan"]
    assert fige["alt"].startswith("Plan de situation, Courrier général")
    assert "parcelles numérotées 1" in fige["alt"] and len(fige["image"]) == 64
    assert c.html.count('alt="Plan de situation') == 1


def test_un_point_et_une_ligne_se_dessinent(plan):
    for geometrie in (point(20, 20), LineString((X0, Y0), (X0 + 80, Y0 + 10), srid=2154)):
        faite = dessiner(DemandePlan(geometrie, "essai"))
        assert b'stroke="#b4611a"' in faite.octets


def test_une_geometrie_d_une_autre_projection_est_ramenee(plan):
    ici = rectangle(0, 0, 30, 30)
    ailleurs = ici.transform(4326, clone=True)
    assert dessiner(DemandePlan(ailleurs, "x")).alt == dessiner(DemandePlan(ici, "x")).alt


def test_sans_plan_charge_ou_sans_geometrie_il_n_y_a_pas_d_image(plan):
    loin = Point(X0 + 50_000, Y0, srid=2154)
    assert par_registre(DemandePlan(loin, "x")) is None
    assert par_registre(DemandePlan(None, "x")) is None
    assert par_registre(DemandePlan(point(20, 20), "x")) is not None


def test_sans_plan_la_lettre_ne_part_pas_avec_un_trou(monkeypatch):
    from mairie.courriers.erreurs import CourrierRefuse

    with pytest.raises(CourrierRefuse, match=r"\[plan\] Extrait du plan"):
        lettre(monkeypatch, rectangle(0, 0, 30, 30))


def test_chaque_texte_est_ecrit_une_fois_sur_son_halo(plan):
    """Written twice, a PDF would say every name twice to whoever searches, copies or listens."""
    dessin = dessiner(DemandePlan(rectangle(1, 1, 28, 28), "x")).octets.decode()
    assert dessin.count("Rue du Lavoir</text>") == 1
    debut = dessin.rindex("<text ", 0, dessin.index("Rue du Lavoir</text>"))
    assert "stroke" not in dessin[debut:].split(">")[0] and "fill=" in dessin[debut:].split(">")[0]
    halo = dessin[dessin.rindex("<path ", 0, debut) : debut]
    assert halo.endswith("/>") and 'stroke="#ffffff"' in halo and 'fill="none"' in halo

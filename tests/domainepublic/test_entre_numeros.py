"""Between two numbers of a street: the line, its side, its length; the public step and the agents' tool."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from django.contrib.gis.geos import LineString, MultiLineString
from django.contrib.gis.geos import Point as Geos
from shapely.geometry import LineString as Ligne
from shapely.geometry import MultiLineString as Lignes
from shapely.geometry import Point

from domainepublic.regles.trace import TraceImpossible, tracer
from domainepublic.usager import demande as service
from mairie.models import Adresse, Brouillon, Voie
from tests.domainepublic.fabrique_odp import X0, Y0, type_
from tests.domainepublic.test_demande_odp import commencer, texte, version
from tests.personnes import INSEE, commune

AXE = Lignes([Ligne([(0, 0), (50, 0)]), Ligne([(50, 0), (100, 0)])])


@pytest.mark.parametrize(("y", "attendu"), [(5, 3.0), (-5, -3.0), (1, 1.0), (-40, -6.0)])
def test_la_ligne_suit_l_axe_du_cote_du_premier_numero(y, attendu):
    trace = tracer(AXE, Point(20, y), Point(60, y))
    assert trace.length == pytest.approx(40)
    assert [c[1] for c in trace.coords] == pytest.approx([attendu] * len(trace.coords))


def test_une_longueur_se_prend_au_milieu_et_reste_dans_la_rue():
    assert tracer(AXE, Point(20, 5), Point(60, 5), 12).bounds == pytest.approx((34, 3, 46, 3))
    assert tracer(AXE, Point(1, 5), Point(3, 5), 12).bounds == pytest.approx((0, 3, 12, 3))
    assert tracer(AXE, Point(30, 5), Point(30, 5), 12).length == pytest.approx(12)


def test_dans_un_virage_la_ligne_tourne_avec_la_rue():
    coude = Ligne([(0, 0), (30, 0), (30, 30)])
    trace = tracer(coude, Point(10, -5), Point(35, 20))
    assert len(trace.coords) == 3
    assert trace.distance(coude) == pytest.approx(3)


def test_sans_axe_qui_les_longe_la_ligne_va_de_l_un_a_l_autre():
    assert tracer(None, Point(0, 0), Point(10, 0)).length == 10
    ailleurs = Ligne([(0, 500), (0, 400)])
    assert tracer(ailleurs, Point(0, 0), Point(10, 0)).bounds == (0, 0, 10, 0)
    assert tracer(None, Point(0, 0), Point(10, 0), 4).bounds == (3, 0, 7, 0)
    assert tracer(None, Point(0, 0), Point(10, 0), 20).bounds == (-5, 0, 15, 0)


@pytest.mark.parametrize("axe", [AXE, None])
def test_deux_fois_le_meme_endroit_sans_longueur_se_refuse(axe):
    with pytest.raises(TraceImpossible, match="au même endroit"):
        tracer(axe, Point(5, 5), Point(5, 5))


def poser_rue(numeros=((12, 10), (18, 50))) -> Voie:
    """A street of the tiny plan and some of its numbers, on its left side."""
    axe = MultiLineString(LineString((X0, Y0 + 35), (X0 + 120, Y0 + 35), srid=2154), srid=2154)
    voie = Voie.objects.create(insee=INSEE, nom="Rue du Lavoir", code="0050", axe=axe)
    for numero, x in numeros:
        Adresse.objects.create(
            voie=voie, insee=INSEE, numero=numero, position=Geos(X0 + x, Y0 + 40, srid=2154)
        )
    return voie


def test_la_carte_va_a_la_rue_choisie(client, aller):
    voie = poser_rue()
    ouest, sud, est, nord = client.get(f"/domaine-public/rue/{voie.pk}/").json()["bornes"]
    a, b = (Geos(X0 + x, Y0 + 35, srid=2154).transform(4326, clone=True) for x in (0, 120))
    assert (ouest, est) == pytest.approx((a.x, b.x), abs=1e-6) and sud <= nord
    Voie.objects.filter(pk=voie.pk).update(axe=None)
    assert client.get(f"/domaine-public/rue/{voie.pk}/").status_code == 200, "ses numéros, à défaut d'axe"
    voie.adresses.all().delete()
    assert client.get(f"/domaine-public/rue/{voie.pk}/").status_code == 404


@pytest.fixture
def rue(aller):
    type_("DEMEN")
    commune()
    return poser_rue()


def ou(client, rue, **champs):
    base = commencer(client, "DEMEN")
    reponse = client.post(
        f"{base}ou/", {"voie": rue.pk, "geom": "", "largeur": "2", "version": version(), **champs}
    )
    return base, reponse


def test_sans_dessin_ni_script_deux_numeros_suffisent(client, rue):
    base, reponse = ou(client, rue, numero_du="12", numero_au="18", longueur="12")
    assert reponse["Location"] == f"{base}quand/", texte(reponse)
    d = service.lire(Brouillon.objects.get())
    assert round(d.geom.length, 2) == 12 and d.largeur == Decimal(2)
    assert d.adresse == "12 au 18 Rue du Lavoir"


@pytest.mark.parametrize(
    ("champs", "attendu"),
    [
        ({}, "Montrez l'endroit sur la carte"),
        ({"numero_du": "99"}, "99 Rue du Lavoir n'est pas connu. Les numéros connus vont de 12 à 18."),
        ({"numero_du": "douze", "numero_au": "18"}, "Écrivez un numéro, comme 12 ou 12 bis."),
        ({"numero_du": "12"}, "Donnez le second numéro, ou la longueur en mètres."),
        ({"numero_du": "12", "numero_au": "12"}, "Donnez le second numéro"),
        ({"numero_du": "12", "voie": "", "adresse": "là"}, "Choisissez la rue de ces numéros."),
    ],
)  # fmt: skip
def test_ce_qui_empeche_le_trace_est_dit(client, rue, champs, attendu):
    _, reponse = ou(client, rue, **champs)
    assert reponse.status_code == 422 and attendu in texte(reponse)


def test_une_rue_sans_numero_place_renvoie_a_la_carte(client, rue):
    Adresse.objects.update(position=None)
    _, reponse = ou(client, rue, numero_du="12", numero_au="18")
    assert "Aucun numéro de cette rue n'est placé : dessinez sur la carte." in texte(reponse)


def test_ce_que_rend_l_outil(client, rue):
    adresse = "/domaine-public/entre-numeros/"
    lu = client.get(adresse, {"voie": rue.pk, "du": "12", "au": "18", "longueur": "12,5"}).json()
    assert lu["longueur"] == 12.5 and json.loads(lu["geojson"])["type"] == "LineString"
    for demande, statut, dit in (
        ({"du": "12"}, 422, "Choisissez d'abord la rue."),
        ({"voie": rue.pk, "du": "12", "longueur": "long"}, 422, "La longueur est un nombre de mètres"),
        ({"voie": rue.pk, "du": "12", "longueur": "NaN"}, 422, "La longueur est un nombre de mètres"),
        ({"voie": rue.pk, "du": "12", "longueur": "-3"}, 422, "La longueur va de"),
        ({"voie": rue.pk, "du": "12", "au": "18", "longueur": "0,4"}, 422, "La longueur va de 0,5"),
        ({"voie": rue.pk, "du": "13", "au": "18"}, 422, "n'est pas connu"),
    ):
        reponse = client.get(adresse, demande)
        assert reponse.status_code == statut and dit in reponse.json()["erreur"]
    for cle in ("0", "x", "9" * 30):
        assert client.get(adresse, {"voie": cle}).status_code == 404

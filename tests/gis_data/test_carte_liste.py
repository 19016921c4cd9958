"""Objects in view as a list; days of layers that have dates; internal layers for those who may see them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.db.models import DateField, F
from django.db.models.functions import Cast
from django.test.utils import CaptureQueriesContext

from cadastre.couches.plan import PARCELLES
from gis_data.couches import Attribut, Element, Genre
from tests.couches import couche_datee, couche_interne
from tests.plan_factice import lonlat

TOUT = (-60, -60, 250, 120)
PORTE = "django.contrib.auth.backends.ModelBackend"


def boite(x1, y1, x2, y2) -> str:
    (ouest, sud), (est, nord) = lonlat(x1, y1), lonlat(x2, y2)
    return f"{ouest:.7f},{sud:.7f},{est:.7f},{nord:.7f}"


def lister(client, x1, y1, x2, y2, zoom=18, **autres):
    return client.get("/carte/objets", {"bbox": boite(x1, y1, x2, y2), "zoom": zoom, **autres})


def test_la_liste_dit_ce_que_la_vue_contient(client, plan):
    rubriques = {r["couche"]: r for r in lister(client, *TOUT).json()["rubriques"]}
    assert rubriques["parcelles"]["nombre"] == 12
    assert not rubriques["parcelles"]["au_dela"]
    premiere = rubriques["parcelles"]["objets"][0]
    assert premiere["titre"] == "Parcelle AB 1" and premiere["url"] == "/parcelles/25999000AB0001/"
    lon, lat = premiere["lieu"]
    attendu = lonlat(15, 15)
    assert (lon, lat) == (pytest.approx(attendu[0], abs=2e-4), pytest.approx(attendu[1], abs=2e-4))
    assert rubriques["batiments"]["nombre"] == 2


def test_la_liste_se_borne_a_la_vue_et_au_zoom(client, plan):
    rubriques = {r["couche"]: r for r in lister(client, 2, 2, 28, 28).json()["rubriques"]}
    assert [o["titre"] for o in rubriques["parcelles"]["objets"]] == ["Parcelle AB 1"]
    de_loin = {r["couche"] for r in lister(client, *TOUT, zoom=13).json()["rubriques"]}
    assert "sections" in de_loin and "parcelles" not in de_loin


def test_la_liste_se_lit_par_morceaux(client, plan, monkeypatch):
    monkeypatch.setattr("gis_data.carte.liste.PAR_COUCHE", 5)
    monkeypatch.setattr("gis_data.carte.liste.COMPTE_MAX", 8)
    (debut,) = lister(client, *TOUT, couches="parcelles").json()["rubriques"]
    assert (len(debut["objets"]), debut["nombre"], debut["au_dela"]) == (5, 8, True)
    (fin,) = lister(client, *TOUT, couches="parcelles", depart=10).json()["rubriques"]
    assert [o["titre"] for o in fin["objets"]] == ["Parcelle AB 11", "Parcelle AB 12"]


@pytest.mark.parametrize(
    ("demande", "mot"),
    [
        ({}, "bbox"),
        ({"bbox": "1,2,3"}, "bbox"),
        ({"bbox": "6.4,47,6.3,47.1"}, "ouest en est"),
        ({"bbox": "6,47.2,6.1,47.1"}, "sud au nord"),
        ({"bbox": "-900,0,900,1"}, "monde"),
        ({"bbox": "nan,nan,nan,nan"}, "monde"),
        ({"bbox": "6,47,6.1,47.1", "zoom": "x"}, "zoom"),
        ({"bbox": "6,47,6.1,47.1", "zoom": "17", "depart": "-1"}, "depart"),
        ({"bbox": "6,47,6.1,47.1", "zoom": "17", "jour": "hier"}, "jour"),
    ],
)
def test_une_demande_impossible_est_refusee(client, db, demande, mot):
    reponse = client.get("/carte/objets", demande)
    assert reponse.status_code == 400
    assert mot in reponse.json()["erreur"]


def test_toute_la_france_ne_lit_que_le_debut(client, plan, django_assert_max_num_queries):
    with django_assert_max_num_queries(60), CaptureQueriesContext(connection) as lues:
        reponse = client.get("/carte/objets", {"bbox": "-5,41,10,51", "zoom": "18"})
    assert reponse.status_code == 200
    assert all("LIMIT" in r["sql"] for r in lues if "ST_Intersects" in r["sql"])


# --- days -----------------------------------------------------------------------------------------


@pytest.fixture
def datee(plan) -> Iterator[str]:
    with couche_datee() as nom:
        yield nom


def titres(reponse):
    return sorted(o["titre"] for r in reponse.json()["rubriques"] for o in r["objets"])


def test_le_jour_choisi_ne_laisse_que_ce_qui_vaut_ce_jour(client, datee):
    """Parcel n holds from 1 January 2026 + n days, for three days; the last one has no end."""
    tout = titres(lister(client, *TOUT, couches=datee))
    assert len(tout) == 12
    vus = titres(lister(client, *TOUT, couches=datee, jour="2026-01-05"))
    assert vus == ["Occupation 2", "Occupation 3", "Occupation 4"]
    avant = titres(lister(client, *TOUT, couches=datee, jour="2025-01-01"))
    assert avant == []
    apres = titres(lister(client, *TOUT, couches=datee, jour="2030-01-01"))
    assert apres == ["Occupation 12"]


def test_le_clic_suit_le_jour_choisi(client, datee):
    lon, lat = lonlat(45, 15)
    demande = {"lon": lon, "lat": lat, "zoom": 18, "couches": datee}
    assert client.get("/carte/identifier", demande).json()["objets"]
    dehors = client.get("/carte/identifier", {**demande, "jour": "2026-03-01"})
    assert dehors.json()["objets"] == []
    assert client.get("/carte/identifier", {**demande, "jour": "32"}).status_code == 400


def test_les_bornes_des_jours(client, datee):
    bornes = client.get("/carte/jours", {"couches": datee}).json()
    assert bornes == {"debut": "2026-01-02", "fin": "2026-01-14"}
    assert client.get("/carte/jours", {"couches": "parcelles"}).json() == {"debut": None, "fin": None}
    assert client.get("/carte/jours", {"couches": "nulle_part"}).status_code == 404


@pytest.mark.parametrize(
    "attribut",
    [
        Attribut("du", "Du", F("valide_du"), genre=Genre.DATE),
        Attribut("du", "Du", Cast("valide_du", DateField()), genre=Genre.TEXTE, tuile=15),
    ],
)
def test_une_date_que_la_tuile_ne_porte_pas_est_une_erreur(attribut):
    au = Attribut("au", "Au", F("valide_au"), genre=Genre.DATE, tuile=15)
    with pytest.raises(ImproperlyConfigured, match="date"):
        replace(PARCELLES, nom="essai", cle=None, survol=(), attributs=(attribut, au), dates=("du", "au"),
                elements=(Element("essai", 15),))  # fmt: skip


# --- internal layers ------------------------------------------------------------------------------


@pytest.fixture
def interne(plan) -> Iterator[str]:
    with couche_interne() as nom:
        yield nom


@pytest.fixture
def habilite(client, django_user_model):
    client.force_login(
        django_user_model.objects.create_user("a@exemple.test", "x" * 14, is_staff=True),
        PORTE,
    )
    return client


def test_qui_y_a_droit_voit_la_couche_interne_sous_son_nom(habilite, interne):
    page = habilite.get("/carte/")
    assert interne in page.content.decode()
    assert page["Cache-Control"] == "private, no-store"
    style = habilite.get("/carte/style-interne.json")
    assert style["Cache-Control"] == "private, no-store"
    assert list(style.json()["sources"]) == [interne]
    assert {c["source"] for c in style.json()["layers"]} == {interne}
    for adresse in (
        f"/carte/objets?bbox={boite(*TOUT)}&zoom=18&couches={interne}",
        "/carte/identifier?lon={:.7f}&lat={:.7f}&zoom=18&couches={}".format(*lonlat(15, 15), interne),
        f"/carte/objet/{interne}/25999000AB0001",
        "/carte/couches.json?internes=1",
    ):
        reponse = habilite.get(adresse)
        assert reponse.status_code == 200, adresse
        assert interne in reponse.content.decode(), adresse
        assert reponse["Cache-Control"] == "private, no-store", adresse
    # The public answers stay those of everybody.
    assert interne not in habilite.get("/tuiles/style.json").content.decode()
    assert interne not in habilite.get("/carte/couches.json").content.decode()
    assert interne not in habilite.get("/carte/integree/").content.decode()


def test_les_autres_ne_savent_pas_qu_elle_existe(client, interne, django_user_model):
    adresses = (
        f"/carte/objets?bbox={boite(*TOUT)}&zoom=18&couches={interne}",
        "/carte/identifier?lon=6&lat=47&zoom=18&couches=" + interne,
        f"/carte/objet/{interne}/25999000AB0001",
        f"/carte/jours?couches={interne}",
    )
    for connecte in (False, True):
        if connecte:
            client.force_login(
                django_user_model.objects.create_user("c@exemple.test", "x" * 14),
                PORTE,
            )
            assert client.get("/carte/style-interne.json").json()["layers"] == []
        for adresse in adresses:
            refus = client.get(adresse)
            assert refus.status_code == 404, adresse
            assert refus.json()["erreur"] == f"La couche « {interne} » n'existe pas."
        for page in ("/carte/", "/carte/couches.json?internes=1"):
            assert interne not in client.get(page).content.decode()


def test_le_style_interne_demande_un_compte(client, db):
    assert client.get("/carte/style-interne.json").status_code == 302

"""Filters of a layer: list, click, values offered, file; what no layer declares is left out."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import pyogrio
import pytest
from django.core.exceptions import ImproperlyConfigured

from cadastre.couches.plan import PARCELLES
from gis_data.carte import export
from gis_data.carte.filtres import lire_filtres
from tests.couches import couche_filtree, couche_interne
from tests.plan_factice import lonlat

EN_COURS = "odp_essai.etat:en%20cours"
CLOS = "odp_essai.etat:clos%2C%20gard%C3%A9"


@pytest.fixture
def filtree(plan):
    with couche_filtree() as nom:
        yield nom


def nombre(client, filtres):
    (ouest, sud), (est, nord) = lonlat(-60, -60), lonlat(250, 120)
    demande = {"bbox": f"{ouest},{sud},{est},{nord}", "zoom": 18, "couches": "odp_essai", "filtres": filtres}
    rubriques = client.get("/carte/objets", demande).json()["rubriques"]
    return sum(r["nombre"] for r in rubriques)


def test_les_filtres_bornent_la_liste_le_clic_et_le_fichier(client, filtree):
    assert nombre(client, "") == 12 and nombre(client, EN_COURS) == 4
    assert nombre(client, CLOS) == 8 and nombre(client, f"{EN_COURS},{CLOS}") == 12
    assert nombre(client, f"{EN_COURS},odp_essai.du:2026") == 4
    assert nombre(client, f"{EN_COURS},odp_essai.du:2025") == 0
    # A value of a link that no object bears any more: nothing, and no fault.
    assert nombre(client, "odp_essai.etat:perdu") == 0
    lon, lat = lonlat(15, 15)
    clic = {"lon": lon, "lat": lat, "zoom": 18, "couches": "odp_essai"}
    assert len(client.get("/carte/identifier", {**clic, "filtres": EN_COURS}).json()["objets"]) == 1
    assert client.get("/carte/identifier", {**clic, "filtres": CLOS}).json()["objets"] == []
    lus = client.get("/carte/export/odp_essai.geojson", {"filtres": EN_COURS})
    contenu = json.loads(lus.getvalue())
    assert lus["X-Objets"] == "4" and len(contenu["features"]) == 4
    assert {o["properties"]["etat"] for o in contenu["features"]} == {"en cours"}


def test_les_valeurs_offertes_sont_comptees(client, filtree):
    reponse = client.get("/carte/filtres/odp_essai")
    assert reponse["Cache-Control"] == "no-cache"
    etat, annee = reponse.json()["filtres"]
    assert [(v["valeur"], v["nombre"]) for v in etat["valeurs"]] == [("clos, gardé", 8), ("en cours", 4)]
    assert annee["valeurs"] == [{"valeur": "2026", "libelle": "2026", "nombre": 12}]
    with couche_interne():
        assert client.get("/carte/filtres/urba_essai").status_code == 404


def test_une_adresse_de_filtres_ne_garde_que_ce_qui_est_declare(filtree):
    brut = f"{EN_COURS},{EN_COURS},odp_essai.numero:3,nulle.etat:x,odp_essai.du:26,odp_essai.du:2026,:,sans"
    assert lire_filtres(brut) == {"odp_essai": {"etat": ("en cours",), "du": ("2026",)}}
    assert len(lire_filtres(",".join(f"odp_essai.etat:{i}" for i in range(200)))["odp_essai"]["etat"]) == 60


def test_une_couche_publique_s_exporte_par_son_adresse(client, filtree, tmp_path):
    lus = client.get("/carte/export/odp_essai.csv", {"srid": "4326"})
    assert lus["Content-Disposition"] == 'attachment; filename="odp_essai.csv"'
    lignes = list(csv.DictReader(io.StringIO(lus.getvalue().decode()), delimiter=";"))
    assert len(lignes) == 12 and lignes[0]["wkt"].startswith("MULTIPOLYGON")
    fichier = tmp_path / "lu.gpkg"
    fichier.write_bytes(client.get("/carte/export/odp_essai.gpkg", {"jour": "2026-01-05"}).getvalue())
    info = pyogrio.read_info(fichier)
    assert info["features"] == 3 and info["crs"] == "EPSG:2154"
    # Within a frame.
    (ouest, sud), (est, nord) = lonlat(2, 2), lonlat(28, 28)
    un = client.get("/carte/export/odp_essai.geojson", {"bbox": f"{ouest},{sud},{est},{nord}"})
    assert un["X-Objets"] == "1"


@pytest.mark.parametrize(
    ("chemin", "statut", "mots"),
    [
        ("nulle.csv", 404, "pas publique"),
        ("urba_essai.csv", 404, "pas publique"),
        ("parcelles.xlsx", 404, "Formats"),
        ("parcelles.csv?bbox=8,47,6,48", 400, "bbox"),
        ("parcelles.csv?jour=hier", 400, "jour"),
        ("parcelles.csv?srid=27572", 400, "srid"),
    ],
)
def test_un_mauvais_export_est_refuse_avec_des_mots(client, plan, chemin, statut, mots):
    with couche_interne():
        reponse = client.get(f"/carte/export/{chemin}")
    assert reponse.status_code == statut and mots in reponse.json()["erreur"]


def test_un_export_trop_grand_ou_de_trop_est_refuse(client, plan, monkeypatch):
    monkeypatch.setattr(export, "OBJETS_MAX", 5)
    reponse = client.get("/carte/export/parcelles.csv")
    assert reponse.status_code == 413 and "/ogc/collections/parcelles/items" in reponse.json()["erreur"]
    monkeypatch.setattr(export, "OBJETS_MAX", 50)
    with export._PLACES, export._PLACES:
        reponse = client.get("/carte/export/parcelles.csv")
    assert reponse.status_code == 503 and reponse["Retry-After"] == "5"
    assert client.get("/carte/export/parcelles.csv").status_code == 200


@pytest.mark.parametrize("filtre", ["inconnu", "contenance", "numero"])
def test_un_filtre_que_les_tuiles_ne_portent_pas_est_une_erreur(filtre):
    with pytest.raises(ImproperlyConfigured):
        replace(PARCELLES, nom="essai", filtres=(filtre,))

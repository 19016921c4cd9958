"""Data of the certificat d'information: rubrics, states, sources, shares."""

from __future__ import annotations

import json

import pytest

from gis_data.contraintes.certificat import FISCALITE, PREEMPTION, donnees_certificat
from gis_data.contraintes.imports import importer_plu, importer_sup
from gis_data.contraintes.resultat import Etat
from tests.gis_data.contraintes import plans
from tests.gis_data.contraintes.test_contraintes import JOUR, boite

pytestmark = pytest.mark.django_db


@pytest.fixture
def plu(tmp_path, plan):
    importer_plu(chemin := plans.ecrire(tmp_path), chemin.name)


def test_les_parts_du_certificat_font_cent_et_le_terrain_est_dit(plu):
    d = donnees_certificat(boite(90, 0, 30, 30), JOUR).en_json()
    zones = d["zonage"]["zones"]
    assert [(z["libelle"], z["pct"]) for z in zones] == [("N", 66.7), ("A", 33.3)]
    assert round(sum(z["pct"] for z in zones), 1) == 100.0 and d["zonage"]["hors_zonage"] is None
    assert d["terrain"] == {
        "surface_m2": 900,
        "communes": [{"insee": "25999", "nom": "Valbrune-les-Essais"}],
    }


def test_chaque_rubrique_dit_son_etat(plu):
    """On UA: the pre-emption area, no prescription but the line and the point, no servitude loaded."""
    rubriques = donnees_certificat(boite(0, 100, 40, 30), JOUR).en_json()["rubriques"]
    assert list(rubriques) == [
        *("prescriptions", "preemption", "fiscalite", "informations"),
        *("servitudes", "risques", "patrimoine", "autres"),
    ]
    assert [o["libelle"] for o in rubriques["preemption"]["objets"]] == ["Préemption"]
    assert rubriques["preemption"]["etat_libelle"] == "trouvé"
    # The layer of informations is loaded, and has no tax perimeter here.
    assert rubriques["fiscalite"]["etat"] == "rien" and rubriques["informations"]["etat"] == "rien"
    assert rubriques["servitudes"]["etat"] == "non_chargee" and rubriques["servitudes"]["non_chargees"]


def test_une_servitude_chargee_et_une_absente_se_distinguent(plu, tmp_path):
    importer_sup(chemin := plans.ecrire_sup(tmp_path, "AC1"), chemin.name)
    patrimoine = donnees_certificat(boite(90, 0, 30, 30), JOUR).rubrique("patrimoine")
    assert patrimoine.etat is Etat.TROUVE and len(patrimoine.objets) == 1
    assert {c.nom for c in patrimoine.non_chargees} >= {"sup_ac2"}


def test_sans_document_le_certificat_est_incomplet_et_le_dit(plan):
    d = donnees_certificat(boite(0, 0, 30, 30), JOUR).en_json()
    assert d["zonage"]["etat_libelle"] == "couche non chargée" and d["zonage"]["hors_zonage"] is None
    assert d["complet"] is False and d["sources"] == []
    assert {r["etat"] for r in d["rubriques"].values() if r["non_chargees"]} == {"non_chargee"}


def test_les_sources_sont_dites_une_fois(plu):
    d = donnees_certificat(boite(90, 90, 30, 30), JOUR)
    (source,) = d.en_json()["sources"]
    assert source["identifiant"] == "25999_PLU_20240115" and source["du"] == "2024-01-15"


def test_les_memes_donnees_passent_en_json(plu):
    d = donnees_certificat(boite(0, 0, 200, 200), JOUR).en_json()
    assert json.loads(json.dumps(d)) == d and "ne vaut pas certificat" in d["avertissement"].replace(
        "\n", " "
    )


def test_une_information_n_est_que_dans_une_rubrique(plu):
    assert not PREEMPTION & FISCALITE and PREEMPTION and FISCALITE
    d = donnees_certificat(boite(0, 0, 200, 200), JOUR)
    cles = [o.cle for r in d.rubriques for o in r.objets]
    assert len(cles) == len(set(cles)) == len(d.resultat.objets)

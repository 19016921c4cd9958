"""Import of lots of servitudes."""

from __future__ import annotations

import zipfile
from datetime import date

import pytest

from gis_data.contraintes.imports import ImportRefuse, importer_sup
from gis_data.demo.urbanisme import paquet, servitudes
from gis_data.models import DocumentUrbanisme, PieceEcrite, SupAssiette, SupGenerateur
from tests.gis_data.contraintes import plans

pytestmark = pytest.mark.django_db


def importer(chemin, **options):
    return importer_sup(chemin, chemin.name, **options)


@pytest.mark.parametrize("gpkg", [False, True])
def test_un_lot_est_ecrit_avec_ses_actes(tmp_path, gpkg):
    lots = servitudes.servitudes(plans.sol())
    rapport = importer(paquet.ecrire_sup(lots["AC1"], "AC1", tmp_path, gpkg=gpkg))
    assert rapport.statut == "importe" and rapport.ecarts == {} and rapport.anomalies == []
    document = DocumentUrbanisme.objects.get()
    assert (document.famille, document.categorie, document.territoire) == ("sup", "AC1", "25999")
    assert document.identifiant == "259990002_AC1_25999_20230301"
    assiette = SupAssiette.objects.get()
    assert (assiette.categorie, assiette.rayon, assiette.id_servitude) == ("AC1", 500.0, "AC1-S1")
    assert assiette.libelle == "Abords de l'église, 500 m"
    assert assiette.servitude == "Église de la commune fictive"
    assert assiette.actes == [
        {
            "nom": "Inscription de l'église",
            "type": "Arrêté",
            "date": "2023-03-01",
            "fichier": "AC1_25999_acte.pdf",
            "lien": "",
        }
    ]
    assert SupGenerateur.objects.get().libelle == "Monument inscrit"
    assert PieceEcrite.objects.get().nom == "AC1_25999_acte.pdf"


def test_deux_categories_vivent_cote_a_cote_et_une_nouvelle_version_ferme_la_sienne(tmp_path):
    importer(plans.ecrire_sup(tmp_path, "AC1"))
    importer(plans.ecrire_sup(tmp_path, "PM1"))
    importer(plans.ecrire_sup(tmp_path, "PM1", jour=date(2024, 7, 1)))
    courants = DocumentUrbanisme.objects.filter(valide_au__isnull=True)
    assert set(courants.values_list("categorie", "valide_du")) == {
        ("AC1", date(2023, 3, 1)), ("PM1", date(2024, 7, 1)),
    }  # fmt: skip
    assert DocumentUrbanisme.objects.get(valide_du=date(2023, 3, 1), categorie="PM1").valide_au == date(
        2024, 7, 1
    )


def test_une_assiette_sans_servitude_est_gardee_et_signalee(tmp_path):
    lot = servitudes.servitudes(plans.sol())["AC1"]
    lot.couches["AC1_ASSIETTE_SUP_S"][0].attributs["IDGEN"] = "ailleurs"
    rapport = importer(paquet.ecrire_sup(lot, "AC1", tmp_path))
    assert rapport.par_code() == {"LIEN_ABSENT": 1}
    assert SupAssiette.objects.get().servitude == ""


def test_une_categorie_inconnue_est_gardee_et_signalee(tmp_path):
    lot = servitudes.servitudes(plans.sol())["AC1"]
    lot.couches = {n.replace("AC1_", "ZZ9_"): e for n, e in lot.couches.items()}
    rapport = importer(paquet.ecrire_sup(lot, "ZZ9", tmp_path))
    assert rapport.par_code()["TYPE_INCONNU"] == 1
    assert SupAssiette.objects.get().categorie == "ZZ9"


def test_un_lot_sans_assiette_est_refuse(tmp_path):
    chemin = plans.ecrire_sup(tmp_path, "AC1")
    with zipfile.ZipFile(chemin) as archive, zipfile.ZipFile(tmp_path / "x.zip", "w") as autre:
        for membre in archive.namelist():
            if "ASSIETTE" not in membre:
                autre.writestr(membre, archive.read(membre))
    with pytest.raises(ImportRefuse, match="ASSIETTE_SUP"):
        importer(tmp_path / "x.zip")
    assert not DocumentUrbanisme.objects.exists()


def test_les_coordonnees_d_un_gestionnaire_ne_sont_pas_gardees(tmp_path):
    lot = servitudes.servitudes(plans.sol())["AC1"]
    lot.couches["GESTIONNAIRE_SUP"][0].attributs |= {"NOMCORRES": "Jean Inventé", "COURRIEL": "a@b.invalid"}
    importer(paquet.ecrire_sup(lot, "AC1", tmp_path))
    assert SupAssiette.objects.get().autres["GESTIONNAIRE"].startswith("Direction fictive")
    assert "Inventé" not in str(SupAssiette.objects.values().get())

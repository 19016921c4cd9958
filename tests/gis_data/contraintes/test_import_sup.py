"""Import of lots of servitudes."""

from __future__ import annotations

import zipfile
from datetime import date

import pytest
import shapely
from shapely.affinity import translate

from gis_data.contraintes.calcul import contraintes
from gis_data.contraintes.imports import ImportRefuse, importer_sup, sup
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


def _sans(chemin, dossier, *fins):
    """The same package without the members that end so."""
    ampute = dossier / f"ampute_{chemin.name}"
    with zipfile.ZipFile(chemin) as archive, zipfile.ZipFile(ampute, "w") as autre:
        for membre in archive.namelist():
            if not membre.endswith(fins):
                autre.writestr(membre, archive.read(membre))
    return ampute


def _refus(chemin) -> str:
    with pytest.raises(ImportRefuse) as erreur:
        importer(chemin)
    assert not DocumentUrbanisme.objects.exists() and not SupAssiette.objects.exists()
    assert not PieceEcrite.objects.exists() and erreur.value.rapport.statut == "refuse"
    return str(erreur.value)


def test_sans_dbf_le_lot_est_refuse_et_le_fichier_nomme(tmp_path):
    chemin = _sans(plans.ecrire_sup(tmp_path, "AC1"), tmp_path, "ASSIETTE_SUP_S.dbf")
    assert "AC1_ASSIETTE_SUP_S.dbf" in _refus(chemin)


def test_sans_prj_le_lot_est_refuse(tmp_path):
    assert ".prj manquant" in _refus(_sans(plans.ecrire_sup(tmp_path, "AC1"), tmp_path, ".prj"))


def test_une_projection_fausse_est_refusee(tmp_path, plan):
    lot = servitudes.servitudes(plans.sol())["AC1"]
    for entites in lot.couches.values():
        for entite in entites:
            if entite.forme is not None:
                entite.forme = translate(entite.forme, -300_000, -200_000)
    assert "hors du territoire" in _refus(paquet.ecrire_sup(lot, "AC1", tmp_path))


def test_une_assiette_croisee_est_reparee_et_c_est_dit(tmp_path):
    lot = servitudes.servitudes(plans.sol())["AC1"]
    x, y = plans.X0, plans.Y0
    noeud = shapely.Polygon([(x, y), (x + 40, y + 40), (x + 40, y), (x, y + 40)])
    lot.couches["AC1_ASSIETTE_SUP_S"][0].forme = shapely.MultiPolygon([noeud])
    rapport = importer(paquet.ecrire_sup(lot, "AC1", tmp_path))
    assert rapport.par_code() == {"GEOMETRIE_REPAREE": 1} and SupAssiette.objects.get().geom.valid


def test_rien_n_est_a_moitie_ecrit_quand_l_ecriture_echoue(tmp_path, monkeypatch, settings):
    ecrire = sup.ecrire_lots

    def casser(modele, objets):
        if modele is SupGenerateur:
            raise RuntimeError("panne")
        return ecrire(modele, objets)

    monkeypatch.setattr(sup, "ecrire_lots", casser)
    with pytest.raises(RuntimeError):
        importer(plans.ecrire_sup(tmp_path, "AC1"))
    assert not DocumentUrbanisme.objects.exists() and not SupAssiette.objects.exists()
    assert not PieceEcrite.objects.exists() and not list((tmp_path / "media").rglob("*.pdf"))


def test_la_version_remplacee_reste_consultable(tmp_path, plan):
    """The perimeter of the first lot answers for its days, the second for the days after."""
    for jour in (date(2023, 3, 1), date(2025, 6, 1)):
        lot = servitudes.servitudes(plans.sol())["AC1"]
        lot.jour = jour
        for assiette in lot.couches["AC1_ASSIETTE_SUP_S"]:
            assiette.attributs["NOMASS"] = f"Abords {jour:%Y}"
        importer(paquet.ecrire_sup(lot, "AC1", tmp_path / f"{jour:%Y}"))
    terrain = shapely.box(plans.X0 + 40, plans.Y0 + 140, plans.X0 + 60, plans.Y0 + 160)

    def trouves(jour: date) -> list[str]:
        (ac1,) = [c for c in contraintes(terrain, jour).consultees if c.nom == "sup_ac1"]
        return [o.libelle for o in ac1.objets]

    assert trouves(date(2024, 1, 1)) == ["Abords 2023"] and trouves(date(2026, 1, 1)) == ["Abords 2025"]
    assert trouves(date(2022, 1, 1)) == []

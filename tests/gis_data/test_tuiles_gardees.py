"""The cache of public tiles: kept by layer and version, made anew only where an import changed something."""

from __future__ import annotations

import datetime
import os
import time
from pathlib import Path

import pytest
from django.utils import timezone

from cadastre import models as m
from cadastre.couches.communs import modifications_cadastre, version_cadastre
from gis_data.contraintes.couches import modifications_documents, version_documents
from gis_data.couches import Element, couche, registre
from gis_data.models import DocumentUrbanisme, ImportTravail
from gis_data.tuiles import cache, service
from mairie.carte.tuiles import reconstruire_tuiles
from tests.couches_remplies import un_plan_d_urbanisme
from tests.gis_data.test_tuiles import tuile_de
from tests.plan_factice import point, rectangle

AILLEURS = 40_000.0


@pytest.fixture(autouse=True)
def _dossier(settings, tmp_path):
    settings.TUILES_CACHE = str(tmp_path / "tuiles")
    cache._ETATS.clear()


@pytest.fixture
def faites(monkeypatch) -> list[tuple]:
    """Tiles made by the database, in order."""
    liste: list[tuple] = []

    def faire(*demande):
        liste.append(demande)
        return service.tuile_publique(*demande)

    monkeypatch.setattr(cache, "tuile_publique", faire)
    return liste


@pytest.fixture
def deux_communes(plan):
    """The tiny plan, of a finished import, and a sheet of another commune 40 km away."""
    ImportTravail.objects.update(fin=timezone.now(), battement=timezone.now())
    feuille = m.Feuille.objects.create(
        id12="25998000ZA01", commune="25998", prefixe="000", section="ZA", subdivision="01"
    )
    livrer(feuille, datetime.date(2025, 1, 15), AILLEURS)
    service.oublier_versions()
    return plan, feuille


def livrer(feuille: m.Feuille, jour: datetime.date, x: float) -> m.VersionFeuille:
    """An import of a sheet that has ended."""
    travail = ImportTravail.objects.create(genre="edigeo", etat="termine", fin=timezone.now())
    version = m.VersionFeuille.objects.create(
        feuille=feuille,
        millesime=jour,
        empreinte="2" * 64,
        crs_declare="LAMB93",
        epsg=2154,
        geom=rectangle(x, 0, 300, 300),
        geom_3857=rectangle(x, 0, 300, 300).transform(3857, clone=True),
        import_travail=travail,
    )
    feuille.version = version
    feuille.save()
    service.oublier_versions()
    return version


def demander(client, x: float, zoom: int = 16, nom: str = "parcelles") -> bytes:
    z, colonne, ligne = tuile_de(x, 20, zoom)
    reponse = client.get(f"/tuiles/{nom}/{z}/{colonne}/{ligne}.pbf")
    assert reponse.status_code in (200, 204)
    return reponse.content


def test_une_tuile_ne_se_fait_qu_une_fois_et_ses_octets_restent(client, plan, faites):
    premiere = demander(client, 50)
    assert premiere and demander(client, 50) == premiere
    assert len(faites) == 1
    # An empty one too: most of the world is.
    assert demander(client, AILLEURS) == demander(client, AILLEURS) == b""
    assert len(faites) == 2
    assert len(list(Path(cache._dossier("parcelles")).glob("16/*/*"))) == 2


def test_chaque_couche_a_les_siennes(client, plan, faites):
    assert demander(client, 50) != demander(client, 50, nom="batiments")
    assert len(faites) == 2


def test_un_import_ailleurs_ne_refait_rien_ici(client, deux_communes, faites):
    _, feuille = deux_communes
    ici = demander(client, 50)
    demander(client, AILLEURS + 100)
    time.sleep(0.01)
    livrer(feuille, datetime.date(2026, 1, 15), AILLEURS)
    assert demander(client, 50) == ici
    assert len(faites) == 2
    demander(client, AILLEURS + 100)
    assert len(faites) == 3
    # And both are good for the new version: nothing is asked of the database any more.
    demander(client, 50)
    demander(client, AILLEURS + 100)
    assert len(faites) == 3


def test_un_import_ici_refait_ce_qui_a_change(client, deux_communes, faites):
    plan, _ = deux_communes
    avant = demander(client, 50)
    m.Parcelle.objects.filter(numero=3).update(contenance=4321)
    assert demander(client, 50) == avant
    livrer(plan.feuille, datetime.date(2026, 1, 15), 0)
    apres = demander(client, 50)
    assert apres != avant and len(faites) == 2


def test_ce_qui_est_derive_apres_la_derniere_feuille_est_refait(client, deux_communes, faites):
    """Communes and sections come after the last sheet: the end of a run is a change of its sheets."""
    plan, _ = deux_communes
    travail = ImportTravail.objects.create(genre="edigeo", etat="en_cours", battement=timezone.now())
    plan.feuille.version.import_travail = travail
    plan.feuille.version.save()
    service.oublier_versions()
    demander(client, 50, nom="communes", zoom=14)
    demander(client, AILLEURS, nom="communes", zoom=14)
    assert len(faites) == 2
    time.sleep(0.01)
    travail.etat, travail.fin = "termine", timezone.now()
    travail.battement = travail.fin
    travail.save()
    service.oublier_versions()
    demander(client, 50, nom="communes", zoom=14)
    demander(client, AILLEURS, nom="communes", zoom=14)
    assert len(faites) == 3


def test_plusieurs_imports_s_enchainent(client, deux_communes, faites):
    plan, feuille = deux_communes
    demander(client, 50)
    for mois in (1, 2, 3):
        livrer(feuille, datetime.date(2026, mois, 1), AILLEURS)
        demander(client, AILLEURS + 100)
    nombre = len(faites)
    demander(client, 50)
    assert len(faites) == nombre
    livrer(plan.feuille, datetime.date(2026, 4, 1), 0)
    livrer(feuille, datetime.date(2026, 5, 1), AILLEURS)
    demander(client, 50)
    assert len(faites) == nombre + 1


def test_un_autre_processus_suit_la_meme_chaine(client, deux_communes, faites):
    """The chain is on disk: a worker that starts knows what the others learned."""
    _, feuille = deux_communes
    demander(client, 50)
    livrer(feuille, datetime.date(2026, 1, 15), AILLEURS)
    demander(client, AILLEURS + 100)
    cache._ETATS.clear()
    demander(client, 50)
    assert len(faites) == 2


def test_une_couche_declaree_autrement_refait_ses_tuiles(client, plan, faites, monkeypatch):
    demander(client, 50)
    objet = couche("parcelles")
    autre = Element("parcelles", 15, attributs=("idu",))
    from dataclasses import replace

    monkeypatch.setitem(registre._COUCHES, "parcelles", replace(objet, elements=(autre,), dessins=()))
    monkeypatch.setattr(registre, "_generation", registre._generation + 1)
    service.oublier_versions()
    demander(client, 50)
    assert len(faites) == 2


def test_une_chaine_illisible_fait_tout_refaire(client, deux_communes, faites):
    _, feuille = deux_communes
    demander(client, 50)
    (cache._dossier("parcelles") / "etat.json").write_text("{")
    cache._ETATS.clear()
    livrer(feuille, datetime.date(2026, 1, 15), AILLEURS)
    demander(client, 50)
    assert len(faites) == 2


def test_un_dossier_qu_on_ne_peut_ecrire_n_arrete_pas_la_carte(client, plan, settings, tmp_path, caplog):
    (tmp_path / "fichier").write_text("")
    settings.TUILES_CACHE = str(tmp_path / "fichier")
    assert demander(client, 50)
    assert "non gardée" in caplog.text


def test_hors_du_monde_rien_n_est_garde(client, plan, faites):
    assert client.get("/tuiles/parcelles/3/8/0.pbf").status_code == 404
    assert client.get("/tuiles/nulle_part/3/1/0.pbf").status_code == 404
    assert not Path(cache._dossier("nulle_part")).exists()


def test_le_tout_ne_depasse_pas_sa_taille(client, plan):
    for zoom in range(15, 20):
        demander(client, 50, zoom)
    fichiers = sorted(
        f for f in Path(cache._dossier("parcelles")).rglob("*") if f.name.isdigit() and f.is_file()
    )
    for rang, fichier in enumerate(fichiers):
        os.utime(fichier, (rang, rang))
    taille = sum(f.stat().st_blocks * 512 for f in fichiers)
    assert cache.elaguer(taille) == 0
    assert cache.elaguer(taille - 1) >= 1
    assert not fichiers[0].exists() and fichiers[-1].exists()


def test_les_tuiles_d_un_territoire_se_font_d_avance(client, plan, faites):
    m.Commune.objects.update(geom=rectangle(-100, -100, 400, 300))
    assert reconstruire_tuiles.func()["restent"] == 0
    nombre = len(faites)
    assert nombre >= 8
    demander(client, 50, 15, "plan")
    # Nothing has changed: nothing to do.
    assert reconstruire_tuiles.func() == {"faites": 0, "restent": 0}
    assert len(faites) == nombre


def test_les_communes_touchees_depuis_une_version(deux_communes):
    _, feuille = deux_communes
    avant = version_cadastre()
    time.sleep(0.01)
    livrer(feuille, datetime.date(2026, 1, 15), AILLEURS)
    (cadre,) = modifications_cadastre(avant)
    la_bas = point(AILLEURS + 50, 50).transform(3857, clone=True)
    assert cadre[0] < la_bas.x < cadre[2] and cadre[1] < la_bas.y < cadre[3]
    # A sheet that is gone was nobody knows where.
    avant = version_cadastre()
    feuille.version = None
    feuille.save()
    feuille.versions.all().delete()
    assert modifications_cadastre(avant) is None


def test_le_document_importe_dit_son_etendue(plan):
    avant = version_documents()
    assert modifications_documents(avant) is None
    zone = un_plan_d_urbanisme()
    (cadre, *_) = modifications_documents(avant)
    assert cadre[0] <= zone.geom_3857.extent[0] and cadre[2] >= zone.geom_3857.extent[2]
    avant = version_documents()
    DocumentUrbanisme.objects.update(valide_au=datetime.date(2026, 1, 1))
    assert modifications_documents(avant) is None

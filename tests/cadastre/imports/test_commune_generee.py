"""The fictional commune through the real import: twins of the tests on real sheets and variants."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db.models import Sum

from cadastre.models import Batiment, NumeroVoirie, Parcelle, VersionFeuille
from cadastre.territoire import lire as lire_territoire
from gis_data.demo.defauts import CODES
from gis_data.demo.feuilles import AUTEUR
from gis_data.demo.generer import Demande, generer
from tests import bases

from .test_variantes import CAS, verifier_import, verifier_reconciliation, verifier_refus


@pytest.fixture(scope="module")
def dossier(tmp_path_factory) -> Path:
    """A commune of 120 parcels with every bad input, and its next vintage under ``suivant``."""
    sortie = tmp_path_factory.mktemp("commune")
    generer(Demande(parcelles=120, graine=4, defauts=CODES), sortie)
    generer(Demande(parcelles=120, graine=4, millesime=2), sortie / "suivant")
    return sortie


def lire(fichier: Path) -> Any:
    return json.loads(fichier.read_text())


def test_la_commune_generee_est_importee_toute_entiere(base_imports, dossier):
    attendu = lire(dossier / "attendu.json")
    fait = bases.importer(dossier / "edigeo")
    assert fait.code == 0
    assert set(fait.etats.values()) == {"importee"}
    for id12, fiche in attendu["feuilles"].items():
        feuille = fait[id12]
        assert feuille["lus"] == feuille["ecrits"] == fiche["lus"]
        comptes = {nom: r["ecrites"] for nom, r in feuille["relations"].items()}
        assert comptes == fiche["relations"]
        assert {a["gravite"] for a in feuille["anomalies"]} <= {"information"}
        verifier_reconciliation(feuille)
        parcelles = Parcelle.objects.filter(feuille__id12=id12)
        sommes = parcelles.aggregate(aire=Sum("surface_geometrique"), contenance=Sum("contenance"))
        assert sommes["aire"] == pytest.approx(fiche["aire_parcelles_m2"], abs=0.1)
        assert sommes["contenance"] == fiche["contenance_m2"]
        aire = sum(b.geom.area for b in Batiment.objects.filter(feuille__id12=id12))
        assert aire == pytest.approx(fiche["aire_batiments_m2"], abs=0.01)
    assert {p.idu: p.contenance for p in Parcelle.objects.all()} == {
        idu: p["contenance"] for idu, p in attendu["parcelles"].items()
    }
    assert NumeroVoirie.objects.exists()
    # The plan is credited to who made it, not to the DGFiP.
    assert set(VersionFeuille.objects.values_list("auteur", flat=True)) == {AUTEUR}
    assert lire_territoire().source.startswith(f"{AUTEUR}, millésime du ")


def test_une_seconde_fois_tout_est_inchange(base_imports, dossier):
    bases.importer(dossier / "edigeo")
    assert set(bases.importer(dossier / "edigeo").etats.values()) == {"inchangee"}


def test_les_defauts_generes_sont_ceux_des_variantes():
    assert set(CODES) == set(CAS)


@pytest.mark.parametrize("cas", CODES)
def test_defaut_genere(base_imports, dossier, cas):
    fiches = lire(dossier / "defauts" / "attendu.json")
    (attendu,) = [f for f in fiches if f["fichier"].startswith(f"{cas}/")]
    fait = bases.importer(dossier / "defauts" / attendu["fichier"])
    assert {f["etat"] for f in fait.document["feuilles"]} == {attendu["etat"]}
    for feuille in fait.document["feuilles"]:
        verifier_reconciliation(feuille)
    if attendu["etat"] == "rejetee":
        verifier_refus(fait, attendu)
    elif cas == "zip-de-tars":
        assert list(fait.etats) == attendu["feuilles"]
        assert fait.document["total"]["parcelles"] == attendu["parcelles"]
    else:
        verifier_import(fait.seule, attendu)


def comparaison(attendu: dict[str, Any]) -> dict[str, Any]:
    """What ``comparer_millesimes`` says between the same two dates."""
    dit = StringIO()
    call_command(
        "comparer_millesimes", commune=attendu["commune"], avant=attendu["avant"], apres=attendu["apres"],
        json=True, stdout=dit,
    )  # fmt: skip
    return json.loads(dit.getvalue())


def test_le_millesime_suivant_donne_la_comparaison_attendue(base_imports, dossier):
    bases.importer(dossier / "edigeo")
    bases.importer(dossier / "suivant" / "edigeo")
    attendu = lire(dossier / "suivant" / "attendu.json")["comparer_millesimes"]
    trouve = comparaison(attendu)
    for cle in ("commune", "avant", "apres", "creees", "supprimees", "modifiees", "inchangees"):
        assert trouve[cle] == attendu[cle], cle
    assert len(trouve["filiation"]) == len(attendu["filiation"])
    for vu, voulu in zip(trouve["filiation"], attendu["filiation"], strict=True):
        assert (vu["parent"], vu["enfant"]) == (voulu["parent"], voulu["enfant"])
        assert vu["aire_commune_m2"] == pytest.approx(voulu["aire_commune_m2"], abs=0.011)
        for part in ("part_parent", "part_enfant"):
            assert vu[part] == pytest.approx(voulu[part], abs=1.1e-4)


def test_la_feuille_suivante_seule_donne_sa_comparaison(base_imports, dossier):
    fiches = lire(dossier / "defauts" / "attendu.json")
    (fiche,) = [f for f in fiches if f["fichier"].startswith("millesime-suivant/")]
    bases.importer(dossier / "edigeo" / f"edigeo-{fiche['feuille']}.tar.bz2")
    bases.importer(dossier / "defauts" / fiche["fichier"])
    assert comparaison(fiche["comparer_millesimes"]) == fiche["comparer_millesimes"]

"""Bad and unusual inputs of ``edigeo/variants``: refused or imported as ``expected.json`` says."""

from __future__ import annotations

import json
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.db.models import Sum
from django.db.models.functions import Coalesce

from cadastre.models import (
    Anomalie,
    AxeVoie,
    Batiment,
    Commune,
    Feuille,
    LieuDit,
    Parcelle,
    Section,
)
from gis_data.imports.rapport import ecarts
from gis_data.models import ImportTravail
from tests import bases
from tests.donnees import DONNEES, donnees_partagees

CAS = [
    "utf8",
    "fichiers-manquants",
    "sans-fichiers-optionnels",
    "vec-tronque",
    "archive-tronquee",
    "vide",
    "texte",
    "sans-thf",
    "chemins-dangereux",
    "bombe",
    "next",
    "minuscules",
    "zip-de-tars",
    "crs-cc47",
    "crs-lamb2",
    "crs-rgr92utm",
    "crs-rgaf09utm20",
    "crs-inconnu",
    "parcelles-en-s1",
    "objets-degeneres",
    "section-autre-commune",
    "millesime-suivant",
]


@cache
def attendus() -> dict[str, dict[str, Any]]:
    fichier = donnees_partagees() / "edigeo" / "variants" / "expected.json"
    return {cas["fichier"].split("/")[0]: cas for cas in json.loads(fichier.read_text())}


def chemin(cas: str) -> Path:
    return donnees_partagees() / "edigeo" / "variants" / attendus()[cas]["fichier"]


def verifier_reconciliation(feuille: dict[str, Any]) -> None:
    class Constat:
        def __init__(self, anomalie: dict[str, Any]) -> None:
            self.type, self.identifiant = anomalie["type"], anomalie["identifiant"]
            self.ecrit = anomalie["ecrit"]

    assert ecarts(feuille["lus"], feuille["ecrits"], map(Constat, feuille["anomalies"])) == {}


def test_tous_les_cas_sont_la():
    if DONNEES.is_dir():
        assert set(attendus()) == set(CAS)


@pytest.mark.parametrize("cas", CAS)
def test_variante(base_imports, cas):
    attendu = attendus()[cas]
    fait = bases.importer(chemin(cas))
    assert {f["etat"] for f in fait.document["feuilles"]} == {attendu["etat"]}
    assert fait.code == (1 if attendu["etat"] == "rejetee" else 0)
    for feuille in fait.document["feuilles"]:
        verifier_reconciliation(feuille)
    if attendu["etat"] == "rejetee":
        verifier_refus(fait, attendu)
    elif cas == "zip-de-tars":
        assert list(fait.etats) == attendu["feuilles"]
        assert fait.document["total"]["parcelles"] == attendu["parcelles"]
    else:
        verifier_import(fait.seule, attendu)


def verifier_refus(fait: bases.Import, attendu: dict[str, Any]) -> None:
    feuille = fait.seule
    assert feuille["erreur"]["code"] == attendu["erreur_code"]
    assert feuille["feuille"] == attendu.get("feuille")
    assert feuille["crs"] == attendu.get("crs")
    message = feuille["erreur"]["message"]
    assert message in fait.erreurs
    # What, where, what to do: a sentence that names the sheet and asks for something.
    assert attendu["fichier"].split("-")[-1].split(".")[0] in message
    assert not Feuille.objects.exists()
    assert not Parcelle.objects.exists()
    assert Anomalie.objects.get(feuille=None).code == attendu["erreur_code"]


def verifier_import(feuille: dict[str, Any], attendu: dict[str, Any]) -> None:
    assert feuille["feuille"] == attendu["feuille"]
    assert feuille["lus"] == attendu["lus"]
    assert feuille["crs"] == attendu.get("crs", "EPSG:2154")
    parcelles = Parcelle.objects.filter(valide_au=None)
    assert parcelles.count() == attendu["parcelles"]
    aire = parcelles.aggregate(s=Coalesce(Sum("surface_geometrique"), 0.0))["s"]
    assert aire == pytest.approx(attendu["aire_parcelles_m2"], abs=0.1)
    for voulue in attendu.get("anomalies", []):
        trouvees = [
            a
            for a in feuille["anomalies"]
            if a["code"] == voulue["code"]
            and a["type"] == voulue.get("type", a["type"])
            and a["identifiant"] == voulue.get("identifiant", a["identifiant"])
        ]
        assert len(trouvees) >= voulue.get("minimum", 1), voulue
    for nom, comptes in attendu.get("relations", {}).items():
        assert feuille["relations"][nom] == comptes
    if "somme_contenances_m2" in attendu:
        assert parcelles.aggregate(s=Sum("contenance"))["s"] == attendu["somme_contenances_m2"]
    for nom in attendu.get("voies_contiennent", []):
        assert AxeVoie.objects.filter(nom=nom).exists()
    if "lieudit_contient" in attendu:
        assert LieuDit.objects.filter(nom__contains=attendu["lieudit_contient"]).exists()
    if "lieudit_repare" in attendu:
        lieu = LieuDit.objects.get(nom=attendu["lieudit_repare"]["nom"])
        assert lieu.geom.area == pytest.approx(attendu["lieudit_repare"]["aire_m2"], abs=0.01)
    if "centroide_2154" in attendu:
        repere = attendu["centroide_2154"]
        centre = Parcelle.objects.get(idu=repere["idu"]).geom.centroid
        assert (centre.x, centre.y) == pytest.approx(repere["xy"], abs=repere["tolerance_m"])


def test_les_messages_disent_quoi_ou_que_faire(base_imports):
    bases.importer(donnees_partagees() / "edigeo" / "edigeo-25354000AB01.tar.bz2")
    tronquee = bases.importer(chemin("vec-tronque")).seule
    assert tronquee["erreur"] == {
        "code": "FICHIER_TRONQUE",
        "message": "Feuille 25354000AB01 rejetée : le fichier EDAB01S1.VEC est tronqué (pas de fin EOMT)."
        " Téléchargez la feuille de nouveau. Les données précédentes (millésime 2014-03-17) sont conservées.",
        "fichier": "EDAB01S1.VEC",
    }
    inconnue = bases.importer(chemin("crs-inconnu")).seule
    assert "Projection « LAMB99X » inconnue" in inconnue["erreur"]["message"]
    assert "RGF93CC47" in inconnue["erreur"]["message"]


def test_une_feuille_tronquee_parmi_de_bonnes(base_imports):
    bonnes = [donnees_partagees() / "edigeo" / f"edigeo-25354000{s}01.tar.bz2" for s in ("ZD", "AK")]
    fait = bases.importer(*bonnes, chemin("vec-tronque"))
    assert fait.code == 1
    assert fait.etats == {
        "25354000AB01": "rejetee",
        "25354000AK01": "importee",
        "25354000ZD01": "importee",
    }
    assert fait.erreurs.splitlines()[-1] == (
        "2 feuilles importées, 1 rejetée (25354000AB01 : fichier tronqué)."
    )
    travail = ImportTravail.objects.get()
    assert travail.etat == "termine"
    assert travail.rapport == fait.document


def test_un_refus_s_efface_quand_la_feuille_est_importee(base_imports):
    bases.importer(chemin("vec-tronque"))
    assert Anomalie.objects.filter(code="FICHIER_TRONQUE", identifiant="25354000AB01").count() == 1
    bases.importer(chemin("vec-tronque"))
    assert Anomalie.objects.filter(code="FICHIER_TRONQUE").count() == 1
    bases.importer(donnees_partagees() / "edigeo" / "edigeo-25354000AB01.tar.bz2")
    assert not Anomalie.objects.filter(code="FICHIER_TRONQUE").exists()


def test_les_objets_degeneres_restent_trouvables(base_imports):
    fait = bases.importer(chemin("objets-degeneres"))
    sans_geometrie = Parcelle.objects.get(idu="25354000AB9001")
    assert sans_geometrie.geom is None
    assert sans_geometrie.surface_geometrique is None
    detail = next(
        a["detail"]
        for a in fait.seule["anomalies"]
        if a["code"] == "GEOMETRIE_ABSENTE" and a["identifiant"] == "25354000AB9001"
    )
    assert detail.startswith("Parcelle 25354000AB9001 :")
    invalide = Parcelle.objects.get(idu=None, idu_lu__contains="/")
    assert invalide.numero is None
    doublons = Parcelle.objects.filter(idu_lu__in=Parcelle.objects.filter(idu=None).values("idu_lu"))
    comptes = Counter(p.idu_lu for p in doublons if "/" not in p.idu_lu)
    assert list(comptes.values()) == [2]
    assert Batiment.objects.get().dur is None


def test_rien_n_est_cree_pour_la_section_d_une_autre_commune(base_imports):
    feuille = bases.importer(chemin("section-autre-commune")).seule
    assert feuille["lus"]["SECTION"] == 1
    assert feuille["ecrits"]["SECTION"] == 0
    (anomalie,) = [a for a in feuille["anomalies"] if a["code"] == "CODE_INCOHERENT"]
    assert anomalie["ecrit"] is False
    assert not Section.objects.exists()
    assert list(Commune.objects.values_list("insee", flat=True)) == ["38004"]
    # The relations of the section cannot be written either, and are not lost in silence.
    assert feuille["relations"]["SUBDSECT_SECTION"] == {"lues": 1, "ecrites": 0}
    assert ("RELATION_ORPHELINE", "SUBDSECT_SECTION") in {
        (a["code"], a["type"]) for a in feuille["anomalies"]
    }


def test_une_archive_dangereuse_n_ecrit_rien_nulle_part(base_imports, tmp_path, monkeypatch):
    copie = tmp_path / "a" / "b" / chemin("chemins-dangereux").name
    copie.parent.mkdir(parents=True)
    copie.write_bytes(chemin("chemins-dangereux").read_bytes())
    bases.importer(copie)
    assert [f for f in tmp_path.rglob("*") if f.is_file()] == [copie]
    assert not Path("/hors-du-dossier.txt").exists()

"""The next vintage of a real sheet: comparison, filiation and events exact."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from cadastre.models import Parcelle
from cadastre.versions import parcelles_actuelles
from tests import bases
from tests.donnees import donnees_partagees


def attendu() -> dict[str, Any]:
    fichier = donnees_partagees() / "edigeo" / "variants" / "expected.json"
    return next(c for c in json.loads(fichier.read_text()) if "comparer_millesimes" in c)


def comparaison(**champs: str) -> dict[str, Any]:
    sortie = StringIO()
    choix = {"commune": "25354", "avant": "2014-03-17", "apres": "2020-01-15"} | champs
    call_command("comparer_millesimes", json=True, stdout=sortie, stderr=StringIO(), **choix)
    return json.loads(sortie.getvalue())


@pytest.mark.parametrize("feuilles", ["edigeo-25354000ZD01.tar.bz2", "edigeo-25354*.tar.bz2"])
def test_la_comparaison_est_exacte_avec_ou_sans_les_autres_feuilles(base_imports, feuilles):
    bases.importer(*sorted((donnees_partagees() / "edigeo").glob(feuilles)))
    fait = bases.importer(donnees_partagees() / "edigeo" / "variants" / attendu()["fichier"])
    assert fait.seule["lus"] == attendu()["lus"]
    voulue = attendu()["comparer_millesimes"]
    obtenue = comparaison()
    assert list(obtenue) == list(voulue)
    for lien, voulu in zip(obtenue["filiation"], voulue["filiation"], strict=True):
        verifier_lien(lien, voulu)
    assert obtenue | {"filiation": []} == voulue | {"filiation": []}


def verifier_lien(lien: dict[str, Any], voulu: dict[str, Any]) -> None:
    noms = ("parent", "enfant", "part_parent", "part_enfant")
    assert {nom: lien[nom] for nom in noms} == {nom: voulu[nom] for nom in noms}
    assert lien["aire_commune_m2"] == pytest.approx(voulu["aire_commune_m2"], abs=0.01)


def test_un_dossier_suit_la_division_et_la_contenance_changee(base_imports):
    bases.importer(donnees_partagees() / "edigeo" / "edigeo-25354000ZD01.tar.bz2")
    divisee = Parcelle.objects.get(idu="25354000ZD0012")
    changee = Parcelle.objects.get(idu="25354000ZD0017")
    supprimee = Parcelle.objects.get(idu="25354000ZD0028")
    bases.importer(donnees_partagees() / "edigeo" / "variants" / attendu()["fichier"])
    for version in (divisee, changee, supprimee):
        version.refresh_from_db()
    suites = [(p.idu, part) for p, part in parcelles_actuelles(divisee)]
    assert suites == [("25354000ZD0041", 0.5374), ("25354000ZD0042", 0.4626)]
    assert [(p.contenance, part) for p, part in parcelles_actuelles(changee)] == [(6160, 1.0)]
    assert parcelles_actuelles(supprimee) == []


@pytest.mark.parametrize(
    ("champs", "message"),
    [
        ({"avant": "17/03/2014"}, "Date « 17/03/2014 » incomprise"),
        ({"avant": "2021-01-01"}, "doit précéder"),
        ({"commune": "99999"}, "Aucune parcelle importée pour la commune 99999"),
    ],
)
def test_usage(base_imports, champs, message):
    bases.importer(donnees_partagees() / "edigeo" / "edigeo-25354000ZD01.tar.bz2")
    with pytest.raises(CommandError, match=message) as erreur:
        comparaison(**champs)
    assert erreur.value.returncode == 2


def test_sans_json_des_phrases(base_imports):
    bases.importer(donnees_partagees() / "edigeo" / "edigeo-25354000ZD01.tar.bz2")
    bases.importer(donnees_partagees() / "edigeo" / "variants" / attendu()["fichier"])
    sortie = StringIO()
    call_command(
        "comparer_millesimes", commune="25354", avant="2014-03-17", apres="2020-01-15", stdout=sortie
    )
    lignes = sortie.getvalue().splitlines()
    assert lignes[0] == (
        "Commune 25354, du 17/03/2014 au 15/01/2020 : 4 créées, 5 supprimées, 1 modifiées, 16 inchangées."
    )
    assert "25354000ZD0012 → 25354000ZD0041 : 26317 m², 53,7% du parent" in lignes
    assert "25354000ZD0017 : contenance" in lignes


def test_avant_le_plan_on_ne_sait_rien_et_c_est_dit(base_imports):
    bases.importer(donnees_partagees() / "edigeo" / "edigeo-25354000ZD01.tar.bz2")
    erreurs = StringIO()
    call_command(
        "comparer_millesimes", commune="25354", avant="1950-01-01", apres="1960-01-01", stderr=erreurs,
        stdout=StringIO(),
    )  # fmt: skip
    assert "Rien n'est connu de la commune 25354 au 01/01/1960" in erreurs.getvalue()

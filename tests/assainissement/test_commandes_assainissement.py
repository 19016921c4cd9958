"""Contract of the sanitation commands: list in, list out, exit codes, exact numbers."""

from __future__ import annotations

import ast
import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

import assainissement.regles
from tests.appels import champ_en_erreur, executer

COMMANDES = ["classer_anc", "echeances_anc", "calculer_pfac", "indicateurs_sispea", "controler_raepa"]
# Distances of a round, in metres: no money there.
GEOMETRIE = {"tournee.py"}
SOURCES = sorted(
    source
    for source in Path(assainissement.regles.__file__).parent.rglob("*.py")
    if source.name not in GEOMETRIE
)


@pytest.mark.parametrize("commande", COMMANDES)
def test_liste_vide_donne_liste_vide(commande):
    assert executer(commande, []) == []


@pytest.mark.parametrize("commande", COMMANDES)
@pytest.mark.parametrize("cas", [None, 3, "texte", [], True])
def test_un_cas_qui_n_est_pas_un_objet(commande, cas):
    assert champ_en_erreur(commande, cas) == "cas"


@pytest.mark.parametrize("commande", COMMANDES)
@pytest.mark.parametrize("contenu", ["{}", "3", "null", "[1", "", "pas du json"])
def test_une_entree_qui_n_est_pas_une_liste_sort_en_2(commande, contenu, tmp_path):
    fichier = tmp_path / "cas.json"
    fichier.write_text(contenu)
    sortie = io.StringIO()
    with pytest.raises(CommandError) as erreur:
        call_command(commande, str(fichier), stdout=sortie)
    assert erreur.value.returncode == 2
    assert len(str(erreur.value)) > 20
    assert sortie.getvalue() == ""


@pytest.mark.parametrize("commande", COMMANDES)
def test_un_fichier_absent_sort_en_2(commande, tmp_path):
    with pytest.raises(CommandError, match=r"absent\.json") as erreur:
        call_command(commande, str(tmp_path / "absent.json"))
    assert erreur.value.returncode == 2


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
def test_ni_litteral_ni_conversion_en_flottant(source):
    fautes = [
        f"ligne {noeud.lineno}"
        for noeud in ast.walk(ast.parse(source.read_text(encoding="utf-8")))
        if (isinstance(noeud, ast.Constant) and isinstance(noeud.value, float))
        or (isinstance(noeud, ast.Name) and noeud.id == "float")
    ]
    assert fautes == []

"""No binary float ever touches money: read in the source, and in the objects that come out."""

from __future__ import annotations

import ast
import dataclasses
import json
from pathlib import Path

import pytest

import domainepublic.regles
from domainepublic.regles.grille import lire_grille
from domainepublic.regles.lecture import Objet
from domainepublic.regles.occupation import lire_occupation, lire_socle
from domainepublic.regles.redevance import calculer
from mairie.lecture_json import lire_lot
from tests.domainepublic.test_vecteurs import PALISSADE

REGLES = Path(domainepublic.regles.__file__).parent
# Coordinates, and the JSON numbers that DiaLog wants: no money there.
GEOMETRIE = {"geometrie.py", "conflits.py", "conflits_lecture.py", "dialog.py", "trace.py"}
SOURCES = [*sorted(REGLES.rglob("*.py")), REGLES.parents[1] / "mairie" / "montants.py"]
MODULES_D_ARGENT = [source for source in SOURCES if source.name not in GEOMETRIE]


@pytest.mark.parametrize("source", MODULES_D_ARGENT, ids=lambda source: source.name)
def test_ni_litteral_ni_conversion_en_flottant(source):
    fautes = [
        f"ligne {noeud.lineno}"
        for noeud in ast.walk(ast.parse(source.read_text(encoding="utf-8")))
        if (isinstance(noeud, ast.Constant) and isinstance(noeud.value, float))
        or (isinstance(noeud, ast.Name) and noeud.id == "float")
    ]
    assert fautes == []


def test_les_modules_d_argent_sont_bien_lus():
    noms = {source.name for source in MODULES_D_ARGENT}
    assert {"redevance.py", "tarification.py", "grille.py", "forfaits.py", "montants.py"} <= noms


def valeurs(objet):
    if dataclasses.is_dataclass(objet):
        for champ in dataclasses.fields(objet):
            yield from valeurs(getattr(objet, champ.name))
    elif isinstance(objet, tuple | list):
        for element in objet:
            yield from valeurs(element)
    elif isinstance(objet, dict):
        for element in objet.values():
            yield from valeurs(element)
    else:
        yield objet


def test_ni_la_grille_ni_le_resultat_n_ont_de_flottant():
    cas = Objet(lire_lot(json.dumps([PALISSADE]).encode())[0])
    grille = lire_grille(cas.objet("grille"))
    objet = cas.objet("occupation")
    occupation = lire_occupation(objet, lire_socle(objet), grille)
    resultat = calculer(grille, occupation)
    for source in (grille, occupation, resultat):
        assert not any(isinstance(valeur, float) for valeur in valeurs(source))


def test_les_resultats_et_les_entrees_sont_figes():
    lot = b'[{"lignes": [{"type": "T", "du": "2026-01-01", "unite": "m2", "periode": "jour", "prix": 1.10}]}]'
    grille = lire_grille(Objet(lire_lot(lot)[0]))
    assert str(grille.lignes[0].standard.prix) == "1.10"
    with pytest.raises(dataclasses.FrozenInstanceError):
        grille.lignes[0].id = "autre"

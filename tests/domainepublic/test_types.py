"""Seed of the types of occupation: the table of the specification, row by row."""

from __future__ import annotations

import pytest

from domainepublic.regles.tables.redevance import PERIODES, UNITES
from domainepublic.regles.tables.types import TYPES

TABLE = """
TERR_O N O N | m2 | an, mois_commence
TERR_F O O N | m2 | an
ETAL N O N | m2, unite | an
AMBU N O N | ml, emplacement | jour
ECHAF N N N | ml, m2 | jour, semaine
BENNE N N N | unite, m2 | jour
PALIS ? N N | m2 | semaine, mois_30
DEPOT N N N | m2 | jour
GRUE O N N | unite | jour, mois_30
NACEL N N N | unite | demi_journee, jour
DEMEN N N N | ml, place, forfait | jour
BATEAU O N O | ml, forfait | operation
RESEAU O N O | ml | operation
MOBIL O O N | unite | an
ENSEI O N N | m2 | an
MANIF N ? N | m2, forfait | jour
TAXI N N N | place | an
VEGET N N N | m2 | an
CIRC N N N | |
SANS ? ? N | |
"""
FAITS = {"O": "oui", "N": "non", "?": "a_preciser"}


@pytest.mark.parametrize("rangee", TABLE.strip().splitlines())
def test_type_livre(rangee):
    tete, unites, periodes = (morceau.strip() for morceau in rangee.split("|"))
    code, emprise, economique, sol = tete.split()
    prevu = TYPES[code]
    assert (prevu.emprise, prevu.economique, prevu.affecte_sol) == (
        FAITS[emprise],
        FAITS[economique],
        sol == "O",
    )
    assert ", ".join(prevu.unites) == unites
    assert ", ".join(prevu.periodes) == periodes
    assert set(prevu.unites) <= set(UNITES) and set(prevu.periodes) <= set(PERIODES)
    assert prevu.libelle and prevu.geometries
    assert prevu.delai_conseille_jours == 15


def test_vingt_types():
    assert len(TYPES) == len(TABLE.strip().splitlines()) == 20

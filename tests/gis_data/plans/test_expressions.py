"""Filters of the registry worked out on the server as the browser does."""

from __future__ import annotations

import pytest

from gis_data.couches import couches
from gis_data.plans.expressions import ExpressionInconnue, retenu, valeur


@pytest.mark.parametrize(
    ("expression", "attendu"),
    [
        (("get", "type"), "U"),
        (("get", "absent"), None),
        (("has", "type"), True),
        (("has", "absent"), False),
        (("==", ("get", "type"), "U"), True),
        (("!=", ("get", "type"), "U"), False),
        (("in", ("get", "type"), ("literal", ("A", "U"))), True),
        (("in", ("get", "type"), ("literal", ("A", "N"))), False),
        (("!", ("in", ("get", "type"), ("literal", ("A",)))), True),
        (("all", ("==", ("get", "type"), "U"), ("==", ("get", "n"), 4)), False),
        (("any", ("==", ("get", "type"), "U"), ("==", ("get", "n"), 4)), True),
        (("<=", ("get", "n"), ("zoom",)), True),
        (("<", ("get", "n"), 3), False),
        ((">", ("get", "n"), 2), True),
        ((">=", ("get", "n"), 4), False),
        (("<=", ("get", "absent"), ("zoom",)), False),
        (("to-string", ("get", "absent")), ""),
        (("coalesce", ("get", "absent"), ("get", "n")), 3),
    ],
)
def test_chaque_operateur(expression, attendu):
    assert valeur(expression, {"type": "U", "n": 3}, 17.0) == attendu


def test_sans_filtre_tout_est_retenu():
    assert retenu(None, {}, 15)


def test_un_operateur_inconnu_se_dit():
    with pytest.raises(ExpressionInconnue, match="case"):
        valeur(("case", True, 1, 2), {}, 15)


def test_tous_les_filtres_du_registre_se_calculent():
    filtres = [(c.nom, d.filtre) for c in couches() for d in c.dessins if d.filtre]
    assert len(filtres) > 30
    for _, filtre in filtres:
        assert retenu(filtre, {}, 17.0) in (True, False)

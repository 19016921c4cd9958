"""Each operation of the open API as each role: public ones serve everybody alike, others ask for theirs."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from config.api import api
from mairie import roles
from tests.personnes import agent
from tests.plan_factice import ecrire_plan

pytestmark = pytest.mark.django_db
ROLES = [None, "", *(f"{r.metier}.{r.code}" for r in roles.roles())]
# What the tiny plan has, by name of parameter.
VALEURS = {
    "idu": "25999000AB0001",
    "insee": "25999",
    "commune": "25999",
    "id12": "25999000AB01",
    "section": "AB",
    "identifiant": "1",
}
# Refused as data, never as a person.
SERVIES = {200, 204, 304, 400, 404, 405, 409, 422}


def operations():
    for prefixe, routeur in api._routers:
        for chemin, vue in routeur.path_operations.items():
            for operation in vue.operations:
                for methode in operation.methods:
                    yield prefixe + chemin, methode, getattr(operation.view_func, "acces", "")


def adresse(chemin: str) -> str:
    complet = "/api/" + chemin.lstrip("/")
    return re.sub(r"\{(?:\w+:)?(\w+)\}", lambda m: VALEURS.get(m[1], "1"), complet)


@pytest.mark.parametrize("role", ROLES)
def test_chaque_operation_par_chaque_role(role):
    ecrire_plan()
    client, personne = Client(), None
    if role is not None:
        personne = agent(*([role] if role else []))
        client.force_login(personne)
    fautes, servies = [], 0
    for chemin, methode, acces in operations():
        url = adresse(chemin)
        reponse = client.generic(methode, url, data="{}", content_type="application/json")
        permis = acces == "public" or (
            personne is not None and (acces == "connecte" or personne.has_perm(acces))
        )
        servies += reponse.status_code == 200
        if (reponse.status_code in SERVIES) is not permis:
            fautes.append((methode, url, acces, reponse.status_code))
    assert fautes == []
    assert servies >= 8, "the walk must reach the data, not only its refusals"


def test_aucune_operation_n_est_sans_marque():
    assert [o for o in operations() if not o[2]] == []

"""Reference tables: each loaded once more without harm, each in its own transaction."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import call_command

from mairie import references
from mairie.models import Utilisateur
from mairie.references import Bilan

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def registre(monkeypatch):
    monkeypatch.setattr(references, "_chargeurs", {})


def un_agent(adresse: str) -> Bilan:
    cree = Utilisateur.objects.get_or_create(email=adresse)[1]
    return Bilan(creees=1) if cree else Bilan(inchangees=1)


def dire() -> list[str]:
    sortie = StringIO()
    call_command("charger_references", stdout=sortie)
    return sortie.getvalue().splitlines()


def test_deux_fois_ne_double_rien():
    references.declarer("agents", lambda: un_agent("essai@commune.invalid"))
    assert dire() == ["agents : 1 créées, 0 modifiées, 0 inchangées"]
    assert dire() == ["agents : 0 créées, 0 modifiées, 1 inchangées"]
    assert Utilisateur.objects.count() == 1


def test_sans_table_la_commande_reussit():
    assert dire() == []


def test_un_nom_ne_sert_qu_une_fois():
    references.declarer("agents", Bilan)
    references.declarer("agents", Bilan)
    with pytest.raises(ValueError, match="« agents »"):
        references.declarer("agents", lambda: Bilan(creees=1))


def test_une_table_en_echec_n_ecrit_rien_et_laisse_les_precedentes():
    def echoue() -> Bilan:
        un_agent("perdu@commune.invalid")
        raise RuntimeError("table abîmée")

    references.declarer("bonne", lambda: un_agent("garde@commune.invalid"))
    references.declarer("mauvaise", echoue)
    with pytest.raises(RuntimeError, match="abîmée"):
        references.charger()
    assert list(Utilisateur.objects.values_list("email", flat=True)) == ["garde@commune.invalid"]

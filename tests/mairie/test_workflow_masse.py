"""Files just made, carried together: same guards as one by one, nothing half written."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.db import transaction

from mairie.models import Evenement, EvenementDomaine
from mairie.numerotation import prochains
from mairie.workflow import derouler_en_masse, registre, rejouer
from tests.mairie.essai_workflow import ESSAI, JOUR, NUMERO

pytestmark = pytest.mark.django_db
SUITE = (("depot", {}), ("instruire", {}), ("noter", {"texte": "vu"}))


@pytest.fixture
def tout(agent):
    return agent("guichet", "instructeur", "chef")


def _numeroter(passes):
    numeros = prochains(NUMERO, "25999", len(passes), jour=JOUR)
    for (d, _), numero in zip(passes, numeros, strict=True):
        d.numero = numero.texte
        type(d).objects.filter(pk=d.pk).update(numero=d.numero)


@pytest.fixture
def en_masse(nouveau, monkeypatch):
    """The example, whose deposit can be done for many."""
    types = tuple(replace(t, effet_masse=_numeroter) if t.code == "depot" else t for t in ESSAI.evenements)
    monkeypatch.setitem(registre._workflows, ESSAI.code, replace(ESSAI, evenements=types))
    return nouveau


def test_chacun_va_jusqu_a_son_premier_refus_et_le_dit(en_masse, tout):
    un, deux = en_masse(), en_masse(complet=False)
    bilan = derouler_en_masse([un, deux], SUITE, par=tout, aujourdhui=JOUR)
    assert [(r.evenement.type, r.erreur) for r in bilan] == [
        ("noter", ""),
        ("depot", "Il manque des pièces : complétez le dossier."),
    ]
    for d, etat, version, numero in ((un, "en_cours", 3, 1), (deux, "depose", 1, 2)):
        d.refresh_from_db()
        assert (d.etat, d.version, d.numero) == (etat, version, f"ESS-25999-2026-000{numero}")
        assert rejouer(d).ecarts == {}
        journal = Evenement.objects.filter(dossier_id=d.pk).order_by("id")
        assert [e.version for e in journal] == list(range(1, version + 1))
        assert [e.avant["etat"] for e in journal] == ["", "depose", "en_cours"][:version]


def test_un_role_qui_manque_arrete_comme_un_par_un(en_masse, agent):
    d = en_masse()
    (bilan,) = derouler_en_masse([d], SUITE, par=agent("guichet"), aujourdhui=JOUR)
    assert bilan.erreur == "« Mise à l'instruction » est réservé à : instructeur, systeme."
    d.refresh_from_db()
    assert d.etat == "depose"


def test_un_effet_sans_forme_en_masse_est_refuse(nouveau, tout):
    d = nouveau()
    with pytest.raises(ValueError, match="n'a pas d'effet en masse"):
        derouler_en_masse([d], SUITE, par=tout, aujourdhui=JOUR)
    assert not Evenement.objects.exists() and not EvenementDomaine.objects.exists()


def test_seuls_des_dossiers_neufs_se_deroulent(en_masse, tout):
    d = en_masse()
    derouler_en_masse([d], SUITE[:1], par=tout, aujourdhui=JOUR)
    with pytest.raises(ValueError, match="viennent d'être créés"), transaction.atomic():
        derouler_en_masse([d], SUITE[1:], par=tout, aujourdhui=JOUR)
    with pytest.raises(ValueError, match="viennent d'être créés"):
        derouler_en_masse([autre := en_masse(), autre], SUITE, par=tout, aujourdhui=JOUR)
    assert derouler_en_masse([], SUITE, par=tout) == []


def test_un_effet_qui_change_ce_que_lisent_les_regles_est_dit(en_masse, tout, monkeypatch):
    def tricher(passes):
        for _, ligne in passes:
            ligne.date_effet = JOUR.replace(day=1)

    types = tuple(replace(t, effet_masse=tricher) if t.code == "depot" else t for t in ESSAI.evenements)
    monkeypatch.setitem(registre._workflows, ESSAI.code, replace(ESSAI, evenements=types))
    with pytest.raises(RuntimeError, match="change ce que lisent les règles"):
        derouler_en_masse([en_masse()], SUITE, par=tout, aujourdhui=JOUR)

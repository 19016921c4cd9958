"""The database of Luxiol that other tests read: whole, and given back as it was."""

from __future__ import annotations

from cadastre.models import Parcelle


def test_luxiol_est_entiere_et_ce_qu_un_test_change_est_defait(base_luxiol):
    assert Parcelle.objects.count() == 511
    Parcelle.objects.filter(section="AB").delete()
    assert Parcelle.objects.count() == 497


def test_le_suivant_la_retrouve_entiere(base_luxiol):
    assert Parcelle.objects.count() == 511


def test_elle_peut_etre_lue_d_ailleurs(base_luxiol_validee):
    assert Parcelle.objects.count() == 511

"""What the plan gives to the town hall's addresses after an import."""

from __future__ import annotations

import pytest

from cadastre import adresses
from mairie.adresses import parcelles
from mairie.evenements import emettre
from mairie.models import Adresse, Livraison, Voie
from tests.plan_factice import INSEE, X0, Y0, ecrire_plan


@pytest.mark.django_db
def test_les_rues_et_les_numeros_du_plan_passent_a_la_mairie():
    ecrire_plan()
    bilan = adresses.pousser(INSEE)
    rue = Voie.objects.get(insee=INSEE)
    assert rue.nom == "Rue du Lavoir" and rue.axe.length > 0
    assert bilan.creees == Adresse.objects.filter(voie=rue, source="edigeo").count() > 0
    assert adresses.pousser(INSEE).creees == 0


@pytest.mark.django_db
def test_l_import_d_une_commune_est_annonce_a_la_mairie():
    ecrire_plan()
    emettre("cadastre.millesime_importe", {"insee": INSEE}, insee=INSEE)
    livraison = Livraison.objects.get(abonne="cadastre.adresses")
    adresses.sur_millesime(livraison.evenement)
    assert Voie.objects.filter(insee=INSEE, au_plan=True).exists()


@pytest.mark.django_db
def test_la_parcelle_sous_un_point():
    ecrire_plan()
    assert parcelles.au_point(X0 + 5, Y0 + 5) == f"{INSEE}000AB0001"
    assert parcelles.au_point(X0 - 500, Y0) is None


def test_luxiol_entier(base_luxiol):
    bilan = adresses.pousser("25354")
    assert bilan.creees > 30 and bilan.voies_creees > 3
    assert bilan.creees == Adresse.objects.filter(insee="25354", active=True).count()
    assert Adresse.objects.filter(insee="25354").exclude(parcelles=[]).count() > 20
    repris = adresses.pousser("25354")
    assert (repris.creees, repris.modifiees, repris.voies_modifiees) == (0, 0, 0)

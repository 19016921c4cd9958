"""The bench of the public domain still fills the tables as they are: a new column would stop it."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.db import connection

from bench.odp import remplir
from domainepublic.models import DossierODP, Emprise
from tests.domainepublic.fabrique_odp import personne, type_

pytestmark = pytest.mark.django_db


def test_le_banc_remplit_les_tables_d_aujourd_hui():
    types = [type_(code).pk for code in ("ECHAF", "BENNE")]
    valeurs = {"nombre": 6, "tiers": personne().pk, "srid": settings.TERRITOIRE_SRID}
    with connection.cursor() as curseur:
        remplir(curseur, types, valeurs)
    assert DossierODP.objects.filter(etat__in=("actif", "accorde", "en_instruction")).count() == 6
    assert Emprise.objects.filter(type__in=types, surface__isnull=False).count() == 6

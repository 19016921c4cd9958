"""Plainly invented persons of the tests, and a table of dossiers that name them."""

from __future__ import annotations

import random
from typing import Any

from django.db import models

from mairie.models import Tiers
from mairie.tiers import service
from tests.personnes import INSEE


class DossierDeTiers(models.Model):
    """A dossier of the tests: two parts that may not be one person twice. Its table is made by a fixture."""

    numero = models.CharField(max_length=20)
    tiers = models.ForeignKey(Tiers, models.PROTECT, related_name="+")
    role = models.CharField(max_length=20, default="demandeur")

    class Meta:
        app_label = "mairie"
        # Hidden from the search of relations: it exists only within the tests that ask for it.
        managed = False
        db_table = "essai_dossier_tiers"
        constraints = (
            models.UniqueConstraint(fields=("numero", "tiers"), name="essai_une_fois_par_dossier"),
        )

    def __str__(self) -> str:
        return self.numero


def cle_luhn(debut: str) -> str:
    """``debut`` with the digit that makes it right."""
    for chiffre in "0123456789":
        nombre = debut + chiffre
        total = sum(sum(divmod(int(c) * (2 if i % 2 else 1), 10)) for i, c in enumerate(reversed(nombre)))
        if total % 10 == 0:
            return nombre
    raise AssertionError


def siret(graine: int = 1) -> str:
    """A SIRET whose keys are right, of an invented company."""
    hasard = random.Random(graine)
    siren = cle_luhn("99" + "".join(hasard.choice("0123456789") for _ in range(6)))
    return cle_luhn(siren + f"{hasard.randrange(1, 9999):04d}")


def personne(nom: str = "Fictif", prenoms: str = "Camille", **champs: Any) -> Tiers:
    """A person of the invented commune."""
    collectivite = champs.pop("collectivite", INSEE)
    return service.creer({"nom": nom, "prenoms": prenoms, **champs}, collectivite=collectivite, par=None)


def societe(raison: str = "Société fictive", **champs: Any) -> Tiers:
    """A company of the invented commune."""
    collectivite = champs.pop("collectivite", INSEE)
    return service.creer(
        {"nature": "morale", "raison_sociale": raison, **champs}, collectivite=collectivite, par=None
    )

"""Two trades that publish, and what they publish on."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.test import Client

from mairie import bureau, roles
from mairie.echeances import Fournisseur, fournir, publier, registre
from mairie.models import Collectivite, Echeance
from tests import personnes

JOUR = date(2026, 3, 12)
LIRE_ESSAI = "mairie.lire"
DECISION, PIECES = "essai.decision", "essai.pieces"


@pytest.fixture(autouse=True)
def _genres(monkeypatch):
    monkeypatch.setattr(registre, "_fournisseurs", dict(registre._fournisseurs))
    monkeypatch.setattr(bureau, "_sources", {})
    monkeypatch.setattr(roles, "_metiers", {**roles._metiers, "essai": "Essai", "autre": "Autre métier"})
    fournir(
        Fournisseur(DECISION, "essai", "Décision à rendre", LIRE_ESSAI),
        Fournisseur(PIECES, "essai", "Pièces attendues", LIRE_ESSAI),
        Fournisseur("autre.controle", "autre", "Contrôle", LIRE_ESSAI),
        Fournisseur("essai.secret", "essai", "Secret", "mairie.lire_journal"),
    )


@pytest.fixture(autouse=True)
def _aujourdhui(time_machine):
    time_machine.move_to("2026-03-12T09:00:00+01:00", tick=False)


def dossier(insee: str = personnes.INSEE) -> Collectivite:
    """Any object serves: here a commune."""
    return personnes.commune(insee)


def poser(jours: int, code: str = DECISION, *, insee: str = personnes.INSEE, **champs) -> Echeance:
    """A deadline so many days from today."""
    limite = JOUR + timedelta(days=jours)
    cle = champs.pop("cle", f"{code}{jours}{Echeance.objects.count()}")
    champs.setdefault("reference", f"D{jours}")
    publier(dossier(insee), code, limite, cle=cle, insee=insee, **champs)
    return Echeance.objects.get(code=code, cle=cle)


def connecter(personne) -> Client:
    client = Client()
    client.force_login(personne, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def lectrice():
    return personnes.agent("mairie.lecteur", nom="Léa Exemple")

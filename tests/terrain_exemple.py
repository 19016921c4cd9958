"""A tiny field form, for the tests only: the level of a well, read on the spot."""

from __future__ import annotations

from datetime import date
from threading import Lock
from typing import Any
from uuid import UUID

from django import forms

from mairie.hors_ligne import Conflit, Fait, FicheTerrain, SaisieRefusee, SaisieTerrain
from mairie.perms import AGENT

CODE = "puits"
DROIT = AGENT


class Releve(forms.Form):
    """What is read at the well."""

    niveau = forms.IntegerField(label="Niveau (cm)", min_value=0, max_value=5000)
    etat = forms.ChoiceField(label="État", choices=[("bon", "Bon"), ("abime", "Abîmé")])
    remarque = forms.CharField(label="Remarque", required=False, max_length=200)
    couvert = forms.BooleanField(label="Couvert", required=False)
    vu_le = forms.DateField(
        label="Vu le", required=False, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )


class Puits:
    """Wells in memory, shared with the thread of the live server."""

    def __init__(self) -> None:
        self.verrou = Lock()
        self.vider()

    def vider(self) -> None:
        """Two wells, none written yet."""
        self.valeurs: dict[str, dict[str, Any]] = {
            cle: {
                "niveau": 100,
                "etat": "bon",
                "remarque": "",
                "couvert": False,
                "vu_le": date(2026, 1, 15),
            }
            for cle in ("1", "2")
        }
        self.versions = {"1": 1, "2": 1}
        self.ecritures: list[tuple[str, UUID]] = []

    def lire(self, personne: Any, cle: str) -> FicheTerrain | None:
        """The well as it is."""
        if cle not in self.valeurs:
            return None
        faits = (("Lieu-dit", "Les Essarts"),)
        return FicheTerrain(f"Puits n° {cle}", dict(self.valeurs[cle]), self.versions[cle], faits)

    def enregistrer(self, personne: Any, cle: str, donnees: dict[str, Any], version: int, uuid: UUID) -> Fait:
        """Write, unless somebody wrote meanwhile."""
        with self.verrou:
            if version != self.versions[cle]:
                raise Conflit(dict(self.valeurs[cle]), self.versions[cle], par="Agent Essai")
            if donnees["remarque"] == "refus":
                raise SaisieRefusee("Cette remarque n'est pas acceptée.")
            self.changer(cle, **donnees)
            self.ecritures.append((cle, uuid))
        return Fait(f"Relevé du puits n° {cle} enregistré.")

    def changer(self, cle: str, **valeurs: Any) -> None:
        """As another person would."""
        self.valeurs[cle].update(valeurs)
        self.versions[cle] += 1


PUITS = Puits()
SAISIE = SaisieTerrain(
    code=CODE,
    titre="Relevé de puits",
    droit=DROIT,
    formulaire=Releve,
    lire=PUITS.lire,
    enregistrer=PUITS.enregistrer,
    objets=lambda personne: [(cle, f"Puits n° {cle}") for cle in PUITS.valeurs],
)

"""A query string read as a case: fields checked in words, rows added, faults of the contract put in place."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import QueryDict

from mairie.lecture_json import FORME_NOMBRE, ErreurSaisie
from mairie.simulateurs.modele import Champ, Genre, Groupe, Simulateur

RANGS_MAX = 20
# Asked of the page, not of the case.
HORS_CAS = frozenset({"format"})
_CHEMIN = re.compile(r"^(\w+)(?:\[(\d+)\])?(?:\.(\w+))?")


class _Date(forms.DateField):
    """The browser's calendar, or a date typed as one writes it."""

    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})

    def to_python(self, value: Any) -> date | None:
        try:
            return super().to_python(value)
        except forms.ValidationError:
            raise forms.ValidationError(
                f"« {str(value)[:40]} » n'est pas une date du calendrier : écrivez-la 05/03/2026."
            ) from None


class _Nombre(forms.CharField):
    """A number as one writes it: spaces between thousands, a comma; kept as a text with a point."""

    widget = forms.TextInput(attrs={"inputmode": "decimal"})

    def clean(self, value: Any) -> str:
        texte = re.sub(r"\s", "", super().clean(value) or "").replace(",", ".")
        if texte and not FORME_NOMBRE.fullmatch(texte):
            raise forms.ValidationError(
                f"« {str(value)[:40]} » n'est pas un nombre que l'on sait lire : écrivez par exemple 120,5."
            )
        return texte


def _champ(champ: Champ) -> forms.Field:
    commun: dict[str, Any] = {
        "label": champ.libelle,
        "help_text": champ.aide,
        "required": champ.obligatoire,
        "error_messages": {"required": "Ce champ est obligatoire."},
    }
    choix = [("", "Choisissez…" if champ.obligatoire else champ.vide), *champ.choix]
    match champ.genre:
        case Genre.DATE:
            return _Date(input_formats=["%Y-%m-%d", "%d/%m/%Y"], **commun)
        case Genre.NOMBRE:
            return _Nombre(max_length=30, **commun)
        case Genre.ENTIER:
            commun["error_messages"]["invalid"] = "Écrivez un nombre entier, en chiffres."
            return forms.IntegerField(min_value=0, max_value=999_999, **commun)
        case Genre.CHOIX | Genre.CHOIX_ENTIER:
            commun["error_messages"]["invalid_choice"] = "« %(value)s » n'est pas un choix de cette liste."
            return forms.ChoiceField(choices=choix, **commun)
        case Genre.OUI_NON:
            return forms.ChoiceField(choices=[("", champ.vide), ("oui", "Oui"), ("non", "Non")], **commun)
        case Genre.COCHE:
            return forms.BooleanField(**commun)
        case Genre.CASES:
            return forms.MultipleChoiceField(
                choices=list(champ.choix), widget=forms.CheckboxSelectMultiple(), **commun
            )
    return forms.CharField(max_length=200, **commun)


def _valeur(champ: Champ, valeur: Any) -> Any:
    """The JSON value of a clean field; null when it says nothing."""
    if valeur is None or valeur is False or valeur in ("", []):
        return None
    match champ.genre:
        case Genre.DATE:
            return valeur.isoformat()
        case Genre.CHOIX_ENTIER:
            return int(valeur)
        case Genre.OUI_NON:
            return valeur == "oui"
    return valeur


@dataclass
class Bloc:
    """A group with its forms: one, or one a row."""

    groupe: Groupe
    formes: list[forms.Form]
    modele: forms.Form | None = None
    gardees: list[forms.Form] = field(default_factory=list)

    @property
    def rempli(self) -> bool:
        """Whether something is filled, so that it is shown unfolded."""
        return any(f.is_bound and (f.has_changed() or f.errors) for f in self.formes)


class Saisie:
    """The forms of a simulator, filled from an address."""

    def __init__(self, simulateur: Simulateur, donnees: QueryDict) -> None:
        self.simulateur = simulateur
        self.soumise = any(cle not in HORS_CAS for cle in donnees)
        self._donnees = donnees
        self.blocs = [self._bloc(groupe) for groupe in simulateur.groupes_du_jour]

    def _bloc(self, groupe: Groupe) -> Bloc:
        champs = {c.code: _champ(c) for c in groupe.champs}
        classe: type[forms.Form] = type("FormulaireSimulateur", (forms.Form,), champs)
        donnees = self._donnees if self.soumise else None
        if not groupe.liste:
            libre = bool(groupe.code) and not groupe.obligatoire
            forme = classe(
                donnees, prefix=groupe.code or None, empty_permitted=libre, use_required_attribute=not libre
            )
            return Bloc(groupe, [forme])
        formes = [
            classe(donnees, prefix=f"{groupe.code}-{i}", empty_permitted=True, use_required_attribute=False)
            for i in range(self._rangs(groupe) + 1)
        ]
        modele = classe(prefix=f"{groupe.code}-__rang__", use_required_attribute=False)
        return Bloc(groupe, formes[:RANGS_MAX], modele)

    def _rangs(self, groupe: Groupe) -> int:
        """Rows that the address fills; a blank one comes after."""
        motif = re.compile(rf"^{re.escape(groupe.code)}-(\d{{1,2}})-")
        remplis = [
            int(trouve[1]) + 1
            for cle, valeurs in self._donnees.lists()
            if any(valeurs) and (trouve := motif.match(cle))
        ]
        return min(max(remplis, default=0), RANGS_MAX)

    def valide(self) -> bool:
        """Whether every field reads; only then is there a case."""
        # Every form is asked, so that all faults are told at once.
        formes = [forme.is_valid() for bloc in self.blocs for forme in bloc.formes]
        return self.soumise and all(formes)

    def cas(self) -> dict[str, Any]:
        """The case of the contract: what is left empty is absent."""
        sortie: dict[str, Any] = {}
        for bloc in self.blocs:
            objets = []
            bloc.gardees = []
            for forme in bloc.formes:
                lues = {c.code: _valeur(c, forme.cleaned_data.get(c.code)) for c in bloc.groupe.champs}
                objet = {cle: valeur for cle, valeur in lues.items() if valeur is not None}
                if objet:
                    objets.append(objet)
                    bloc.gardees.append(forme)
            if not bloc.groupe.code:
                sortie.update(objets[0] if objets else {})
            elif bloc.groupe.liste and objets:
                sortie[bloc.groupe.code] = objets
            elif objets:
                sortie[bloc.groupe.code] = objets[0]
        return sortie

    def signaler(self, erreur: ErreurSaisie) -> None:
        """Put a fault of the contract beside its field, in the words of the form."""
        message = self._en_mots(erreur.message)
        trouve = _CHEMIN.match(erreur.champ)
        tete, rang, suite = trouve.groups() if trouve else ("", None, None)
        for bloc in self.blocs:
            codes = {c.code for c in bloc.groupe.champs}
            if not bloc.groupe.code and tete in codes:
                bloc.formes[0].add_error(tete, message)
                return
            if bloc.groupe.code == tete:
                formes = bloc.gardees or bloc.formes
                numero = min(int(rang or 0), len(formes) - 1)
                formes[numero].add_error(suite if suite in codes else None, message)
                return
        self.blocs[0].formes[0].add_error(None, message)

    def _en_mots(self, message: str) -> str:
        """Names of fields replaced by their labels: « notifiee_le » is no French."""
        for bloc in self.blocs:
            for champ in bloc.groupe.champs:
                if "_" in champ.code:
                    message = re.sub(rf"\b{champ.code}\b", f"« {champ.libelle} »", message)
        return message

    def premiere_erreur(self) -> dict[str, str]:
        """The first fault, as the command writes it."""
        for bloc in self.blocs:
            for forme in bloc.formes:
                for nom, fautes in forme.errors.items():
                    chemin = nom if nom != "__all__" else "cas"
                    prefixe = re.sub(r"-(\d+)$", r"[\1]", str(forme.prefix)) if forme.prefix else ""
                    return {"champ": f"{prefixe}.{chemin}" if prefixe else chemin, "message": str(fautes[0])}
        return {"champ": "cas", "message": "Rien n'est saisi."}

    @property
    def fautes(self) -> int:
        """How many fields are at fault."""
        return sum(len(f.errors) for bloc in self.blocs for f in bloc.formes if f.is_bound)

    def lien(self) -> str:
        """Address of this very simulation, without what is empty."""
        utiles = [
            (cle, valeur)
            for cle, valeurs in self._donnees.lists()
            for valeur in valeurs
            if valeur and cle not in HORS_CAS
        ]
        return f"{self.simulateur.adresse}?{urlencode(utiles)}"

"""Forms of the generated screens: made from a declaration, saved without losing another's changes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib.gis.db.models import GeometryField
from django.db import models
from django.forms.boundfield import BoundField

from mairie.ecrans.declaration import Formulaire, Section, permis
from mairie.ecrans.valeurs import Nature, ecrire

# Name of the hidden field: the values that the person started from.
DEPART = "_depart"
DEPART_MAX = 200_000


class DateFrancaise(forms.DateInput):
    """A day, by the browser's own calendar; typed by hand where it has none."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class InstantFrancais(forms.DateTimeInput):
    """A day and a time."""

    input_type = "datetime-local"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%dT%H:%M")


def habiller(formulaire: forms.BaseForm) -> None:
    """Give the fields the browser's calendar and the keyboard of decimals; their look is the renderer's."""
    for champ in formulaire.fields.values():
        if isinstance(champ, forms.DateTimeField) and type(champ.widget) is forms.DateTimeInput:
            champ.widget = InstantFrancais(champ.widget.attrs)
            champ.input_formats = ["%Y-%m-%dT%H:%M", "%d/%m/%Y %H:%M"]
        elif isinstance(champ, forms.DateField) and type(champ.widget) is forms.DateInput:
            champ.widget = DateFrancaise(champ.widget.attrs)
            champ.input_formats = ["%Y-%m-%d", "%d/%m/%Y"]
        elif isinstance(champ, forms.FloatField | forms.DecimalField):
            # Decimal comma, as people type it; a point is understood too.
            champ.localize = champ.widget.is_localized = True
            if isinstance(champ.widget, forms.NumberInput):
                champ.widget.input_type = "text"
            champ.widget.attrs.setdefault("inputmode", "decimal")
        if isinstance(champ.widget, forms.Textarea):
            champ.widget.attrs["rows"] = 4


def classe_de(formulaire: Formulaire) -> type[forms.ModelForm[Any]]:
    """The declared form, or one made of the fields that the sections name."""
    if formulaire.classe is not None:
        return formulaire.classe
    noms = [c if isinstance(c, str) else c.code for s in formulaire.sections for c in s.champs]
    return forms.modelform_factory(formulaire.modele, fields=noms)


def sections_de(formulaire: Formulaire, utilisateur: Any) -> list[Section]:
    """Sections whose right this person holds."""
    return permis(formulaire.sections, utilisateur)


def construire(
    formulaire: Formulaire, utilisateur: Any, objet: Any | None, donnees: Any = None, fichiers: Any = None
) -> forms.ModelForm[Any]:
    """The form for this person: fields of sections that she may not see are taken out."""
    forme = classe_de(formulaire)(donnees, fichiers, instance=objet)
    vus = {
        c if isinstance(c, str) else c.code for s in sections_de(formulaire, utilisateur) for c in s.champs
    }
    for nom in [n for n in forme.fields if n not in vus]:
        # A hidden field of the form itself (a key, a place on the map) belongs to no section.
        if not isinstance(forme.fields[nom].widget, forms.HiddenInput):
            del forme.fields[nom]
    if formulaire.preparer:
        formulaire.preparer(forme, utilisateur)
    habiller(forme)
    return forme


@dataclass(frozen=True)
class SectionSaisie:
    """A section ready to draw."""

    section: Section
    champs: list[ChampSaisi]


@dataclass(frozen=True)
class ChampSaisi:
    """A field, and what another saved there meanwhile (null: nothing else)."""

    champ: BoundField
    autre: str | None
    repris: bool


@dataclass(frozen=True)
class Conflit:
    """What another saved since the person opened the form.

    ``disputes``: fields that both changed, with the value saved now. ``repris``: fields changed only by the
    other, now in the form.
    """

    disputes: Mapping[str, str]
    repris: Mapping[str, str]

    def __bool__(self) -> bool:
        return bool(self.disputes or self.repris)


def depart(forme: forms.ModelForm[Any]) -> str:
    """The stored values the form starts from, as its hidden field carries them."""
    return json.dumps(_valeurs(forme), ensure_ascii=False, sort_keys=True)


def _valeurs(forme: forms.ModelForm[Any]) -> dict[str, Any]:
    """Stored value of each field as JSON: what its widget would show."""
    sortie = {}
    for nom, champ in forme.fields.items():
        if isinstance(champ, forms.FileField) or nom not in forme.initial:
            continue
        sortie[nom] = _simple(champ.prepare_value(forme.initial[nom]))
    return sortie


def _simple(valeur: Any) -> Any:
    if valeur is None or isinstance(valeur, bool | int):
        return valeur
    if isinstance(valeur, Decimal):
        return f"{valeur.normalize():f}"
    if isinstance(valeur, models.Model):
        return valeur.pk
    if isinstance(valeur, list | tuple | models.QuerySet):
        return sorted((_simple(v) for v in valeur), key=str)
    return str(valeur)


def lire_depart(brut: str) -> dict[str, Any]:
    """Values the person started from; empty when the field was tampered with: all then counts as changed."""
    try:
        lu = json.loads(brut[:DEPART_MAX])
    except ValueError:
        return {}
    return lu if isinstance(lu, dict) else {}


def comparer(
    forme: forms.ModelForm[Any], actuelle: forms.ModelForm[Any], parti_de: dict[str, Any]
) -> Conflit:
    """What changed in the database since ``parti_de``; ``forme``: bound, valid; ``actuelle``: stored now."""
    maintenant = _valeurs(actuelle)
    disputes: dict[str, str] = {}
    repris: dict[str, str] = {}
    for nom, stocke in maintenant.items():
        if nom in parti_de and parti_de[nom] == stocke:
            continue
        voulu = _simple(forme.fields[nom].prepare_value(forme.cleaned_data.get(nom)))
        if _egal(voulu, stocke):
            continue
        touche = nom not in parti_de or not _egal(voulu, parti_de[nom])
        (disputes if touche else repris)[nom] = libelle(actuelle, nom)
    return Conflit(disputes, repris)


def _egal(a: Any, b: Any) -> bool:
    return (a in (None, "", []) and b in (None, "", [])) or str(a) == str(b)


def libelle(forme: forms.ModelForm[Any], nom: str) -> str:
    """The stored value of a field, in words."""
    valeur = getattr(forme.instance, nom, None)
    afficher = getattr(forme.instance, f"get_{nom}_display", None)
    if afficher is not None:
        valeur = afficher()
    elif isinstance(valeur, models.Manager):
        valeur = list(valeur.all())
    elif nom not in {f.name for f in forme.instance._meta.get_fields()}:
        valeur = forme.initial.get(nom)
    return ecrire(Nature.TEXTE, valeur) or "(vide)"


def donnees_apres_conflit(donnees: Any, actuelle: forms.ModelForm[Any], conflit: Conflit) -> Any:
    """What the person typed, with the other's values where she had changed nothing, to show again."""
    sortie = donnees.copy()
    for nom in conflit.repris:
        valeur = actuelle.fields[nom].prepare_value(actuelle.initial.get(nom))
        widget = actuelle.fields[nom].widget
        cle = actuelle.add_prefix(nom)
        sortie.pop(cle, None)
        if isinstance(valeur, list | tuple):
            sortie.setlist(cle, [str(_simple(v)) for v in valeur])
        elif isinstance(widget, forms.CheckboxInput):
            if valeur:
                sortie[cle] = "on"
        elif valeur is not None:
            rendu = widget.format_value(valeur)
            sortie[cle] = rendu[0] if isinstance(rendu, list) and rendu else (rendu or "")
    sortie[DEPART] = depart(actuelle)
    return sortie


def a_dessiner(
    formulaire: Formulaire, forme: forms.ModelForm[Any], utilisateur: Any, conflit: Conflit | None = None
) -> list[SectionSaisie]:
    """Sections with their bound fields."""
    disputes = conflit.disputes if conflit else {}
    repris = conflit.repris if conflit else {}
    sortie = []
    for section in sections_de(formulaire, utilisateur):
        noms = [c if isinstance(c, str) else c.code for c in section.champs]
        champs = [ChampSaisi(forme[n], disputes.get(n), n in repris) for n in noms if n in forme.fields]
        if champs:
            sortie.append(SectionSaisie(section, champs))
    return sortie


def champs_du_modele(modele: type[models.Model]) -> list[str]:
    """Fields a person may enter, in the order of the model; geometries and dates of the machine are left."""
    return [
        f.name
        for f in modele._meta.get_fields()
        if isinstance(f, models.Field)
        and f.editable
        and not f.primary_key
        and not isinstance(f, GeometryField)
    ]

"""Filters that a layer declares: values of a closed attribute, years of a date.

One writing for the address of the map, its tiles, its list, a click, paper and files:
``filtres=urba_dossiers.etat:en_cours,urba_dossiers.etat:accorde,urba_dossiers.date_depot:2026``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from django.db.models import Count, F, QuerySet
from django.db.models.expressions import Combinable
from django.db.models.functions import ExtractYear

from gis_data.couches import Attribut, Couche, CoucheInconnue, Genre, couche

# Layer → attribute → values chosen: any of them, and so for each attribute.
Filtres = Mapping[str, Mapping[str, tuple[str, ...]]]
TEXTE_MAX = 4_000
VALEURS_MAX = 60


def lire_filtres(brut: str) -> Filtres:
    """Filters of an address; what no layer declares is left out, for links outlive declarations."""
    lus: dict[str, dict[str, tuple[str, ...]]] = {}
    for morceau in brut[:TEXTE_MAX].split(","):
        chemin, _, valeur = morceau.partition(":")
        nom, _, attribut = chemin.partition(".")
        valeur = unquote(valeur).replace("\0", " ")
        if not valeur or attribut not in _declares(nom):
            continue
        if couche(nom).attribut(attribut).genre is Genre.DATE and not _annee(valeur):
            continue
        de_la_couche = lus.setdefault(nom, {})
        deja = de_la_couche.get(attribut, ())
        if valeur not in deja and len(deja) < VALEURS_MAX:
            de_la_couche[attribut] = (*deja, valeur)
    return lus


def _declares(nom: str) -> tuple[str, ...]:
    try:
        return couche(nom).filtres
    except CoucheInconnue:
        return ()


def _annee(valeur: str) -> bool:
    return len(valeur) == 4 and valeur.isascii() and valeur.isdecimal() and valeur != "0000"


def _expression(attribut: Attribut) -> Combinable:
    source = attribut.expression
    lue = F(source) if isinstance(source, str) else source
    return ExtractYear(lue) if attribut.genre is Genre.DATE else lue


def filtrer(choisie: Couche, objets: QuerySet[Any], filtres: Filtres | None) -> QuerySet[Any]:
    """Rows of a layer that its filters keep."""
    for nom, valeurs in (filtres or {}).get(choisie.nom, {}).items():
        attribut = choisie.attribut(nom)
        voulues = [int(v) for v in valeurs] if attribut.genre is Genre.DATE else list(valeurs)
        objets = objets.annotate(**{f"f_{nom}": _expression(attribut)}).filter(**{f"f_{nom}__in": voulues})
    return objets


def valeurs(choisie: Couche, objets: QuerySet[Any]) -> list[dict[str, Any]]:
    """What each filter offers: value, words, number of objects; the most frequent first, years backwards."""
    offerts = []
    for nom in choisie.filtres:
        attribut = choisie.attribut(nom)
        lus = (
            objets.order_by()
            .annotate(f_valeur=_expression(attribut))
            .exclude(f_valeur=None)
            .values_list("f_valeur")
            .annotate(nombre=Count("pk"))
            .order_by("-f_valeur" if attribut.genre is Genre.DATE else "-nombre", "f_valeur")
        )
        choix = [
            {"valeur": str(v), "libelle": attribut.valeurs.get(str(v), str(v)), "nombre": n}
            for v, n in lus[:VALEURS_MAX]
            if v != ""
        ]
        offerts.append({"nom": nom, "libelle": attribut.libelle, "valeurs": choix})
    return offerts

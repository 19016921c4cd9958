"""Comparison of two vintages of a commune: on screen, on a plan, as a table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from typing import Any

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_safe

from cadastre.models import VersionFeuille
from cadastre.plan_comparaison import dessiner_comparaison
from cadastre.territoire import nom_de_commune
from cadastre.versions import comparer, feuilles_sans_etat
from gis_data.acces import public
from mairie.erreurs import Introuvable
from mairie.exports import reponse_csv
from mairie.territoire import territoire

LISTE_MAX = 300
CHAMPS = {
    "contenance": "contenance",
    "geometrie": "surface du dessin",
    "arpentee": "arpentée",
    "figuree": "figurée au plan",
    "feuille": "feuille",
}


def _jour(texte: str) -> date | None:
    try:
        return date.fromisoformat(texte)
    except ValueError:
        return None


def _choix(request: HttpRequest) -> tuple[str | None, list[date]]:
    """(commune asked, or the one with most vintages; its vintages, oldest first)."""
    insee = request.GET.get("commune") or None
    if insee is None:
        riche = (
            VersionFeuille.objects.values("feuille__commune")
            .annotate(nombre=Count("millesime", distinct=True))
            .order_by("-nombre", "feuille__commune")
            .first()
        )
        insee = riche["feuille__commune"] if riche else None
    if insee is None:
        return None, []
    dates = VersionFeuille.objects.filter(feuille__commune=insee).values_list("millesime", flat=True)
    return insee, list(dates.distinct().order_by("millesime"))


def _periode(request: HttpRequest, dates: list[date]) -> tuple[date, date] | None:
    """The two days asked; by default the last two vintages that differ."""
    ecrits = request.GET.get("avant", ""), request.GET.get("apres", "")
    if not any(ecrits):
        return (dates[-2], dates[-1]) if len(dates) > 1 else None
    avant, apres = map(_jour, ecrits)
    return (avant, apres) if avant and apres and avant < apres else None


def _valeur(champ: str, valeur: Any) -> str:
    if isinstance(valeur, bool):
        return "oui" if valeur else "non"
    if valeur is None:
        return "–"
    return (
        f"{valeur:,.0f}\u00a0m²".replace(",", "\u202f")
        if champ in ("contenance", "geometrie")
        else str(valeur)
    )


def _lignes_modifiees(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "idu": m["idu"],
            "champs": [
                {"nom": CHAMPS[champ], "avant": _valeur(champ, avant), "apres": _valeur(champ, apres)}
                for champ, (avant, apres) in m["champs"].items()
            ],
        }
        for m in document["modifiees"]
    ]


@public
@require_safe
def comparaison(request: HttpRequest) -> HttpResponse:
    """What changed in a commune between two vintages."""
    insee, dates = _choix(request)
    if insee is not None and not dates:
        raise Introuvable("Le plan de cette commune n'est pas chargé.")
    periode = _periode(request, dates)
    contexte: dict[str, Any] = {
        "insee": insee,
        "nom": nom_de_commune(insee) if insee else "",
        "communes": territoire().communes,
        "dates": dates,
        "periode": periode,
        "demande_fausse": periode is None and bool(request.GET.get("avant") or request.GET.get("apres")),
    }
    if insee and periode:
        avant, apres = periode
        document = comparer(insee, avant, apres)
        enfants: dict[str, list[tuple[str, float]]] = defaultdict(list)
        parents: dict[str, list[tuple[str, float]]] = defaultdict(list)
        for lien in document["filiation"]:
            enfants[lien["parent"]].append((lien["enfant"], lien["part_parent"]))
            parents[lien["enfant"]].append((lien["parent"], lien["part_enfant"]))
        plan = dessiner_comparaison(
            insee,
            avant,
            apres,
            document["creees"],
            document["supprimees"],
            [m["idu"] for m in document["modifiees"]],
        )
        contexte |= {
            "document": document,
            "supprimees": [(idu, enfants.get(idu, [])) for idu in document["supprimees"]][:LISTE_MAX],
            "creees": [(idu, parents.get(idu, [])) for idu in document["creees"]][:LISTE_MAX],
            "modifiees": _lignes_modifiees(document)[:LISTE_MAX],
            "liste_max": LISTE_MAX,
            "sans_etat": feuilles_sans_etat(insee, avant, apres),
            # Made by gis_data.plans.svg, which escapes every text.
            "plan": mark_safe(plan),  # noqa: S308
        }
    return render(request, "cadastre/millesimes.html", contexte)


def _lignes_csv(document: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    """One line a change; a parcel with several parents or children has several."""
    enfants: dict[str, list[dict[str, Any]]] = defaultdict(list)
    parents: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for lien in document["filiation"]:
        enfants[lien["parent"]].append(lien)
        parents[lien["enfant"]].append(lien)
    for idu in document["supprimees"]:
        for lien in enfants.get(idu) or [{"enfant": "", "part_parent": ""}]:
            yield "supprimee", idu, "", "", "", lien["enfant"], lien["part_parent"]
    for idu in document["creees"]:
        for lien in parents.get(idu) or [{"parent": "", "part_enfant": ""}]:
            yield "creee", idu, "", "", "", lien["parent"], lien["part_enfant"]
    for modifiee in document["modifiees"]:
        for champ, (avant, apres) in modifiee["champs"].items():
            yield "modifiee", modifiee["idu"], champ, avant, apres, "", ""


@public
@require_safe
def comparaison_csv(request: HttpRequest) -> HttpResponse:
    """The same comparison as a table."""
    insee, dates = _choix(request)
    periode = _periode(request, dates)
    if insee is None or periode is None:
        raise Introuvable("Choisissez une commune chargée et deux de ses millésimes.")
    avant, apres = periode
    titres = ("nature", "idu", "champ", "avant", "apres", "autre_parcelle", "part")
    nom = f"changements-{insee}-{avant}-{apres}.csv"
    return reponse_csv(nom, titres, _lignes_csv(comparer(insee, avant, apres)))

"""The desk of the cadastre, read only: which plans are loaded, how old, how complete."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from cadastre.bureau import (
    EtatCommune,
    LigneFeuille,
    detail_feuille,
    est_ancien,
    etats_communes,
    lignes_feuilles,
)
from cadastre.recherche.lieux import cle
from cadastre.territoire import nom_de_commune
from gis_data.acces import public
from gis_data.liens import adresse_carte
from mairie.erreurs import Introuvable
from mairie.exports import reponse_csv

TRIS_FEUILLES: dict[str, Callable[[LigneFeuille], Any]] = {
    "feuille": lambda f: f.id12,
    "echelle": lambda f: (f.echelle or 0, f.id12),
    "millesime": lambda f: (f.millesime, f.id12),
    "parcelles": lambda f: (f.parcelles, f.id12),
    "objets": lambda f: (f.lus, f.id12),
    "anomalies": lambda f: (f.anomalies, f.id12),
}
TRIS_COMMUNES: dict[str, Callable[[EtatCommune], Any]] = {
    "commune": lambda c: (c.nom, c.insee),
    "feuilles": lambda c: (c.feuilles, c.nom),
    "parcelles": lambda c: (c.parcelles, c.nom),
    "ancien": lambda c: (c.ancien or date.min, c.nom),
    "recent": lambda c: (c.recent or date.min, c.nom),
    "import": lambda c: (c.importee_le is not None, c.importee_le, c.nom),
    "anomalies": lambda c: (c.anomalies, c.nom),
}


def _tri(request: HttpRequest, tris: dict[str, Any], defaut: str) -> tuple[str, bool]:
    """(column, descending) of ``?tri=`` (``-`` in front: descending); anything else is the default."""
    demande = request.GET.get("tri", "")
    colonne = demande.removeprefix("-")
    return (colonne, demande.startswith("-")) if colonne in tris else (defaut, False)


def _colonnes(
    request: HttpRequest, colonnes: list[tuple[str, str, bool]], tri: str, inverse: bool
) -> list[dict[str, Any]]:
    """Heads of a sortable table: address of the next order, and how the column is sorted now."""
    sortie = []
    for code, titre, nombre in colonnes:
        parametres = request.GET.copy()
        ici = code == tri
        parametres["tri"] = f"-{code}" if ici and not inverse else code
        etat = ("descending" if inverse else "ascending") if ici else ""
        sortie.append(
            {"titre": titre, "nombre": nombre, "etat": etat, "adresse": f"?{parametres.urlencode()}"}
        )
    return sortie


@public
@require_safe
def communes(request: HttpRequest) -> HttpResponse:
    """One line a commune, with totals."""
    aujourd_hui = timezone.localdate()
    toutes = etats_communes(aujourd_hui)
    filtre = request.GET.get("q", "")[:100]
    cherche = cle(filtre)
    lignes = [c for c in toutes if not cherche or cherche in cle(c.nom) or cherche == c.insee.lower()]
    if request.GET.get("anciennes"):
        lignes = [c for c in lignes if c.anciennes]
    if request.GET.get("anomalies"):
        lignes = [c for c in lignes if c.anomalies]
    tri, inverse = _tri(request, TRIS_COMMUNES, "commune")
    lignes.sort(key=TRIS_COMMUNES[tri], reverse=inverse)
    colonnes = [
        ("commune", "Commune", False),
        ("feuilles", "Feuilles", True),
        ("parcelles", "Parcelles", True),
        ("ancien", "Plus ancien millésime", False),
        ("recent", "Plus récent", False),
        ("import", "Dernier import", False),
        ("anomalies", "Anomalies ouvertes", True),
    ]
    return render(
        request,
        "cadastre/communes.html",
        {
            "lignes": [
                (c, est_ancien(c.ancien, aujourd_hui), est_ancien(c.recent, aujourd_hui)) for c in lignes
            ],
            "colonnes": _colonnes(request, colonnes, tri, inverse),
            "toutes": toutes,
            "filtre": filtre,
            "total": {
                "feuilles": sum(c.feuilles for c in toutes),
                "parcelles": sum(c.parcelles for c in toutes),
                "anomalies": sum(c.anomalies for c in toutes),
                "anciennes": sum(c.anciennes for c in toutes),
            },
        },
    )


def _feuilles_filtrees(
    request: HttpRequest, insee: str, aujourd_hui: date
) -> tuple[list[LigneFeuille], list[LigneFeuille]]:
    """(all sheets of the commune, those that the filters keep, in the order asked)."""
    toutes = lignes_feuilles(insee)
    if not toutes:
        raise Introuvable(f"Le plan de la commune {insee} n'est pas chargé.")
    lignes = toutes
    if section := request.GET.get("section"):
        lignes = [f for f in lignes if f.section == section]
    if request.GET.get("anciennes"):
        lignes = [f for f in lignes if est_ancien(f.millesime, aujourd_hui)]
    if request.GET.get("anomalies"):
        lignes = [f for f in lignes if f.anomalies]
    tri, inverse = _tri(request, TRIS_FEUILLES, "feuille")
    return toutes, sorted(lignes, key=TRIS_FEUILLES[tri], reverse=inverse)


@public
@require_safe
def commune(request: HttpRequest, insee: str) -> HttpResponse:
    """The sheets of a commune."""
    aujourd_hui = timezone.localdate()
    toutes, lignes = _feuilles_filtrees(request, insee, aujourd_hui)
    tri, inverse = _tri(request, TRIS_FEUILLES, "feuille")
    colonnes = [
        ("feuille", "Feuille", False),
        ("echelle", "Échelle", True),
        ("millesime", "Millésime", False),
        ("parcelles", "Parcelles", True),
        ("objets", "Objets lus et écrits", True),
        ("anomalies", "Anomalies ouvertes", True),
    ]
    return render(
        request,
        "cadastre/commune.html",
        {
            "insee": insee,
            "nom": nom_de_commune(insee),
            "lignes": [(f, est_ancien(f.millesime, aujourd_hui)) for f in lignes],
            "colonnes": _colonnes(request, colonnes, tri, inverse),
            "sections": sorted({f.section for f in toutes}),
            "section": request.GET.get("section", ""),
            "requete": request.GET.urlencode(),
            "total": {
                "feuilles": len(toutes),
                "parcelles": sum(f.parcelles for f in toutes),
                "anomalies": sum(f.anomalies for f in toutes),
                "anciennes": sum(est_ancien(f.millesime, aujourd_hui) for f in toutes),
                "ancien": min(f.millesime for f in toutes),
                "recent": max(f.millesime for f in toutes),
            },
        },
    )


@public
@require_safe
def commune_csv(request: HttpRequest, insee: str) -> HttpResponse:
    """The same table, with the same filters, as a CSV file."""
    _, lignes = _feuilles_filtrees(request, insee, timezone.localdate())
    titres = (
        "feuille",
        "prefixe",
        "section",
        "echelle",
        "qualite",
        "millesime",
        "importee_le",
        "parcelles",
        "objets_lus",
        "objets_ecrits",
        "anomalies_ouvertes",
    )
    return reponse_csv(
        f"feuilles-{insee}.csv",
        titres,
        (
            (
                f.id12,
                f.prefixe,
                f.section,
                f.echelle,
                f.qualite,
                f.millesime.isoformat(),
                timezone.localtime(f.importee_le).isoformat(timespec="seconds"),
                f.parcelles,
                f.lus,
                f.ecrits,
                f.anomalies,
            )
            for f in lignes
        ),
    )


@public
@require_safe
def feuille(request: HttpRequest, id12: str) -> HttpResponse:
    """One sheet: what was read, what was written, what was found."""
    detail = detail_feuille(id12) if re.fullmatch(r"[0-9A-Z]{12}", id12) else None
    if detail is None:
        raise Introuvable(f"La feuille « {id12[:40]} » n'est pas chargée.")
    version = detail.feuille.version
    return render(
        request,
        "cadastre/feuille.html",
        {
            "detail": detail,
            "feuille": detail.feuille,
            "version": version,
            "commune": nom_de_commune(detail.feuille.commune),
            "ancienne": version is not None and est_ancien(version.millesime, timezone.localdate()),
            "carte": adresse_carte(bbox=detail.emprise),
            "lus": sum(t.lus for t in detail.types),
            "ecrits": sum(t.ecrits for t in detail.types),
        },
    )

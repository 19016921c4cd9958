"""Versions of a document: each takes its place in time, and closes the one before."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from gis_data.contraintes.droits import IMPORTER
from gis_data.contraintes.imports.pieces import effacer_fichiers
from gis_data.contraintes.models import DocumentUrbanisme
from gis_data.ouverture import FichierRefuse

_VERROU = 0x504C55  # « PLU »


def poser(document: DocumentUrbanisme, utilisateur: Any = None) -> list[str]:
    """Save a new version in its place; sentences on the versions replaced or closed. In a transaction.

    The same territory and day: the former import is replaced. A PLUi closes the PLU of its communes.
    ``FichierRefuse`` when it, or a version that it would replace or close, touches no commune of this
    person; null = the command line, which may all.
    """
    _exiger(document, utilisateur)
    with connection.cursor() as curseur:
        curseur.execute("SELECT pg_advisory_xact_lock(%s)", [_VERROU])
    effets: list[str] = []
    pareils = DocumentUrbanisme.objects.filter(famille=document.famille, categorie=document.categorie)
    ancien = pareils.filter(territoire=document.territoire, valide_du=document.valide_du).first()
    if ancien is not None:
        _exiger(ancien, utilisateur)
        effets.append(f"L'import précédent de {ancien.libelle} est remplacé.")
        effacer_fichiers(ancien)
        ancien.delete()
    fin = _fin(document, pareils)
    document.valide_au = fin
    for precedent in _precedents(document, pareils):
        _exiger(precedent, utilisateur)
        precedent.valide_au = document.valide_du
        precedent.save(update_fields=["valide_au"])
        effets.append(f"{precedent.libelle} ({precedent.territoire}) cesse le {document.valide_du:%d/%m/%Y}.")
    if fin is not None:
        effets.append(f"Ce document n'est plus en vigueur depuis le {fin:%d/%m/%Y}.")
    document.save()
    return effets


def _exiger(document: DocumentUrbanisme, utilisateur: Any) -> None:
    """A document without communes (servitudes of a département) is of everyone who may import."""
    codes = document.communes
    if utilisateur is None or not codes or any(utilisateur.has_perm(IMPORTER, code) for code in codes):
        return
    raise FichierRefuse(
        f"{document.libelle} couvre {', '.join(codes[:5])} : vous n'importez pas de document pour ce"
        " territoire. Demandez-le à son technicien ou à l'administrateur."
    )


def _meme_lieu(document: DocumentUrbanisme) -> Q:
    lieu = Q(territoire=document.territoire)
    if document.famille == DocumentUrbanisme.Famille.DU and document.communes:
        # A PLUi and the PLU of one of its communes follow one another.
        lieu |= Q(communes__overlap=document.communes)
    return lieu


def _precedents(document: DocumentUrbanisme, pareils: QuerySet[DocumentUrbanisme]) -> list[DocumentUrbanisme]:
    """Versions that still hold on the new one's first day."""
    return list(
        pareils.filter(_meme_lieu(document), valide_du__lt=document.valide_du).filter(
            Q(valide_au__isnull=True) | Q(valide_au__gt=document.valide_du)
        )
    )


def _fin(document: DocumentUrbanisme, pareils: QuerySet[DocumentUrbanisme]) -> date | None:
    """First day of the next version, or end that the document itself gives; null when it still holds."""
    suivante = (
        pareils.filter(_meme_lieu(document), valide_du__gt=document.valide_du)
        .order_by("valide_du")
        .values_list("valide_du", flat=True)
        .first()
    )
    fins = [d for d in (suivante, document.date_fin) if d is not None and d > document.valide_du]
    return min(fins, default=None)

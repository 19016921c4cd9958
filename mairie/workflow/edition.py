"""Edits of a dossier beside its events: who saw an older state is told and erases nobody's entry."""

from __future__ import annotations

from typing import Any

from django.db.models import F
from django.http import HttpRequest

from mairie.workflow.erreurs import ConflitEdition


def exiger_version(verrou: Any, version: int | None) -> None:
    """``ConflitEdition`` when the dossier is no longer that which the person saw (null: not asked)."""
    if version is not None and verrou.version != version:
        raise ConflitEdition(
            "Ce dossier a changé depuis que vous l'avez ouvert. Ce que vous avez saisi est gardé : comparez"
            " à ce qui est enregistré maintenant, puis enregistrez de nouveau si c'est toujours voulu."
        )


def marquer(dossier: Any) -> None:
    """An edit of a dossier that has begun is a new version of it; its row is locked by the caller."""
    if dossier.etat:
        type(dossier)._base_manager.filter(pk=dossier.pk).update(version=F("version") + 1)
        dossier.version += 1


def version_vue(request: HttpRequest) -> int | None:
    """Version of the dossier that the form was made from; null where it names none."""
    texte = request.POST.get("version", "")
    return int(texte) if texte.isdecimal() and len(texte) < 10 else None


def version_a_porter(request: HttpRequest, dossier: Any, *, concurrent: bool = False) -> int | str:
    """What a form carries on: the state that its person saw first, through faults of entry, until a conflict
    has shown the newer one.
    """
    if request.method != "POST" or concurrent:
        return int(dossier.version)
    vue = version_vue(request)
    return "" if vue is None else vue

"""The nightly proof: what every dossier stores is what its log says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db import transaction

from mairie.models import DossierSuivi
from mairie.workflow import registre
from mairie.workflow.modele import Incoherent
from mairie.workflow.service import rejouer

LOT = 200


@dataclass(frozen=True)
class Ecart:
    """A dossier that differs: column → (stored, recomputed); or whose log no longer replays (``erreur``)."""

    workflow: str
    dossier_id: int
    libelle: str
    colonnes: dict[str, tuple[Any, Any]]
    erreur: str = ""


@dataclass
class Rapport:
    """How many dossiers were replayed, and those that do not agree."""

    dossiers: int = 0
    ecarts: list[Ecart] = field(default_factory=list)


def modeles() -> dict[str, list[type[DossierSuivi]]]:
    """Models that follow each declared workflow."""
    sortie: dict[str, list[type[DossierSuivi]]] = {w.code: [] for w in registre.tous()}
    for modele in apps.get_models():
        if issubclass(modele, DossierSuivi) and getattr(modele, "WORKFLOW", "") in sortie:
            sortie[modele.WORKFLOW].append(modele)
    return sortie


def controler(workflow: str = "", suivre: Callable[[int, int], None] = lambda fait, total: None) -> Rapport:
    """Replay every dossier of one workflow, or all; writes nothing. ``suivre(done, total)`` at each lot."""
    rapport = Rapport()
    retenus = [m for code, m_ in modeles().items() if workflow in ("", code) for m in m_]
    total = sum(m._base_manager.count() for m in retenus)
    for modele in retenus:
        for dossier in modele._base_manager.order_by("pk").iterator(chunk_size=LOT):
            ecart = _examiner(modele, dossier)
            rapport.dossiers += 1
            if ecart is not None:
                rapport.ecarts.append(ecart)
            if rapport.dossiers % LOT == 0:
                suivre(rapport.dossiers, total)
    return rapport


def _examiner(modele: type[DossierSuivi], dossier: DossierSuivi) -> Ecart | None:
    if _ecart(dossier) is None:
        return None
    # An event may have come between the reading of the dossier and that of its log: look again, locked.
    with transaction.atomic():
        verrou = modele._base_manager.select_for_update(of=("self",)).filter(pk=dossier.pk).first()
        return None if verrou is None else _ecart(verrou)


def _ecart(dossier: DossierSuivi) -> Ecart | None:
    try:
        colonnes = rejouer(dossier).ecarts
    except Incoherent as e:
        return Ecart(dossier.WORKFLOW, dossier.pk, _nom(dossier), {}, str(e))
    return Ecart(dossier.WORKFLOW, dossier.pk, _nom(dossier), colonnes) if colonnes else None


def _nom(dossier: DossierSuivi) -> str:
    """Its number when it has one: never what its text form may say of a person."""
    return str(getattr(dossier, "numero", "") or dossier.pk)

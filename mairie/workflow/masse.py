"""Files just made, carried together through events in a row: same examination, each table written once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.transaction import TransactionManagementError
from django.utils import timezone

from mairie.models import DossierSuivi, Evenement
from mairie.roles import acteur_de
from mairie.workflow import registre
from mairie.workflow.erreurs import Refus
from mairie.workflow.examen import examiner
from mairie.workflow.modele import Workflow
from mairie.workflow.service import Par, ResultatMasse, _batir, _comparer, _poser


def derouler_en_masse(
    dossiers: Sequence[DossierSuivi],
    evenements: Sequence[tuple[str, Mapping[str, Any]]],
    *,
    par: Par,
    aujourdhui: date | None = None,
) -> list[ResultatMasse]:
    """Apply ``evenements`` (type, input) in turn to files of one workflow whose log is empty.

    Each is asked the roles, input and guards of ``appliquer``, in the order given, and stops at its first
    refusal, which its result tells with the last event passed. Files and log are stored at the end, so that
    an effect must have its ``effet_masse`` (``ValueError``), and nobody else may know these files: they were
    made in the transaction of the caller (``TransactionManagementError`` without one), undone as a whole.
    """
    if not connection.in_atomic_block:
        raise TransactionManagementError("Les dossiers se déroulent dans la transaction qui les crée.")
    if not dossiers:
        return []
    workflow = registre.trouver(dossiers[0].WORKFLOW)
    _exiger_neufs(dossiers)
    jour, acteur = aujourdhui or timezone.localdate(), acteur_de(par)
    journaux: dict[int, list[Evenement]] = {d.pk: [] for d in dossiers}
    refus: dict[int, str] = {}
    colonnes: dict[str, Any] = {}
    for evenement, donnees in evenements:
        effet = _effet(workflow, evenement)
        passes = []
        for d in dossiers:
            if d.pk in refus:
                continue
            try:
                apercu = examiner(workflow, d, journaux[d.pk], evenement, acteur, jour, donnees, jour)
            except Refus as e:
                refus[d.pk] = str(e)
                continue
            ligne = _batir(workflow, d, evenement, acteur, jour, apercu, jour)
            colonnes = _poser(workflow, d, apercu.apres, jour)
            journaux[d.pk].append(ligne)
            passes.append((d, ligne, apercu.apres))
        if effet is not None and passes:
            effet([(d, ligne) for d, ligne, _ in passes])
            for d, _, apres in passes:
                _comparer(workflow, d, journaux[d.pk], apres, jour, evenement)
    if colonnes:
        _ecrire(workflow, [d for d in dossiers if journaux[d.pk]], journaux, list(colonnes))
    return [
        ResultatMasse(d.pk, journaux[d.pk][-1] if journaux[d.pk] else None, refus.get(d.pk, ""))
        for d in dossiers
    ]


def _exiger_neufs(dossiers: Sequence[DossierSuivi]) -> None:
    type_ = ContentType.objects.get_for_model(dossiers[0])
    cles = [d.pk for d in dossiers]
    if (
        len(set(cles)) < len(cles)
        or any(d.pk is None or d.version or type(d) is not type(dossiers[0]) for d in dossiers)
        or Evenement.objects.filter(dossier_type=type_, dossier_id__in=cles).exists()
    ):
        raise ValueError("Seuls des dossiers qui viennent d'être créés se déroulent en masse.")


def _effet(workflow: Workflow, evenement: str) -> Any:
    type_ = workflow.type(evenement)
    if type_.effet is not None and type_.effet_masse is None:
        raise ValueError(f"{workflow.code} : « {evenement} » n'a pas d'effet en masse.")
    return type_.effet_masse


def _ecrire(
    workflow: Workflow,
    dossiers: list[DossierSuivi],
    journaux: Mapping[int, list[Evenement]],
    colonnes: list[str],
) -> None:
    Evenement.objects.bulk_create([ligne for d in dossiers for ligne in journaux[d.pk]])
    type(dossiers[0])._base_manager.bulk_update(dossiers, colonnes, batch_size=100)
    if workflow.suite_masse is not None:
        workflow.suite_masse(dossiers)
    elif workflow.suite is not None:
        for d in dossiers:
            workflow.suite(d)

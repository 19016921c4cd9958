"""Reading the log of a dossier: live events, JSON forms, what changed since a version."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.utils import timezone

from mairie.models import DossierSuivi, Evenement
from mairie.workflow.modele import ANNULATION, Fait, Situation, Workflow
from mairie.workflow.saisie import en_json


def lignes(dossier: DossierSuivi) -> list[Evenement]:
    """The whole log in order (date_effet, id), cancelled rows included."""
    return list(
        Evenement.objects.filter(
            dossier_type=ContentType.objects.get_for_model(dossier), dossier_id=dossier.pk
        )
        .select_related("auteur")
        .order_by("date_effet", "id")
    )


def vivantes(journal: Iterable[Evenement]) -> list[Evenement]:
    """Rows that the replay reads. A row lives again when the one that replaced it is itself cancelled."""
    journal = list(journal)
    vit: dict[int, bool] = {}
    for e in sorted(journal, key=lambda e: -e.pk):
        vit[e.pk] = e.annule_par_id is None or not vit[e.annule_par_id]
    return [e for e in journal if vit[e.pk] and e.type != ANNULATION]


def fait(ligne: Evenement) -> Fait:
    """A row as the rules see it."""
    return Fait(ligne.pk, ligne.type, ligne.date_effet, ligne.saisi_le, ligne.donnees)


def resume(situation: Situation) -> dict[str, Any]:
    """State, dates and figures as kept in ``avant`` and ``apres``."""
    valeur: dict[str, Any] = en_json(
        {"etat": situation.etat, "dates": dict(situation.dates), "calculs": dict(situation.calculs)}
    )
    return valeur


def explication(situation: Situation) -> list[dict[str, Any]]:
    """The explanation as kept beside the dates."""
    lignes_json: list[dict[str, Any]] = en_json(
        [
            {"regle": e.regle, "article": e.article, "entree": dict(e.entree), "resultat": e.resultat}
            for e in situation.explication
        ]
    )
    return lignes_json


def libelle(workflow: Workflow, code: str) -> str:
    """Label of a kind of event, undoing included."""
    return "Annulation d'un événement" if code == ANNULATION else workflow.type(code).libelle


def depuis_la_version(workflow: Workflow, dossier: DossierSuivi, version: int) -> str:
    """Who did what, when, since a version: one French sentence."""
    nouvelles = sorted((e for e in lignes(dossier) if e.version > version), key=lambda e: e.version)
    if not nouvelles:
        return "La version que vous avez ouverte n'est pas celle du dossier."
    faits = [
        f"« {libelle(workflow, e.type)} » par {e.par} le {timezone.localtime(e.saisi_le):%d/%m/%Y à %H:%M}"
        for e in nouvelles
    ]
    return f"Ce dossier a changé depuis que vous l'avez ouvert : {', '.join(faits)}."

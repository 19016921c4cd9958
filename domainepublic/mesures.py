"""Traffic measures of a file: added and taken away while it is not signed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from domainepublic.instruction.etats import MODIFIABLES
from domainepublic.models import DossierODP, MesureCirculation
from mairie.workflow import Refus


def _verrouiller(pk: int) -> DossierODP:
    verrou: DossierODP = DossierODP.objects.select_for_update(of=("self",)).get(pk=pk)
    if verrou.etat and verrou.etat not in MODIFIABLES:
        raise Refus(
            f"Le dossier est « {verrou.libelle_etat} » : ses mesures ne changent plus. Renvoyez-le en"
            " instruction."
        )
    return verrou


def ajouter(dossier: DossierODP, valeurs: Mapping[str, Any]) -> MesureCirculation:
    """One more; the file then calls a traffic order."""
    with transaction.atomic():
        verrou = _verrouiller(dossier.pk)
        mesure = MesureCirculation.objects.create(dossier=verrou, **valeurs)
        if not verrou.modifie_circulation:
            verrou.modifie_circulation = True
            verrou.save(update_fields=["modifie_circulation"])
    dossier.modifie_circulation = True
    return mesure


def retirer(mesure: MesureCirculation) -> None:
    """One less; whether the file still calls an order is said by its facts."""
    with transaction.atomic():
        _verrouiller(mesure.dossier_id)
        mesure.delete()

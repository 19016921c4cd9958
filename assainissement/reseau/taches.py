"""Long files are controlled and written by the worker."""

from __future__ import annotations

from django.utils import timezone

from assainissement.models import ImportRaepa
from assainissement.reseau import ecriture, imports
from assainissement.reseau.imports import ImportImpossible
from mairie.models import Utilisateur
from mairie.taches import EchecDefinitif, Suivi, tache


def _avancer(suivi: Suivi, quoi: str) -> imports.Progres:
    return lambda fait, total: suivi.avancer(100 * fait / max(total, 1), f"{fait} {quoi} sur {total}")


@tache("assainissement.controler_raepa", "Contrôle d'un fichier RAEPA")
def controler_import(suivi: Suivi, pk: int) -> dict[str, str]:
    """Read and control a file."""
    recu = ImportRaepa.objects.get(pk=pk)
    try:
        imports.controler(recu, timezone.localdate().year, progres=_avancer(suivi, "enregistrements"))
    except ImportImpossible as e:
        raise EchecDefinitif(str(e)) from e
    return {"adresse": recu.get_absolute_url()}


@tache("assainissement.ecrire_raepa", "Import d'un fichier RAEPA")
def confirmer_import(suivi: Suivi, pk: int, auteur: int) -> dict[str, str]:
    """Write a controlled file; the mark of success is in the same transaction."""
    recu = ImportRaepa.objects.get(pk=pk)
    par = Utilisateur.objects.filter(pk=auteur).first()
    if par is None:
        raise EchecDefinitif("Le compte qui a confirmé cet import n'existe plus.")
    try:
        ecriture.confirmer(recu, par, progres=_avancer(suivi, "étapes"))
    except ImportImpossible as e:
        raise EchecDefinitif(str(e)) from e
    return {"adresse": recu.get_absolute_url()}

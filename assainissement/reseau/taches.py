"""Long files are controlled and written by the worker."""

from __future__ import annotations

from datetime import time, timedelta

from django.utils import timezone

from assainissement.models import ImportRaepa
from assainissement.reseau import ecriture, imports
from assainissement.reseau.imports import ImportImpossible
from mairie.models import Utilisateur
from mairie.taches import EchecDefinitif, Suivi, tache
from mairie.taches.programmes import Programme, programmer

# Files and their records are kept so long; what an undoing needs stays.
CONSERVATION = timedelta(days=30)


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


@tache("assainissement.purger_imports_raepa", "Nettoyage des fichiers RAEPA")
def purger() -> dict[str, int]:
    """Files deposited more than thirty days ago go, with the records that waited; what was written stays."""
    anciens = ImportRaepa.objects.filter(depose_le__lt=timezone.now() - CONSERVATION).exclude(fichier="")
    for recu in anciens:
        fichier = recu.fichier
        if recu.etat in (ImportRaepa.Etat.CONFIRME, ImportRaepa.Etat.ANNULE):
            recu.lignes.all().delete()
            recu.fichier = ""
            recu.save(update_fields=["fichier"])
        else:
            recu.delete()
        fichier.storage.delete(fichier.name)
    return {"imports": len(anciens)}


def declarer() -> None:
    """At night, after the other cleanings."""
    programmer(
        Programme("assainissement.purger_imports_raepa", "Nettoyage des fichiers RAEPA", purger, time(1, 55))
    )

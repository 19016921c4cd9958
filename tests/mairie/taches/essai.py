"""Tasks for the tests: they write rows that can be counted."""

from __future__ import annotations

import os
import signal
import time
from datetime import timedelta

from django.db import transaction

from gis_data.imports.pannes import point_de_panne
from mairie.models import EvenementDomaine
from mairie.taches import EchecDefinitif, tache

SANS_ATTENTE = (timedelta(0), timedelta(0))


def traces() -> list[object]:
    """What the tasks have written, in order."""
    return [e.charge["n"] for e in EvenementDomaine.objects.filter(nom="essai.fait").order_by("id")]


def _ecrire(n: object) -> None:
    EvenementDomaine.objects.create(nom="essai.fait", charge={"n": n})


@tache("essai.ecrire", "Écrire une ligne", delais=SANS_ATTENTE)
def ecrire(n: int) -> int:
    _ecrire(n)
    return n


@tache("essai.attendre", "Écrire puis attendre", delais=SANS_ATTENTE)
def attendre(n: int, secondes: float) -> None:
    _ecrire(n)
    time.sleep(secondes)


@tache("essai.rater", "Rater après avoir écrit")
def rater(n: int) -> None:
    _ecrire(n)
    raise ValueError(f"raté {n}")


@tache("essai.renoncer", "Renoncer")
def renoncer() -> None:
    raise EchecDefinitif("Le fichier n'existe plus : déposez-le de nouveau.")


@tache("essai.mourir", "Tuer son ouvrier", delais=SANS_ATTENTE)
def mourir() -> None:
    _ecrire("avant la mort")
    os.kill(os.getpid(), signal.SIGKILL)


@tache("essai.lots", "Travail par lots", delais=SANS_ATTENTE, atomique=False)
def lots(suivi, total: int, pause: float = 0.0) -> int:
    """Each lot commits with the place where to go on."""
    for n in range(suivi.reprise.get("fait", 0), total):
        with transaction.atomic():
            _ecrire(n)
            suivi.marquer(fait=n + 1)
        point_de_panne("essai_lot")
        suivi.avancer(100 * (n + 1) / total, f"lot {n + 1} sur {total}")
        time.sleep(pause)
    return total

"""What the service may have done at night (spec §7: « agent, job »): it prepares, lists, and never sends.

A commune asks for it in its règlement. Due dates themselves are derived when read or written, never here.
"""

from __future__ import annotations

import logging
from datetime import date, time
from uuid import NAMESPACE_URL, uuid5

from django.utils import timezone

from assainissement import controles, relances
from assainissement.circuits.etats import OUVERTS
from assainissement.models import Controle, Installation, ReglementService
from mairie.roles import systeme
from mairie.taches import tache
from mairie.taches.programmes import Programme, programmer
from mairie.workflow import ErreurWorkflow

trace = logging.getLogger(__name__)
MAISON = systeme("travail de nuit du SPANC")
# A night at most, a commune: a first night after years does not open all at once.
CONTROLES_MAX = 50
# Rows read at a time: those that nothing can be done for do not stop the others.
PAQUET = 200


def communes(jour: date, champ: str) -> list[str]:
    """Communes whose règlement of the day asks for it."""
    vues = ReglementService.objects.filter(date_effet__lte=jour).values_list("insee", flat=True)
    return [
        insee
        for insee in sorted(set(vues))
        if (r := ReglementService.objects.en_vigueur(insee, jour)) is not None and getattr(r, champ)
    ]


def ouvrir_controles(jour: date) -> int:
    """Periodic controls whose day has come, opened where none is, the most overdue first; how many."""
    faits = 0
    for insee in communes(jour, "controles_la_nuit"):
        # A visit missed, or a project, has its own follow-up.
        occupees = Controle.objects.filter(insee=insee, etat__in=OUVERTS).values("installation")
        dues = Installation.objects.filter(insee=insee, etat="active", prochain_controle__lte=jour)
        ouverts = 0
        for i in dues.exclude(pk__in=occupees).order_by("prochain_controle", "pk").iterator(PAQUET):
            try:
                controles.planifier(i, "periodique", par=MAISON, motif="Échéance atteinte", aujourdhui=jour)
            except ErreurWorkflow as e:
                trace.warning("Installation %s : contrôle non ouvert (%s)", i.pk, type(e).__name__)
                continue
            ouverts += 1
            if ouverts == CONTROLES_MAX:
                break
        faits += ouverts
    return faits


def ecrire_relances(jour: date) -> int:
    """Reminders of missed visits whose delay is over, numbered and kept, left to be sent; how many."""
    liste, faites = relances.LISTES["relances"], 0
    for insee in communes(jour, "relances_la_nuit"):
        attend = relances.en_attente(liste, insee, jour)
        if not attend.exists():
            continue
        cle = uuid5(NAMESPACE_URL, f"assainissement.relances/{insee}/{jour.isoformat()}")
        ecrites = relances.envoyer(liste, attend.iterator(PAQUET), MAISON, cle, jour)
        faites += sum(1 for e in ecrites if e.lettre is not None)
    return faites


@tache("assainissement.nuit", "Contrôles échus et relances du SPANC", atomique=False)
def nuit() -> dict[str, int]:
    """Both, for the communes that ask."""
    jour = timezone.localdate()
    return {"controles": ouvrir_controles(jour), "relances": ecrire_relances(jour)}


def declarer() -> None:
    """From ``AppConfig.ready``."""
    programmer(Programme("assainissement.nuit", "Contrôles échus et relances du SPANC", nuit, time(3, 25)))

"""What the network adds to the registries, from ``AppConfig.ready``."""

from __future__ import annotations

from datetime import date

from mairie.journal import Action
from mairie.journal import declarer as declarer_actions


def declarer() -> None:
    """Actions of the log, layers, screens, files of interventions, tasks, demonstration."""
    from assainissement import perms
    from assainissement.models import Intervention
    from assainissement.reseau import couches, ecrans, taches
    from assainissement.reseau.ecriture import ANNULE, IMPORTE
    from mairie.demo import Etape, declarer_etape
    from mairie.pieces.registre import Porteur
    from mairie.pieces.registre import declarer as declarer_porteur

    declarer_actions(
        Action(IMPORTE, "Réseau d'assainissement importé"),
        Action(ANNULE, "Import du réseau d'assainissement annulé"),
    )
    couches.declarer()
    ecrans.declarer_ecrans()
    taches.declarer()
    declarer_porteur(
        Porteur(
            Intervention,
            Intervention.objects.visibles_par,
            perms.SAISIR,
            lambda i: i.get_absolute_url(),
            gerer=perms.VALIDER,
            codes=lambda i: (("rapport", "Rapport"), ("itv", "Inspection télévisée"), ("photo", "Photo")),
            publiable=False,
        )
    )
    declarer_etape(Etape("assainissement.reseau", "Réseau d'assainissement", 335, _demo))


def _demo(jour: date) -> str:
    from assainissement.demo import RESPONSABLE
    from assainissement.reseau import demo
    from mairie.models import Utilisateur

    return demo.jouer(jour, Utilisateur.objects.get(email=RESPONSABLE))

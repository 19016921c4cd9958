"""What the network adds to the registries, from ``AppConfig.ready``."""

from __future__ import annotations

from datetime import date

from mairie.journal import Action
from mairie.journal import declarer as declarer_actions


def declarer() -> None:
    """Actions of the log, layers, screens, search, files, tasks, demonstration."""
    from assainissement import perms
    from assainissement.models import Intervention, Ouvrage, Troncon
    from assainissement.reseau import couches, ecrans, recherche, taches
    from assainissement.reseau.ecriture import ANNULE, IMPORTE
    from mairie.demo import Etape, declarer_etape
    from mairie.pieces.registre import Porteur
    from mairie.pieces.registre import declarer as declarer_porteur
    from mairie.recherche import fournir

    declarer_actions(
        Action(IMPORTE, "Réseau d'assainissement importé"),
        Action(ANNULE, "Import du réseau d'assainissement annulé"),
    )
    couches.declarer()
    ecrans.declarer_ecrans()
    taches.declarer()
    fournir("réseau d'assainissement", recherche.chercher)
    for modele in (Troncon, Ouvrage):
        declarer_porteur(
            Porteur(
                modele,
                modele.objects.visibles_par,
                perms.SAISIR,
                lambda o: o.get_absolute_url(),
                gerer=perms.VALIDER,
                codes=lambda o: (("photo", "Photo"), ("plan", "Plan ou croquis"), ("fiche", "Fiche")),
                publiable=False,
            )
        )
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

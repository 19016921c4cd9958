"""What letters and mail declare at start: log, menu, rights of the neutral letter."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mairie import courriels, notifications, references
from mairie.courriers import actions, demo, envois, modeles_livres
from mairie.courriers.champs_communs import declarer_champs
from mairie.courriers.ecrans_courriers import declarer_ecrans
from mairie.courriers.numeros import declarer_series
from mairie.courriers.sujets import Sujet
from mairie.courriers.sujets import declarer as declarer_sujet
from mairie.demo import Etape, declarer_etape
from mairie.habilitations import peut, portee
from mairie.menu import Rubrique, ajouter
from mairie.models import Collectivite, CourrielSortant
from mairie.notifications import Notification
from mairie.perms import ADMINISTRER, LIRE, REDIGER_COURRIER


def _collectivites(utilisateur: Any) -> Any:
    p = portee(utilisateur, LIRE)
    return Collectivite.objects.filter(p.filtre("code")) if p else Collectivite.objects.none()


# The town hall's own mail, about no dossier: it hangs on the collectivité.
GENERAL = Sujet(
    genre="mairie.general",
    metier="mairie",
    modele="mairie.Collectivite",
    libelle="courrier général",
    visibles=_collectivites,
    titre=lambda c: f"Courrier général de {c.nom}",
    insee=lambda c: c.code,
    rediger=lambda utilisateur, c: peut(utilisateur, REDIGER_COURRIER, c.code),
)


def declarer() -> None:
    """From ``AppConfig.ready``."""
    actions.declarer_actions()
    declarer_champs()
    declarer_series()
    courriels.declarer_source(envois.SOURCE, envois.piece_jointe)
    courriels.declarer_suite(envois.SOURCE, envois.courriel_parti)
    declarer_sujet(GENERAL)
    declarer_ecrans()
    references.declarer("modèles de lettres de la mairie", modeles_livres.charger)
    declarer_etape(Etape("mairie.courriers", "En-tête et courriers de la mairie", 60, demo.jouer))
    ajouter(
        Rubrique(
            "courriels",
            "Courriels",
            "bi-envelope-at",
            "/reglages/courriels/",
            930,
            ADMINISTRER,
            groupe="Administration",
        )
    )
    notifications.fournir("courriels", _courriels_en_echec)


def _courriels_en_echec(utilisateur: Any) -> Iterator[Notification]:
    nombre = CourrielSortant.objects.visibles_par(utilisateur).filter(etat="echec").count()
    yield Notification(
        "courriels en échec", "/reglages/courriels/?etat=echec", "bi-envelope-exclamation", nombre, "danger"
    )

"""How long sanitation keeps the names of persons (spec §12): years after what they owned or asked is closed.

Technical data stay; the house's purge replaces the name where nothing keeps it any more.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.conf import settings

from assainissement.models import InstallationTiers
from mairie.calendrier import plus_mois
from mairie.models import DossierSuivi, Tiers
from mairie.tiers.droits import Conservation, conserver
from mairie.tiers.relations import relations
from mairie.workflow import journal
from mairie.workflow.registre import trouver

APP = "assainissement"
EN_COURS = "installation, branchement, vente ou redevance en cours"
CLOS = "dossiers d'assainissement clos"
# Past these nothing is due, though the circuit may open again.
FERMES = ("desactivee",)


def garder(tiers: Tiers) -> Conservation | None:
    """Until when sanitation keeps a person; null where it holds nothing of her."""
    fins = [
        _fin(ligne)
        for relation in relations()
        if relation.modele._meta.app_label == APP
        for ligne in relation.lignes(tiers)
    ]
    if not fins:
        return None
    if any(fin is None for fin in fins):
        return Conservation(EN_COURS)
    dernier = max(fin for fin in fins if fin is not None)
    return Conservation(CLOS, plus_mois(dernier, 12 * settings.TIERS_CONSERVATION_ANS))


def _fin(ligne: Any) -> date | None:
    """The day when what ties a person here was over; null while it is not."""
    if isinstance(ligne, InstallationTiers):
        return ligne.au or _fin(ligne.installation)
    if not isinstance(ligne, DossierSuivi):
        return None
    if ligne.etat not in FERMES and not trouver(ligne.WORKFLOW).etat(ligne.etat).final:
        return None
    vivants = journal.vivantes(journal.lignes(ligne))
    return vivants[-1].date_effet if vivants else None


def declarer() -> None:
    """From ``AppConfig.ready``."""
    conserver(APP, garder)

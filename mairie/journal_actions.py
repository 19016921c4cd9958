"""Actions of the log that belong to the shared floor; each app declares its own beside its code."""

from mairie.intergiciels import ACCES_INTROUVABLE, ACCES_REFUSE
from mairie.journal import Action, Nature
from mairie.journal import declarer as declarer_actions
from mairie.menu import Rubrique, ajouter
from mairie.perms import LIRE_JOURNAL
from mairie.suivi_usager import CLE_RENOUVELEE

CONSULTE = "mairie.journal_consulte"
EXPORTE = "mairie.journal_exporte"
PURGE = "mairie.journal_purge"


def declarer() -> None:
    """Refusals, what is done with the log itself, and its entry in the rail."""
    declarer_actions(
        Action(ACCES_REFUSE, "Accès refusé : droit manquant", Nature.REFUS),
        Action(ACCES_INTROUVABLE, "Accès refusé : objet hors de portée ou inexistant", Nature.REFUS),
        Action(CONSULTE, "Journal consulté", Nature.CONSULTATION),
        Action(EXPORTE, "Journal exporté", Nature.CONSULTATION),
        Action(CLE_RENOUVELEE, "Clé de suivi remplacée"),
        Action(PURGE, "Journal purgé"),
    )
    ajouter(
        Rubrique(
            "journal", "Journal", "bi-journal-check", "/journal/", 910, LIRE_JOURNAL, groupe="Administration"
        )
    )

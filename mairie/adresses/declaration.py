"""What the registries of the house must know of streets and addresses."""

from mairie.journal import Action
from mairie.journal import declarer as declarer_actions
from mairie.menu import Rubrique, ajouter
from mairie.perms import LIRE

VOIE_MODIFIEE = "mairie.voie_modifiee"
ADRESSE_MODIFIEE = "mairie.adresse_modifiee"
ECART_TRANCHE = "mairie.adresse_ecart_tranche"
PLAN_RECU = "mairie.adresses_plan_recu"
BAN_IMPORTEE = "mairie.adresses_ban_importee"


def declarer() -> None:
    """Lines of the log, entry of the rail, search."""
    from mairie import recherche as registre_recherche
    from mairie.adresses import certificat, ecrans, recherche
    from mairie.ecrans import declarer as declarer_ecrans

    declarer_actions(
        Action(VOIE_MODIFIEE, "Voie créée ou modifiée"),
        Action(ADRESSE_MODIFIEE, "Adresse créée ou modifiée"),
        Action(ECART_TRANCHE, "Écart d'adresse tranché"),
        Action(PLAN_RECU, "Adresses reçues du plan cadastral"),
        Action(BAN_IMPORTEE, "Adresses importées de la Base Adresse Nationale"),
    )
    declarer_ecrans(ecrans.VOIES, ecrans.VOIE, ecrans.NUMEROS, ecrans.ECARTS, ecrans.BASE)
    ajouter(Rubrique("adresses", "Voies et adresses", "bi-signpost-2", "/adresses/", 45, LIRE))
    registre_recherche.fournir("adresses", recherche.chercher)
    certificat.declarer()

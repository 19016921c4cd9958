"""What the registries of the house must know of persons."""

from mairie.journal import Action, Nature
from mairie.journal import declarer as declarer_actions
from mairie.menu import Rubrique, ajouter
from mairie.perms import LIRE

FICHE_LUE = "mairie.tiers_fiche_lue"
CREE = "mairie.tiers_cree"
MODIFIE = "mairie.tiers_modifie"
FUSIONNE = "mairie.tiers_fusionne"
FUSION_ANNULEE = "mairie.tiers_fusion_annulee"
COPIE_DONNEE = "mairie.tiers_copie_donnee"
EFFACE = "mairie.tiers_efface"
EXPORTES = "mairie.tiers_exportes"
CHOISIES = "mairie.tiers_choisis"


def declarer() -> None:
    """Lines of the log, entry of the rail, search, generic links."""
    from mairie import recherche as registre_recherche
    from mairie.ecrans import declarer as declarer_ecrans
    from mairie.models import Piece
    from mairie.tiers import demo, ecrans, recherche
    from mairie.tiers.relations import declarer_generique

    declarer_actions(
        Action(FICHE_LUE, "Fiche d'une personne lue", Nature.CONSULTATION),
        Action(CREE, "Personne créée"),
        Action(MODIFIE, "Fiche d'une personne modifiée"),
        Action(FUSIONNE, "Fiches de personnes fusionnées"),
        Action(FUSION_ANNULEE, "Fusion de personnes annulée"),
        Action(COPIE_DONNEE, "Copie de ses données donnée à une personne", Nature.CONSULTATION),
        Action(EFFACE, "Données d'une personne effacées"),
        Action(CHOISIES, "Personnes cherchées pour un dossier", Nature.CONSULTATION),
        Action(EXPORTES, "Liste de personnes exportée", Nature.CONSULTATION),
    )
    ajouter(Rubrique("tiers", "Personnes", "bi-people", "/tiers/", 40, LIRE))
    demo.declarer()
    declarer_ecrans(ecrans.LISTE, ecrans.FICHE)
    declarer_generique(Piece, "dossier_type", "dossier_id")
    registre_recherche.fournir("personnes", recherche.chercher)

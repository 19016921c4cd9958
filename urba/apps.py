"""Django application « Urbanisme »."""

from django.apps import AppConfig


class UrbaConfig(AppConfig):
    """Urbanisme."""

    name = "urba"
    verbose_name = "Urbanisme"

    def ready(self) -> None:
        """Fill the registries of the lower apps."""
        from mairie import panneaux, recherche
        from mairie.workflow import declarer
        from urba import (
            consultations,
            contraintes_dossier,
            couches,
            demo,
            demo_suites,
            echeances,
            ecrans,
            lies,
            lots,
            perms,
            pieces,
            renvois,
            retours,
            simulateurs,
            suivi,
        )
        from urba import panneaux as panneaux_urba
        from urba import recherche as recherche_urba
        from urba.courriers import declaration as courriers_urba
        from urba.workflow import INSTRUCTION_URBA

        perms.declarer()
        declarer(INSTRUCTION_URBA)
        consultations.declarer()
        couches.declarer()
        courriers_urba.declarer()
        demo.declarer()
        demo_suites.declarer()
        echeances.declarer()
        ecrans.declarer_ecrans()
        simulateurs.declarer()
        pieces.declarer()
        lies.declarer()
        retours.declarer()
        lots.declarer()
        contraintes_dossier.declarer()
        suivi.declarer()
        renvois.declarer_renvois()
        recherche.fournir("autorisations d'urbanisme", recherche_urba.chercher)
        panneaux.declarer(
            "parcelle", "urba", panneaux_urba.TITRE, panneaux_urba.ICONE, panneaux_urba.parcelle
        )

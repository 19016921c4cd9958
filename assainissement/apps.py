"""Django application « Assainissement »."""

from django.apps import AppConfig


class AssainissementConfig(AppConfig):
    """Assainissement."""

    name = "assainissement"
    verbose_name = "Assainissement"

    def ready(self) -> None:
        """Fill the registries of the lower apps."""
        from assainissement import (
            avoirs,
            collectif,
            couches,
            courriers,
            courriers_obligations,
            courriers_redevances,
            demo,
            demo_redevances,
            demo_terrain,
            echeances,
            ecrans,
            ecrans_redevances,
            ecrans_terrain,
            installations,
            liens,
            nuit,
            perms,
            pfac,
            pieces,
            raccordements,
            recherche,
            references,
            simulateurs,
            terrain,
            zones,
        )
        from assainissement import panneaux as panneaux_ass
        from assainissement.circuits.controle import CONTROLE
        from assainissement.circuits.installation import INSTALLATION
        from assainissement.circuits.obligation import OBLIGATION
        from assainissement.circuits.pfac import PFAC
        from assainissement.circuits.redevance import REDEVANCE
        from assainissement.reseau import declaration as reseau
        from assainissement.vues import controles as vues_controles
        from assainissement.vues import tournees
        from mairie import panneaux
        from mairie import recherche as recherche_mairie
        from mairie.workflow import declarer

        perms.declarer()
        declarer(INSTALLATION)
        declarer(CONTROLE)
        declarer(OBLIGATION)
        declarer(REDEVANCE)
        liens.declarer()
        declarer(PFAC)
        couches.declarer()
        collectif.declarer()
        courriers.declarer_courriers()
        courriers_obligations.declarer_courriers()
        courriers_redevances.declarer_lettres()
        pfac.brancher()
        raccordements.declarer()
        avoirs.declarer()
        demo.declarer()
        demo_redevances.declarer()
        demo_terrain.declarer()
        references.declarer_tables()
        echeances.declarer()
        nuit.declarer()
        ecrans.declarer_ecrans()
        ecrans_redevances.declarer_ecrans()
        ecrans_terrain.declarer_ecrans()
        simulateurs.declarer()
        terrain.declarer_saisie()
        tournees.declarer_actions()
        installations.declarer_actions()
        vues_controles.declarer_actions()
        pieces.declarer_porteurs()
        zones.declarer()
        reseau.declarer()
        recherche_mairie.fournir("installations d'assainissement", recherche.chercher)
        panneaux.declarer(
            "dossier_urba",
            "assainissement_pfac",
            panneaux_ass.TITRE_PFAC,
            panneaux_ass.ICONE_PFAC,
            panneaux_ass.pfac_du_permis,
            60,
        )
        panneaux.declarer(
            "parcelle", "assainissement", panneaux_ass.TITRE, panneaux_ass.ICONE, panneaux_ass.parcelle
        )

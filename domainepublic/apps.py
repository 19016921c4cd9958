"""Django application « Domaine public »."""

from django.apps import AppConfig


class DomainePublicConfig(AppConfig):
    """Domaine public."""

    name = "domainepublic"
    verbose_name = "Domaine public"

    def ready(self) -> None:
        """Fill the registries of the lower apps."""
        from domainepublic import (
            compatibilites,
            conflits,
            conservation,
            corrections,
            couches,
            couches_rue,
            demo,
            demo_propositions,
            demo_rue,
            echeances,
            ecoute,
            ecrans,
            ecrans_liens,
            ecrans_parametres,
            ecrans_parapheur,
            ecrans_rue,
            ecrans_travaux,
            ecrans_voirie,
            emprises,
            nuit,
            parametres,
            perms,
            personnes,
            publicites,
            references,
            simulateurs,
            terrain,
            terrain_fin,
        )
        from domainepublic import consultations as consultations_odp
        from domainepublic import panneaux as panneaux_odp
        from domainepublic import recherche as recherche_odp
        from domainepublic.coordination.workflow import TRAVAUX
        from domainepublic.courriers import declaration as courriers_odp
        from domainepublic.usager import declaration
        from domainepublic.workflow import DOSSIER_ODP
        from mairie import panneaux, recherche
        from mairie.workflow import declarer

        perms.declarer()
        declarer(DOSSIER_ODP)
        declarer(TRAVAUX)
        couches.declarer()
        couches_rue.declarer()
        courriers_odp.declarer()
        consultations_odp.declarer()
        demo.declarer()
        demo_rue.declarer()
        demo_propositions.declarer()
        emprises.declarer()
        nuit.declarer()
        publicites.declarer()
        corrections.declarer()
        personnes.declarer()
        conflits.declarer()
        parametres.declarer()
        references.declarer_tables()
        echeances.declarer()
        ecoute.declarer()
        ecrans.declarer_ecrans()
        ecrans_liens.declarer_ecrans()
        ecrans_parapheur.declarer_ecrans()
        ecrans_rue.declarer_ecrans()
        ecrans_parametres.declarer_ecrans()
        ecrans_travaux.declarer_ecrans()
        ecrans_voirie.declarer_ecrans()
        compatibilites.declarer()
        conservation.declarer()
        simulateurs.declarer()
        declaration.declarer()
        terrain_fin.declarer_saisie()
        terrain.declarer_saisie()
        recherche.fournir("occupations du domaine public", recherche_odp.chercher)
        for sujet, fournisseur in (
            ("parcelle", panneaux_odp.parcelle),
            ("adresse", panneaux_odp.adresse),
            ("tiers", panneaux_odp.tiers),
            ("dossier_urba", panneaux_odp.permis),
        ):
            panneaux.declarer(sujet, "domainepublic", panneaux_odp.TITRE, panneaux_odp.ICONE, fournisseur)

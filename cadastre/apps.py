"""Django application « Cadastre »."""

from django.apps import AppConfig


class CadastreConfig(AppConfig):
    """Cadastre."""

    name = "cadastre"
    verbose_name = "Cadastre"

    def ready(self) -> None:
        """Fill the registries of the lower apps."""
        from cadastre import adresses, impression, plan_lettre, premiers_pas, recherche, territoire
        from cadastre.couches import enregistrer_couches
        from cadastre.couches.communs import emprises_communes
        from cadastre.dessin import ParcellesDuPlan
        from cadastre.recherche.carte import dessiner_resultats
        from gis_data.dessin import parcelles as contours
        from gis_data.emprise import declarer_emprises
        from mairie import evenements
        from mairie import recherche as registre_recherche
        from mairie.adresses import parcelles
        from mairie.courriers import plans
        from mairie.demo import Etape, declarer_etape
        from mairie.portes import Porte, ouvrir
        from mairie.territoire import fournir

        fournir(territoire.lire)
        declarer_emprises(emprises_communes)
        enregistrer_couches()
        evenements.abonner("cadastre.millesime_importe", adresses.sur_millesime, abonne="cadastre.adresses")
        parcelles.fournir(adresses.parcelle_au_point)
        contours.declarer(ParcellesDuPlan())
        declarer_etape(Etape("cadastre.adresses", "Voies et numéros du plan", 5, adresses.demo))
        registre_recherche.fournir("plan cadastral", recherche.chercher)
        registre_recherche.dessiner_par(dessiner_resultats)
        plans.declarer(plan_lettre.dessiner)
        impression.declarer()
        premiers_pas.declarer_etape()
        ouvrir(
            "cadastre",
            Porte(
                "Connaître le plan",
                "Les feuilles chargées, leur âge et leur qualité, commune par commune.",
                "bi-grid-1x2",
                "/cadastre/",
                80,
            ),
        )
        ouvrir(
            "donnees",
            Porte(
                "Réutiliser les données",
                "Une API ouverte : parcelles, bâtiments, histoire, en JSON et GeoJSON.",
                "bi-braces",
                "/api/docs",
                90,
            ),
        )
        # After the layers of the plan, on which these lie.
        from cadastre import sig

        sig.declarer()

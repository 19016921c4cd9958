"""Django application « Cadastre »."""

from django.apps import AppConfig


class CadastreConfig(AppConfig):
    """Cadastre."""

    name = "cadastre"
    verbose_name = "Cadastre"

    def ready(self) -> None:
        """Fill the registries of the lower apps."""
        from cadastre import recherche, territoire
        from cadastre.couches import enregistrer_couches
        from cadastre.couches.communs import emprises_communes
        from cadastre.recherche.carte import dessiner_resultats
        from gis_data.emprise import declarer_emprises
        from mairie import recherche as registre_recherche
        from mairie.territoire import fournir

        fournir(territoire.lire)
        declarer_emprises(emprises_communes)
        enregistrer_couches()
        registre_recherche.fournir("plan cadastral", recherche.chercher)
        registre_recherche.dessiner_par(dessiner_resultats)

"""Django application « Mairie »."""

from django.apps import AppConfig


class MairieConfig(AppConfig):
    """Mairie."""

    name = "mairie"
    verbose_name = "Mairie"

    def ready(self) -> None:
        """Declare what the shared floor brings, one line a subject."""
        from mairie import demo_socle, journal_actions, liens_socle, menu_socle, perms
        from mairie.adresses import declaration as adresses
        from mairie.carte import declaration as carte
        from mairie.comptes import declaration as comptes
        from mairie.courriers import declaration as courriers
        from mairie.echeances import declaration as echeances
        from mairie.ecrans_socle import declarer_ecrans
        from mairie.impression import declaration as impression
        from mairie.pieces import declaration as pieces
        from mairie.premiers_pas_socle import declarer_etapes
        from mairie.taches import actions as taches_actions
        from mairie.taches import maison
        from mairie.tiers import declaration as tiers

        perms.declarer()
        menu_socle.declarer()
        liens_socle.declarer()
        demo_socle.declarer()
        carte.declarer()
        journal_actions.declarer()
        tiers.declarer()
        declarer_ecrans()
        courriers.declarer()
        maison.declarer()
        echeances.declarer()
        taches_actions.declarer()
        comptes.declarer()
        adresses.declarer()
        pieces.declarer()
        impression.declarer()
        declarer_etapes()

"""Django application « Assainissement »."""

from django.apps import AppConfig


class AssainissementConfig(AppConfig):
    """Assainissement."""

    name = "assainissement"
    verbose_name = "Assainissement"

    def ready(self) -> None:
        """Fill the registries of the lower apps."""
        from assainissement import echeances, perms, references
        from assainissement.circuits.controle import CONTROLE
        from assainissement.circuits.installation import INSTALLATION
        from assainissement.circuits.obligation import OBLIGATION
        from mairie.workflow import declarer

        perms.declarer()
        declarer(INSTALLATION)
        declarer(CONTROLE)
        declarer(OBLIGATION)
        references.declarer_tables()
        echeances.declarer()

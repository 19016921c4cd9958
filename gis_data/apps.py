"""Django application « Données géographiques »."""

from django.apps import AppConfig


class GisDataConfig(AppConfig):
    """Données géographiques."""

    name = "gis_data"
    verbose_name = "Données géographiques"

    def ready(self) -> None:
        """Register the system checks; keep the declared layers up to date."""
        from django.core.signals import request_started

        from gis_data import verifications  # noqa: F401
        from gis_data.contraintes.declarees.registre import rafraichir

        request_started.connect(rafraichir, dispatch_uid="gis_data.couches_declarees")

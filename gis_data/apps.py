"""Django application « Données géographiques »."""

from django.apps import AppConfig


class GisDataConfig(AppConfig):
    """Données géographiques."""

    name = "gis_data"
    verbose_name = "Données géographiques"

    def ready(self) -> None:
        """Register the system checks."""
        from gis_data import verifications  # noqa: F401

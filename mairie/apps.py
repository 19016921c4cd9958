"""Django application « Mairie »."""

from django.apps import AppConfig


class MairieConfig(AppConfig):
    """Mairie."""

    name = "mairie"
    verbose_name = "Mairie"

"""Django application « Urbanisme »."""

from django.apps import AppConfig


class UrbaConfig(AppConfig):
    """Urbanisme."""

    name = "urba"
    verbose_name = "Urbanisme"

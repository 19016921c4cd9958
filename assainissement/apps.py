"""Django application « Assainissement »."""

from django.apps import AppConfig


class AssainissementConfig(AppConfig):
    """Assainissement."""

    name = "assainissement"
    verbose_name = "Assainissement"

"""Django application « Cadastre »."""

from django.apps import AppConfig


class CadastreConfig(AppConfig):
    """Cadastre."""

    name = "cadastre"
    verbose_name = "Cadastre"

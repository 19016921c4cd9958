"""Django application « Domaine public »."""

from django.apps import AppConfig


class DomainePublicConfig(AppConfig):
    """Domaine public."""

    name = "domainepublic"
    verbose_name = "Domaine public"

"""Django application « Établissements recevant du public »."""

from django.apps import AppConfig


class ErpConfig(AppConfig):
    """Établissements recevant du public."""

    name = "erp"
    verbose_name = "Établissements recevant du public"

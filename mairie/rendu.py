"""How forms are written: ``{{ form }}`` and ``{{ form.champ.as_field_group }}`` give the house's fields."""

from __future__ import annotations

from django.forms.renderers import TemplatesSetting


class Rendu(TemplatesSetting):
    """Templates of ``templates/formulaires/``; widgets keep Django's own."""

    form_template_name = "formulaires/formulaire.html"
    field_template_name = "formulaires/champ.html"

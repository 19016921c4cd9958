"""Django's administration at ``/django/``: for super-users who have a second factor; no door of its own."""

from __future__ import annotations

from functools import wraps
from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.admin.apps import AdminConfig
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect


class ConfigurationTechnique(AdminConfig):
    """Makes the site below the one where packages register their tables."""

    default_site = "mairie.site_technique.SiteTechnique"


class SiteTechnique(AdminSite):
    """Super-users who have a second factor; everybody else is sent to the one door, or refused."""

    site_header = "Administration technique"
    site_title = "Administration technique"
    index_title = "Tables"
    enable_nav_sidebar = False

    def has_permission(self, request: HttpRequest) -> bool:
        """An active super-user with a second factor, always, whatever agents are asked."""
        from mairie.comptes.second_facteur import a_un_second_facteur

        personne: Any = request.user
        return bool(personne.is_active and personne.is_superuser and a_un_second_facteur(personne))

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Each page sends straight to the door, without a log-in page of its own in between."""
        gardee = super().admin_view(view, cacheable)

        @wraps(gardee)
        def vue(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not self.has_permission(request):
                return self.login(request)
            reponse: HttpResponseBase = gardee(request, *args, **kwargs)
            return reponse

        return vue

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponseBase:  # type: ignore[override]
        """No form here: the door, the set-up of the second factor, or a refusal."""
        from gis_data.acces import demander_connexion

        if not request.user.is_authenticated:
            return demander_connexion(request)
        if request.user.is_superuser and not self.has_permission(request):
            return redirect("mfa_activate_totp")
        if self.has_permission(request):
            return redirect("admin:index")
        raise PermissionDenied

    def logout(self, request: HttpRequest, extra_context: Any = None) -> HttpResponseBase:  # type: ignore[override]
        """The one way out."""
        return redirect("account_logout")

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> HttpResponseBase:  # type: ignore[override]
        """The one page where a password changes."""
        return redirect("account_change_password")

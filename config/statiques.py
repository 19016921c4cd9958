"""Static files with hashed names, ES modules' imports rewritten too."""

from __future__ import annotations

from collections.abc import Callable
from re import Match
from typing import Any

from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage

# Scripts of these folders come from packages: the search for imports misreads minified code, and
# their source maps are not shipped.
SCRIPTS_DE_PAQUETS = ("admin/", "django_htmx/", "gis/", "leaflet/", "ninja/", "vendor/")


class NomsHaches(ManifestStaticFilesStorage):
    """Manifest storage; a reference to an absent file is an error in our own files and every style sheet."""

    support_js_module_import_aggregation = True
    manifest_strict = True

    def url_converter(
        self, name: str, hashed_files: dict[str, Any], template: str | None = None, *reste: Any, **nommes: Any
    ) -> Callable[[Match[str]], str]:
        """Leave the scripts of packages as they are."""
        if name.startswith(SCRIPTS_DE_PAQUETS) and not name.endswith(".css"):
            return lambda trouve: trouve[0]
        converter: Callable[[Match[str]], str] = super().url_converter(
            name, hashed_files, template, *reste, **nommes
        )
        return converter


class StockageStatique(NomsHaches, CompressedManifestStaticFilesStorage):
    """Compressed too, once and for all: brotli at its best takes most of a minute."""

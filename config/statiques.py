"""Static files with hashed names, ES modules' imports rewritten too."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class StockageStatique(CompressedManifestStaticFilesStorage):
    """Manifest storage; third-party files may point to source maps that are not shipped."""

    support_js_module_import_aggregation = True
    manifest_strict = True

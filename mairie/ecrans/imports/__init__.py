"""Tables filled from CSV and XLSX files: mapping, dry run, one transaction, file of refused lines."""

from mairie.ecrans.imports.declaration import ColonneImport, Import, ValeurRefusee

__all__ = ["ColonneImport", "Import", "ValeurRefusee"]

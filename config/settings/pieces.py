"""Persons and files: how long, how large, what checks them."""

from __future__ import annotations

import environ

_env = environ.Env()

# Years after which a person whom no dossier keeps is erased.
TIERS_CONSERVATION_ANS = _env.int("TIERS_CONSERVATION_ANS", default=10)

# A file, all the files of a dossier (bytes).
PIECE_TAILLE_MAX = _env.int("PIECE_TAILLE_MAX", default=50 * 1024**2)
PIECES_DOSSIER_MAX = _env.int("PIECES_DOSSIER_MAX", default=500 * 1024**2)
# A whole form of files.
PIECES_ENVOI_MAX = _env.int("PIECES_ENVOI_MAX", default=300 * 1024**2)
PIECE_FLOUS_MAX = 60
# Antivirus: words of a command (exit 0 sound, 1 infected), or clamd's socket (path, or host:port).
ANTIVIRUS_COMMANDE: list[str] = _env.list("ANTIVIRUS_COMMANDE", default=[])
ANTIVIRUS_CLAMD = _env.str("ANTIVIRUS_CLAMD", default="")
ANTIVIRUS_OBLIGATOIRE = _env.bool("ANTIVIRUS_OBLIGATOIRE", default=False)
ANTIVIRUS_DELAI_S = _env.int("ANTIVIRUS_DELAI_S", default=60)
# The first leaves aside files that are too heavy for the view that receives them.
FILE_UPLOAD_HANDLERS = [
    "mairie.pieces.reception.PlafondParFichier",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700

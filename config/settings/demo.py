"""Demo on one machine: DEBUG off, loopback only, a key of its own kept in ``.var``."""

import os
import secrets

from config.settings.base import *
from config.settings.base import COURRIEL_TRANSPORT, RACINE, STORAGES, env


def _cle_locale() -> str:
    """Secret key of this folder, made once, readable by its owner alone."""
    fichier = RACINE / ".var" / "cle"
    if not fichier.exists():
        fichier.parent.mkdir(mode=0o700, exist_ok=True)
        descripteur = os.open(fichier, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descripteur, "w") as sortie:
            sortie.write(secrets.token_urlsafe(48))
    return fichier.read_text()


INSCRIPTION_OUVERTE = True

SECRET_KEY = env.str("SECRET_KEY", default="") or _cle_locale()

# Without a mail server, what the demonstration sends is kept in files, for whoever wants to read it.
if COURRIEL_TRANSPORT.endswith("SansServeur"):
    COURRIEL_TRANSPORT = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = RACINE / ".var" / "courriels"

# Served to this machine alone: compressing would be the longest step of the start.
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "config.statiques.NomsHaches"}}

"""Logs of the service: text for a person who develops, JSON lines in production (``JOURNAL_JSON``)."""

from __future__ import annotations

from typing import Any

import environ

_env = environ.Env()

# Largest body of a request, in bytes, where a view does not say otherwise (mairie.suivi.envoi_max).
ENVOI_MAX = _env.int("ENVOI_MAX", default=100 * 1024**2)
CSRF_FAILURE_VIEW = "mairie.erreurs.jeton_refuse"


def journaux(en_json: bool, niveau: str, acces: str) -> dict[str, Any]:
    """``LOGGING``: one handler, to the standard error; ``acces`` is the level of the lines of access."""
    # In production the line of access and that of the incident say it already, with the request's number; a
    # host that is not ours is every robot's daily bread.
    deja_dit = {"level": "CRITICAL"} if en_json else {}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "texte": {"format": "%(asctime)s %(levelname)s %(name)s : %(message)s"},
            "json": {"()": "mairie.journaux.FormatJson"},
        },
        "handlers": {
            "console": {"class": "logging.StreamHandler", "formatter": "json" if en_json else "texte"}
        },
        "root": {"handlers": ["console"], "level": niveau},
        "loggers": {
            # Django's own handlers (console in debug, mail to administrators) would print what we mask.
            "django": {"handlers": [], "level": niveau, "propagate": True},
            "django.request": deja_dit,
            "django.security.DisallowedHost": deja_dit,
            "acces": {"level": acces},
        },
    }


LOGGING = journaux(
    _env.bool("JOURNAL_JSON", default=False),
    _env.str("NIVEAU_JOURNAL", default="WARNING"),
    _env.str("NIVEAU_ACCES", default="WARNING"),
)

"""Settings common to every use; ``demo``, ``test`` and ``production`` build on them."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import unquote

import environ
from csp.constants import NONCE
from whitenoise.compress import Compressor

from config.grappe import parametres_base
from config.settings.comptes import *
from config.settings.comptes import APPLICATIONS_COMPTES, INTERGICIELS_COMPTES, ORIGINES_IDENTITE
from config.settings.courriers import *
from config.settings.domainepublic import *
from config.settings.impression import *
from config.settings.journal import *
from config.settings.journal import PROXYS_DE_CONFIANCE
from config.settings.journaux import *
from config.settings.pieces import *
from config.settings.sauvegardes import *
from config.settings.taches import *
from config.settings.tuiles import *

RACINE = Path(__file__).resolve().parent.parent.parent
env = environ.Env()

DEBUG = False
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])

INSTALLED_APPS = [
    "mairie.site_technique.ConfigurationTechnique",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.gis",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "django.forms",  # templates of widgets, found by the renderer below
    *APPLICATIONS_COMPTES,
    "csp",
    "leaflet",
    "ninja",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
    "gis_data",
    "mairie",
    "cadastre",
    "urba",
    "domainepublic",
    "assainissement",
    "erp",
]

MIDDLEWARE = [
    # Public tiles are answered here, before session, log-in and CSRF come into play.
    "gis_data.tuiles.intergiciel.TuilesPubliques",
    "mairie.suivi.Suivi",
    "mairie.origines.OriginesDesServices",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    *INTERGICIELS_COMPTES,
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "mairie.intergiciels.JournalDesRefus",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [RACINE / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "mairie.contexte.cadre",
                "mairie.menu.contexte",
                "mairie.comptes.contexte.porte",
            ],
        },
    }
]

# Fields with their label, help and errors, the same in every form of the house.
FORM_RENDERER = "mairie.rendu.Rendu"


def _base_de_donnees() -> dict[str, Any]:
    """``DATABASE_URL`` when given, the checkout's private cluster otherwise."""
    if not env.str("DATABASE_URL", default=""):
        return {"ENGINE": "django.contrib.gis.db.backends.postgis", **parametres_base(RACINE)}
    base: dict[str, Any] = dict(env.db_url("DATABASE_URL"))
    base["ENGINE"] = "django.contrib.gis.db.backends.postgis"
    # django-environ leaves a percent-encoded socket folder encoded.
    base["HOST"] = unquote(str(base.get("HOST", "")))
    return base


DATABASES = {"default": {**_base_de_donnees(), "CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "mairie.Utilisateur"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

LANGUAGE_CODE = "fr"
TIME_ZONE = env.str("FUSEAU", default="Europe/Paris")
USE_I18N = True
USE_TZ = True
LOCALE_PATHS = [RACINE / "locale"]

STATIC_URL = "/static/"
STATIC_ROOT = RACINE / "staticfiles"
STATICFILES_DIRS = [RACINE / "static"]
# Source maps weigh as much as all the rest and only a developer with the tools open asks for them.
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = (*Compressor.SKIP_COMPRESS_EXTENSIONS, "map")
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "config.statiques.StockageStatique"},
}
MEDIA_ROOT = env.str("MEDIA_ROOT", default=str(RACINE / ".var" / "media"))

# GDAL 3.6 of Debian 12: no WKT or PROJ text given by a user ever reaches it.
SILENCED_SYSTEM_CHECKS = ["gis.W001"]

# --- The commune's territory -------------------------------------------------------------------
# Legal projection of the deployment: 2154, 5490, 2972, 2975, 4471 or 4467. Fixed once migrated.
TERRITOIRE_SRID = env.int("TERRITOIRE_SRID", default=2154)
# Name shown at the top of each page; empty: the name of the only commune, or how many there are.
COLLECTIVITE_NOM = env.str("COLLECTIVITE_NOM", default="")

# Public drafts are erased so many days after their last change.
REPRISE_BROUILLON_JOURS = env.int("REPRISE_BROUILLON_JOURS", default=30)

# --- EDIGÉO import (cadastre §4, §6) -----------------------------------------------------------
EDIGEO_MEMBRE_MAX = env.int("EDIGEO_MEMBRE_MAX", default=256 * 1024**2)
EDIGEO_ARCHIVE_MAX = env.int("EDIGEO_ARCHIVE_MAX", default=512 * 1024**2)
EDIGEO_MEMBRES_MAX = env.int("EDIGEO_MEMBRES_MAX", default=10_000)
EDIGEO_IMBRICATION_MAX = env.int("EDIGEO_IMBRICATION_MAX", default=2)
IMPORT_BATTEMENT_S = env.int("IMPORT_BATTEMENT_S", default=60)

# --- Maps --------------------------------------------------------------------------------------
LEAFLET_CONFIG = {"TILES": [], "RESET_VIEW": False, "ATTRIBUTION_PREFIX": False, "SCALE": None}
# Raster base maps offered on the map: off by default (no foreign host is called).
FONDS_DE_CARTE_IGN = env.bool("FONDS_DE_CARTE_IGN", default=False)
IGN_WMTS_URL = env.str("IGN_WMTS_URL", default="https://data.geopf.fr/wmts")
# Sites that may frame /carte/integree/, besides those that an administrator lists on screen.
CARTE_SITES_ENCADRANTS = env.list("CARTE_SITES_ENCADRANTS", default=[])

# --- Open API ----------------------------------------------------------------------------------
# Calls of one anonymous address to one process: « 20/s », « 1200/m », « 10000/h ».
API_DEBIT = env.str("API_DEBIT", default="1200/m")
# Whose X-Forwarded-For is believed when callers are counted: else anybody would invent addresses.
NINJA_NUM_PROXIES = PROXYS_DE_CONFIANCE

# --- Security ----------------------------------------------------------------------------------
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_HTTPONLY = True
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"

_images = ["'self'", "data:", "blob:"]
_connexions = ["'self'"]
if FONDS_DE_CARTE_IGN:
    _hote_ign = "/".join(IGN_WMTS_URL.split("/")[:3])
    _images.append(_hote_ign)
    _connexions.append(_hote_ign)

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'", NONCE],
        "style-src": ["'self'"],
        "img-src": _images,
        "connect-src": _connexions,
        "worker-src": ["'self'", "blob:"],
        "font-src": ["'self'"],
        "object-src": ["'none'"],
        "base-uri": ["'self'"],
        "form-action": ["'self'", *ORIGINES_IDENTITE],
        "frame-ancestors": ["'none'"],
    }
}

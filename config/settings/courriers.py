"""Letters and mail."""

from __future__ import annotations

from urllib.parse import urlsplit

import environ

env = environ.Env()

# Address of the site as printed on acts and written in mails, without a final slash.
ADRESSE_DU_SITE = env.str(
    "ADRESSE_DU_SITE", default=f"http://127.0.0.1:{env.str('PORT', default='8000')}"
).rstrip("/")
# Seconds that one PDF may take.
COURRIER_RENDU_S = env.float("COURRIER_RENDU_S", default=45.0)

# Mail server: « smtp://host:25 », « smtp+tls://user:password@host:587 », « smtp+ssl://… ».
# Without one, mails stay in the queue, where the administrators see them.
if env.str("COURRIEL_SERVEUR", default=""):
    _serveur = env.email_url("COURRIEL_SERVEUR")
    EMAIL_HOST = _serveur["EMAIL_HOST"] or "localhost"
    EMAIL_PORT = _serveur["EMAIL_PORT"] or 25
    EMAIL_HOST_USER = _serveur["EMAIL_HOST_USER"] or ""
    EMAIL_HOST_PASSWORD = _serveur["EMAIL_HOST_PASSWORD"] or ""
    EMAIL_USE_TLS = bool(_serveur.get("EMAIL_USE_TLS"))
    EMAIL_USE_SSL = bool(_serveur.get("EMAIL_USE_SSL"))
    COURRIEL_TRANSPORT = "mairie.courriels_smtp.ServeurSMTP"
else:
    COURRIEL_TRANSPORT = "mairie.courriels_smtp.SansServeur"
# Whatever writes to somebody goes through the queue, packages included.
EMAIL_BACKEND = "mairie.courriels_smtp.EnFile"
EMAIL_TIMEOUT = env.int("COURRIEL_DELAI_S", default=20)
DEFAULT_FROM_EMAIL = env.str(
    "COURRIEL_EXPEDITEUR", default=f"ne-pas-repondre@{urlsplit(ADRESSE_DU_SITE).hostname}"
)
SERVER_EMAIL = DEFAULT_FROM_EMAIL

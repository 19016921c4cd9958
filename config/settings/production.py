"""Production: every secret from the environment, HTTPS only."""

from config.settings.base import *
from config.settings.base import env
from config.settings.journaux import journaux

SECRET_KEY = env.str("SECRET_KEY")
# Former keys, while second factors recorded under them are still in use.
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS")
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[f"https://{h}" for h in ALLOWED_HOSTS])
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
# A supervisor on this machine asks without HTTPS.
SECURE_REDIRECT_EXEMPT = [r"^sante/$"]
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31_536_000)
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = env.bool("SECURE_HSTS_PRELOAD", default=False)
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
MFA_OBLIGATOIRE_AGENTS = env.bool("MFA_OBLIGATOIRE_AGENTS", default=True)
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https"

# Preloading binds a whole domain for years: the commune decides (SECURE_HSTS_PRELOAD).
SILENCED_SYSTEM_CHECKS = [*SILENCED_SYSTEM_CHECKS, "security.W021"]

LOGGING = journaux(
    env.bool("JOURNAL_JSON", default=True),
    env.str("NIVEAU_JOURNAL", default="INFO"),
    env.str("NIVEAU_ACCES", default="INFO"),
)

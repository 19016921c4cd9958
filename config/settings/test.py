"""Tests: quick hashes, static files read from the sources."""

from config.settings.base import *

SECRET_KEY = "cle-des-tests-sans-valeur"  # noqa: S105
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# The chain of middlewares is made again for each test client: WhiteNoise must not list all files each time.
WHITENOISE_AUTOREFRESH = True
# Tests that commit empty all tables at their end; elsewhere the logs refuse it (database triggers).
# What they commit need not outlive a power cut: no wait for the disk.
DATABASES["default"]["OPTIONS"] = {"options": "-c mairie.vidage_permis=oui -c synchronous_commit=off"}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
COURRIEL_TRANSPORT = "django.core.mail.backends.locmem.EmailBackend"
# Tests open sessions with ``force_login(…, backend=…)`` by its usual name.
AUTHENTICATION_BACKENDS = [*AUTHENTICATION_BACKENDS, "django.contrib.auth.backends.ModelBackend"]
# Tests write and read within a second; those of the cache give it a folder of their own.
TUILES_CACHE = ""

"""Accounts: the one door, second factor, lock-out, outside identity providers, history of rights."""

from __future__ import annotations

from datetime import timedelta

import environ

from config.settings.identite import applications, lire_fournisseurs, origines

env = environ.Env()

APPLICATIONS_COMPTES = [
    "pgtrigger",
    "pghistory",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.mfa",
    "allauth.usersessions",
    "axes",
]
# After AuthenticationMiddleware, in this order.
INTERGICIELS_COMPTES = [
    "allauth.account.middleware.AccountMiddleware",
    "mairie.comptes.intergiciel.Historique",
    "mairie.comptes.intergiciel.SecondFacteurObligatoire",
]
# Ours before allauth's: it alone answers for declared rights, and Django's own permissions are not even read.
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "mairie.habilitations.HabilitationsBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]

# --- The door ----------------------------------------------------------------------------------
LOGIN_URL = "/connexion/"
LOGIN_REDIRECT_URL = "/bureau/"
LOGOUT_REDIRECT_URL = "/"
# Citizens may open an account by themselves; agents are invited, always.
INSCRIPTION_OUVERTE = env.bool("INSCRIPTION_OUVERTE", default=False)
INVITATION_JOURS = env.int("INVITATION_JOURS", default=14)
# Agents without second factor see nothing but the page that sets one up.
MFA_OBLIGATOIRE_AGENTS = env.bool("MFA_OBLIGATOIRE_AGENTS", default=False)

ACCOUNT_ADAPTER = "mairie.comptes.adaptateurs.AdaptateurComptes"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_PREVENT_ENUMERATION = True
# No mail to addresses that a stranger types in.
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_METHODS = ("password", "mfa")
# The desk of a town hall is shared: the session ends with the browser.
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_FORMS = {
    "login": "mairie.comptes.formulaires.FormulaireConnexion",
    "signup": "mairie.comptes.formulaires.FormulaireInscription",
    "reset_password": "mairie.comptes.formulaires.FormulaireOubli",
    "reauthenticate": "mairie.comptes.formulaires.FormulaireVerification",
    "change_password": "mairie.comptes.formulaires.FormulaireMotDePasse",
    "set_password": "mairie.comptes.formulaires.FormulaireNouveauMotDePasse",
    "reset_password_from_key": "mairie.comptes.formulaires.FormulaireReinitialisation",
}
# axes counts failures in the database, for all processes: the package's own counter is per process.
ACCOUNT_RATE_LIMITS = {"login_failed": None}
SESSION_COOKIE_AGE = 12 * 3600
PASSWORD_RESET_TIMEOUT = 24 * 3600

# --- Second factor -----------------------------------------------------------------------------
MFA_ADAPTER = "mairie.comptes.adaptateurs.AdaptateurSecondFacteur"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_TOLERANCE = 1
MFA_FORMS = {
    "authenticate": "mairie.comptes.formulaires.FormulaireCode",
    "reauthenticate": "mairie.comptes.formulaires.FormulaireCodeVerification",
    "activate_totp": "mairie.comptes.formulaires.FormulaireActivation",
}

# --- Lock-out by (account, address) -----------------------------------------------------------
AXES_FAILURE_LIMIT = env.int("CONNEXION_ESSAIS", default=5)
AXES_COOLOFF_TIME = timedelta(minutes=env.int("CONNEXION_VERROU_MINUTES", default=15))
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_USERNAME_CALLABLE = "mairie.comptes.verrou.identifiant"
AXES_CLIENT_IP_CALLABLE = "mairie.appelant.adresse"
AXES_LOCKOUT_CALLABLE = "mairie.comptes.verrou.page_verrouillee"
AXES_ENABLE_ACCESS_FAILURE_LOG = False
AXES_DISABLE_ACCESS_LOG = True
AXES_SENSITIVE_PARAMETERS = [
    "username", "ip_address", "login", "email", "code", "oldpassword", "password1", "password2",
]  # fmt: skip
AXES_VERBOSE = False

# --- Outside identity providers (ProConnect, FranceConnect, any OpenID Connect) ----------------
FOURNISSEURS_IDENTITE = lire_fournisseurs(env.str("OIDC_FOURNISSEURS", default=""))
ORIGINES_IDENTITE = origines(FOURNISSEURS_IDENTITE)
SOCIALACCOUNT_ADAPTER = "mairie.comptes.adaptateurs.AdaptateurExterne"
SOCIALACCOUNT_PROVIDERS = {"oidc": {"APPS": applications(FOURNISSEURS_IDENTITE)}}
# Never by e-mail: who holds a mailbox elsewhere does not hold the account here.
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = False
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_AUTO_SIGNUP = True
SOCIALACCOUNT_REQUESTS_TIMEOUT = 5

# --- History of rights -------------------------------------------------------------------------
# What only reads writes no context.
PGHISTORY_MIDDLEWARE_METHODS = ("POST", "PUT", "PATCH", "DELETE")

"""Audit log: how long each nature of line is kept, in days; the database refuses less than 180."""

import environ

_env = environ.Env()

JOURNAL_JOURS = {
    "acte": _env.int("JOURNAL_JOURS_ACTES", default=1095),
    "consultation": _env.int("JOURNAL_JOURS", default=180),
    "refus": _env.int("JOURNAL_JOURS", default=180),
}
# Lines that one export gives at most.
JOURNAL_EXPORT_MAX = _env.int("JOURNAL_EXPORT_MAX", default=100_000)
# Own proxies in front of the web workers: the caller's address is read that many places from the end.
PROXYS_DE_CONFIANCE = _env.int("PROXYS_DE_CONFIANCE", default=0)

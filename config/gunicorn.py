"""Web workers of a production: `gunicorn -c config/gunicorn.py config.wsgi`; each value by its variable."""

from __future__ import annotations

import environ

from config.settings.journaux import journaux

_env = environ.Env()

bind = _env.str("ECOUTE", default="127.0.0.1:8000")
workers = _env.int("OUVRIERS_WEB", default=2)
# A thread waits for the database while another draws: a request holds one connection.
worker_class = "gthread"
threads = _env.int("FILS_WEB", default=4)
timeout = _env.int("DELAI_WEB_S", default=60)
graceful_timeout = 10
keepalive = 5
# Memory that leaks slowly is given back; not all workers on the same day.
max_requests = 20_000
max_requests_jitter = 4_000
# The control socket would lie in the home of the account, one for all installations.
control_socket_disable = True
# No access log of gunicorn's: it would hold query strings and addresses; ours is mairie.suivi.
accesslog = None
logconfig_dict = journaux(_env.bool("JOURNAL_JSON", default=True), "INFO", "INFO")
logconfig_dict["loggers"]["gunicorn.error"] = {"handlers": ["console"], "level": "INFO", "propagate": False}

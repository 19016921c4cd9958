"""Sends the mails of accounts: one place, so that a mail server away breaks no page."""

from __future__ import annotations

import logging
from smtplib import SMTPException

from django.core.mail import EmailMessage

journal = logging.getLogger(__name__)


def expedier(message: EmailMessage) -> bool:
    """Send; False when the mail server does not answer. The log says the failure, never to whom."""
    try:
        return bool(message.send())
    except (SMTPException, OSError) as e:
        journal.error("Un courriel de compte n'est pas parti : %s", type(e).__name__)
        return False

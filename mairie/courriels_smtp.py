"""Ways out for mail: SMTP that keeps the server's answer, no server, and the queue as Django's back end."""

from __future__ import annotations

import smtplib
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.smtp import EmailBackend


class ServeurAbsent(ConnectionError):
    """No mail server is set."""


class _Temoin:
    """Keeps the answer to the text of the last message."""

    reponse = ""

    def data(self, msg: Any) -> tuple[int, bytes]:
        code, reponse = super().data(msg)  # type: ignore[misc]
        self.reponse = f"{code} {reponse.decode('utf-8', 'replace')}"
        return code, reponse


class _SMTP(_Temoin, smtplib.SMTP):
    pass


class _SMTPChiffre(_Temoin, smtplib.SMTP_SSL):
    pass


class ServeurSMTP(EmailBackend):
    """Django's own, and ``message.reponse_smtp``: what the server said when it took the message."""

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        """The class of connection, with its witness."""
        return _SMTPChiffre if self.use_ssl else _SMTP

    def _send(self, email_message: EmailMessage) -> bool:
        parti = bool(super()._send(email_message))  # type: ignore[misc]
        email_message.reponse_smtp = getattr(self.connection, "reponse", "")  # type: ignore[attr-defined]
        return parti


class SansServeur(BaseEmailBackend):
    """Until a server is set: every message fails as when the server is away, and stays in the queue."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Always ``ServeurAbsent``."""
        raise ServeurAbsent("Aucun serveur de courriel n'est réglé (COURRIEL_SERVEUR).")


class EnFile(BaseEmailBackend):
    """Back end of ``send_mail`` for the whole site: messages go into the queue, one a recipient.

    Their text is wiped once sent: accounts' mails hold secret links. Files are refused, the queue attaches
    its own way.
    """

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """How many messages went into the queue."""
        from mairie.courriels import mettre_en_file

        for message in email_messages:
            if message.attachments:
                raise ValueError("Les pièces jointes passent par mairie.courriels.mettre_en_file.")
            formes = [str(a[0]) for a in getattr(message, "alternatives", []) if a[1] == "text/html"]
            for adresse in message.recipients():
                mettre_en_file(
                    f"django:{uuid4()}",
                    adresse,
                    str(message.subject),
                    str(message.body),
                    corps_html=formes[0] if formes else "",
                    conserver=False,
                )
        return len(email_messages)

"""The address of who calls, behind our own proxies or without any."""

from __future__ import annotations

import ipaddress

from django.conf import settings
from django.http import HttpRequest

INCONNUE = "0.0.0.0"  # noqa: S104 - said of a caller without address (Unix socket), nothing listens there


def adresse(request: HttpRequest) -> str:
    """IP of the caller. ``PROXYS_DE_CONFIANCE`` proxies each added one to X-Forwarded-For: what the outermost
    of ours saw is the only one that the caller cannot write himself. ``INCONNUE`` where nothing is readable.
    """
    candidate = request.META.get("REMOTE_ADDR", "")
    proxys = int(settings.PROXYS_DE_CONFIANCE)
    if proxys:
        passages = [p.strip() for p in request.headers.get("X-Forwarded-For", "").split(",") if p.strip()]
        if passages:
            candidate = passages[-min(proxys, len(passages))]
    try:
        return str(ipaddress.ip_address(candidate))
    except ValueError:
        return INCONNUE

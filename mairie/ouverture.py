"""Addresses that answer today: a link to a page not built yet is never shown."""

from __future__ import annotations

from functools import cache
from urllib.parse import urlsplit

from django.urls import Resolver404, resolve


@cache
def ouverte(adresse: str) -> bool:
    """Whether a view of this site answers at that address; its query and fragment do not count."""
    try:
        resolve(urlsplit(adresse).path)
    except Resolver404:
        return False
    return True

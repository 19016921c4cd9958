"""Which communes a ground lies in: an app above, which holds their outlines, says it."""

from __future__ import annotations

from collections.abc import Callable

# (WKB in the legal projection) → (INSEE code, name) of each commune touched.
Source = Callable[[bytes], list[tuple[str, str]]]

_sources: list[Source] = []


def declarer_communes(source: Source) -> None:
    """The app that holds the communes, from ``AppConfig.ready``; the last one declared answers."""
    _sources.append(source)


def communes_de(wkb: bytes) -> list[tuple[str, str]] | None:
    """Communes touched by more than their boundary; null when nobody knows the communes."""
    return _sources[-1](wkb) if _sources else None

"""PDF answers that our own pages may show in a frame."""

from __future__ import annotations

from django.http import HttpResponse


def reponse_pdf(octets: bytes, nom: str, telecharger: bool = False) -> HttpResponse:
    """The PDF, never kept by a cache, framed by our own pages only."""
    reponse = HttpResponse(octets, content_type="application/pdf")
    genre = "attachment" if telecharger else "inline"
    reponse["Content-Disposition"] = f'{genre}; filename="{nom.encode("ascii", "ignore").decode()}"'
    reponse["Cache-Control"] = "private, no-store"
    # The site forbids frames; the preview stands beside the text that it shows.
    reponse["X-Frame-Options"] = "SAMEORIGIN"
    # Browsers show a PDF by a page of their own, with inline styles.
    reponse["Content-Security-Policy"] = (
        "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'"
    )
    return reponse

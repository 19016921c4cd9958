"""Written pieces of the documents."""

from __future__ import annotations

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from gis_data.acces import public
from gis_data.contraintes.models import PieceEcrite


@public
@require_safe
def piece(request: HttpRequest, numero: int) -> FileResponse | HttpResponse:
    """A written piece of a document (PDF), as it came."""
    trouvee = PieceEcrite.objects.filter(pk=numero).first()
    if trouvee is None:
        raise Http404
    try:
        flux = trouvee.fichier.open("rb")
    except OSError as erreur:
        raise Http404 from erreur
    reponse = FileResponse(flux, content_type="application/pdf", filename=trouvee.nom)
    # The file is a stranger's: it loads nothing. No « sandbox », under which browsers show no PDF.
    reponse["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'"
    reponse["X-Content-Type-Options"] = "nosniff"
    reponse["Cache-Control"] = "public, max-age=3600"
    return reponse

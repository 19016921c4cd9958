"""What anybody may check of a public act: that it exists, what it says of itself, that a file is it."""

from __future__ import annotations

import hashlib

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods

from gis_data.acces import public
from mairie.models import Courrier

FICHIER_MAX = 30 * 1024**2
# Signed where it must be: an act that is only written is not one yet.
PUBLIES = ("signe", "en_envoi", "envoye", "presente", "distribue", "consulte", "retourne")


@public
@require_http_methods(["GET", "HEAD", "POST"])
def verifier(request: HttpRequest, code: str) -> HttpResponse:
    """Number, nature, dates and fingerprint of an act; never its recipient nor its text. A file given is
    compared and forgotten."""
    acte = get_object_or_404(Courrier.objects.select_related("emetteur"), code=code, public=True)
    if acte.etat == Courrier.Etat.BROUILLON or (acte.etat == "abandonne" and not acte.numero):
        return render(request, "mairie/courriers/acte.html", {"acte": None}, status=404)
    empreintes = [e for e in (acte.sha256, acte.sha256_signe) if e]
    verdict = ""
    fichier = request.FILES.get("fichier") if request.method == "POST" else None
    if request.method == "POST":
        if fichier is None:
            verdict = "absent"
        elif (fichier.size or 0) > FICHIER_MAX:
            verdict = "lourd"
        else:
            empreinte = hashlib.sha256()
            for morceau in fichier.chunks():
                empreinte.update(morceau)
            verdict = "conforme" if empreinte.hexdigest() in empreintes else "different"
    return render(
        request,
        "mairie/courriers/acte.html",
        {
            "acte": acte,
            "en_vigueur": acte.etat in PUBLIES and (acte.signe_le or not acte.a_signer),
            "empreintes": empreintes,
            "verdict": verdict,
            "maximum": FICHIER_MAX // 1024**2,
        },
    )

"""Fast path of public tiles: answered before session, CSRF, log-in and messages come into play."""

from __future__ import annotations

import hashlib
import logging
import re
import zlib
from collections.abc import Callable
from urllib.parse import parse_qs

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from psycopg2 import Error

from gis_data.couches.registre import CoucheInconnue, couche
from gis_data.tuiles import cache
from gis_data.tuiles.service import TuileInvalide, version

journal = logging.getLogger(__name__)

ADRESSE = re.compile(r"^/tuiles/([a-z][a-z0-9_]*)/(-?\d{1,9})/(-?\d{1,9})/(-?\d{1,9})\.pbf$")
TYPE_TUILE = "application/vnd.mapbox-vector-tile"
UN_AN = "public, max-age=31536000, immutable"
# Under this size a compressed answer takes as many packets.
COMPRIMER_DES = 1400
REVALIDER = "public, max-age=0, must-revalidate"


def refus(message: str, statut: int) -> JsonResponse:
    """An error that a person can read, in JSON."""
    reponse = JsonResponse({"erreur": message}, status=statut, json_dumps_params={"ensure_ascii": False})
    reponse["Cache-Control"] = "no-store"
    return reponse


def empreinte_de(octets: bytes) -> str:
    """Weak ETag of some bytes."""
    # Weak: the compressed and the plain form of a tile are one.
    return f'W/"{hashlib.blake2b(octets, digest_size=9).hexdigest()}"'


def gzip(octets: bytes) -> bytes:
    """Compressed, quickly."""
    # The quickest level: a tile is made anew for each version, its bytes are read once or twice.
    compresseur = zlib.compressobj(1, zlib.DEFLATED, 31)
    return compresseur.compress(octets) + compresseur.flush()


def repondre_tuile(octets: bytes, politique: str, request: HttpRequest) -> HttpResponse:
    """200 with the tile, 204 when empty, 304 when the client holds the same bytes."""
    empreinte = empreinte_de(octets)
    if empreinte in request.META.get("HTTP_IF_NONE_MATCH", ""):
        reponse = HttpResponse(status=304)
    elif not octets:
        reponse = HttpResponse(status=204)
    elif len(octets) >= COMPRIMER_DES and "gzip" in request.META.get("HTTP_ACCEPT_ENCODING", ""):
        reponse = HttpResponse(gzip(octets), content_type=TYPE_TUILE)
        reponse["Content-Encoding"] = "gzip"
    else:
        reponse = HttpResponse(octets, content_type=TYPE_TUILE)
    reponse["ETag"] = empreinte
    reponse["Cache-Control"] = politique
    reponse["Vary"] = "Accept-Encoding"
    reponse["X-Content-Type-Options"] = "nosniff"
    return reponse


class TuilesPubliques:
    """Answers ``GET /tuiles/<layer>/<z>/<x>/<y>.pbf`` of public layers itself, first in the chain."""

    def __init__(self, suite: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.suite = suite

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        chemin = request.path_info
        if not chemin.startswith("/tuiles/") or not chemin.endswith(".pbf"):
            return self.suite(request)
        trouve = ADRESSE.match(chemin)
        if not trouve:
            return refus(
                "Adresse de tuile invalide : il faut /tuiles/<couche>/<zoom>/<colonne>/<ligne>.pbf.", 404
            )
        nom = trouve[1]
        try:
            if not couche(nom).publique:
                return self.suite(request)
        except CoucheInconnue:
            pass
        if request.method not in ("GET", "HEAD"):
            return refus("Une tuile se lit par GET.", 405)
        try:
            octets = cache.tuile(nom, int(trouve[2]), int(trouve[3]), int(trouve[4]))
            demandee = parse_qs(request.META.get("QUERY_STRING", "")).get("v", [""])[0]
            politique = UN_AN if demandee and demandee == version(nom) else REVALIDER
        except CoucheInconnue:
            return refus(f"La couche « {nom} » n'existe pas.", 404)
        except TuileInvalide as erreur:
            return refus(
                f"La tuile {erreur} n'existe pas : zoom de 0 à 22, colonne et ligne de 0 à 2^zoom − 1.", 404
            )
        except Error:
            journal.exception("Tuile %s", chemin)
            return refus("La base de données ne répond pas. Réessayez dans un instant.", 503)
        reponse = repondre_tuile(octets, politique, request)
        reponse["Access-Control-Allow-Origin"] = "*"
        return reponse

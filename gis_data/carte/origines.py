"""Origins of the sites that may frame the map, written as browsers compare them."""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError

# Scheme, host (a first label may be « * »), port; no path: browsers compare origins.
_ORIGINE = re.compile(
    r"^(?P<schema>https?)://(?P<hote>(?:\*\.)?(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*"
    r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)(?::(?P<port>\d{1,5}))?$"
)
_LOCAUX = ("localhost", "127.0.0.1")
ORIGINE_MAX = 200
PORTS = 65_536


def normaliser_origine(texte: str) -> str:
    """The origin as browsers write it (« https://www.exemple.fr »); ``ValidationError`` says why not."""
    propre = texte.strip().lower().rstrip("/")
    if "://" not in propre:
        propre = f"https://{propre}"
    try:
        schema, _, reste = propre.partition("://")
        hote, _, port = reste.partition(":")
        propre = f"{schema}://{hote.encode('idna').decode() if not hote.isascii() else hote}"
        propre += f":{port}" if port else ""
    except UnicodeError:
        raise ValidationError("Ce nom de site n'est pas valable.", code="invalide") from None
    trouve = _ORIGINE.match(propre)
    if not trouve or len(propre) > ORIGINE_MAX or not 0 < int(trouve["port"] or 1) < PORTS:
        raise ValidationError(
            "Écrivez l'adresse du site sans rien derrière, par exemple https://www.exemple.fr.",
            code="invalide",
        )
    hote = trouve["hote"]
    if hote not in _LOCAUX:
        if "." not in hote.removeprefix("*."):
            raise ValidationError("Le nom du site doit être complet : www.exemple.fr.", code="invalide")
        if trouve["schema"] == "http":
            raise ValidationError("Le site doit être en https://.", code="invalide")
    # Browsers leave the usual port out.
    return propre.removesuffix(":443" if trouve["schema"] == "https" else ":80")

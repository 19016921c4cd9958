"""Signed tokens of an identity provider: read only once signature, issuer, audience and dates are right."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jwt

# Never « none », never a secret shared with the provider (HS256): its key could sign for it.
ALGORITHMES = ("RS256", "RS384", "RS512", "PS256", "ES256", "ES384")
# Clocks differ a little.
TOLERANCE_S = 30


class JetonInvalide(Exception):
    """The token is refused; the message says why, without its content."""


def lire(
    jeton: str, *, cles: Callable[[], dict[str, Any]], emetteur: str, audience: str, exp: bool = True
) -> dict[str, Any]:
    """Claims of a token signed by ``emetteur`` for ``audience``; raises ``JetonInvalide``.

    ``cles()`` gives the provider's JWKS. ``exp``: whether an expiry is required.
    """
    try:
        entete = jwt.get_unverified_header(jeton)
        if entete.get("alg") not in ALGORITHMES:
            raise JetonInvalide("algorithme de signature refusé")
        cle = _cle(cles(), entete)
        contenu: dict[str, Any] = jwt.decode(
            jeton,
            key=cle,
            algorithms=[entete["alg"]],
            issuer=emetteur,
            audience=audience,
            leeway=TOLERANCE_S,
            options={"require": ["iss", "aud", "sub", *(["exp", "iat"] if exp else [])]},
        )
    except jwt.PyJWTError as e:
        raise JetonInvalide(type(e).__name__) from e
    if isinstance(contenu["aud"], list) and len(contenu["aud"]) > 1 and contenu.get("azp") != audience:
        raise JetonInvalide("jeton destiné à plusieurs clients")
    return contenu


def _cle(jwks: dict[str, Any], entete: dict[str, Any]) -> Any:
    """The key that the token names; the only one when it names none."""
    cles = [c for c in jwks.get("keys", []) if c.get("use", "sig") == "sig"]
    if entete.get("kid") is not None:
        cles = [c for c in cles if c.get("kid") == entete["kid"]]
    elif len(cles) > 1:
        cles = []
    if not cles:
        raise JetonInvalide("clé de signature inconnue")
    return jwt.PyJWK(cles[0], algorithm=entete["alg"]).key

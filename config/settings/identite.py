"""Reads the outside identity providers from one JSON setting; no Django here."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import urlsplit

PUBLICS = ("agents", "usagers")
_CHAMPS = frozenset(
    {"id", "nom", "url", "client_id", "secret", "public", "acr_values", "scope", "second_facteur"}
)
_LOCAUX = ("127.0.0.1", "localhost", "::1")


class ReglageInvalide(ValueError):
    """The setting is wrong; the message says where."""


def lire_fournisseurs(texte: str) -> list[dict[str, Any]]:
    """Providers written as a JSON list of objects; raises ``ReglageInvalide``.

    Each: ``id`` (in addresses), ``nom`` (on the button), ``url`` (issuer, https), ``client_id``, ``secret``,
    ``public`` (agents or usagers), and if need be ``acr_values`` (list, those accepted), ``scope`` (list),
    ``second_facteur`` (list of acr that are worth a second factor).
    """
    if not texte.strip():
        return []
    try:
        liste = json.loads(texte)
    except ValueError as e:
        raise ReglageInvalide(f"OIDC_FOURNISSEURS n'est pas du JSON : {e}") from e
    if not isinstance(liste, list) or not all(isinstance(f, dict) for f in liste):
        raise ReglageInvalide("OIDC_FOURNISSEURS est une liste d'objets JSON.")
    for f in liste:
        _verifier(f)
    if len({f["id"] for f in liste}) != len(liste):
        raise ReglageInvalide("OIDC_FOURNISSEURS : deux fournisseurs ont le même id.")
    return liste


def _verifier(f: dict[str, Any]) -> None:
    nom = f.get("id", "?")
    if inconnus := set(f) - _CHAMPS:
        raise ReglageInvalide(f"OIDC_FOURNISSEURS, {nom} : champs inconnus {sorted(inconnus)}.")
    if manquants := {"id", "nom", "url", "client_id", "secret", "public"} - set(f):
        raise ReglageInvalide(f"OIDC_FOURNISSEURS, {nom} : il manque {sorted(manquants)}.")
    if not re.fullmatch(r"[a-z0-9-]{1,30}", str(f["id"])):
        raise ReglageInvalide(f"OIDC_FOURNISSEURS : id invalide {nom!r} (minuscules, chiffres, tirets).")
    if f["public"] not in PUBLICS:
        raise ReglageInvalide(f"OIDC_FOURNISSEURS, {nom} : public vaut agents ou usagers.")
    adresse = urlsplit(str(f["url"]))
    if adresse.scheme != "https" and adresse.hostname not in _LOCAUX:
        raise ReglageInvalide(f"OIDC_FOURNISSEURS, {nom} : l'adresse est en https.")
    for champ in ("acr_values", "scope", "second_facteur"):
        if not isinstance(f.get(champ, []), list):
            raise ReglageInvalide(f"OIDC_FOURNISSEURS, {nom} : {champ} est une liste.")


def applications(fournisseurs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same, as the account package wants them."""
    return [
        {
            "provider_id": f["id"],
            "name": f["nom"],
            "client_id": f["client_id"],
            "secret": f["secret"],
            "settings": {
                "server_url": str(f["url"]).rstrip("/"),
                "public": f["public"],
                "acr_values": f.get("acr_values", []),
                "scope": f.get("scope", ["openid", "given_name", "usual_name", "email"]),
                "second_facteur": f.get("second_facteur", []),
                "oauth_pkce_enabled": True,
            },
        }
        for f in fournisseurs
    ]


def origines(fournisseurs: list[dict[str, Any]]) -> list[str]:
    """Where the log-in form may lead a browser to, for the content security policy."""
    return sorted({f"{u.scheme}://{u.netloc}" for u in (urlsplit(str(f["url"])) for f in fournisseurs)})

"""An identity provider on the loopback, with its own keys, that behaves as ProConnect and FranceConnect do.

Discovery, authorization by code with PKCE, user information as a signed token, log-out by id_token_hint.
``fautes`` makes it misbehave in one named way.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa

CLIENT, SECRET = "mairie-de-test", "secret-de-test"
_CLE = rsa.generate_private_key(public_exponent=65537, key_size=2048)
_AUTRE_CLE = rsa.generate_private_key(public_exponent=65537, key_size=2048)
_CLE_EC = ec.generate_private_key(ec.SECP256R1())


class FournisseurOIDC:
    """State of the provider: who is in front of it, what it was asked, what it does wrong."""

    def __init__(self) -> None:
        self.sub = "sub-de-zoe"
        self.acr = "eidas1"
        self.infos: dict[str, Any] = {
            "given_name": "Zoé",
            "usual_name": "Martin",
            "email": "zoe@exemple.invalid",
        }
        self.fautes: set[str] = set()
        self.infos_en_json = False
        self.alg = "RS256"
        self.demandes: list[dict[str, str]] = []
        self.sorties: list[dict[str, str]] = []
        self._codes: dict[str, dict[str, str]] = {}
        self._acces: set[str] = set()
        self.emetteur = ""

    # --- tokens ---------------------------------------------------------------------------------
    def jwks(self) -> dict[str, Any]:
        cle = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(_CLE.public_key()))
        courbe = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(_CLE_EC.public_key()))
        return {
            "keys": [
                {**cle, "kid": "rsa", "use": "sig", "alg": "RS256"},
                {**courbe, "kid": "ec", "use": "sig", "alg": "ES256"},
                {**cle, "kid": "chiffrement", "use": "enc"},
            ]
        }

    def signer(self, contenu: dict[str, Any], faute: str = "") -> str:
        if faute == "sans_signature":
            return jwt.encode(contenu, "", algorithm="none", headers={"kid": "rsa"})
        if faute == "cle_symetrique":
            return jwt.encode(contenu, SECRET * 3, algorithm="HS256", headers={"kid": "rsa"})
        if faute == "autre_cle":
            return jwt.encode(contenu, _AUTRE_CLE, algorithm="RS256", headers={"kid": "rsa"})
        if faute == "cle_inconnue":
            return jwt.encode(contenu, _AUTRE_CLE, algorithm="RS256", headers={"kid": "inconnue"})
        if self.alg == "ES256":
            return jwt.encode(contenu, _CLE_EC, algorithm="ES256", headers={"kid": "ec"})
        return jwt.encode(contenu, _CLE, algorithm="RS256", headers={"kid": "rsa"})

    def jeton_identite(self, demande: dict[str, str]) -> str:
        maintenant = int(time.time())
        contenu: dict[str, Any] = {
            "iss": self.emetteur,
            "aud": CLIENT,
            "sub": self.sub,
            "iat": maintenant,
            "exp": maintenant + 60,
            "nonce": demande.get("nonce", ""),
            "acr": self.acr,
        }
        if "autre_emetteur" in self.fautes:
            contenu["iss"] = "https://autre.example"
        if "autre_client" in self.fautes:
            contenu["aud"] = "autre-client"
        if "plusieurs_clients" in self.fautes:
            contenu["aud"] = [CLIENT, "autre-client"]
        if "perime" in self.fautes:
            contenu["iat"], contenu["exp"] = maintenant - 3600, maintenant - 1800
        if "autre_nonce" in self.fautes:
            contenu["nonce"] = "celui-d-un-autre"
        if "sans_nonce" in self.fautes:
            del contenu["nonce"]
        if "sans_sub" in self.fautes:
            del contenu["sub"]
        signature = {"sans_signature", "cle_symetrique", "autre_cle", "cle_inconnue"} & self.fautes
        return self.signer(contenu, next(iter(signature), ""))

    # --- pages ----------------------------------------------------------------------------------
    def decouverte(self) -> dict[str, Any]:
        e = self.emetteur
        return {
            "issuer": "https://usurpateur.example" if "emetteur_annonce" in self.fautes else e,
            "authorization_endpoint": f"{e}/authorize",
            "token_endpoint": f"{e}/token",
            "userinfo_endpoint": f"{e}/userinfo",
            "jwks_uri": f"{e}/jwks",
            "end_session_endpoint": f"{e}/session/end",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        }

    def autoriser(self, demande: dict[str, str]) -> str:
        """Where the browser goes back to."""
        self.demandes.append(demande)
        if "refus" in self.fautes:
            retour = {"error": "access_denied", "state": demande["state"]}
        else:
            code = secrets.token_urlsafe(16)
            self._codes[code] = demande
            retour = {"code": code, "state": demande["state"], "iss": self.emetteur}
        if "iss_melange" in self.fautes:
            retour["iss"] = "https://autre.example"
        return f"{demande['redirect_uri']}?{urlencode(retour)}"

    def echanger(self, envoi: dict[str, str]) -> tuple[int, dict[str, Any]]:
        demande = self._codes.pop(envoi.get("code", ""), None)
        defi = base64.urlsafe_b64encode(hashlib.sha256(envoi.get("code_verifier", "").encode()).digest())
        if (
            demande is None
            or envoi.get("client_id") != CLIENT
            or envoi.get("client_secret") != SECRET
            or envoi.get("redirect_uri") != demande["redirect_uri"]
            or demande.get("code_challenge") != defi.decode().rstrip("=")
        ):
            return 400, {"error": "invalid_grant"}
        acces = secrets.token_urlsafe(16)
        self._acces.add(acces)
        jetons = {"access_token": acces, "token_type": "Bearer", "expires_in": 60}
        if "sans_jeton" not in self.fautes:
            jetons["id_token"] = self.jeton_identite(demande)
        return 200, jetons

    def informer(self, acces: str) -> tuple[int, str, bytes]:
        if acces not in self._acces or "infos_en_panne" in self.fautes:
            return 401, "application/json", b"{}"
        sub = "sub-d-un-autre" if "infos_d_un_autre" in self.fautes else self.sub
        infos = {"sub": sub, **self.infos}
        if self.infos_en_json:
            return 200, "application/json; charset=utf-8", json.dumps(infos).encode()
        # As ProConnect and FranceConnect: a signed token, not JSON.
        contenu = {**infos, "iss": self.emetteur, "aud": CLIENT}
        faute = "autre_cle" if "infos_autre_cle" in self.fautes else ""
        faute = "sans_signature" if "infos_sans_signature" in self.fautes else faute
        return 200, "application/jwt", self.signer(contenu, faute).encode()


class _Page(BaseHTTPRequestHandler):
    fournisseur: FournisseurOIDC

    def _rendre(self, statut: int, genre: str, corps: bytes, **entetes: str) -> None:
        self.send_response(statut)
        self.send_header("Content-Type", genre)
        self.send_header("Content-Length", str(len(corps)))
        for nom, valeur in entetes.items():
            self.send_header(nom, valeur)
        self.end_headers()
        self.wfile.write(corps)

    def _json(self, objet: Any, statut: int = 200) -> None:
        self._rendre(statut, "application/json", json.dumps(objet).encode())

    def do_GET(self) -> None:
        adresse = urlsplit(self.path)
        parametres = {k: v[0] for k, v in parse_qs(adresse.query).items()}
        f = self.fournisseur
        match adresse.path:
            case "/api/v2/.well-known/openid-configuration":
                self._json(f.decouverte())
            case "/api/v2/jwks":
                self._json(f.jwks())
            case "/api/v2/authorize":
                self._rendre(302, "text/plain", b"", Location=f.autoriser(parametres))
            case "/api/v2/userinfo":
                acces = self.headers.get("Authorization", "").removeprefix("Bearer ")
                self._rendre(*f.informer(acces))
            case "/api/v2/session/end":
                f.sorties.append(parametres)
                suite = f"{parametres['post_logout_redirect_uri']}?state={parametres['state']}"
                self._rendre(302, "text/plain", b"", Location=suite)
            case _:
                self._rendre(404, "text/plain", b"")

    def do_POST(self) -> None:
        corps = self.rfile.read(int(self.headers["Content-Length"])).decode()
        envoi = {k: v[0] for k, v in parse_qs(corps).items()}
        statut, objet = self.fournisseur.echanger(envoi)
        self._json(objet, statut)

    def log_message(self, *_args: Any) -> None:
        """Quiet."""


@contextmanager
def servir() -> Iterator[FournisseurOIDC]:
    """The provider on a free port of the loopback."""
    fournisseur = FournisseurOIDC()
    serveur = ThreadingHTTPServer(("127.0.0.1", 0), type("Page", (_Page,), {"fournisseur": fournisseur}))
    fournisseur.emetteur = f"http://127.0.0.1:{serveur.server_port}/api/v2"
    fil = threading.Thread(target=serveur.serve_forever, daemon=True)
    fil.start()
    try:
        yield fournisseur
    finally:
        serveur.shutdown()
        serveur.server_close()
        fil.join()

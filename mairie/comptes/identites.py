"""Outside identities by OpenID Connect (ProConnect, FranceConnect, any): stricter than the account package.

The identity is (issuer, sub), never the e-mail. Every token's signature is verified, the nonce and the level
(acr) are checked, user information may be a signed token, and logging out here logs out there.
"""

from __future__ import annotations

import hashlib
import secrets
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from allauth.utils import build_absolute_uri
from django.http import HttpRequest
from django.urls import reverse
from requests import RequestException

from mairie.comptes import jetons
from mairie.comptes.second_facteur import CLE_SESSION_FORT
from mairie.models import Utilisateur

CLE_SESSION = "comptes_identite"
CLE_FIN = "comptes_identite_fin"
UID_MAX = 191


class Adaptateur(OpenIDConnectOAuth2Adapter):
    """Exchanges the code, then believes only what is signed for us, for this very log-in."""

    # State of this log-in, given by the callback view: it holds the nonce.
    etat: dict[str, Any]

    @cached_property
    def configuration(self) -> dict[str, Any]:
        """The provider's discovery document; its issuer must be the one of the settings."""
        configuration: dict[str, Any] = self.openid_config
        attendu = str(self.get_provider().app.settings["server_url"])
        if str(configuration.get("issuer", "")).rstrip("/") != attendu.rstrip("/"):
            raise OAuth2Error("L'émetteur annoncé n'est pas celui des réglages.")
        return configuration

    @property
    def authorize_url(self) -> str:
        """Where the browser is sent; ``OAuth2Error`` when the document does not say it."""
        return self._adresse("authorization_endpoint")

    def _adresse(self, nom: str) -> str:
        adresse = self.configuration.get(nom)
        if not isinstance(adresse, str):
            raise OAuth2Error(f"Le document du fournisseur ne dit pas {nom}.")
        return adresse

    def get_callback_url(self, request: HttpRequest, app: Any) -> str:
        """Under our own address."""
        return str(build_absolute_uri(request, reverse("oidc_callback", args=[self.provider_id])))

    @property
    def access_token_url(self) -> str:
        """Asked first at the return: the issuer is checked before the code leaves."""
        return self._adresse("token_endpoint")

    def _cles(self) -> dict[str, Any]:
        with get_adapter().get_requests_session() as session:
            reponse = session.get(self._adresse("jwks_uri"))
            reponse.raise_for_status()
            resultat: dict[str, Any] = reponse.json()
        return resultat

    def _lire(self, jeton: str, client: str, exp: bool = True) -> dict[str, Any]:
        try:
            return jetons.lire(
                jeton, cles=self._cles, emetteur=str(self.configuration["issuer"]), audience=client, exp=exp
            )
        except jetons.JetonInvalide as e:
            raise OAuth2Error(f"Jeton refusé : {e}") from e

    def complete_login(self, request: HttpRequest, app: Any, token: Any, **kwargs: Any) -> Any:
        """The log-in, once identity token, nonce, level and user information agree; else ``OAuth2Error``."""
        recu = request.GET.get("iss")
        if recu is not None and recu != self.configuration["issuer"]:
            raise OAuth2Error("La réponse vient d'un autre émetteur.")
        brut = str(kwargs["response"].get("id_token") or "")
        if not brut:
            raise OAuth2Error("Le fournisseur n'a pas donné de jeton d'identité.")
        identite = self._lire(brut, app.client_id)
        nonce = str(self.etat.get("nonce") or "")
        if not nonce or not secrets.compare_digest(str(identite.get("nonce", "")), nonce):
            raise OAuth2Error("Le jeton d'identité répond à une autre demande (nonce).")
        acceptes = app.settings.get("acr_values") or []
        if acceptes and identite.get("acr") not in acceptes:
            raise OAuth2Error("Le niveau d'authentification est insuffisant (acr).")
        infos = self._informations(token.token, app.client_id)
        if infos.get("sub") != identite["sub"]:
            raise OAuth2Error("Les informations reçues sont celles d'une autre personne (sub).")
        # Kept until the log-in is done, to say it back when logging out.
        self.etat["id_token"] = brut
        return self.get_provider().sociallogin_from_response(
            request, {"userinfo": infos, "id_token": identite}
        )

    def _informations(self, acces: str, client: str) -> dict[str, Any]:
        with get_adapter().get_requests_session() as session:
            reponse = session.get(
                self._adresse("userinfo_endpoint"), headers={"Authorization": f"Bearer {acces}"}
            )
            reponse.raise_for_status()
        if reponse.headers.get("content-type", "").split(";")[0].strip() == "application/jwt":
            # Without expiry at some providers: it is read at once, over the channel just opened.
            return self._lire(reponse.text.strip(), client, exp=False)
        try:
            infos = reponse.json()
        except ValueError as e:
            raise OAuth2Error("Informations illisibles.") from e
        if not isinstance(infos, dict):
            raise OAuth2Error("Informations illisibles.")
        return infos


class Fournisseur(OpenIDConnectProvider):
    """One provider of the settings."""

    id = "oidc"
    name = "Identité extérieure"
    oauth2_adapter_class = Adaptateur

    def get_login_url(self, request: HttpRequest, **parametres: Any) -> str:
        """Our own addresses."""
        adresse = reverse("oidc_login", args=[self.app.provider_id])
        return f"{adresse}?{urlencode(parametres)}" if parametres else adresse

    def get_callback_url(self) -> str:
        """The return."""
        return reverse("oidc_callback", args=[self.app.provider_id])

    def get_default_scope(self) -> list[str]:
        """Identity and nothing else, unless the settings ask for more."""
        return ["openid"]

    def get_auth_params_from_request(self, request: HttpRequest, action: str) -> dict[str, Any]:
        """The settings' level; nothing from the address: a link could ask for a weaker one."""
        acr = self.app.settings.get("acr_values") or []
        return {"acr_values": " ".join(acr)} if acr else {}

    def get_scope_from_request(self, request: HttpRequest) -> list[str]:
        """The settings' scope, nothing from the address."""
        return list(self.get_scope())

    def redirect(
        self, request: HttpRequest, process: Any, next_url: Any = None, data: Any = None, **kwargs: Any
    ) -> Any:
        """Leave for the provider with a nonce that its token must say back."""
        nonce = secrets.token_urlsafe(32)
        parametres = {**(kwargs.pop("auth_params", None) or {}), "nonce": nonce}
        return super().redirect(
            request, process, next_url, data, auth_params=parametres, nonce=nonce, **kwargs
        )

    def extract_uid(self, data: dict[str, Any]) -> str:
        """(issuer, sub) in one text; hashed where it would be too long."""
        uid = f"{data['id_token']['iss']}|{data['id_token']['sub']}"
        return uid if len(uid) <= UID_MAX else "sha256|" + hashlib.sha256(uid.encode()).hexdigest()

    def extract_extra_data(self, data: dict[str, Any]) -> dict[str, Any]:
        """What is stored: who vouches and at which level. Neither name nor token."""
        jeton = data["id_token"]
        return {"iss": jeton["iss"], "acr": str(jeton.get("acr") or "")}

    def extract_common_fields(self, data: dict[str, Any]) -> dict[str, Any]:
        """Name and address, to begin an account with."""
        infos = data["userinfo"]
        prenom = str(infos.get("given_name") or "").split(" ")[0]
        nom = str(
            infos.get("usual_name") or infos.get("preferred_username") or infos.get("family_name") or ""
        )
        return {"email": infos.get("email"), "name": f"{prenom} {nom}".strip()}

    def extract_email_addresses(self, data: dict[str, Any]) -> list[Any]:
        """Never taken as verified: the mailbox is asked."""
        return []


class VueRetour(OAuth2CallbackView):
    """The return from the provider: gives the state, with its nonce, to the adapter."""

    def _get_state(self, request: HttpRequest, provider: Any) -> Any:
        etat, reponse = super()._get_state(request, provider)
        self.adapter.etat = etat or {}
        return etat, reponse


vue_depart = OAuth2LoginView.adapter_view
vue_retour = VueRetour.adapter_view


def retenir(request: HttpRequest, utilisateur: Utilisateur, externe: Any) -> None:
    """After the log-in: how to leave the provider, and whether it is worth a second factor."""
    reglages = externe.account.get_provider(request).app.settings
    request.session[CLE_SESSION] = {
        "fournisseur": externe.account.provider,
        "id_token": externe.state.get("id_token", ""),
    }
    if externe.account.extra_data.get("acr") in (reglages.get("second_facteur") or []):
        request.session[CLE_SESSION_FORT] = utilisateur.pk


def adresse_de_fin(request: HttpRequest) -> tuple[str, str] | None:
    """(address of the provider's log-out, state to find back); null where there is nothing to leave."""
    tenue = request.session.get(CLE_SESSION) or {}
    if not tenue.get("id_token"):
        return None
    adaptateur = Adaptateur(request, tenue["fournisseur"])
    try:
        fin = adaptateur.configuration.get("end_session_endpoint")
    except (OAuth2Error, RequestException, SocialApp.DoesNotExist):
        return None
    if not fin:
        return None
    etat = secrets.token_urlsafe(24)
    parametres = {
        "id_token_hint": tenue["id_token"],
        "state": etat,
        "post_logout_redirect_uri": build_absolute_uri(request, reverse("comptes_fin")),
    }
    return f"{fin}?{urlencode(parametres)}", etat

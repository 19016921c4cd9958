"""How the account package behaves here: whom it lets in, where it leads, what it writes and sends."""

from __future__ import annotations

import base64
import hashlib
import time
from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter, _build_apps_from_settings
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve, reverse
from django.utils.encoding import force_bytes

from mairie import appelant
from mairie.comptes import identites, invitations
from mairie.comptes.courriels import expedier
from mairie.comptes.droits import Refus
from mairie.habilitations import est_agent
from mairie.territoire import territoire

# An entry of the session younger than this is as good as a password asked again.
RECENT_S = 300


class AdaptateurComptes(DefaultAccountAdapter):
    """Accounts known by their address; citizens sign up where the setting says so, agents never."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": "L'adresse ou le mot de passe n'est pas le bon.",
        "incorrect_password": "Ce mot de passe n'est pas le bon.",
        "enter_current_password": "Ce mot de passe n'est pas votre mot de passe actuel.",
        "too_many_login_attempts": "Trop d'essais. Attendez quelques minutes avant de recommencer.",
        "rate_limited": "Trop de demandes. Attendez quelques minutes avant de recommencer.",
        "invalid_password_reset": "Ce lien n'est plus valable.",
        "same_as_current": "Cette adresse est déjà la vôtre.",
        "email_taken": "Cette adresse sert déjà à un compte.",
    }

    def get_client_ip(self, request: HttpRequest) -> str:
        """The same address as the lock-out's."""
        return appelant.adresse(request)

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Only citizens, only where the collectivité wants it."""
        return bool(settings.INSCRIPTION_OUVERTE)

    def save_user(self, request: HttpRequest, user: Any, form: Any, commit: bool = True) -> Any:
        """Keep the name too."""
        user.nom = str(form.cleaned_data.get("nom") or user.nom or "")[:150]
        return super().save_user(request, user, form, commit)

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Agents go to their desk, citizens to the home page."""
        if est_agent(request.user):
            try:
                resolve(settings.LOGIN_REDIRECT_URL)
            except Resolver404:
                return "/"
            return str(settings.LOGIN_REDIRECT_URL)
        return "/"

    def is_reauthentication_required(self, *, app: str, **options: Any) -> bool:
        """Not within five minutes of an authentication: who just came in need not say again who she is."""
        if not super().is_reauthentication_required(app=app, **options):
            return False
        requete = context.request
        dates = [float(e.get("at", 0)) for e in get_authentication_records(requete, requete.user)]
        return not dates or time.time() - max(dates) > RECENT_S

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """For who has neither password nor code: come in again by the outside identity."""
        methodes: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        return methodes or [
            {"id": "identite", "description": "", "url": reverse("comptes_verifier_identite")}
        ]

    def post_login(self, request: HttpRequest, user: Any, **options: Any) -> HttpResponse:
        """Remember what an outside identity is worth, and how to leave it."""
        externe = (options.get("signal_kwargs") or {}).get("sociallogin")
        if externe is not None:
            identites.retenir(request, user, externe)
        return super().post_login(request, user, **options)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Through the house's one sender; a failure there must not tell who has an account."""
        expedier(
            self.render_mail(
                template_prefix,
                email,
                {"request": self.request, "email": email, "nom_site": territoire().nom, **context},
            )
        )


class AdaptateurExterne(DefaultSocialAccountAdapter):
    """Outside identities: those of the settings only, known by (issuer, sub) and by nothing else."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultSocialAccountAdapter.error_messages,
        "email_taken": "Cette adresse sert déjà à un compte : connectez-vous-y d'abord, puis reliez-lui %s.",
        "no_password": "Choisissez d'abord un mot de passe : sans lui vous ne pourriez plus entrer.",
    }

    def list_apps(self, request: HttpRequest, provider: Any = None, client_id: Any = None) -> list[Any]:
        """Never those of the database: a provider is a decision of who runs the server."""
        return [
            a
            for liste in _build_apps_from_settings(provider=provider, client_id=client_id).values()
            for a in liste
        ]

    def can_authenticate_by_email(self, login: Any, email: str) -> bool:
        """Never."""
        return False

    def is_email_verified(self, provider: Any, email: str) -> bool:
        """The mailbox is asked, whatever the provider says."""
        return False

    def populate_user(self, request: HttpRequest, sociallogin: Any, data: dict[str, Any]) -> Any:
        """Our one column for the name."""
        utilisateur = super().populate_user(request, sociallogin, data)
        utilisateur.nom = str(data.get("name") or "")[:150]
        return utilisateur

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """An identity not seen before: an invitation under way takes it; else an agent's is refused."""
        if sociallogin.is_existing or sociallogin.state.get("process") == "connect":
            return
        invitation = invitations.en_cours(request)
        if invitation is not None:
            try:
                invitations.accepter_par_identite(request, invitation, sociallogin)
            except Refus as e:
                messages.error(request, str(e))
                raise ImmediateHttpResponse(redirect("account_login")) from e
            return
        reglages = sociallogin.provider.app.settings
        if reglages.get("public") == "agents" or not settings.INSCRIPTION_OUVERTE:
            raise ImmediateHttpResponse(
                render(
                    request,
                    "socialaccount/inconnu.html",
                    {"fournisseur": sociallogin.provider.name},
                    status=403,
                )
            )


class AdaptateurSecondFacteur(DefaultMFAAdapter):
    """Secrets encrypted at rest; an agent bound to a second factor cannot drop it."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": "Ce code n'est pas le bon, ou a déjà servi. Attendez le suivant.",
        "cannot_delete_authenticator": "Votre collectivité exige un second facteur : il ne se retire pas.",
        "unverified_email": "Confirmez d'abord votre adresse électronique.",
    }

    def get_totp_issuer(self) -> str:
        """Name shown by the application on the phone."""
        return territoire().nom

    def encrypt(self, text: str) -> str:
        """Who reads a backup must not compute codes."""
        return _chiffre().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """``ImproperlyConfigured`` when SECRET_KEY changed without its old value in SECRET_KEY_FALLBACKS."""
        try:
            return _chiffre().decrypt(encrypted_text.encode()).decode()
        except InvalidToken as e:
            raise ImproperlyConfigured(
                "SECRET_KEY a changé : gardez l'ancienne dans SECRET_KEY_FALLBACKS (seconds facteurs)."
            ) from e

    def can_delete_authenticator(self, authenticator: Any) -> bool:
        """Agents keep theirs where it is compulsory."""
        return not (settings.MFA_OBLIGATOIRE_AGENTS and est_agent(authenticator.user))


def _chiffre() -> MultiFernet:
    cles = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet(
        [
            Fernet(base64.urlsafe_b64encode(hashlib.sha256(b"second facteur " + force_bytes(c)).digest()))
            for c in cles
        ]
    )

"""The one door: the account package's views, each with its mark, and what we add to them."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account import views as compte
from allauth.mfa.base import views as facteur
from allauth.mfa.recovery_codes import views as secours
from allauth.mfa.totp import views as totp
from allauth.socialaccount import views as externe
from allauth.socialaccount.models import SocialAccount, SocialApp
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.usersessions import views as sessions
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe
from requests import RequestException

from gis_data.acces import connecte, public
from mairie.comptes import identites

Vue = Callable[..., HttpResponseBase]


def _marquer(vue: Vue, marque: Callable[[Vue], Vue]) -> Vue:
    """A view of the package under our mark, never kept by a cache."""

    @wraps(vue)
    def marquee(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return vue(request, *args, **kwargs)

    return marque(require_http_methods(["GET", "HEAD", "POST"])(never_cache(marquee)))


# --- Anybody -----------------------------------------------------------------------------------
connexion = _marquer(compte.login, public)
inscription = _marquer(compte.signup, public)
inactif = _marquer(compte.account_inactive, public)
adresse_a_confirmer = _marquer(compte.email_verification_sent, public)
confirmer_adresse = _marquer(compte.confirm_email, public)
oubli = _marquer(compte.password_reset, public)
oubli_envoye = _marquer(compte.password_reset_done, public)
reinitialiser = _marquer(compte.password_reset_from_key, public)
reinitialise = _marquer(compte.password_reset_from_key_done, public)
second_facteur = _marquer(facteur.authenticate, public)
externe_annule = _marquer(externe.login_cancelled, public)
externe_erreur = _marquer(externe.login_error, public)
externe_inscription = _marquer(externe.signup, public)

# --- About oneself -----------------------------------------------------------------------------
verifier = _marquer(compte.reauthenticate, connecte)
changer_adresse = _marquer(compte.email, connecte)
changer_mot_de_passe = _marquer(compte.password_change, connecte)
choisir_mot_de_passe = _marquer(compte.password_set, connecte)
facteurs = _marquer(facteur.index, connecte)
verifier_facteur = _marquer(facteur.reauthenticate, connecte)
activer_totp = _marquer(totp.activate_totp, connecte)
retirer_totp = _marquer(totp.deactivate_totp, connecte)
codes_de_secours = _marquer(secours.view_recovery_codes, connecte)
nouveaux_codes = _marquer(secours.generate_recovery_codes, connecte)
telecharger_codes = _marquer(secours.download_recovery_codes, connecte)
mes_sessions = _marquer(sessions.list_usersessions, connecte)
mes_identites = _marquer(externe.connections, connecte)


@connecte
@never_cache
@require_safe
def verifier_identite(request: HttpRequest) -> HttpResponseBase:
    """Before a delicate act, for an account that only an outside identity opens."""
    siennes = set(SocialAccount.objects.filter(user=request.user.pk).values_list("provider", flat=True))
    return render(
        request,
        "comptes/verifier_identite.html",
        {
            "fournisseurs": [f for f in settings.FOURNISSEURS_IDENTITE if f["id"] in siennes],
            "suite": request.GET.get("next", ""),
        },
    )


# --- Outside identities ------------------------------------------------------------------------
@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def partir(request: HttpRequest, fournisseur: str) -> HttpResponseBase:
    """Leave for an identity provider of the settings; 404 for another name."""
    try:
        reponse: HttpResponseBase = identites.vue_depart(identites.Adaptateur(request, fournisseur))(request)
    except SocialApp.DoesNotExist as e:
        raise Http404 from e
    except (RequestException, OAuth2Error):
        return render(request, "socialaccount/authentication_error.html", status=503)
    return reponse


@public
@never_cache
@require_safe
def revenir(request: HttpRequest, fournisseur: str) -> HttpResponseBase:
    """The return from an identity provider."""
    try:
        reponse: HttpResponseBase = identites.vue_retour(identites.Adaptateur(request, fournisseur))(request)
    except SocialApp.DoesNotExist as e:
        raise Http404 from e
    except (RequestException, OAuth2Error):
        return render(request, "socialaccount/authentication_error.html", status=401)
    return reponse


@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sortir(request: HttpRequest) -> HttpResponseBase:
    """Log out, here and at the identity provider by which the person came in."""
    fin = identites.adresse_de_fin(request) if request.method == "POST" else None
    reponse: HttpResponseBase = compte.logout(request)
    if fin is not None:
        adresse, etat = fin
        request.session[identites.CLE_FIN] = etat
        return HttpResponseRedirect(adresse)
    return reponse


@public
@never_cache
@require_safe
def fin(request: HttpRequest) -> HttpResponseBase:
    """Back from the provider's log-out; only our own request counts."""
    attendu = request.session.pop(identites.CLE_FIN, "")
    if attendu and secrets.compare_digest(attendu, request.GET.get("state", "")):
        messages.success(request, "Vous êtes déconnecté.")
    return redirect(settings.LOGOUT_REDIRECT_URL)

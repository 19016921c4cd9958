"""The page behind an invitation's link: open one's account, or accept with the account one has."""

from __future__ import annotations

from typing import Any

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.password_validation import validate_password
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from gis_data.acces import public
from mairie.comptes import invitations
from mairie.comptes.droits import Refus
from mairie.comptes.formulaires import REGLE_MOT_DE_PASSE
from mairie.erreurs import Introuvable
from mairie.models import Invitation, Utilisateur
from mairie.vues.outils import soi


class FormulaireOuverture(forms.Form):
    """Name and password of a new account."""

    nom = forms.CharField(
        label="Prénom et nom", max_length=150, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    mot_de_passe = forms.CharField(
        label="Mot de passe",
        strip=False,
        help_text=REGLE_MOT_DE_PASSE,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    encore = forms.CharField(
        label="Le même, une seconde fois",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, invitation: Invitation, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["nom"].initial = invitation.nom
        self.invitation = invitation

    def clean(self) -> dict[str, Any]:
        """A strong password, typed twice the same."""
        donnees = super().clean() or {}
        premier = donnees.get("mot_de_passe")
        if premier:
            try:
                validate_password(
                    premier, Utilisateur(email=self.invitation.email, nom=donnees.get("nom", ""))
                )
            except forms.ValidationError as e:
                self.add_error("mot_de_passe", e)
            if donnees.get("encore") and donnees["encore"] != premier:
                self.add_error("encore", "Les deux mots de passe diffèrent.")
        return donnees


@public
@sensitive_post_parameters("mot_de_passe", "encore")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def accepter(request: HttpRequest, jeton: str) -> HttpResponse:
    """Show the invitation; only a POST accepts it: a mail scanner must not. 404 for an unknown token."""
    invitation = invitations.trouver(jeton)
    if invitation is None:
        raise Introuvable("Cette invitation n'existe pas. Vérifiez que le lien du courriel est entier.")
    etat = invitations.etat(invitation)
    if etat != "ouverte":
        return render(
            request, "comptes/invitation_close.html", {"invitation": invitation, "etat": etat}, status=410
        )
    contexte = {"invitation": invitation, "roles": invitations.libelles_roles(invitation)}
    if request.user.is_authenticated:
        return _avec_compte(request, invitation, contexte)
    if Utilisateur.objects.filter(email=invitation.email).exists():
        return render(request, "comptes/invitation_connexion.html", contexte)
    return _ouvrir(request, invitation, contexte)


def _avec_compte(request: HttpRequest, invitation: Invitation, contexte: dict[str, Any]) -> HttpResponse:
    sien = request.user.email.lower() == invitation.email  # type: ignore[union-attr]
    if request.method == "POST" and sien:
        try:
            invitations.accepter(invitation, soi(request))
        except Refus as e:
            messages.error(request, str(e))
            return redirect(request.path)
        messages.success(request, f"Vous travaillez maintenant pour {invitation.collectivite}.")
        return redirect("mon_compte")
    return render(request, "comptes/invitation_compte.html", {**contexte, "sien": sien})


def _ouvrir(request: HttpRequest, invitation: Invitation, contexte: dict[str, Any]) -> HttpResponse:
    formulaire = FormulaireOuverture(invitation, request.POST or None)
    fournisseurs = [f for f in settings.FOURNISSEURS_IDENTITE if f["public"] == "agents"]
    if request.method == "POST" and formulaire.is_valid():
        try:
            personne = invitations.creer_compte(
                invitation, formulaire.cleaned_data["nom"], formulaire.cleaned_data["mot_de_passe"]
            )
        except Refus as e:
            formulaire.add_error(None, str(e))
        else:
            record_authentication(request, personne, "password", email=personne.email)
            request.session.set_expiry(0)
            messages.success(request, f"Votre compte est ouvert. Bienvenue à {invitation.collectivite}.")
            reponse: HttpResponse = perform_login(request, Login(user=personne, email=personne.email))
            return reponse
    if fournisseurs:
        # Read at the return from the provider, where the link's token is no longer in the address.
        request.session[invitations.CLE_SESSION] = invitation.empreinte
    return render(
        request,
        "comptes/invitation.html",
        {**contexte, "formulaire": formulaire, "fournisseurs": fournisseurs},
    )

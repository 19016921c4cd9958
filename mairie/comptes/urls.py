"""Addresses of the door, all under ``/connexion/``, by the names under which the account package asks."""

from django.urls import URLPattern, path, re_path

from mairie.vues import compte, invitation, porte

urlpatterns: list[URLPattern] = [
    path("", porte.connexion, name="account_login"),
    path("sortir/", porte.sortir, name="account_logout"),
    path("fin/", porte.fin, name="comptes_fin"),
    path("inscription/", porte.inscription, name="account_signup"),
    path("ferme/", porte.inactif, name="account_inactive"),
    path("verifier/", porte.verifier, name="account_reauthenticate"),
    path("verifier/identite/", porte.verifier_identite, name="comptes_verifier_identite"),
    path("adresse/", porte.changer_adresse, name="account_email"),
    path("adresse/a-confirmer/", porte.adresse_a_confirmer, name="account_email_verification_sent"),
    re_path(r"^adresse/confirmer/(?P<key>[-:\w]+)/$", porte.confirmer_adresse, name="account_confirm_email"),
    path("mot-de-passe/", porte.changer_mot_de_passe, name="account_change_password"),
    path("mot-de-passe/choisir/", porte.choisir_mot_de_passe, name="account_set_password"),
    path("mot-de-passe/oublie/", porte.oubli, name="account_reset_password"),
    path("mot-de-passe/oublie/envoye/", porte.oubli_envoye, name="account_reset_password_done"),
    path("mot-de-passe/oublie/fait/", porte.reinitialise, name="account_reset_password_from_key_done"),
    re_path(
        r"^mot-de-passe/oublie/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        porte.reinitialiser,
        name="account_reset_password_from_key",
    ),
    path("code/", porte.second_facteur, name="mfa_authenticate"),
    path("double-facteur/", porte.facteurs, name="mfa_index"),
    path("double-facteur/verifier/", porte.verifier_facteur, name="mfa_reauthenticate"),
    path("double-facteur/activer/", porte.activer_totp, name="mfa_activate_totp"),
    path("double-facteur/retirer/", porte.retirer_totp, name="mfa_deactivate_totp"),
    path("double-facteur/codes/", porte.codes_de_secours, name="mfa_view_recovery_codes"),
    path("double-facteur/codes/nouveaux/", porte.nouveaux_codes, name="mfa_generate_recovery_codes"),
    path("double-facteur/codes/fichier/", porte.telecharger_codes, name="mfa_download_recovery_codes"),
    path("sessions/", porte.mes_sessions, name="usersessions_list"),
    path("identites/", porte.mes_identites, name="socialaccount_connections"),
    path("identites/annule/", porte.externe_annule, name="socialaccount_login_cancelled"),
    path("identites/erreur/", porte.externe_erreur, name="socialaccount_login_error"),
    path("identites/inscription/", porte.externe_inscription, name="socialaccount_signup"),
    path("identites/<slug:fournisseur>/", porte.partir, name="oidc_login"),
    path("identites/<slug:fournisseur>/retour/", porte.revenir, name="oidc_callback"),
    path("invitation/<str:jeton>/", invitation.accepter, name="comptes_invitation"),
    path("compte/", compte.mon_compte, name="mon_compte"),
]

"""The account package's forms in our words, and both factors behind the same lock."""

from __future__ import annotations

from typing import Any, ClassVar

from allauth.account import forms as compte
from allauth.core import context
from allauth.mfa.adapter import get_adapter as adaptateur_second_facteur
from allauth.mfa.base import forms as facteur
from allauth.mfa.models import Authenticator
from allauth.mfa.totp import forms as totp
from django import forms

from mairie.comptes import second_facteur, verrou

REGLE_MOT_DE_PASSE = "Au moins 12 caractères, sans votre nom ni un mot de passe courant."


class EnFrancais(forms.Form):
    """Labels and helps of our own, no placeholder in their stead."""

    LIBELLES: ClassVar[dict[str, str]] = {}
    AIDES: ClassVar[dict[str, str]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for nom, champ in self.fields.items():
            champ.widget.attrs.pop("placeholder", None)
            champ.label = self.LIBELLES.get(nom, champ.label)
            champ.help_text = self.AIDES.get(nom, "")


class FormulaireConnexion(EnFrancais, compte.LoginForm):
    """Log-in by address and password."""

    LIBELLES: ClassVar[dict[str, str]] = {"login": "Adresse électronique", "password": "Mot de passe"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].widget.attrs.update({"autocomplete": "username", "autofocus": True})


class FormulaireInscription(EnFrancais, compte.SignupForm):
    """A citizen opens an account."""

    field_order = ("nom", "email", "password1", "password2")
    nom = forms.CharField(
        max_length=150, widget=forms.TextInput(attrs={"autocomplete": "name", "autofocus": True})
    )
    LIBELLES: ClassVar[dict[str, str]] = {
        "nom": "Prénom et nom",
        "email": "Adresse électronique",
        "password1": "Mot de passe",
        "password2": "Le même mot de passe",
    }
    AIDES: ClassVar[dict[str, str]] = {"password1": REGLE_MOT_DE_PASSE}


class FormulaireOubli(EnFrancais, compte.ResetPasswordForm):
    """Asks for a link to choose a new password."""

    LIBELLES: ClassVar[dict[str, str]] = {"email": "Adresse électronique du compte"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].widget.attrs["autofocus"] = True


_NOUVEAU = {"password1": "Nouveau mot de passe", "password2": "Le même, une seconde fois"}


class FormulaireReinitialisation(EnFrancais, compte.ResetPasswordKeyForm):
    """New password, from the link of a mail."""

    LIBELLES: ClassVar[dict[str, str]] = _NOUVEAU
    AIDES: ClassVar[dict[str, str]] = {"password1": REGLE_MOT_DE_PASSE}


class FormulaireMotDePasse(EnFrancais, compte.ChangePasswordForm):
    """New password, knowing the old one."""

    LIBELLES: ClassVar[dict[str, str]] = {"oldpassword": "Mot de passe actuel", **_NOUVEAU}
    AIDES: ClassVar[dict[str, str]] = {"password1": REGLE_MOT_DE_PASSE}

    def clean_oldpassword(self) -> str:
        """A wrong one counts towards the lock."""
        try:
            return str(super().clean_oldpassword())
        except forms.ValidationError:
            verrou.noter_echec(context.request, self.user)
            raise


class FormulaireNouveauMotDePasse(EnFrancais, compte.SetPasswordForm):
    """First password of an account that came by an outside identity."""

    LIBELLES: ClassVar[dict[str, str]] = _NOUVEAU
    AIDES: ClassVar[dict[str, str]] = {"password1": REGLE_MOT_DE_PASSE}


class FormulaireVerification(EnFrancais, compte.ReauthenticateForm):
    """Password asked again before a delicate act."""

    LIBELLES: ClassVar[dict[str, str]] = {"password": "Mot de passe"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].widget.attrs["autofocus"] = True


class _SaisieDeCode(EnFrancais):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs.update(
            {"autofocus": True, "inputmode": "numeric", "autocomplete": "one-time-code", "maxlength": "20"}
        )


class _CodeSousVerrou(_SaisieDeCode):
    LIBELLES: ClassVar[dict[str, str]] = {"code": "Code"}
    AIDES: ClassVar[dict[str, str]] = {
        "code": "Les six chiffres de votre application, ou un code de secours."
    }
    user: Any

    def clean_code(self) -> str:
        """A code of the application or a recovery code, once; failures count like wrong passwords."""
        requete = context.request
        if verrou.est_verrouille(requete, self.user):
            requete.axes_locked_out = True
            raise adaptateur_second_facteur().validation_error("incorrect_code")
        code = str(self.cleaned_data["code"])
        for moyen in Authenticator.objects.filter(user=self.user).order_by("-type"):
            if second_facteur.consommer_code(moyen, code):
                moyen.user = self.user
                self.authenticator = moyen
                return code
        verrou.noter_echec(requete, self.user)
        raise adaptateur_second_facteur().validation_error("incorrect_code")


class FormulaireCode(_CodeSousVerrou, facteur.AuthenticateForm):
    """Second factor at log-in."""


class FormulaireCodeVerification(_CodeSousVerrou, facteur.ReauthenticateForm):
    """Second factor asked again before a delicate act."""


class FormulaireActivation(_SaisieDeCode, totp.ActivateTOTPForm):
    """First code of a new application: proves that it was set up well."""

    LIBELLES: ClassVar[dict[str, str]] = {"code": "Code affiché par l'application"}
    AIDES: ClassVar[dict[str, str]] = {"code": "Six chiffres, renouvelés toutes les trente secondes."}

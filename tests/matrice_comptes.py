"""Examples of the door's addresses and of the administration's, for the matrix."""

from __future__ import annotations

from datetime import date

from tests.matrice import exemple
from tests.personnes import commune

exemple("account_confirm_email", parametres={"key": "MQ:inconnu:inconnu"})
exemple("account_reset_password_from_key", parametres={"uidb36": "1", "key": "cle-perimee"})
exemple("oidc_login", parametres={"fournisseur": "inconnu"}, attendu=(404,))
exemple("oidc_callback", parametres={"fournisseur": "inconnu"}, attendu=(404,))
exemple("socialaccount_login_error", attendu=(401,))
# Who has no second factor has neither codes nor anything to take away.
for nom in ("mfa_view_recovery_codes", "mfa_download_recovery_codes", "mfa_deactivate_totp"):
    exemple(nom, attendu=(404,))


def _invitation() -> dict[str, str]:
    from mairie.comptes.droits import Proposition
    from mairie.comptes.invitations import inviter

    proposition = Proposition("mairie", "lecteur", ("25999",), date(2020, 1, 1))
    return {"jeton": inviter(None, commune(), "invitee@exemple.invalid", [proposition])[1]}


exemple("comptes_invitation", creer=_invitation)

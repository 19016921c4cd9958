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


def _habitee() -> dict[str, int]:
    """A colleague who holds a role in the commune of the walking administrateur."""
    from tests.personnes import agent

    return {"pk": agent("mairie.lecteur", email="collegue@exemple.invalid").pk}


def _habilitation() -> dict[str, int]:
    from mairie.models import Habilitation

    return {"pk": Habilitation.objects.filter(utilisateur_id=_habitee()["pk"]).first().pk}


def _invitation_numero() -> dict[str, int]:
    from mairie.models import Invitation

    _invitation()
    return {"pk": Invitation.objects.latest("pk").pk}


def _appartenance() -> dict[str, int]:
    from mairie.models import Appartenance

    return {
        "pk": Appartenance.objects.get_or_create(
            epci=commune("259990001"), commune=commune(), du=date(2020, 1, 1)
        )[0].pk
    }


def _service() -> dict[str, int]:
    return {"pk": commune().services.get_or_create(code="essai", defaults={"libelle": "Essai"})[0].pk}


def _delegation() -> dict[str, int]:
    from mairie.models import Delegation

    return {
        "pk": Delegation.objects.get_or_create(
            collectivite=commune(),
            delegataire_id=_habitee()["pk"],
            titulaire=True,
            qualite="Le maire",
            du=date(2020, 1, 1),
        )[0].pk
    }


def _commune() -> dict[str, str]:
    return {"code": commune().code}


exemple("administration_personne", creer=_habitee)
exemple("administration_habiliter", creer=_habitee)
exemple("administration_compte", creer=_habitee)
exemple("administration_habilitation", creer=_habilitation)
exemple("administration_revoquer", creer=_invitation_numero)
exemple("administration_appartenance", creer=_appartenance)
exemple("administration_service", creer=_service)
exemple("administration_delegation", creer=_delegation)
exemple("administration_collectivite", creer=_commune)
exemple("administration_rattacher", creer=_commune)

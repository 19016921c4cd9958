"""Who must have a second factor, and whether the session is worth one."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest

from mairie.habilitations import est_agent
from mairie.models import Utilisateur

# Set at log-in by an outside provider that vouches for a second factor (its acr).
CLE_SESSION_FORT = "comptes_identite_forte"


def a_un_second_facteur(utilisateur: Utilisateur) -> bool:
    """Whether this person set up codes on a phone."""
    return Authenticator.objects.filter(user=utilisateur, type=Authenticator.Type.TOTP).exists()


def doit_en_avoir_un(request: HttpRequest) -> bool:
    """Whether this agent must first set up a second factor."""
    if not settings.MFA_OBLIGATOIRE_AGENTS or not request.user.is_authenticated:
        return False
    if request.session.get(CLE_SESSION_FORT) == request.user.pk:
        return False
    return est_agent(request.user) and not a_un_second_facteur(request.user)


@transaction.atomic
def consommer_code(authenticator: Authenticator, code: str) -> bool:
    """Check a code and burn it: a code seen over a shoulder does not serve twice, in any process."""
    verrouille = Authenticator.objects.select_for_update(of=("self",)).get(pk=authenticator.pk)
    propre = "".join(code.split())
    if verrouille.type == Authenticator.Type.TOTP and verrouille.data.get("dernier_code") == propre:
        return False
    if not verrouille.wrap().validate_code(code):
        return False
    if verrouille.type == Authenticator.Type.TOTP:
        verrouille.data["dernier_code"] = propre
        verrouille.save(update_fields=["data"])
    return True


def retirer(utilisateur: Utilisateur) -> int:
    """Take away a lost second factor; how many means were removed."""
    resultat: tuple[int, dict[str, Any]] = Authenticator.objects.filter(user=utilisateur).delete()
    return resultat[0]

"""People of the tests: agents with habilitations, made in one line."""

from __future__ import annotations

from datetime import date

from mairie.models import Collectivite, Habilitation, Utilisateur

INSEE = "25999"
AUTRE_INSEE = "25998"
DEPUIS = date(2015, 1, 1)


def commune(code: str = INSEE, nom: str = "") -> Collectivite:
    """The collectivité of that code, made if need be."""
    nature = Collectivite.Nature.EPCI if len(code) == 9 else Collectivite.Nature.COMMUNE
    return Collectivite.objects.get_or_create(
        code=code, defaults={"nature": nature, "nom": nom or f"Commune fictive {code}"}
    )[0]


def habiliter(
    utilisateur: Utilisateur,
    metier: str,
    role: str,
    *codes: str,
    du: date = DEPUIS,
    au: date | None = None,
    **champs: object,
) -> Habilitation:
    """Grant a role of a trade in collectivités (the invented commune by default)."""
    habilitation = Habilitation.objects.create(
        utilisateur=utilisateur, metier=metier, role=role, du=du, au=au, **champs
    )
    habilitation.collectivites.set([commune(c) for c in codes or (INSEE,)])
    return habilitation


def agent(*roles: str, codes: tuple[str, ...] = (INSEE,), email: str = "", nom: str = "") -> Utilisateur:
    """An account that holds roles written ``metier.role``; without roles, a citizen."""
    email = email or f"{'-'.join(roles).replace('.', '-') or 'citoyen'}-{'-'.join(codes)}@exemple.invalid"
    utilisateur = Utilisateur.objects.filter(email=email).first() or Utilisateur.objects.create_user(
        email, nom=nom or f"Agent {' '.join(roles)}"
    )
    for role in roles:
        metier, _, code = role.partition(".")
        habiliter(utilisateur, metier, code, *codes)
    return utilisateur


MOT_DE_PASSE = "un-mot-de-passe-long-2026"


def avec_mot_de_passe(utilisateur: Utilisateur, mot_de_passe: str = MOT_DE_PASSE) -> Utilisateur:
    """Give a password and a verified address, to log in through the door."""
    from allauth.account.models import EmailAddress

    utilisateur.set_password(mot_de_passe)
    utilisateur.save(update_fields=["password"])
    EmailAddress.objects.update_or_create(
        user=utilisateur, email=utilisateur.email, defaults={"primary": True, "verified": True}
    )
    return utilisateur


def code_totp(secret: str, decalage: int = 0) -> str:
    """The code that a phone shows now for this secret, or some periods of 30 s later."""
    import time

    from allauth.mfa.totp.internal import auth

    return auth.format_hotp_value(auth.hotp_value(secret, int(time.time()) // 30 + decalage))


def avec_second_facteur(utilisateur: Utilisateur) -> str:
    """Set up a second factor with its recovery codes; the secret that the phone would hold."""
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    secret = generate_totp_secret()
    TOTP.activate(utilisateur, secret)
    RecoveryCodes.activate(utilisateur)
    return secret

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

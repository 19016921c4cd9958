"""Invitations of agents: a secret link by mail, used once, that opens an account with its habilitations."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from mairie import journal
from mairie.comptes import droits
from mairie.comptes.droits import LIGNE_DE_COMMANDE, Proposition, Refus
from mairie.comptes.traces import INVITATION_ACCEPTEE, INVITATION_ENVOYEE, INVITATION_REVOQUEE
from mairie.courriels import mettre_en_file
from mairie.models import Collectivite, Invitation, Utilisateur
from mairie.territoire import territoire

OCTETS_JETON = 16
# Fingerprint of the invitation that this browser is accepting by an outside identity.
CLE_SESSION = "comptes_invitation"


def empreinte(jeton: str) -> str:
    """SHA-256 of a token, as stored."""
    return hashlib.sha256(jeton.encode()).hexdigest()


@transaction.atomic
def inviter(
    par: Utilisateur | None,
    collectivite: Collectivite,
    email: str,
    propositions: Sequence[Proposition],
    *,
    nom: str = "",
    jours: int | None = None,
) -> tuple[Invitation, str]:
    """Make an invitation: (row, token, which is nowhere else). Raises ``Refus``.

    Earlier invitations of the same address by the same collectivité, still open, are revoked.
    """
    if not droits.administre(par, [collectivite.code]):
        raise Refus("Vous n'administrez pas cette collectivité.")
    if not propositions:
        raise Refus("Proposez au moins un rôle.")
    for proposition in propositions:
        droits.verifier(par, proposition)
    adresse = email.strip().lower()
    maintenant = timezone.now()
    ouvertes = Invitation.objects.filter(
        collectivite=collectivite, email=adresse, utilisee_le=None, revoquee_le=None
    )
    ouvertes.update(revoquee_le=maintenant)
    jeton = secrets.token_urlsafe(OCTETS_JETON)
    invitation = Invitation.objects.create(
        collectivite=collectivite,
        email=adresse,
        nom=nom.strip(),
        empreinte=empreinte(jeton),
        propositions=[p.en_json() for p in propositions],
        invitee_par=par,
        expire_le=maintenant + timedelta(days=jours or settings.INVITATION_JOURS),
    )
    journal.noter(
        par or LIGNE_DE_COMMANDE,
        INVITATION_ENVOYEE,
        invitation,
        insee=collectivite.code,
        donnees={"roles": sorted({f"{p.metier}.{p.role}" for p in propositions})},
    )
    return invitation, jeton


def envoyer(invitation: Invitation, jeton: str) -> None:
    """Queue the mail of the link; its text is wiped once it left."""
    contexte = {
        "invitation": invitation,
        "lien": adresse(jeton),
        "nom_site": territoire().nom,
        "roles": [_libelle(p) for p in invitation.propositions],
    }
    mettre_en_file(
        f"invitation:{invitation.pk}",
        invitation.email,
        render_to_string("comptes/courriels/invitation_sujet.txt", contexte),
        render_to_string("comptes/courriels/invitation.txt", contexte).strip(),
        insee=invitation.collectivite.code,
        lie=invitation,
        conserver=False,
        par=invitation.invitee_par,
    )


def adresse(jeton: str) -> str:
    """The full address of the page that accepts."""
    return str(settings.ADRESSE_DU_SITE) + reverse("comptes_invitation", kwargs={"jeton": jeton})


def _libelle(proposition: dict[str, Any]) -> str:
    from mairie import roles

    role = roles.role(proposition["metier"], proposition["role"])
    metier = roles.metiers().get(proposition["metier"], proposition["metier"])
    return f"{role.libelle if role else proposition['role']} ({metier})"


def libelles_roles(invitation: Invitation) -> list[str]:
    """Roles proposed, in words."""
    return [_libelle(p) for p in invitation.propositions]


def etat(invitation: Invitation, maintenant: datetime | None = None) -> str:
    """« ouverte », « expirée », « révoquée », « acceptée »."""
    if invitation.utilisee_le is not None:
        return "acceptée"
    if invitation.revoquee_le is not None:
        return "révoquée"
    return "expirée" if invitation.expire_le <= (maintenant or timezone.now()) else "ouverte"


def trouver(jeton: str) -> Invitation | None:
    """The invitation of a token, whatever its state."""
    return (
        Invitation.objects.select_related("collectivite", "invitee_par")
        .filter(empreinte=empreinte(jeton))
        .first()
    )


def accepter(invitation: Invitation, utilisateur: Utilisateur) -> None:
    """Give the habilitations to this account, once; raises ``Refus``. The address must be the account's."""
    with transaction.atomic():
        i = Invitation.objects.select_for_update(of=("self",)).get(pk=invitation.pk)
        if (quoi := etat(i)) != "ouverte":
            raise Refus(f"Cette invitation est {quoi} : demandez-en une autre à {i.collectivite}.")
        if utilisateur.email.lower() != i.email:
            raise Refus("Cette invitation est pour une autre adresse que celle de votre compte.")
        for proposition in map(Proposition.de_json, i.propositions):
            try:
                # Who invited must still administer: a late click gives nothing in a lost name.
                droits.accorder(i.invitee_par, utilisateur, proposition)
            except Refus as e:
                raise Refus(f"Cette invitation ne vaut plus ({e}) Demandez-en une autre.") from e
        i.utilisee_le = timezone.now()
        i.utilisateur = utilisateur
        i.save(update_fields=["utilisee_le", "utilisateur"])
        journal.noter(utilisateur, INVITATION_ACCEPTEE, i, insee=i.collectivite.code)


def creer_compte(invitation: Invitation, nom: str, mot_de_passe: str | None) -> Utilisateur:
    """The account of the invited person, its address verified by the mail; raises ``Refus``."""
    with transaction.atomic():
        if Utilisateur.objects.filter(email__iexact=invitation.email).exists():
            raise Refus("Un compte existe déjà à cette adresse : connectez-vous pour accepter.")
        utilisateur = Utilisateur.objects.create_user(
            invitation.email, mot_de_passe, nom=nom.strip() or invitation.nom
        )
        EmailAddress.objects.create(user=utilisateur, email=utilisateur.email, primary=True, verified=True)
        accepter(invitation, utilisateur)
    return utilisateur


@transaction.atomic
def revoquer(par: Utilisateur, invitation: Invitation) -> None:
    """Take an invitation back; raises ``Refus``."""
    i = Invitation.objects.select_for_update(of=("self",)).get(pk=invitation.pk)
    if not droits.administre(par, [i.collectivite.code]):
        raise Refus("Vous n'administrez pas cette collectivité.")
    if i.utilisee_le is not None:
        raise Refus("Cette invitation est déjà acceptée : terminez plutôt les habilitations.")
    if i.revoquee_le is None:
        i.revoquee_le = timezone.now()
        i.save(update_fields=["revoquee_le"])
        journal.noter(par, INVITATION_REVOQUEE, i, insee=i.collectivite.code)


def en_cours(request: HttpRequest) -> Invitation | None:
    """The open invitation that this browser is accepting by an outside identity."""
    marque = request.session.get(CLE_SESSION)
    if not marque:
        return None
    invitation = Invitation.objects.select_related("collectivite").filter(empreinte=marque).first()
    return invitation if invitation is not None and etat(invitation) == "ouverte" else None


def accepter_par_identite(request: HttpRequest, invitation: Invitation, externe: Any) -> None:
    """Open the account under an outside identity, which the log-in under way then uses; raises ``Refus``."""
    with transaction.atomic():
        utilisateur = creer_compte(invitation, str(externe.user.nom or ""), None)
        externe.user = utilisateur
        externe.account.user = utilisateur
        externe.account.save()
    request.session.pop(CLE_SESSION, None)

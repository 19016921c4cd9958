"""Acts of an administrateur on accounts themselves: name, closing, lost second factor."""

from __future__ import annotations

from django.db import transaction

from mairie import journal
from mairie.comptes import second_facteur
from mairie.comptes.droits import Refus, maitrise
from mairie.comptes.traces import COMPTE_FERME, COMPTE_MODIFIE, COMPTE_OUVERT, SECOND_FACTEUR_RETIRE
from mairie.habilitations import oublier
from mairie.models import Utilisateur

HORS_DE_PORTEE = "Cette personne travaille aussi pour une collectivité que vous n'administrez pas."


@transaction.atomic
def renommer(par: Utilisateur, utilisateur: Utilisateur, nom: str) -> None:
    """Correct a name; raises ``Refus``."""
    if not maitrise(par, utilisateur):
        raise Refus(HORS_DE_PORTEE)
    if not nom.strip():
        raise Refus("Indiquez le nom.")
    Utilisateur.objects.filter(pk=utilisateur.pk).update(nom=nom.strip()[:150])
    journal.noter(par, COMPTE_MODIFIE, utilisateur)


@transaction.atomic
def ouvrir_ou_fermer(par: Utilisateur, utilisateur: Utilisateur, ouvert: bool) -> None:
    """Close an account, which ends its sessions at once, or open it again; raises ``Refus``."""
    if utilisateur.pk == par.pk:
        raise Refus("Vous ne pouvez pas fermer votre propre compte.")
    if not maitrise(par, utilisateur):
        raise Refus(HORS_DE_PORTEE)
    Utilisateur.objects.filter(pk=utilisateur.pk).update(is_active=ouvert)
    oublier(utilisateur)
    journal.noter(par, COMPTE_OUVERT if ouvert else COMPTE_FERME, utilisateur)


@transaction.atomic
def retirer_second_facteur(par: Utilisateur, utilisateur: Utilisateur) -> None:
    """For who lost phone and codes: she sets up another at her next log-in; raises ``Refus``.

    One's own goes by « Mon compte », which asks who one is.
    """
    if utilisateur.pk == par.pk:
        raise Refus("Le vôtre se retire dans « Mon compte ».")
    if not maitrise(par, utilisateur):
        raise Refus(HORS_DE_PORTEE)
    if not second_facteur.retirer(utilisateur):
        raise Refus("Cette personne n'a pas de second facteur.")
    journal.noter(par, SECOND_FACTEUR_RETIRE, utilisateur)

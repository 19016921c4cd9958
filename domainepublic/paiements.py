"""Payments read in the file of the finance software (spec §8): one verdict a line, rejects given back."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from domainepublic import facturation
from domainepublic.models import Paiement, Titre
from mairie import paiements
from mairie.models import Utilisateur
from mairie.paiements import COLONNES, LIGNES_MAX, TAILLE_MAX, FichierRefuse, Rapport
from mairie.workflow import Refus

__all__ = ["COLONNES", "LIGNES_MAX", "TAILLE_MAX", "FichierRefuse", "Rapport", "importer"]


def importer(insee: str, octets: bytes, par: Utilisateur) -> Rapport:
    """Record the payments of a commune's claims; a line already recorded is told and left."""

    def enregistrer(reference: str, numero: str, le: date, montant: Decimal) -> bool:
        # Locked before one looks: the same file sent twice at once is recorded once.
        trouves = Titre.objects.select_for_update(of=("self",)).filter(role__insee=insee, reference=reference)
        titre = trouves.first() if reference else None
        if titre is None:
            raise Refus(f"Aucun titre « {reference} » dans cette commune.")
        connu = Paiement.objects.filter(
            titre=titre, le=le, montant=montant, numero_titre=numero, importe=True
        ).exists()
        if not connu:
            facturation.encaisser(titre, montant, le, par=par, numero_titre=numero, importe=True)
        return not connu

    return paiements.importer(octets, enregistrer, taille_max=TAILLE_MAX, lignes_max=LIGNES_MAX)

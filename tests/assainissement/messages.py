"""Domain events delivered inside a test's transaction, as the house task would, in order."""

from __future__ import annotations

from mairie import evenements
from mairie.models import Livraison


def livrer() -> int:
    """Deliver all that waits, and what that emits; how many. A subscriber that fails fails the test."""
    faites = 0
    while tete := Livraison.objects.filter(etat="a_livrer").order_by("evenement_id", "abonne").first():
        evenements._appeler(tete)
        Livraison.objects.filter(pk=tete.pk).update(etat="livree", livree_le=tete.evenement.emis_le)
        faites += 1
    return faites

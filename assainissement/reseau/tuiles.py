"""Tiles of the network on the dashboard of sanitation: what remains to be looked at, files that wait."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q

from assainissement import perms
from assainissement.models import Arete, ImportRaepa, Troncon
from assainissement.reseau.topologie import CONSTATS
from mairie.habilitations import peut

# A dead end or a loop may be meant: only what is not joined presses.
PRESSANTS = ("sans_noeud", "isolee")


def tuiles(utilisateur: Any) -> list[tuple[str, int, str, str]]:
    """(address, number, words, tone) of each tile that counts something."""
    aretes = Arete.objects.filter(troncon__in=Troncon.objects.visibles_par(utilisateur))
    comptes = aretes.aggregate(**{c: Count("pk", filter=Q(**{c: True})) for c in PRESSANTS})
    sortie = [
        (
            f"/assainissement/reseau/canalisations/?a_voir={c}",
            comptes[c],
            f"Réseau : {CONSTATS[c].lower()}",
            "info",
        )
        for c in PRESSANTS
        if comptes[c]
    ]
    if peut(utilisateur, perms.REGLER):
        attendent = ImportRaepa.objects.visibles_par(utilisateur).filter(etat="controle").count()
        if attendent:
            adresse = "/assainissement/reseau/imports/?etat=controle"
            sortie.append((adresse, attendent, "Imports du réseau à confirmer", "bientot"))
    return sortie

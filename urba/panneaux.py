"""Panel of the permits on a parcel's page: all requests that name it, or whose ground touches it."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from mairie.habilitations import peut
from mairie.panneaux import Panneau
from urba import perms
from urba.models import DossierInstruction
from urba.publication import ETATS_PUBLICS, etat_public, publies

TITRE, ICONE = "Autorisations d'urbanisme", "bi-file-earmark-text"
NOUVEAU = "Nouveau dossier d'urbanisme ici"
MAXIMUM = 50


def parcelle(fiche: Any, utilisateur: Any) -> Panneau:
    """Requests on this parcel, newest first; the public sees those published, without object of agents."""
    version = fiche.version
    agent = peut(utilisateur, perms.LIRE, version.commune)
    base = DossierInstruction.objects.visibles_par(utilisateur) if agent else publies()
    filtre = Q(parcelles__idu=version.idu)
    if version.geom is not None:
        # Shrunk by half a metre, so that a common border is not a common ground.
        coeur = version.geom.buffer(-0.5)
        if not coeur.empty:
            filtre |= Q(terrain__emprise__intersects=coeur)
    dossiers = list(
        base.filter(insee=version.commune)
        .filter(filtre)
        .select_related("da")
        .annotate(public=etat_public())
        .order_by("-date_depot", "-id")
        .distinct()[:MAXIMUM]
    )
    lignes = [
        {
            "numero": str(d),
            "adresse": f"/urba/dossiers/{d.pk}/" if agent else "",
            "objet": d.objet if agent else d.objet_public,
            "depose_le": d.date_depot,
            "etat": d.libelle_etat if agent else ETATS_PUBLICS[d.public],
            "validite": d.validite_fin,
        }
        for d in dossiers
    ]
    # A parcel of the past receives no request: one deposits on what it has become.
    ouverte = version.valide_au is None and peut(utilisateur, perms.DEPOSER, version.commune)
    action = (NOUVEAU, f"/urba/deposer/?idu={version.idu}") if ouverte else None
    contexte = {"dossiers": lignes}
    return Panneau(TITRE, ICONE, len(lignes), "urba/_panneau_parcelle.html", contexte, action=action)

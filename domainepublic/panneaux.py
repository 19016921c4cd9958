"""Panel of the public domain on a parcel's page: occupations within five metres, now and before."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from domainepublic import perms
from domainepublic.models import DossierODP, Emprise
from domainepublic.publication import emprises_publiques
from mairie.habilitations import peut
from mairie.panneaux import Panneau

TITRE, ICONE = "Occupations du domaine public", "bi-cone-striped"
DISTANCE_M = 5
MAXIMUM = 50


def parcelle(fiche: Any, utilisateur: Any) -> Panneau:
    """Agents see every file; the public, titles that are not over, without number nor name."""
    version = fiche.version
    if version.geom is None:
        return Panneau(TITRE, ICONE, 0, "domainepublic/_panneau_parcelle.html", {"occupations": []})
    agent = peut(utilisateur, perms.LIRE, version.commune)
    jour = timezone.localdate()
    if agent:
        visibles = DossierODP.objects.visibles_par(utilisateur).exclude(etat="")
        base = Emprise.objects.filter(dossier__in=visibles.values("pk"))
    else:
        base = emprises_publiques().exclude(fin__lt=jour)
    trouvees = (
        base.filter(dossier__insee=version.commune, surface__dwithin=(version.geom, DISTANCE_M))
        .select_related("type", "dossier", "dossier__voie")
        .order_by("-debut", "-id")[:MAXIMUM]
    )
    lignes = [
        {
            "libelle": e.type.libelle if agent else e.type.libelle_public,
            "numero": str(e.dossier) if agent else "",
            "adresse": e.dossier.get_absolute_url() if agent else "",
            "lieu": e.dossier.lieu if agent else str(e.dossier.voie or ""),
            "debut": e.debut,
            "fin": e.fin,
            "etat": e.dossier.libelle_etat if agent else "",
            "en_cours": e.couvre(jour),
        }
        for e in trouvees
    ]
    return Panneau(TITRE, ICONE, len(lignes), "domainepublic/_panneau_parcelle.html", {"occupations": lignes})

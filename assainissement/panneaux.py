"""Panel of sanitation on a parcel's page: for agents only (spec §14)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.db.models import Q
from django.utils import timezone

from assainissement import perms
from assainissement.models import Installation, ZonageAssainissement
from assainissement.mots import TONS
from mairie.habilitations import peut
from mairie.panneaux import Panneau

TITRE, ICONE = "Assainissement non collectif", "bi-droplet-half"
GABARIT = "assainissement/_panneau_parcelle.html"
MAXIMUM = 30


def parcelle(fiche: Any, utilisateur: Any) -> Panneau | None:
    """Installations said to be on the parcel, or that stand on it; nothing for the public."""
    version = fiche.version
    if not peut(utilisateur, perms.LIRE, version.commune):
        return None
    filtre = Q(parcelles__reference=version.idu or "-")
    if version.geom is not None:
        filtre |= Q(geom__within=version.geom)
    trouvees = (
        Installation.objects.visibles_par(utilisateur)
        .filter(filtre, insee=version.commune)
        .exclude(etat="")
        .distinct()
        .order_by("etat", "numero")[:MAXIMUM]
    )
    lignes = [(i, TONS[i.derniere_regle]) for i in trouvees]
    action = None
    if version.idu and version.valide_au is None and peut(utilisateur, perms.ENREGISTRER, version.commune):
        adresse = f"/assainissement/installations/nouvelle/?{urlencode({'parcelle': version.idu})}"
        action = ("Enregistrer une installation", adresse)
    zones = []
    if version.geom is not None:
        zones = list(
            ZonageAssainissement.objects.en_vigueur(timezone.localdate())
            .filter(insee=version.commune, geom__intersects=version.geom)
            .defer("geom", "geom_3857")
        )
    contexte = {"installations": lignes, "zones": zones}
    return Panneau(TITRE, ICONE, len(lignes), GABARIT, contexte, action=action)

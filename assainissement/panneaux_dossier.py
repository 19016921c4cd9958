"""Panel of sanitation on the page of a permit: where the project stands, installations of its ground."""

from __future__ import annotations

from typing import Any

from assainissement import perms
from assainissement.installations import sur_le_terrain
from assainissement.models import AvisReseau, ProjetAnc
from assainissement.mots import TONS
from assainissement.proprietaire import rapports
from mairie.habilitations import peut
from mairie.panneaux import Panneau

TITRE, ICONE = "Assainissement", "bi-droplet-half"
GABARIT = "assainissement/_panneau_dossier.html"
MAXIMUM = 10


def dossier(d: Any, utilisateur: Any) -> Panneau | None:
    """For who may read the permit (spec §12): state of the project, installations on its parcels."""
    projet = ProjetAnc.objects.filter(autorisation=d.da.numero).select_related("installation").first()
    idus = [p.idu for p in d.parcelles.all() if p.idu]
    ici = sur_le_terrain(d.insee, idus)[:MAXIMUM] if idus else []
    installations = [(i, TONS[i.derniere_regle], rapports(i).first()) for i in ici]
    avis = list(AvisReseau.objects.filter(autorisation=d.da.numero).order_by("pk"))
    if projet is None and not installations and not avis:
        return None
    contexte = {
        "projet": projet,
        "avis": avis,
        "installations": installations,
        "autorisation": d.da.numero,
        "lire": peut(utilisateur, perms.LIRE, d.insee),
    }
    return Panneau(TITRE, ICONE, len(installations), GABARIT, contexte)

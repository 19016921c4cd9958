"""Panel of sanitation on a parcel's page: for agents only (spec §14)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib.gis.db.models.functions import Distance
from django.db.models import Q
from django.utils import timezone

from assainissement import perms
from assainissement.controles_ac import dernier_valide
from assainissement.models import Branchement, Installation, Troncon, ZonageAssainissement
from assainissement.mots import TONS
from assainissement.mots_ac import TONS_BRANCHEMENT
from mairie.habilitations import peut
from mairie.panneaux import Panneau

TITRE, ICONE = "Assainissement", "bi-droplet-half"
GABARIT = "assainissement/_panneau_parcelle.html"
MAXIMUM = 30
# A pipe is told of up to this far from the parcel.
RESEAU_M, RESEAU_MONTRE = 20.0, 5


def parcelle(fiche: Any, utilisateur: Any) -> Panneau | None:
    """Installations said to be on the parcel, or that stand on it; for the public, its zones only."""
    version = fiche.version
    if not peut(utilisateur, perms.LIRE, version.commune):
        return _public(version)
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
    branchements, controle_ac = _raccordement(version, utilisateur)
    contexte = {
        "installations": lignes,
        "zones": _zones(version),
        "interne": True,
        "idu": version.idu,
        "branchements": branchements,
        "controle_ac": controle_ac,
        "reseau": reseau_proche(version, utilisateur),
        "reseau_m": int(RESEAU_M),
        "branchement_nouveau": action[1].replace("installations/nouvelle", "branchements/nouveau")
        if action
        else "",
    }
    return Panneau(TITRE, ICONE, len(lignes) + len(branchements), GABARIT, contexte, action=action)


def _raccordement(version: Any, utilisateur: Any) -> tuple[list[Any], Any]:
    """Connections of the parcel with their state of today, and its last concluded control."""
    jour = timezone.localdate()
    filtre = Q(parcelles__reference=version.idu or "-")
    if version.geom is not None:
        filtre |= Q(geom__within=version.geom)
    trouves = (
        Branchement.objects.visibles_par(utilisateur)
        .filter(filtre, insee=version.commune)
        .distinct()
        .avec_etat(jour)
        .order_by("numero")[:MAXIMUM]
    )
    controle = dernier_valide(version.idu, version.commune) if version.idu else None
    return [(b, TONS_BRANCHEMENT[b.etat]) for b in trouves], controle


def reseau_proche(version: Any, utilisateur: Any) -> list[tuple[Any, float]]:
    """Pipes on the parcel or near it, with their distance in metres, the nearest first."""
    if version.geom is None:
        return []
    proches = (
        Troncon.objects.visibles_par(utilisateur)
        .filter(geom__dwithin=(version.geom, RESEAU_M))
        .annotate(distance=Distance("geom", version.geom))
        .defer("attributs_source")
        .order_by("distance", "identifiant")[:RESEAU_MONTRE]
    )
    return [(t, t.distance.m) for t in proches]


def _zones(version: Any) -> list[ZonageAssainissement]:
    if version.geom is None:
        return []
    return list(
        ZonageAssainissement.objects.en_vigueur(timezone.localdate())
        .filter(insee=version.commune, geom__intersects=version.geom)
        .defer("geom", "geom_3857")
    )


def _public(version: Any) -> Panneau | None:
    """The zones, which are public, and the way to what they mean; never an installation."""
    if version.valide_au is not None or version.geom is None or not version.idu:
        return None
    zones = _zones(version)
    if not zones:
        return None
    contexte = {"zones": zones, "idu": version.idu}
    return Panneau(TITRE, ICONE, None, GABARIT, contexte)


TITRE_PFAC, ICONE_PFAC = "Participation au réseau (PFAC)", "bi-houses"


def pfac_du_permis(dossier: Any, utilisateur: Any) -> Panneau | None:
    """The contribution of a permit, for who bills in its commune; nothing for others."""
    from assainissement.models import Pfac

    if not peut(utilisateur, perms.FACTURER, dossier.insee):
        return None
    trouvees = list(
        Pfac.objects.visibles_par(utilisateur)
        .filter(insee=dossier.insee, dossier_urba=dossier.numero or "-")
        .exclude(etat="")
    )
    contexte = {"participations": trouvees}
    return Panneau(
        TITRE_PFAC, ICONE_PFAC, len(trouvees), "assainissement/redevances/_panneau_permis.html", contexte
    )

"""Panels of the parcel page that the planning documents fill: PLU and servitudes, risks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils import timezone

from cadastre.fiche import Fiche
from gis_data.contraintes.calcul import contraintes
from gis_data.contraintes.resultat import Consultee, Etat, Resultat
from gis_data.contraintes.symboles import couleur_zone
from mairie.panneaux import Panneau, declarer

_ATTRIBUT = "_contraintes_du_jour"
# Out of a thousand, so that no decimal point is written in the drawing.
LARGEUR = 1000


def contraintes_de(fiche: Fiche, utilisateur: Any) -> Resultat | None:
    """Constraints of a parcel today, asked once a page; null for a parcel without contour."""
    if fiche.contour is None:
        return None
    if _ATTRIBUT not in fiche.__dict__:
        fiche.__dict__[_ATTRIBUT] = contraintes(fiche.contour, timezone.localdate(), utilisateur)
    resultat: Resultat = fiche.__dict__[_ATTRIBUT]
    return resultat


@dataclass(frozen=True)
class Segment:
    """A piece of the bar of shares."""

    x: int
    largeur: int
    fond: str
    bord: str
    libelle: str


def segments(resultat: Resultat) -> list[Segment]:
    """The bar of zones, left to right; what no zone covers is left blank."""
    trouves = []
    x = 0
    for zone in resultat.zonage.zones:
        largeur = round(zone.pct * LARGEUR / 100)
        fond, bord = couleur_zone(zone.typezone, zone.famille)
        trouves.append(Segment(x, largeur, fond, bord, zone.libelle))
        x += largeur
    return trouves


def ranger(consultees: list[Consultee]) -> dict[str, list[Consultee]]:
    """Layers by what they say."""
    return {
        "trouvees": [c for c in consultees if c.etat is Etat.TROUVE],
        "vides": [c for c in consultees if c.etat is Etat.RIEN],
        "non_chargees": [c for c in consultees if c.etat is Etat.NON_CHARGEE],
    }


def panneau_plu(fiche: Fiche, utilisateur: Any) -> Panneau | None:
    """Zones with their shares, prescriptions, servitudes, heritage; what is not loaded is said."""
    titre, icone = "Plan local d'urbanisme, servitudes", "bi-layers"
    resultat = contraintes_de(fiche, utilisateur)
    if resultat is None:
        return Panneau(titre, icone, charge=False, remarque="inconnu : la parcelle n'a pas de contour")
    couches = resultat.famille("plu", "servitude", "patrimoine", "autre")
    toutes = [resultat.zonage.consultee, *couches]
    if all(c.etat is Etat.NON_CHARGEE for c in toutes):
        return Panneau(titre, icone, charge=False, remarque="couche non chargée")
    nombre = len(resultat.zonage.zones) + sum(len(c.objets) for c in couches)
    contexte = {
        "resultat": resultat,
        "zonage": resultat.zonage,
        "segments": segments(resultat),
        "largeur": LARGEUR,
        "idu": fiche.idu,
        "note": reverse("parcelle_note", args=[fiche.idu]),
        **ranger(couches),
    }
    return Panneau(titre, icone, nombre, "cadastre/panneaux/plu.html", contexte)


def panneau_risques(fiche: Fiche, utilisateur: Any) -> Panneau | None:
    """Servitudes of risk and risk layers declared by the technicians."""
    titre, icone = "Risques", "bi-exclamation-diamond"
    resultat = contraintes_de(fiche, utilisateur)
    if resultat is None:
        return Panneau(titre, icone, charge=False, remarque="inconnu : la parcelle n'a pas de contour")
    couches = resultat.famille("risque")
    if all(c.etat is Etat.NON_CHARGEE for c in couches):
        return Panneau(titre, icone, charge=False, remarque="couche non chargée")
    nombre = sum(len(c.objets) for c in couches)
    return Panneau(titre, icone, nombre, "cadastre/panneaux/risques.html", ranger(couches))


def declarer_panneaux() -> None:
    """Fill the places that the parcel page keeps."""
    declarer("parcelle", "plu", "Plan local d'urbanisme, servitudes", "bi-layers", panneau_plu)
    declarer("parcelle", "risques", "Risques", "bi-exclamation-diamond", panneau_risques)

"""Note de renseignements d'urbanisme: what the loaded documents say of a ground, with its map, as one PDF."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import shapely
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone

from gis_data.carte.reperes import systemes
from gis_data.contraintes.certificat import AVERTISSEMENT, DonneesCertificat, donnees_certificat
from gis_data.contraintes.symboles import couleur_zone
from gis_data.couches import couches
from gis_data.plans.cadre import Cadre, cadrer
from gis_data.plans.carte import Bornes, Carte, Choix, dessiner
from mairie.courriers.entetes import entete_de
from mairie.courriers.rendu import Rendu, Ressource, rendre
from mairie.impression.feuille import credit
from mairie.impression.signes import milliers
from mairie.models import Collectivite

CARTE_MM = (82.0, 72.0)
# Of the bar of zones, so that no decimal point is written in the drawing.
BARRE = 1000
# Layers of the extract beside those of the plan that show by default.
EXTRAIT = ("plu_zones",)
# A point or a line needs ground around it.
DEMI_COTE_M = 30.0


@dataclass(frozen=True)
class Sujet:
    """The ground of a note: what it is called, how it is written (label, value)."""

    titre: str
    references: Sequence[tuple[str, str]] = ()


def rediger(sujet: Sujet, geometrie: Any, jour: date, utilisateur: Any = None) -> Rendu:
    """The note for a shapely geometry in the legal projection. ``ValueError`` (empty), ``RenduRefuse``.

    ``utilisateur`` null: public layers only.
    """
    donnees = donnees_certificat(geometrie, jour, utilisateur)
    carte = extrait(geometrie, sujet.titre)
    communes = donnees.resultat.communes
    collectivite = Collectivite.objects.filter(code__in=[i for i, _ in communes]).order_by("code").first()
    entete = entete_de(collectivite, "") if collectivite else None
    ressources = {"carte.svg": Ressource("image/svg+xml", carte.svg.encode())}
    if barre := barre_des_zones(donnees):
        ressources["zones.svg"] = Ressource("image/svg+xml", barre.encode())
    if entete and entete.logo:
        ressources["logo"] = entete.logo
    html = render_to_string(
        "mairie/impression/note.html",
        {
            "s": sujet,
            "d": donnees,
            "r": donnees.resultat,
            "commune": ", ".join(nom for _, nom in communes),
            "emetteur": entete.textes.get("nom", "") if entete else "",
            "adresse": entete.lignes("adresse") if entete else [],
            "logo": bool(entete and entete.logo),
            "barre": bool(barre),
            "echelle": milliers(carte.cadre.denominateur),
            "credits": [credit(s) for s in carte.sources],
            "projection": systemes(settings.TERRITOIRE_SRID)[0].nom,
            "edition": timezone.localdate(),
            "avertissement": AVERTISSEMENT,
        },
    )
    return rendre(html, lettre=ressources, delai=settings.IMPRESSION_RENDU_S)


def extrait(geometrie: Any, titre: str) -> Carte:
    """The ground in ochre on the plan and the zones in force, to scale."""
    autour = geometrie if geometrie.area else shapely.buffer(geometrie, DEMI_COTE_M)
    xmin, ymin, xmax, ymax = (float(v) for v in autour.bounds)
    cadre = cadrer((xmin, ymin, xmax, ymax), *CARTE_MM, marge=0.35)
    if cadre.denominateur < 500:
        cadre = Cadre(cadre.x, cadre.y, 500, *CARTE_MM)
    choix = Choix(tuple(c for c in couches() if c.publique and (c.visible or c.nom in EXTRAIT)))
    bornes = Bornes(settings.IMPRESSION_OBJETS, settings.IMPRESSION_REQUETE_S)
    return dessiner(cadre, choix, None, bornes, titre=titre, choisis=[geometrie], avec_croix=False)


def barre_des_zones(donnees: DonneesCertificat) -> str:
    """The bar of shares, left to right; empty without zones."""
    x, cases = 0, []
    for zone in donnees.zonage.zones:
        largeur = round(zone.pct * BARRE / 100)
        fond, bord = couleur_zone(zone.typezone, zone.famille)
        cases.append(
            f'<rect x="{x}" y="0" width="{largeur}" height="30" fill="{fond}" fill-opacity="0.45"'
            f' stroke="{bord}" stroke-width="3"/>'
        )
        x += largeur
    if not cases:
        return ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {BARRE} 30" preserveAspectRatio="none"'
        f' width="92mm" height="3mm"><rect width="{BARRE}" height="30" fill="#f5f3ee"/>{"".join(cases)}</svg>'
    )

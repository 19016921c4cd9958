"""What a drawing snaps to: outlines of parcels and buildings in view, a bounded number of them."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.contrib.gis.db.models.functions import AsGeoJSON, Transform
from django.contrib.gis.geos import Polygon
from django.db.models import F

from gis_data.couches import CoucheInconnue, couche

COUCHES = ("parcelles", "batiments")
# A box wider than this shows nothing that a hand could snap to.
COTE_MAX_M = 1500.0
PAR_COUCHE = 400


def lire_boite(texte: str) -> tuple[float, float, float, float]:
    """« west,south,east,north » in degrees; ``ValueError`` with words for anything else."""
    try:
        ouest, sud, est, nord = map(float, texte.split(","))
    except ValueError:
        raise ValueError("Le paramètre « bbox » doit être « ouest,sud,est,nord » en degrés.") from None
    if not (-180 <= ouest < est <= 180 and -85 <= sud < nord <= 85):
        raise ValueError("Le paramètre « bbox » doit aller d'ouest en est et du sud au nord, dans le monde.")
    return ouest, sud, est, nord


def accroches(boite: tuple[float, float, float, float]) -> dict[str, Any]:
    """FeatureCollection of the box (degrees); ``complet`` says whether any was left out.

    ``ValueError`` with words for a box too large.
    """
    cadre = Polygon.from_bbox(boite)
    cadre.srid = 4326
    cadre.transform(settings.TERRITOIRE_SRID)
    ouest, sud, est, nord = cadre.extent
    # Written so that a box that the projection cannot hold is refused too.
    if not max(est - ouest, nord - sud) <= COTE_MAX_M:
        raise ValueError(f"Rapprochez-vous : l'accrochage se fait sur {COTE_MAX_M:.0f} m de côté au plus.")
    objets: list[dict[str, Any]] = []
    complet = True
    for nom in COUCHES:
        try:
            choisie = couche(nom)
        except CoucheInconnue:
            continue
        lignes = (
            choisie.objets(None)
            .filter(**{f"{choisie.geometrie}__intersects": cadre})
            .annotate(d_forme=AsGeoJSON(Transform(F(choisie.geometrie), 4326), precision=9))
            .order_by("pk")
            .values_list("d_forme", flat=True)[: PAR_COUCHE + 1]
        )
        lues = list(lignes)
        complet = complet and len(lues) <= PAR_COUCHE
        objets += [
            {"type": "Feature", "properties": {"couche": nom}, "geometry": json.loads(forme)}
            for forme in lues[:PAR_COUCHE]
        ]
    return {"type": "FeatureCollection", "features": objets, "complet": complet}

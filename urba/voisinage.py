"""The neighbours of a request as the live map of its page wants them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from mairie.ecrans.place import place_de
from urba.instruction.etats import ACCORDES, OUVERTS
from urba.models import DossierInstruction, Lot
from urba.terrain import voisins

RAYON_M = 100
VOISINS_MAX = 60


def carte(d: DossierInstruction, utilisateur: Any, lots_du_permis: Sequence[Lot]) -> dict[str, Any] | None:
    """Features in degrees, years, the list for who has no script; null where the request has no ground."""
    place = place_de(d, "terrain__emprise")
    if place is None:
        return None
    visibles = DossierInstruction.objects.visibles_par(utilisateur)
    autres = list(voisins(d, RAYON_M).filter(pk__in=visibles.values("pk"))[:VOISINS_MAX])
    traits = [_trait(d, place["trait"]["geometry"], ici=True)]
    for x in autres:
        geometrie = x.terrain.emprise.transform(4326, clone=True)
        traits.append(_trait(x, json.loads(geometrie.json), ici=False))
    contours = [
        {
            "type": "Feature",
            "properties": {"lot": lot.numero},
            "geometry": json.loads(lot.emprise.transform(4326, clone=True).json),
        }
        for lot in lots_du_permis
        if lot.emprise is not None
    ]
    annees = sorted({x.date_depot.year for x in (d, *autres) if x.date_depot})
    return {
        "traits": {"type": "FeatureCollection", "features": traits},
        "lots": {"type": "FeatureCollection", "features": contours},
        "annees": annees,
        "voisins": autres,
        "rayon": RAYON_M,
        "adresse": place["carte"],
    }


def _trait(d: DossierInstruction, geometrie: dict[str, Any], *, ici: bool) -> dict[str, Any]:
    ton = "ouvert" if d.etat in OUVERTS else "accorde" if d.etat in ACCORDES else "autre"
    return {
        "type": "Feature",
        "properties": {
            "titre": str(d),
            "etat": d.libelle_etat,
            "annee": d.date_depot.year if d.date_depot else None,
            "adresse": f"/urba/dossiers/{d.pk}/",
            "ton": ton,
            "ici": ici,
        },
        "geometry": geometrie,
    }

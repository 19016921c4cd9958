"""Tiles made in advance, so that nobody waits for them after an import."""

from __future__ import annotations

from gis_data.couches import couches, groupes
from gis_data.tuiles import cache
from mairie.taches.declaration import tache

# Above, a tile is quickly made and there are too many.
ZOOMS = range(8, 16)
# Between two slots, so that the worker is free for the rest.
DUREE_S = 120.0


@tache("mairie.reconstruire_tuiles", "Tuiles des lieux qui ont changé", atomique=False)
def reconstruire_tuiles() -> dict[str, int]:
    """What is drawn when the map opens; tiles that still hold are left as they are."""
    groupees = [c.nom for c in couches() if c.publique and c.visible and not c.groupe]
    faites, fini = cache.reconstruire([*(g.nom for g in groupes()), *groupees], ZOOMS, duree_s=DUREE_S)
    return {"faites": faites, "restent": int(not fini)}

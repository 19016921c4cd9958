"""The place of an object on its page: its geometry in degrees for the small map, a link to the whole map."""

from __future__ import annotations

import json
from typing import Any

# Beyond, the outline is drawn within a metre: the small map shows no more.
SOMMETS_MAX = 2_000
TOLERANCE_M = 1.0
ZOOM_LIEN = 18


def place_de(objet: Any, chemin: str) -> dict[str, Any] | None:
    """Feature and address of ``/carte/`` for the geometry at a lookup path; null where there is none."""
    geometrie = objet
    for nom in chemin.split("__"):
        geometrie = getattr(geometrie, nom, None)
        if geometrie is None:
            return None
    if geometrie.empty:
        return None
    if geometrie.num_coords > SOMMETS_MAX:
        geometrie = geometrie.simplify(TOLERANCE_M, preserve_topology=True)
    degres = geometrie.transform(4326, clone=True)
    centre = degres.point_on_surface if degres.dims == 2 else degres.centroid
    return {
        "trait": {"type": "Feature", "properties": {}, "geometry": json.loads(degres.json)},
        "carte": f"/carte/#{ZOOM_LIEN}/{centre.y:.6f}/{centre.x:.6f}",
    }

"""A parcel of the ground plan before rounding."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from shapely.geometry import Polygon


@dataclass
class Terrain:
    """``usage`` says what stands or grows on it; ``facade`` is its border on a street, if any.

    ``cap``: direction of the furrows (radians). ``ilot``: number of its cell.
    """

    forme: Polygon
    zone: str
    ilot: int
    usage: str
    facade: Any = None
    cap: float = 0.0

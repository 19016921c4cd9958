"""Where the invented commune stands: its turn and shift, in any projection of the exchange."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gis_data.demo.village.topologie import Placement
from gis_data.formats.edigeo.projections import EPSG_PAR_CODE, SOURCES_PAR_TERRITOIRE
from gis_data.projections import transformateur

LAMBERT_93 = 2154
# Rough middle of each département, Lambert 93, km.
_DEPARTEMENTS: dict[str, tuple[int, int]] = {
    "01": (882, 6558),
    "02": (740, 6939),
    "03": (715, 6589),
    "04": (956, 6339),
    "05": (958, 6400),
    "06": (1029, 6325),
    "07": (811, 6407),
    "08": (816, 6946),
    "09": (577, 6201),
    "10": (785, 6801),
    "11": (651, 6222),
    "12": (672, 6356),
    "13": (870, 6275),
    "14": (455, 6894),
    "15": (672, 6439),
    "16": (482, 6515),
    "17": (413, 6529),
    "18": (662, 6661),
    "19": (614, 6473),
    "2A": (1194, 6107),
    "2B": (1211, 6165),
    "21": (832, 6701),
    "22": (267, 6827),
    "23": (623, 6556),
    "24": (523, 6447),
    "25": (954, 6678),
    "26": (870, 6402),
    "27": (554, 6891),
    "28": (582, 6812),
    "29": (182, 6823),
    "30": (796, 6318),
    "31": (554, 6252),
    "32": (494, 6292),
    "33": (420, 6423),
    "34": (728, 6278),
    "35": (354, 6793),
    "36": (593, 6634),
    "37": (526, 6686),
    "38": (904, 6470),
    "39": (906, 6631),
    "40": (399, 6324),
    "41": (584, 6723),
    "42": (793, 6512),
    "43": (763, 6445),
    "44": (349, 6705),
    "45": (651, 6756),
    "46": (589, 6390),
    "47": (497, 6365),
    "48": (740, 6378),
    "49": (432, 6706),
    "50": (386, 6892),
    "51": (792, 6873),
    "52": (864, 6780),
    "53": (429, 6790),
    "54": (931, 6860),
    "55": (876, 6880),
    "56": (267, 6766),
    "57": (967, 6890),
    "58": (738, 6667),
    "59": (714, 7028),
    "60": (660, 6922),
    "61": (486, 6837),
    "62": (650, 7045),
    "63": (708, 6517),
    "64": (395, 6246),
    "65": (468, 6221),
    "66": (659, 6167),
    "67": (1035, 6849),
    "68": (1018, 6759),
    "69": (828, 6529),
    "70": (933, 6732),
    "71": (819, 6618),
    "72": (491, 6770),
    "73": (965, 6495),
    "74": (963, 6556),
    "75": (652, 6862),
    "76": (556, 6952),
    "77": (696, 6833),
    "78": (616, 6856),
    "79": (447, 6611),
    "80": (650, 6984),
    "81": (632, 6300),
    "82": (564, 6329),
    "83": (959, 6266),
    "84": (876, 6325),
    "85": (371, 6626),
    "86": (505, 6609),
    "87": (564, 6535),
    "88": (949, 6794),
    "89": (741, 6750),
    "90": (993, 6735),
    "91": (645, 6822),
    "92": (645, 6861),
    "93": (662, 6869),
    "94": (661, 6853),
    "95": (638, 6887),
}
# Overseas: a place on land, in the projection itself (m).
_OUTRE_MER: dict[int, tuple[int, int]] = {
    5490: (655000, 1795000),
    2970: (655000, 1795000),
    2969: (495000, 1985000),
    2973: (710000, 1622000),
    32620: (655000, 1795000),
    2972: (330000, 560000),
    2975: (340000, 7660000),
    3727: (162000, 52000),
    4471: (520000, 8580000),
    4467: (560000, 5182000),
}
# Legal projection of the overseas codes.
_CODES_OUTRE_MER = {
    "971": "RGAF09UTM20",
    "972": "RGAF09UTM20",
    "973": "RGFG95UTM22",
    "974": "RGR92UTM",
    "975": "RGSPM06U21",
    "976": "RGM04",
}
_MARTINIQUE = (710000, 1622000)
_MAILLE = 7000.0
_COTE = 7


def code_par_defaut(insee: str) -> str:
    """Projection code in use where the commune lies."""
    return _CODES_OUTRE_MER.get(insee[:3], "LAMB93")


def origine(insee: str, epsg: int) -> tuple[float, float]:
    """Place of the village square, in Lambert 93 on the mainland, else in ``epsg`` itself (m).

    Neighbouring codes stand 7 km apart, on a grid of 7 by 7 about the middle of the département.
    """
    rang = (999 - int(insee[2:])) if insee[2:].isdigit() else 0
    i, j = divmod(rang % _COTE**2, _COTE)
    dx, dy = (_spirale(i) * _MAILLE, _spirale(j) * _MAILLE)
    if epsg in SOURCES_PAR_TERRITOIRE[LAMBERT_93]:
        x, y = _DEPARTEMENTS.get(insee[:2], _DEPARTEMENTS["25"])
        return x * 1000.0 + dx, y * 1000.0 + dy
    bx, by = _MARTINIQUE if epsg == 5490 and insee.startswith("972") else _OUTRE_MER[epsg]
    return bx + dx / _COTE, by + dy / _COTE


def _spirale(rang: int) -> int:
    """0, 1, -1, 2, -2…"""
    return (rang + 1) // 2 * (1 if rang % 2 else -1)


def placement(insee: str, crs: str, angle: float) -> Placement:
    """Function from the plan's metres to the projection ``crs``. ``KeyError`` for an unknown code."""
    epsg = EPSG_PAR_CODE[crs]
    decalage = np.array(origine(insee, epsg))
    rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    metropole = epsg in SOURCES_PAR_TERRITOIRE[LAMBERT_93]

    def placer(coordonnees: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        p = coordonnees @ rotation.T + decalage
        if not metropole or epsg == LAMBERT_93:
            return p
        x, y = transformateur(LAMBERT_93, epsg).transform(p[:, 0], p[:, 1])
        return np.column_stack([x, y])

    return placer

"""Projection codes of the GEO file (field REL) and the projections each territory accepts, as data."""

from __future__ import annotations

# REL code of the EDIGÉO exchange -> EPSG.
EPSG_PAR_CODE: dict[str, int] = {
    "LAMB93": 2154,
    **{f"RGF93CC{zone}": 3900 + zone for zone in range(42, 51)},
    "LAMB1": 27561,
    "LAMB2": 27562,
    "LAMB3": 27563,
    "LAMB4": 27564,
    "LAMB1C": 27571,
    "LAMB2C": 27572,
    "LAMBE": 27572,
    "RGAF09UTM20": 5490,
    "MART38UTM20": 2973,
    "GUAD48UTM20": 2970,
    "GUADFM49U20": 2969,
    "WGS84UTM20": 32620,
    "RGFG95UTM22": 2972,
    "RGR92UTM40S": 2975,
    "RGR92UTM": 2975,
    "REUN47GAUSSL": 3727,
    "RGM04UTM38S": 4471,
    "RGM04": 4471,
    "RGSPM06U21": 4467,
}

# No transformation better than 0.3–0.4 m is published for these: the import says so (CRS_APPROCHE).
CODES_APPROCHES = frozenset({"GUAD48UTM20", "GUADFM49U20"})

# NTF projections: right to the centimetre only with the grid ntf_r93.gsb.
EPSG_AVEC_GRILLE = frozenset({27561, 27562, 27563, 27564, 27571, 27572})

# SRID of a deployment -> projections of the sheets it may store.
SOURCES_PAR_TERRITOIRE: dict[int, frozenset[int]] = {
    2154: frozenset({2154, *range(3942, 3951), *EPSG_AVEC_GRILLE}),
    5490: frozenset({5490, 2970, 2969, 2973, 32620}),
    2975: frozenset({2975, 3727}),
    2972: frozenset({2972}),
    4471: frozenset({4471}),
    4467: frozenset({4467}),
}


def code_de_epsg(epsg: int) -> str:
    """First REL code of a projection, for the writer; ``KeyError`` when no code names it."""
    for code, valeur in EPSG_PAR_CODE.items():
        if valeur == epsg:
            return code
    raise KeyError(epsg)

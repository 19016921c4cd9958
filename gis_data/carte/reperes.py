"""Systems in which the map writes and reads coordinates: legal projection, CC zones, degrees."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import pyproj

from gis_data.projections import transformateur

LONLAT = 4326
METROPOLE = 2154
# A conformal conic zone a degree of latitude; EPSG 3942 to 3950.
ZONES_CC = range(42, 51)

_LEGALES: dict[int, tuple[str, str]] = {
    METROPOLE: (
        "Lambert 93",
        "+proj=lcc +lat_0=46.5 +lon_0=3 +lat_1=49 +lat_2=44 +x_0=700000 +y_0=6600000 +ellps=GRS80 +units=m",
    ),
    5490: ("RGAF09 UTM 20 N", "+proj=utm +zone=20 +ellps=GRS80 +units=m"),
    2972: ("RGFG95 UTM 22 N", "+proj=utm +zone=22 +ellps=GRS80 +units=m"),
    2975: ("RGR92 UTM 40 S", "+proj=utm +zone=40 +south +ellps=GRS80 +units=m"),
    4471: ("RGM04 UTM 38 S", "+proj=utm +zone=38 +south +ellps=GRS80 +units=m"),
    4467: ("RGSPM06 UTM 21 N", "+proj=utm +zone=21 +ellps=GRS80 +units=m"),
}


@dataclass(frozen=True)
class Systeme:
    """One system of plane coordinates in metres. ``zone``: latitude of a CC zone, null otherwise."""

    code: str
    nom: str
    srid: int
    proj4: str
    zone: int | None = None

    def en_json(self) -> dict[str, Any]:
        """What the browser needs to write coordinates by itself."""
        return {
            "code": self.code,
            "nom": self.nom,
            "srid": self.srid,
            "proj4": self.proj4,
            "zone": self.zone,
        }


def _cc(zone: int) -> Systeme:
    proj4 = (
        f"+proj=lcc +lat_0={zone} +lon_0=3 +lat_1={zone - 0.75} +lat_2={zone + 0.75}"
        f" +x_0=1700000 +y_0={(zone - 41) * 1_000_000 + 200_000} +ellps=GRS80 +units=m"
    )
    return Systeme(f"cc{zone}", f"CC{zone}", 3900 + zone, proj4, zone)


@lru_cache
def systemes(srid: int) -> tuple[Systeme, ...]:
    """Systems of a territory, its legal projection first; the CC zones on the mainland."""
    nom, proj4 = _LEGALES[srid]
    legale = Systeme("legale", nom, srid, proj4)
    return (legale, *map(_cc, ZONES_CC)) if srid == METROPOLE else (legale,)


class CoordonneesIllisibles(ValueError):
    """The text gives no place of the territory, with the reason in words."""


@dataclass(frozen=True)
class Lecture:
    """One way to understand a text: in which system, and where that is in degrees."""

    systeme: str
    lon: float
    lat: float

    def en_json(self) -> dict[str, Any]:
        """Plain values for a JSON answer."""
        return {"systeme": self.systeme, "lon": round(self.lon, 8), "lat": round(self.lat, 8)}


DEGRES = "WGS 84"
LONGUEUR_MAX = 120
_ESPACES = re.compile(r"[\s\u00a0\u202f]+")
_DEGRE = re.compile(
    r"(?P<d>[+-]?\d{1,3}(?:[.,]\d+)?)\s*°?\s*"
    r"(?:(?P<m>\d{1,2}(?:[.,]\d+)?)\s*['\u2032\u2019]\s*)?"
    r"(?:(?P<s>\d{1,2}(?:[.,]\d+)?)\s*(?:[\"\u2033\u201d]|''|\u2032\u2032|\u2019\u2019)\s*)?"
    r"(?P<h>[NSEOW])?(?![A-Z])"
)
_SIGNES_DEGRES = re.compile(r"[°NSEOW'\u2032\u2019\"\u2033]")
_JETON = re.compile(r"[+-]?\d+(?:[.,]\d+)?")


def _nombre(texte: str) -> float:
    return float(texte.replace(",", "."))


def _angles(texte: str) -> list[tuple[float, str]]:
    """Angles in degrees with their letter (empty when none), of a text that holds nothing else."""
    angles, position = [], 0
    for trouve in _DEGRE.finditer(texte):
        if texte[position : trouve.start()].strip(" ,;/"):
            return []
        degres, minutes, secondes = (_nombre(trouve[g] or "0") for g in "dms")
        if minutes >= 60 or secondes >= 60:
            return []
        valeur = abs(degres) + minutes / 60 + secondes / 3600
        lettre = trouve["h"] or ""
        angles.append((-valeur if degres < 0 or lettre in ("S", "O", "W") else valeur, lettre))
        position = trouve.end()
    return [] if texte[position:].strip(" ,;/") else angles


def _en_degres(texte: str) -> tuple[float, float] | None:
    """(first, second) as (latitude, longitude) in the written order, or as their letters say."""
    angles = _angles(texte)
    if len(angles) != 2:
        return None
    (a, lettre_a), (b, lettre_b) = angles
    if lettre_a in ("E", "O", "W") or (lettre_b in ("N", "S") and lettre_b):
        if lettre_a in ("N", "S") or lettre_b in ("E", "O", "W"):
            return None
        return b, a
    if (lettre_a and lettre_a == lettre_b) or lettre_b in ("N", "S"):
        return None
    return a, b


def _groupes(jetons: list[str]) -> float | None:
    """Tokens of one number written with spaces: « 942 », « 000,5 » → 942000.5; null when they are none."""
    if not jetons or any(not re.fullmatch(r"\d{3}(?:[.,]\d+)?", j) for j in jetons[1:]):
        return None
    if len(jetons) > 1 and not re.fullmatch(r"[+-]?\d{1,3}", jetons[0]):
        return None
    if any("." in j or "," in j for j in jetons[:-1]):
        return None
    return _nombre("".join(jetons))


def _paires(texte: str) -> Iterator[tuple[float, float]]:
    """Every way to read a text as two numbers."""
    if (";" in texte) and texte.count(";") == 1:
        moities = [_JETON.findall(m) for m in texte.split(";")]
        candidats = [(moities[0], moities[1])]
    else:
        # « 942000,6678000 » is two numbers, « 942000,5 6678000,2 » too.
        jetons = _JETON.findall(texte)
        if len(jetons) == 1 and jetons[0].count(",") == 1:
            jetons = jetons[0].split(",")
        candidats = [(jetons[:i], jetons[i:]) for i in range(1, len(jetons))]
    for gauche, droite in candidats:
        x, y = _groupes(gauche), _groupes(droite)
        if x is not None and y is not None:
            yield x, y


@lru_cache
def _domaine(srid: int) -> tuple[float, float, float, float]:
    """Where the legal projection is of use: west, south, east, north in degrees."""
    zone = pyproj.CRS.from_epsg(srid).area_of_use
    if zone is None:
        return -180.0, -85.0, 180.0, 85.0
    return zone.west, zone.south, zone.east, zone.north


def _dans(domaine: tuple[float, float, float, float], lon: float, lat: float) -> bool:
    return domaine[0] <= lon <= domaine[2] and domaine[1] <= lat <= domaine[3]


def _planes(texte: str, possibles: Iterable[Systeme], srid: int) -> list[Lecture]:
    trouvees = []
    for x, y in _paires(texte):
        for systeme in possibles:
            lon, lat = transformateur(systeme.srid, LONLAT).transform(x, y)
            if not _dans(_domaine(srid), lon, lat):
                continue
            # A zone serves one degree on each side of its own latitude.
            if systeme.zone is not None and abs(lat - systeme.zone) > 1:
                continue
            trouvees.append(Lecture(systeme.nom, lon, lat))
    return trouvees


def lire_coordonnees(texte: str, srid: int, systeme: str = "") -> list[Lecture]:
    """Places that a text may mean: degrees (decimal or sexagesimal), legal projection, CC zones.

    ``systeme``: « degres » or the code of one system; empty: all are tried. ``CoordonneesIllisibles``
    when the text gives no place of the territory.
    """
    propre = _ESPACES.sub(" ", texte.upper()).strip().replace("\u2212", "-")
    if len(propre) > LONGUEUR_MAX:
        raise CoordonneesIllisibles("Ce texte est trop long pour deux coordonnées.")
    if len(_JETON.findall(propre)) < 2 and "," not in propre:
        raise CoordonneesIllisibles("Écrivez deux nombres : latitude et longitude, ou X et Y.")
    trouvees: list[Lecture] = []
    if systeme in ("", "degres"):
        # « 47,15 6,35 » and « 47.15, 6.35 »: a comma then a space separates.
        paire = _en_degres(re.sub(r",(?= )", ";", propre))
        if paire is not None:
            lat, lon = paire
            domaine = _domaine(srid)
            sans_lettre = not re.search(r"[NSEOW]", propre)
            if not _dans(domaine, lon, lat) and sans_lettre and _dans(domaine, lat, lon):
                lat, lon = lon, lat
            if _dans(domaine, lon, lat):
                trouvees.append(Lecture(DEGRES, lon, lat))
    if systeme != "degres" and not _SIGNES_DEGRES.search(propre):
        possibles = [s for s in systemes(srid) if systeme in ("", s.code)]
        nu = re.sub(r"[XY]\s*[=:]?", " ", propre)
        nu = re.sub(r"\bM\b", " ", nu)
        if not re.search(r"[A-Z]", nu):
            trouvees += _planes(nu, possibles, srid)
    if not trouvees:
        raise CoordonneesIllisibles(
            "Aucun lieu du territoire ne répond à ces coordonnées. Exemples : « 47,15321 6,35395 », "
            f"« 47°09'11\" N 6°21'14\" E »{', « 942 000 6 678 000 »' if srid == METROPOLE else ''}."
        )
    return trouvees

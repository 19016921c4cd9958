"""Parameters of a demand for features: each read, bounded, or refused with its reason."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib.gis.geos import GEOSGeometry
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from gis_data.couches import Attribut, Couche, Genre
from gis_data.ogc import reperes
from gis_data.ogc.reperes import Repere

LIMITE, LIMITE_MAX = 100, 10_000
DECALAGE_MAX = 10_000_000
ENTIER_MAX = 2**63 - 1
TEXTE_MAX = 500
# Never names of an attribute: a registry test says so.
RESERVES = frozenset(
    {"f", "limit", "offset", "bbox", "bbox-crs", "crs", "datetime", "apres", "avant", "properties"}
)
DES_OBJETS = ("bbox", "bbox-crs", "crs", "datetime", "limit", "offset", "apres", "avant", "f")
D_UN_OBJET = ("crs", "f")
BOOLEENS = {"true": True, "false": False, "1": True, "0": False}


class ParametreRefuse(ValueError):
    """A parameter that can't be answered for; the French message says what to write."""


@dataclass(frozen=True)
class Demande:
    """Which features of a layer, and in which coordinate system."""

    couche: Couche
    repere: Repere
    limite: int = LIMITE
    decalage: int = 0
    # Keys of the rows that the page comes after, or before: no row is skipped one by one.
    apres: int | None = None
    avant: int | None = None
    # ``zone`` null and ``hors_zone`` true: the box lies where the projection does not reach.
    zone: GEOSGeometry | None = None
    hors_zone: bool = False
    # First and last day, null: without bound.
    jours: tuple[datetime.date | None, datetime.date | None] | None = None
    filtres: Mapping[str, Any] = field(default_factory=dict)

    @property
    def bornee(self) -> bool:
        """Whether a box, a day or a property leaves rows out."""
        return bool(self.zone or self.hors_zone or self.filtres or (self.jours and self.couche.dates))


def refuser_inconnus(donnes: Iterable[str], connus: Iterable[str]) -> None:
    """``ParametreRefuse`` for a parameter that the address does not know (Core §7.3, requirement 8)."""
    connus = list(connus)
    for nom in donnes:
        if nom not in connus:
            possibles = ", ".join(connus)
            raise ParametreRefuse(f"Paramètre inconnu : « {nom[:60]} ». Paramètres possibles : {possibles}.")


def lire(donnes: Mapping[str, str], couche: Couche) -> Demande:
    """The demand that the query string makes. ``ParametreRefuse``."""
    proprietes = {a.nom: a for a in couche.attributs}
    refuser_inconnus(donnes, (*DES_OBJETS, *proprietes))
    if "apres" in donnes and "avant" in donnes:
        raise ParametreRefuse(
            "« apres » et « avant » ne vont pas ensemble : suivez les liens « next » et « prev »."
        )
    zone, hors_zone = _zone(donnes)
    return Demande(
        couche=couche,
        repere=lire_repere(donnes, "crs"),
        limite=min(_entier(donnes, "limit", LIMITE, 1), LIMITE_MAX),
        decalage=_entier(donnes, "offset", 0, 0, DECALAGE_MAX),
        apres=_rang(donnes, "apres"),
        avant=_rang(donnes, "avant"),
        zone=zone,
        hors_zone=hors_zone,
        jours=_jours(donnes["datetime"]) if "datetime" in donnes else None,
        filtres={
            nom: _valeur(attribut, donnes[nom]) for nom, attribut in proprietes.items() if nom in donnes
        },
    )


def lire_repere(donnes: Mapping[str, str], nom: str) -> Repere:
    """Coordinate system named by its URI, CRS84 without one."""
    uri = donnes.get(nom, reperes.CRS84)
    connus = reperes.tous()
    if uri not in connus:
        raise ParametreRefuse(
            f"« {nom} » : « {uri[:100]} » n'est pas offert. Systèmes offerts : {', '.join(connus)}."
        )
    return connus[uri]


def _entier(donnes: Mapping[str, str], nom: str, defaut: int, bas: int, haut: int = ENTIER_MAX) -> int:
    brut = donnes.get(nom)
    if brut is None:
        return defaut
    # Forty digits: 10⁹ is a number like another, a novel is not.
    if not re.fullmatch(r"[+-]?[0-9]{1,40}", brut.strip()):
        raise ParametreRefuse(f"« {nom} » doit être un nombre entier.")
    valeur = int(brut)
    if valeur < bas:
        raise ParametreRefuse(f"« {nom} » doit être au moins {bas}.")
    if valeur > haut and nom == "offset":
        raise ParametreRefuse(f"« {nom} » doit être au plus {haut} : suivez plutôt les liens « next ».")
    return valeur


def _rang(donnes: Mapping[str, str], nom: str) -> int | None:
    if nom not in donnes:
        return None
    valeur = _entier(donnes, nom, 0, 0)
    if valeur > ENTIER_MAX:
        raise ParametreRefuse(
            f"« {nom} » n'est pas le rang d'un objet : suivez les liens « next » et « prev »."
        )
    return valeur


def _zone(donnes: Mapping[str, str]) -> tuple[GEOSGeometry | None, bool]:
    if "bbox" not in donnes:
        if "bbox-crs" in donnes:
            lire_repere(donnes, "bbox-crs")
        return None, False
    repere = lire_repere(donnes, "bbox-crs")
    axes = "sud,ouest,nord,est" if repere.nord_d_abord else "ouest,sud,est,nord"
    try:
        nombres = [float(v) for v in donnes["bbox"].split(",")]
    except ValueError:
        nombres = []
    if len(nombres) not in (4, 6) or not all(map(math.isfinite, nombres)):
        raise ParametreRefuse(f"« bbox » : quatre nombres sont attendus, {axes} (six avec les altitudes).")
    milieu = len(nombres) // 2
    (a, b), (c, d) = nombres[:2], nombres[milieu : milieu + 2]
    ouest, sud, est, nord = (b, a, d, c) if repere.nord_d_abord else (a, b, c, d)
    if sud > nord:
        raise ParametreRefuse(
            f"« bbox » : le sud ({sud:g}) dépasse le nord ({nord:g}). L'ordre est {axes}, dans le système "
            f"{repere.uri}."
        )
    if ouest > est:
        # Part 1 lets a box cross the antimeridian; no territory of this service lies there.
        raise ParametreRefuse(
            f"« bbox » : l'ouest ({ouest:g}) dépasse l'est ({est:g}). L'ordre est {axes}, dans le système "
            f"{repere.uri} ; un cadre à cheval sur le 180ᵉ méridien n'est pas reçu."
        )
    zone = reperes.zone(repere, (ouest, sud, est, nord))
    return zone, zone is None


def _jours(texte: str) -> tuple[datetime.date | None, datetime.date | None]:
    bornes = texte.split("/")
    if len(bornes) > 2 or (len(bornes) == 2 and all(b in ("", "..") for b in bornes) and texte == "/"):
        raise ParametreRefuse(_DATES)
    jours = [_jour(borne, ouverte=len(bornes) == 2) for borne in bornes]
    debut, fin = jours[0], jours[-1]
    if debut and fin and debut > fin:
        raise ParametreRefuse(f"« datetime » : le début ({debut}) dépasse la fin ({fin}).")
    return debut, fin


_DATES = (
    "« datetime » : une date (2026-03-12), un instant (2026-03-12T09:00:00Z) ou un intervalle "
    "(2026-01-01/2026-03-12, 2026-01-01/.., ../2026-03-12) est attendu."
)


def _jour(texte: str, *, ouverte: bool) -> datetime.date | None:
    if ouverte and texte in ("", ".."):
        return None
    try:
        if len(texte) == 10:
            return datetime.date.fromisoformat(texte)
        # A « + » of a time zone comes as a space where it was not encoded.
        instant = (
            parse_datetime(texte.replace(" ", "+")) if len(texte) <= 40 and "T" in texte.upper() else None
        )
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        raise ParametreRefuse(_DATES)
    try:
        # Days are those of the town hall's clock.
        return timezone.localdate(instant)
    except (OverflowError, ValueError):
        raise ParametreRefuse(_DATES) from None


def _valeur(attribut: Attribut, texte: str) -> Any:
    """A property's value as its kind wants it."""
    nom = attribut.nom
    if "\0" in texte or len(texte) > TEXTE_MAX:
        raise ParametreRefuse(f"« {nom} » : ce texte n'est pas recevable.")
    try:
        match attribut.genre:
            case Genre.ENTIER:
                valeur = int(texte)
                if abs(valeur) > ENTIER_MAX:
                    raise ValueError
                return valeur
            case Genre.REEL:
                reel = float(texte)
                if not math.isfinite(reel):
                    raise ValueError
                return reel
            case Genre.BOOLEEN:
                return BOOLEENS[texte.lower()]
            case Genre.DATE:
                return datetime.date.fromisoformat(texte)
    except (ValueError, KeyError):
        attendus = {
            Genre.ENTIER: "un nombre entier",
            Genre.REEL: "un nombre",
            Genre.BOOLEEN: "true ou false",
            Genre.DATE: "une date AAAA-MM-JJ",
        }
        raise ParametreRefuse(f"« {nom} » doit être {attendus[attribut.genre]}.") from None
    return texte

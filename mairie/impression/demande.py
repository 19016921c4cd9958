"""What is asked of a sheet, from the address or a stored task: bounds, layers granted, French refusals."""

from __future__ import annotations

import datetime
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from gis_data.carte.filtres import lire_filtres
from gis_data.couches import Couche, CoucheInconnue, couche, couches
from gis_data.plans.carte import Choix
from gis_data.projections import transformateur, zone_d_emploi
from mairie.impression.gabarits import FORMATS, ORIENTATIONS, Gabarit, gabarit

ECHELLES = (200, 250, 500, 1000, 1500, 2000, 2500, 5000, 7500, 10_000, 15_000, 20_000, 25_000)
ECHELLE_MIN, ECHELLE_MAX = ECHELLES[0], ECHELLES[-1]
TITRE_MAX = 120
TITRE = "Extrait de la carte"
# What an address may say, and a task stores.
CHAMPS = (
    *("lat", "lon", "echelle", "format", "orientation", "titre", "legende", "croix", "couches"),
    *("opacites", "ordre", "jour", "filtres", "objet", "parcelle"),
)


class DemandeRefusee(ValueError):
    """A sheet that cannot be made as asked; the French message says what to change."""


@dataclass(frozen=True)
class Demande:
    """One sheet: centre in the legal projection, scale, paper, layers, object to mark (layer, key)."""

    x: float
    y: float
    echelle: int
    feuille: Gabarit
    titre: str
    choix: Choix
    croix: bool
    objet: tuple[Couche, str] | None

    @property
    def interne(self) -> bool:
        """Whether the sheet shows what the public may not see."""
        marque = self.objet[0] if self.objet else None
        return any(not c.publique for c in (*self.choix.couches, *([marque] if marque else ())))


def couches_montrees(brut: str, utilisateur: Any) -> list[Couche]:
    """Layers shown: those drawn by default for this person, changed by ``nom`` and ``-nom``, as on the map.

    ``CoucheInconnue`` for one that does not exist or is not granted: nobody must guess which.
    """
    choix: dict[str, bool] = {}
    for ecrit in filter(None, brut.split(",")):
        nom = ecrit.removeprefix("-")
        trouvee = couche(nom)
        if not trouvee.visible_par(utilisateur):
            raise CoucheInconnue(nom)
        choix[nom] = not ecrit.startswith("-")
    return [c for c in couches() if c.visible_par(utilisateur) and choix.get(c.nom, c.visible)]


def _paires(brut: str) -> dict[str, float]:
    lues = {}
    for morceau in filter(None, brut.split(",")):
        nom, _, valeur = morceau.partition(":")
        try:
            nombre = float(valeur)
        except ValueError:
            continue
        if math.isfinite(nombre):
            lues[nom] = nombre
    return lues


def _nombre(donnees: Mapping[str, str], nom: str, bas: float, haut: float) -> float:
    try:
        valeur = float(donnees.get(nom, "").replace(",", "."))
    except ValueError:
        raise DemandeRefusee(f"Le paramètre « {nom} » doit être un nombre.") from None
    if not bas <= valeur <= haut:
        raise DemandeRefusee(f"Le paramètre « {nom} » doit être compris entre {bas:g} et {haut:g}.")
    return valeur


def _jour(brut: str) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(brut) if brut else None
    except ValueError:
        raise DemandeRefusee("Le paramètre « jour » doit être une date AAAA-MM-JJ.") from None


def _echelle(brut: str) -> int:
    propre = "".join(c for c in brut.removeprefix("1/") if not c.isspace())
    if not (propre.isascii() and propre.isdecimal()) or not ECHELLE_MIN <= int(propre[:9]) <= ECHELLE_MAX:
        raise DemandeRefusee(f"Choisissez une échelle entre 1/{ECHELLE_MIN} et 1/25 000.")
    return int(propre)


def _parmi(donnees: Mapping[str, str], nom: str, valeurs: Any) -> str:
    valeur = donnees.get(nom) or next(iter(valeurs))
    if valeur not in valeurs:
        raise DemandeRefusee(f"Le paramètre « {nom} » vaut {' ou '.join(valeurs)}.")
    return str(valeur)


def _objet(donnees: Mapping[str, str], utilisateur: Any) -> tuple[Couche, str] | None:
    nom, _, cle = (donnees.get("objet") or "").partition(":")
    if not nom and donnees.get("parcelle"):
        nom, cle = "parcelles", donnees["parcelle"]
    if not nom:
        return None
    trouvee = couche(nom)
    if not trouvee.visible_par(utilisateur):
        raise CoucheInconnue(nom)
    # PostgreSQL refuses a text that holds a NUL.
    return (trouvee, cle[:120].replace("\0", " ")) if trouvee.nommee else None


def choix_de(donnees: Mapping[str, str], utilisateur: Any) -> Choix:
    """Layers, opacities, order and day of an address of the map."""
    return Choix(
        tuple(couches_montrees(donnees.get("couches", ""), utilisateur)),
        {nom: min(max(p / 100, 0.0), 1.0) for nom, p in _paires(donnees.get("opacites", "")).items()},
        _paires(donnees.get("ordre", "")),
        _jour(donnees.get("jour", "")),
        lire_filtres(donnees.get("filtres", "")),
    )


def feuille_de(donnees: Mapping[str, str], choix: Choix) -> Gabarit:
    """Paper asked, with room for the credits of the layers chosen."""
    return gabarit(
        _parmi(donnees, "format", tuple(FORMATS)),
        _parmi(donnees, "orientation", ORIENTATIONS),
        legende=donnees.get("legende", "1") != "0",
        sources=len({c.source for c in choix.couches}),
    )


def lire(
    donnees: Mapping[str, str], utilisateur: Any, *, centre: tuple[float, float] | None = None
) -> Demande:
    """The sheet asked; ``DemandeRefusee``, or ``CoucheInconnue`` for a layer that is not this person's.

    ``centre``: in the legal projection, in place of ``lat`` and ``lon``.
    """
    x, y = centre or _centre(donnees)
    choix = choix_de(donnees, utilisateur)
    return Demande(
        x,
        y,
        _echelle(donnees.get("echelle", "")),
        feuille_de(donnees, choix),
        titre_de(donnees.get("titre", "")) or TITRE,
        choix,
        donnees.get("croix", "1") != "0",
        _objet(donnees, utilisateur),
    )


def _centre(donnees: Mapping[str, str]) -> tuple[float, float]:
    ouest, sud, est, nord = zone_d_emploi(settings.TERRITOIRE_SRID)
    lat, lon = _nombre(donnees, "lat", sud, nord), _nombre(donnees, "lon", ouest, est)
    x, y = transformateur(4326, settings.TERRITOIRE_SRID).transform(lon, lat)
    return float(x), float(y)


def titre_de(brut: str) -> str:
    """A title on one line."""
    return " ".join("".join(c if c.isprintable() else " " for c in brut).split())[:TITRE_MAX]

"""One search box for all trades: each app declares a provider, this module asks them all."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import AnonymousUser

from mairie.models import Utilisateur

journal = logging.getLogger(__name__)

LONGUEUR_MAX = 10_000
Boite = tuple[float, float, float, float]
Point = tuple[float, float]


def boite(coins: Sequence[float | None]) -> Boite | None:
    """Four coordinates as read from the database; null where there is no geometry."""
    ouest, sud, est, nord = coins
    if ouest is None or sud is None or est is None or nord is None:
        return None
    return (ouest, sud, est, nord)


def point(xy: Sequence[float | None]) -> Point | None:
    """Two coordinates as read from the database; null where there is no geometry."""
    x, y = xy
    return None if x is None or y is None else (x, y)


def centre(cadre: Boite | None) -> Point | None:
    """Middle of a box."""
    return ((cadre[0] + cadre[2]) / 2, (cadre[1] + cadre[3]) / 2) if cadre else None


@dataclass(frozen=True)
class Resultat:
    """One thing found. ``rang``: exact references 0, then addresses 10, places 20, persons 30.

    ``bbox`` (west, south, east, north) and ``point`` (longitude, latitude) in degrees. ``score`` (0–1)
    orders within a rank; ``groupe`` is the heading under which it is listed (the commune).
    """

    type: str
    titre: str
    sous_titre: str
    url: str
    bbox: Boite | None = None
    point: Point | None = None
    idu: str | None = None
    rang: int = 20
    score: float = 1.0
    groupe: str = ""

    def en_json(self) -> dict[str, Any]:
        """The public contract of a result."""
        return {
            "type": self.type,
            "titre": self.titre,
            "sous_titre": self.sous_titre,
            "url": self.url,
            "bbox": list(self.bbox) if self.bbox else None,
            "point": list(self.point) if self.point else None,
            "idu": self.idu,
        }


@dataclass(frozen=True)
class Demande:
    """What is searched: text, who asks, the commune on the map (INSEE code), how many at most."""

    texte: str
    utilisateur: Utilisateur | AnonymousUser
    commune: str | None = None
    limite: int = 30


@dataclass
class Reponse:
    """``erreurs`` are always shown; ``remarques`` only where nothing was found."""

    resultats: list[Resultat] = field(default_factory=list)
    erreurs: list[str] = field(default_factory=list)
    remarques: list[str] = field(default_factory=list)


Fournisseur = Callable[[Demande], Reponse]
_fournisseurs: dict[str, Fournisseur] = {}


def fournir(nom: str, fournisseur: Fournisseur) -> None:
    """Declare the provider ``nom`` (a short French label, shown when it fails)."""
    _fournisseurs[nom] = fournisseur


CARTE_MAX = 20
Dessinateur = Callable[[list[Resultat]], str]
_dessinateurs: list[Dessinateur] = []


def dessiner_par(dessinateur: Dessinateur) -> None:
    """Declare who draws the small map of results (safe SVG); the last one declared draws."""
    _dessinateurs.append(dessinateur)


def dessiner(resultats: list[Resultat]) -> str:
    """SVG of the first results that have a place, numbered in their order; empty where none has."""
    places = [r for r in resultats if r.point][:CARTE_MAX]
    if not places or not _dessinateurs:
        return ""
    try:
        return _dessinateurs[-1](places)
    except Exception:
        # The list is the answer; the map only helps.
        journal.exception("carte des résultats en échec")
        return ""


def chercher(demande: Demande) -> Reponse:
    """Ask every provider; one that fails is named in ``erreurs`` and stops no other."""
    texte = demande.texte.strip()
    if not texte:
        return Reponse()
    if len(texte) > LONGUEUR_MAX:
        message = f"Texte de {len(texte)} caractères : {LONGUEUR_MAX} au plus. Cherchez en plusieurs fois."
        return Reponse(erreurs=[message])
    total = Reponse()
    for nom, fournisseur in _fournisseurs.items():
        try:
            reponse = fournisseur(demande)
        except Exception:
            journal.exception("recherche « %s » en échec", nom)
            total.erreurs.append(f"La recherche « {nom} » n'a pas répondu. Réessayez dans un instant.")
            continue
        total.resultats.extend(reponse.resultats)
        total.erreurs.extend(reponse.erreurs)
        total.remarques.extend(reponse.remarques)
    total.resultats.sort(key=lambda r: (r.rang, -r.score))
    if not total.resultats:
        total.erreurs.extend(total.remarques)
    total.erreurs = list(dict.fromkeys(total.erreurs))
    return total

"""Test bench of a grid before the vote: ten cases priced by it and by the one before, side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from domainepublic.models import GrilleTarifaire, TypeOccupation
from domainepublic.models.emprises import UNITES_LISIBLES
from domainepublic.regles.redevance import simuler_redevance
from domainepublic.tarifs import en_grille
from mairie.lecture_json import ErreurSaisie

CAS = 10
QUANTITES = {"m2": 12, "ml": 8, "unite": 1, "place": 2, "emplacement": 1, "forfait": 1}
# Days that make each kind of price count several periods.
DUREES = {"demi_journee": 3, "jour": 7, "semaine": 20, "mois_30": 75, "mois_commence": 75, "operation": 5,
          "forfait": 10, "an": 365}  # fmt: skip
QUANTITE_MAX = Decimal(1_000_000)


@dataclass(frozen=True)
class Cas:
    """One case: what is asked, its price by both grids (null: none, and why)."""

    code: str
    libelle: str
    zone: str
    quantite: Decimal
    unite: str
    debut: date
    fin: date
    avant: Decimal | None
    apres: Decimal | None
    erreur: str = ""

    @property
    def jours(self) -> int:
        """Days, both ends included."""
        return (self.fin - self.debut).days + 1

    @property
    def ecart(self) -> Decimal | None:
        """Euros more or less."""
        return self.apres - self.avant if self.avant is not None and self.apres is not None else None

    @property
    def pourcent(self) -> Decimal | None:
        """The same as a share of the former price, to a tenth."""
        if self.ecart is None or not self.avant:
            return None
        return (100 * self.ecart / self.avant).quantize(Decimal("0.1"))


def precedente(grille: GrilleTarifaire) -> GrilleTarifaire | None:
    """The grid in force before this one."""
    trouvee: GrilleTarifaire | None = (
        GrilleTarifaire.objects.filter(insee=grille.insee, du__lt=grille.du).order_by("-du").first()
    )
    return trouvee


def cas(grille: GrilleTarifaire, saisie: Mapping[str, str]) -> list[Cas]:
    """Ten lines of the grid, one of each kind first; quantity and days as typed (``q0``, ``j0``) or usual."""
    avant = precedente(grille)
    libelles = dict(TypeOccupation.objects.values_list("code", "libelle"))
    sortie = []
    for rang, t in enumerate(_choisir(grille)):
        ligne = t.ligne
        unite = str(ligne.get("unite") or "unite")
        quantite = _nombre(saisie.get(f"q{rang}", ""), Decimal(QUANTITES.get(unite, 1)))
        jours = int(_nombre(saisie.get(f"j{rang}", ""), Decimal(DUREES.get(str(ligne.get("periode")), 7))))
        jours = min(max(jours, 1), 3660)
        debut = grille.du
        fin = debut + timedelta(days=jours - 1)
        if grille.au is not None:
            fin = min(fin, grille.au)
        apres, erreur = _prix(grille, ligne, quantite, debut, fin)
        ancien: Decimal | None = None
        if avant is not None:
            # The same days of the calendar, where the former grid held.
            recul = _recul(avant, debut)
            ancien, _ = _prix(avant, ligne, quantite, debut - recul, fin - recul)
        sortie.append(
            Cas(
                t.code, libelles.get(str(ligne.get("type")), str(ligne.get("type"))),
                str(ligne.get("zone") or ""), quantite, UNITES_LISIBLES.get(unite, unite), debut, fin,
                ancien, apres, erreur,
            )
        )  # fmt: skip
    return sortie


def _choisir(grille: GrilleTarifaire) -> list[Any]:
    """Up to ten lines: one a kind in the order of the grid, then the others."""
    lignes = [t for t in grille.tarifs.all() if t.ligne.get("calcul", "standard") == "standard"]
    premieres: list[Any] = []
    suite: list[Any] = []
    vus: set[Any] = set()
    for t in lignes:
        (suite if t.ligne.get("type") in vus else premieres).append(t)
        vus.add(t.ligne.get("type"))
    return (premieres + suite)[:CAS]


def _nombre(texte: str, defaut: Decimal) -> Decimal:
    """What was typed, when it is a positive number."""
    propre = texte.replace(",", ".").replace(" ", "").strip()
    entier, _, decimales = propre.partition(".")
    if not (entier.isdecimal() and len(entier) <= 7 and (not decimales or decimales.isdecimal())):
        return defaut
    valeur = Decimal(propre.rstrip(".") or "0")
    return valeur if 0 < valeur <= QUANTITE_MAX else defaut


def _recul(avant: GrilleTarifaire, debut: date) -> timedelta:
    """How far back the former grid prices the same days of a year; at most to its own first day."""
    try:
        un_an = debut.replace(year=debut.year - 1)
    except ValueError:
        un_an = debut.replace(year=debut.year - 1, day=28)
    return debut - max(un_an, avant.du)


def _prix(
    grille: GrilleTarifaire, ligne: Mapping[str, Any], quantite: Decimal, debut: date, fin: date
) -> tuple[Decimal | None, str]:
    occupation: dict[str, Any] = {
        "type": ligne.get("type"), "unite": ligne.get("unite"), "debut": debut.isoformat(),
        "fin": fin.isoformat(), "beneficiaire": ligne.get("beneficiaire") or "entreprise",
        "zone": ligne.get("zone"), "zone_centroide": ligne.get("zone"), "quantite": str(quantite),
    }  # fmt: skip
    try:
        resultat = simuler_redevance({"grille": en_grille([grille]), "occupation": occupation})
    except ErreurSaisie as e:
        return None, e.message
    return Decimal(resultat["montant_du"]), ""

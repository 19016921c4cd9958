"""Choice of the lump prices that cover a duration."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import lcm

from domainepublic.regles.grille import Forfait, TarifStandard


def cout(forfait: Forfait, base: str, quantite: Fraction) -> Fraction:
    """Price of one lump for a quantity; by unit it is multiplied, otherwise the units beyond are added."""
    if base == "par_unite":
        return Fraction(forfait.prix) * quantite
    if forfait.quantite_incluse is None:
        return Fraction(forfait.prix)
    en_plus = max(Fraction(0), quantite - Fraction(forfait.quantite_incluse))
    return Fraction(forfait.prix) + en_plus * Fraction(forfait.prix_unite_sup)


def choisir(tarif: TarifStandard, jours: int, quantite: Fraction) -> tuple[Forfait, ...]:
    """Lumps that cover ``jours`` (≥ 1) days, the longest first."""
    if tarif.forfait_mode == "moins_cher":
        return moins_cher(tarif.forfaits, tarif.forfait_base, jours, quantite)
    return plus_petit_couvrant(tarif.forfaits, jours)


def plus_petit_couvrant(forfaits: Sequence[Forfait], jours: int) -> tuple[Forfait, ...]:
    """As many of the longest as fit entirely, then the shortest that covers the rest."""
    croissants = sorted(forfaits, key=lambda forfait: forfait.jours)
    entiers, reste = divmod(jours, croissants[-1].jours)
    retenus = [croissants[-1]] * entiers
    if reste:
        retenus.append(next(forfait for forfait in croissants if forfait.jours >= reste))
    return tuple(retenus)


def moins_cher(forfaits: Sequence[Forfait], base: str, jours: int, quantite: Fraction) -> tuple[Forfait, ...]:
    """Cheapest multiset whose days reach the duration; on a tie the fewest lumps, then the longest."""
    decroissants = sorted(forfaits, key=lambda forfait: -forfait.jours)
    couts = [cout(forfait, base, quantite) for forfait in decroissants]
    # Same denominator: whole numbers compare much faster than fractions.
    commun = lcm(*(un_cout.denominator for un_cout in couts))
    # For a duration d: (cost, number, minus how many of each, the longest first), all additive.
    zero = (0,) * len(decroissants)
    meilleurs: list[tuple[int, int, tuple[int, ...]]] = [(0, 0, zero)]
    prix = [int(un_cout * commun) for un_cout in couts]
    for duree in range(1, jours + 1):
        candidats = []
        for rang, forfait in enumerate(decroissants):
            montant, nombre, compte = meilleurs[max(0, duree - forfait.jours)]
            ajoute = (*compte[:rang], compte[rang] - 1, *compte[rang + 1 :])
            candidats.append((montant + prix[rang], nombre + 1, ajoute))
        meilleurs.append(min(candidats))
    comptes = meilleurs[jours][2]
    return tuple(
        forfait for forfait, compte in zip(decroissants, comptes, strict=True) for _ in range(-compte)
    )

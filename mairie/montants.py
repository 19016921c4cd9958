"""Exact money and quantities: fractions inside, ``Decimal`` out, never binary floats."""

from __future__ import annotations

from contextlib import AbstractContextManager
from decimal import Context, Decimal, localcontext
from fractions import Fraction

Exact = Fraction | Decimal | int
CHIFFRES = 100  # digits kept by sums: far beyond any amount that the readers let in


def montants_exacts() -> AbstractContextManager[Context]:
    """Context in which sums of amounts are never rounded."""
    return localcontext(prec=CHIFFRES)


def arrondi(valeur: Exact, decimales: int = 2) -> Decimal:
    """Value rounded half up (0.005 gives 0.01, away from zero) to exactly ``decimales`` places."""
    echelle = Fraction(valeur) * 10**decimales
    entier = (2 * abs(echelle.numerator) + echelle.denominator) // (2 * echelle.denominator)
    signe = 1 if echelle < 0 and entier else 0
    return Decimal((signe, tuple(int(chiffre) for chiffre in str(entier)), -decimales))


def plafond_entier(valeur: Exact) -> int:
    """Smallest integer that is not below the value."""
    fraction = Fraction(valeur)
    return -(-fraction.numerator // fraction.denominator)


def texte_nombre(valeur: Exact) -> str:
    """Plain decimal text without exponent nor trailing zero; the value must have a finite decimal form."""
    fraction = Fraction(valeur)
    decimales, reste = 0, fraction.denominator
    for premier in (2, 5):
        puissance = 0
        while reste % premier == 0:
            reste //= premier
            puissance += 1
        decimales = max(decimales, puissance)
    if reste != 1:
        raise ValueError(f"no finite decimal form: {fraction}")
    texte = f"{arrondi(fraction, decimales):f}"
    return texte.rstrip("0").rstrip(".") if "." in texte else texte


def texte_francais(valeur: Decimal | str) -> str:
    """Decimal comma, for sentences."""
    return (f"{valeur:f}" if isinstance(valeur, Decimal) else valeur).replace(".", ",")

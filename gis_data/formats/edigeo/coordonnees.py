"""Coordinates of COR lines, all lines of a file at once."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .lignes import Entiers

_MOTIFS_MAX = 12  # patterns tried for one line length before falling back to float()


def lire_coordonnees(octets: npt.NDArray[np.uint8], debut: Entiers, fin: Entiers) -> npt.NDArray[np.float64]:
    """(n, 2) metres of the values ``+X;+Y;``; NaN where a value is not a pair of numbers.

    Lines of one length and one pattern (places of digits, sign, point) are read as integers by one
    matrix product; dividing an exact integer by a power of ten gives the double nearest to the text.
    """
    xy = np.full((len(debut), 2), np.nan)
    longueurs = fin - debut
    for longueur in np.unique(longueurs).tolist():
        if longueur < 4 or longueur > 60:
            continue
        fenetres = np.ndarray(
            (len(octets) - longueur + 1, longueur), dtype=np.uint8, buffer=octets.data, strides=(1, 1)
        )
        reste = np.flatnonzero(longueurs == longueur)
        for _ in range(_MOTIFS_MAX):
            if not len(reste):
                break
            lignes = fenetres[debut[reste]]
            modele = lignes[0]
            motif = _motif(modele.tobytes())
            if motif is None:
                reste = reste[1:]
                continue
            conformes = _conformes(lignes, modele)
            choisies = reste if conformes.all() else reste[conformes]
            if len(choisies) < len(reste):
                lignes = lignes[conformes]
            for axe, (signe, colonnes, poids, diviseur) in enumerate(motif):
                valeurs = (lignes[:, colonnes] - np.uint8(48)) @ poids / diviseur
                if signe is not None:
                    valeurs[lignes[:, signe] == ord("-")] *= -1
                xy[choisies, axe] = valeurs
            reste = reste[~conformes]
    for i in np.flatnonzero(np.isnan(xy[:, 0]) | np.isnan(xy[:, 1])).tolist():
        xy[i] = _lire_une(octets[debut[i] : fin[i]].tobytes())
    return xy


def _conformes(lignes: npt.NDArray[np.uint8], modele: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    """Lines that have digits where the model has, and its punctuation elsewhere but for the signs."""
    chiffres = (modele - np.uint8(48)) < 10
    signes = (modele == ord("+")) | (modele == ord("-"))
    bons = ((lignes[:, chiffres] - np.uint8(48)) < 10).all(axis=1)
    fixes = ~chiffres & ~signes
    bons &= (lignes[:, fixes] == modele[fixes]).all(axis=1)
    ecrits = lignes[:, signes]
    bons &= ((ecrits == ord("+")) | (ecrits == ord("-"))).all(axis=1)
    return bons


_Motif = tuple[int | None, list[int], npt.NDArray[np.float64], float]


def _motif(modele: bytes) -> list[_Motif] | None:
    """Per axis: column of the sign, digit columns, their weights, divisor. None if not plain decimals."""
    morceaux = modele.rstrip(b"; ").split(b";")
    if len(morceaux) not in (2, 3):
        return None
    motif: list[_Motif] = []
    position = 0
    for nombre in morceaux[:2]:
        signe = position if nombre[:1] in (b"+", b"-") else None
        corps = nombre[1:] if signe is not None else nombre
        entier, _, decimales = corps.replace(b",", b".").partition(b".")
        chiffres = entier + decimales
        if not chiffres.isdigit() or len(chiffres) > 15:
            return None
        colonnes = [position + k for k, octet in enumerate(nombre) if 48 <= octet < 58]
        poids = np.power(10.0, np.arange(len(colonnes) - 1, -1, -1), dtype=np.float64)
        motif.append((signe, colonnes, poids, 10.0 ** len(decimales)))
        position += len(nombre) + 1
    return motif


def _lire_une(valeur: bytes) -> tuple[float, float]:
    morceaux = valeur.decode("latin-1").replace(",", ".").split(";")
    try:
        x, y = float(morceaux[0]), float(morceaux[1])
    except (ValueError, IndexError):
        return np.nan, np.nan
    return (x, y) if np.isfinite(x) and np.isfinite(y) else (np.nan, np.nan)

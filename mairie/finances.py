"""What every trade hands to the finance software: one table of claims, its columns, its file. Euros."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Mapping

from mairie.exports import cellule
from mairie.models import Tiers
from mairie.regles.tiers import siret_valide

COLONNES = (
    "role", "exercice", "reference_titre", "numero_dossier", "tiers_code", "tiers_type", "siret", "nom",
    "adresse1", "adresse2", "code_postal", "commune", "code_service_chorus", "objet", "imputation",
    "periode_du", "periode_au", "montant_ht", "taux_tva", "montant_ttc", "echeance", "avoir_de",
)  # fmt: skip
MONTANTS = ("montant_ht", "taux_tva", "montant_ttc")


def payeur(t: Tiers) -> dict[str, str]:
    """Columns of the person who pays."""
    return {
        "tiers_code": str(t.pk),
        "tiers_type": t.nature,
        "siret": t.siret,
        "nom": str(t),
        "adresse1": t.voie,
        "adresse2": t.complement or t.lieu_dit,
        "code_postal": t.code_postal,
        "commune": t.ville,
        "code_service_chorus": "",
    }


def rejets(reference: str, t: Tiers | None) -> list[str]:
    """What finance would refuse of a payer, in words."""
    if t is None:
        return [f"{reference} : aucun payeur n'est connu."]
    fautes = []
    if not t.lignes_adresse:
        fautes.append(f"{reference} : le payeur n'a pas d'adresse.")
    if t.morale and not t.siret:
        fautes.append(f"{reference} : la personne morale n'a pas de SIRET.")
    elif t.siret and not siret_valide(t.siret):
        fautes.append(f"{reference} : le SIRET du payeur est faux, sa clé ne correspond pas.")
    return fautes


def ecrire(rangees: Iterable[Mapping[str, str]]) -> str:
    """The file: semicolons, CRLF, decimal commas; no text is a formula."""
    tampon = io.StringIO()
    ecrivain = csv.writer(tampon, delimiter=";", lineterminator="\r\n")
    ecrivain.writerow(COLONNES)
    for rangee in rangees:
        ecrivain.writerow([rangee[c] if c in MONTANTS else cellule(rangee[c]) for c in COLONNES])
    return tampon.getvalue()


def octets(texte: str) -> bytes:
    """The file as finance receives it: UTF-8 with BOM."""
    return texte.encode("utf-8-sig")


def empreinte(texte: str) -> str:
    """Hash of what finance receives."""
    return hashlib.sha256(octets(texte)).hexdigest()

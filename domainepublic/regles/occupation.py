"""The occupation to be priced: its facts, read and checked before any computation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from domainepublic.regles.grille import Grille
from domainepublic.regles.lecture import Objet
from domainepublic.regles.tables import redevance as table
from mairie.calendrier import jma


@dataclass(frozen=True)
class Part:
    """A quantity in one tariff zone; None = no zone."""

    zone: str | None
    quantite: Decimal


@dataclass(frozen=True)
class Supplement:
    """Something else taken with the occupation (paid parking places…)."""

    type: str
    unite: str
    quantite: Decimal
    zone: str | None


@dataclass(frozen=True)
class Exoneration:
    """Reason and rate (percent) of a free title; with ``hors_frais`` the file costs stay due."""

    motif: str
    taux: Decimal
    reference: str | None
    hors_frais: bool


@dataclass(frozen=True)
class Retrait:
    """Early withdrawal; ``date`` is the first day not occupied."""

    date: date
    motif: str
    montant_paye: Decimal | None


@dataclass(frozen=True)
class Socle:
    """Facts common to every occupation; ``debut`` and ``fin`` are both occupied."""

    type: str
    debut: date
    fin: date
    beneficiaire: str | None
    sans_titre: bool
    deja_facture: Decimal | None


@dataclass(frozen=True)
class Occupation:
    """An ordinary occupation: the base facts, then what the grid needs."""

    socle: Socle
    periode: str | None
    debut_demi: str
    fin_demi: str
    unite: str
    parts: tuple[Part, ...]
    zone_centroide: str | None
    exoneration: Exoneration | None
    supplements: tuple[Supplement, ...]
    retrait: Retrait | None


def lire_socle(objet: Objet) -> Socle:
    """Type, dates, beneficiary, absence of title, amount already invoiced."""
    type_occupation = objet.texte("type")
    debut = objet.date("debut")
    fin = objet.date("fin")
    if fin < debut:
        raise objet.faute("fin", f"La fin ({jma(fin)}) précède le début ({jma(debut)}).")
    return Socle(
        type_occupation,
        debut,
        fin,
        objet.choix_facultatif("beneficiaire", table.BENEFICIAIRES),
        objet.booleen("sans_titre"),
        objet.nombre_facultatif("deja_facture"),
    )


def lire_occupation(objet: Objet, socle: Socle, grille: Grille) -> Occupation:
    """The rest of an ordinary occupation, in the order of the contract."""
    periode = objet.choix_facultatif("periode", table.PERIODES)
    matin, apres_midi = table.DEMI_JOURNEES
    debut_demi = objet.choix("debut_demi", table.DEMI_JOURNEES, matin)
    fin_demi = objet.choix("fin_demi", table.DEMI_JOURNEES, apres_midi)
    if socle.debut == socle.fin and (debut_demi, fin_demi) == (apres_midi, matin):
        raise objet.faute("fin_demi", "Le même jour, la fin (matin) précède le début (après-midi).")
    unite = objet.choix("unite", table.UNITES)
    parts = _lire_parts(objet)
    zone_centroide = objet.code("zone_centroide") if grille.regles.zone_mode == "zone_centroide" else None
    exoneration = _lire_exoneration(objet.objet("exoneration"), socle) if objet.donne("exoneration") else None
    supplements = tuple(_lire_supplement(element) for element in objet.objets("supplements"))
    return Occupation(
        socle,
        periode,
        debut_demi,
        fin_demi,
        unite,
        parts,
        zone_centroide,
        exoneration,
        supplements,
        _lire_retrait(objet, socle) if objet.donne("retrait") else None,
    )


def _lire_parts(objet: Objet) -> tuple[Part, ...]:
    if not objet.donne("zones"):
        return (Part(objet.code_facultatif("zone"), objet.nombre("quantite", strict=True)),)
    if objet.donne("zone") or objet.donne("quantite"):
        raise objet.faute("zones", "Donnez soit une zone et une quantité, soit la liste des zones.")
    parts: list[Part] = []
    for element in objet.objets("zones", vide=False, requis=True):
        zone = element.code_facultatif("zone")
        if any(part.zone == zone for part in parts):
            raise element.faute("zone", "La même zone est donnée deux fois : additionnez les quantités.")
        parts.append(Part(zone, element.nombre("quantite", strict=True)))
    return tuple(parts)


def _lire_exoneration(objet: Objet, socle: Socle) -> Exoneration:
    regle = table.GRATUITES[objet.choix("motif", tuple(table.GRATUITES))]
    if regle.beneficiaire not in (None, socle.beneficiaire):
        raise objet.faute("motif", f"Ce motif est réservé au bénéficiaire « {regle.beneficiaire} ».")
    if regle.type_occupation not in (None, socle.type):
        raise objet.faute("motif", f"Ce motif est réservé au type {regle.type_occupation}.")
    taux = objet.nombre("taux", 100, strict=True, maximum=100)
    if taux != 100 and not regle.taux_libre:
        raise objet.faute("taux", "Ce motif exonère en totalité : retirez le taux.")
    reference = objet.texte("reference") if regle.taux_libre else None
    return Exoneration(regle.motif, taux, reference, objet.booleen("hors_frais"))


def _lire_supplement(objet: Objet) -> Supplement:
    return Supplement(
        objet.texte("type"),
        objet.choix("unite", table.UNITES),
        objet.nombre("quantite", strict=True),
        objet.code_facultatif("zone"),
    )


def _lire_retrait(objet: Objet, socle: Socle) -> Retrait:
    if socle.sans_titre:
        raise objet.faute("retrait", "Une occupation sans titre n'a rien à retirer.")
    retrait = objet.objet("retrait")
    jour = retrait.date("date")
    if jour > socle.fin:
        message = f"Le retrait ({jma(jour)}) est postérieur à la fin ({jma(socle.fin)})."
        raise retrait.faute("date", message)
    motif = retrait.choix("motif", table.MOTIFS_RETRAIT)
    return Retrait(jour, motif, retrait.nombre_facultatif("montant_paye"))

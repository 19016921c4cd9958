"""Price of one type in one zone: franchise, periods, quantity, groups rounded one by one (steps 1 to 7)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from domainepublic.regles import forfaits
from domainepublic.regles.grille import (
    CHAMP_LIGNES,
    Ligne,
    TarifStandard,
    ligne_en_vigueur,
    prix_de_tranche,
    prix_marginal,
)
from domainepublic.regles.occupation import Occupation
from domainepublic.regles.periodes import demi_journees, poids_annee, premiers_jours
from mairie.calendrier import jma
from mairie.lecture_json import ErreurSaisie
from mairie.montants import arrondi, plafond_entier


@dataclass(frozen=True)
class Demande:
    """What is priced: a quantity of one type in one zone, over the dates of the occupation."""

    type: str
    unite: str
    zone: str | None
    quantite: Fraction

    @property
    def libelle(self) -> str:
        """For error messages."""
        return f"le type {self.type} ({self.unite})"


@dataclass(frozen=True)
class Groupe:
    """Result for one line (and year): ``periodes`` as text, ``montant`` rounded to the cent."""

    zone: str | None
    tarif: str
    unite: str
    quantite_brute: Fraction
    quantite_facturee: Fraction
    periodes: str
    montant: Decimal


@dataclass
class _Cumul:
    """Periods met for one line: their number, its text when it is a fraction, and the sum of rank prices."""

    ligne: Ligne
    nombre: Fraction = field(default_factory=Fraction)
    texte: str | None = None
    prix_des_rangs: Fraction = field(default_factory=Fraction)


def quantite_facturee(tarif: TarifStandard, brute: Fraction) -> Fraction:
    """Gross less the free part, rounded up, then raised to the minimum if anything is left."""
    quantite = max(Fraction(0), brute - Fraction(tarif.quantite_gratuite))
    if tarif.arrondi_quantite == "unite_superieure":
        quantite = Fraction(plafond_entier(quantite))
    elif tarif.arrondi_quantite == "demi_superieur":
        quantite = Fraction(plafond_entier(2 * quantite), 2)
    return max(quantite, Fraction(tarif.quantite_min)) if quantite > 0 else quantite


def premier_jour_facture(tarif: TarifStandard, debut: date, fin: date) -> date | None:
    """First billed day after the franchise of the line in force on ``debut``; None when nothing is left."""
    duree = (fin - debut).days + 1
    if tarif.franchise_mode == "seuil":
        return None if duree <= tarif.franchise_jours else debut
    return None if duree <= tarif.franchise_jours else debut + timedelta(days=tarif.franchise_jours)


def tarifer(lignes: Sequence[Ligne], demande: Demande, occupation: Occupation) -> tuple[Groupe, ...]:
    """Groups of one priced quantity, in the order their lines are met; ``lignes`` are those of its type."""
    debut, fin = occupation.socle.debut, occupation.socle.fin
    beneficiaire = occupation.socle.beneficiaire

    def en_vigueur(jour: date) -> Ligne:
        return ligne_en_vigueur(lignes, jour, demande.zone, beneficiaire, demande.libelle)

    ligne_du_debut = en_vigueur(debut)
    premier = premier_jour_facture(ligne_du_debut.standard, debut, fin)
    if premier is None:
        return (_groupe(ligne_du_debut, demande, "0", Fraction(0)),)
    premiere = en_vigueur(premier)
    if premiere.standard.periode == "forfait":
        return (_groupe_forfait(premiere, demande, (fin - premier).days + 1),)
    cumuls = _cumuler(premiere.standard.periode, en_vigueur, demande, occupation, premier)
    return tuple(
        _groupe(
            cumul.ligne,
            demande,
            cumul.texte if cumul.texte is not None else str(cumul.nombre),
            _montant(cumul, quantite_facturee(cumul.ligne.standard, demande.quantite)),
        )
        for cumul in cumuls
    )


def _cumuler(
    periode: str, en_vigueur: Callable[[date], Ligne], demande: Demande, occupation: Occupation, premier: date
) -> list[_Cumul]:
    socle = occupation.socle
    cumuls: dict[tuple[int, int], _Cumul] = {}
    rang = 0
    for jour in premiers_jours(periode, premier, socle.fin):
        ligne = en_vigueur(jour)
        tarif = ligne.standard
        if tarif.periode != periode:
            message = (
                f"La période de tarification change le {jma(jour)} pour {demande.libelle} "
                f"(« {periode} » puis « {tarif.periode} ») : précisez la période ou corrigez la grille."
            )
            raise ErreurSaisie(CHAMP_LIGNES, message)
        cumul = cumuls.setdefault((ligne.rang, jour.year if periode == "an" else 0), _Cumul(ligne))
        if periode == "an":
            cumul.nombre, cumul.texte = poids_annee(tarif.prorata, jour, socle.fin)
            continue
        nombre = 1
        if periode == "demi_journee":
            nombre = demi_journees(jour, socle.debut, socle.fin, occupation.debut_demi, occupation.fin_demi)
        cumul.nombre += nombre
        rang += nombre
        if tarif.tranches_duree:
            cumul.prix_des_rangs += Fraction(prix_de_tranche(tarif.tranches_duree, Fraction(rang)))
    return list(cumuls.values())


def _montant(cumul: _Cumul, quantite: Fraction) -> Fraction:
    """Exact amount of a group, before its rounding."""
    tarif = cumul.ligne.standard
    if tarif.tranches_duree:
        return quantite * cumul.prix_des_rangs
    if tarif.tranches and tarif.tranche_mode == "marginale":
        return prix_marginal(tarif.tranches, quantite) * cumul.nombre
    prix = prix_de_tranche(tarif.tranches, quantite) if tarif.tranches else tarif.prix
    if prix is None:
        raise ValueError(f"line {cumul.ligne.id} has no price")
    return Fraction(prix) * quantite * cumul.nombre


def _groupe(ligne: Ligne, demande: Demande, periodes: str, montant: Fraction) -> Groupe:
    return Groupe(
        demande.zone,
        ligne.id,
        demande.unite,
        demande.quantite,
        quantite_facturee(ligne.standard, demande.quantite),
        periodes,
        arrondi(montant),
    )


def _groupe_forfait(ligne: Ligne, demande: Demande, jours: int) -> Groupe:
    tarif = ligne.standard
    quantite = quantite_facturee(tarif, demande.quantite)
    if quantite == 0:
        return _groupe(ligne, demande, "0", Fraction(0))
    retenus = forfaits.choisir(tarif, jours, quantite)
    montant = sum((forfaits.cout(forfait, tarif.forfait_base, quantite) for forfait in retenus), Fraction(0))
    return _groupe(ligne, demande, "+".join(str(forfait.jours) for forfait in retenus), montant)

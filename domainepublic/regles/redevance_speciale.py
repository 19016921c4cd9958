"""Fees whose computation is fixed by law: networks (RODP) and tax on signs (TLPE)."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from domainepublic.regles.etapes import Etape, Resultat, en_recouvrement
from domainepublic.regles.grille import Grille, Ligne, TarifRodp, TarifTlpe, ligne_en_vigueur
from domainepublic.regles.lecture import Objet
from domainepublic.regles.occupation import Socle
from domainepublic.regles.tables import redevance as table
from mairie.montants import arrondi

SANS_OBJET = "Sans objet pour une redevance dont le calcul est fixé par la loi : retirez ce champ."


def calculer(objet: Objet, socle: Socle, grille: Grille) -> Resultat:
    """Amount of one calendar year, by the line in force on the first day."""
    if socle.fin.year != socle.debut.year:
        message = f"La fin doit rester dans l'année {socle.debut.year} : cette redevance est annuelle."
        raise objet.faute("fin", message)
    for nom in ("exoneration", "supplements", "retrait"):
        if objet.donne(nom):
            raise objet.faute(nom, SANS_OBJET)
    if socle.sans_titre:
        raise objet.faute("sans_titre", SANS_OBJET)
    ligne = _ligne_en_vigueur(grille, socle)
    if isinstance(ligne.tarif, TarifTlpe):
        montant = arrondi(tlpe(ligne.tarif, objet.nombre("superficie", strict=True)))
    else:
        montant = arrondi(arrondi(_rodp(ligne, objet), 0))
    etapes = (
        Etape("ligne", {"zone": None, "tarif": ligne.id}, montant, f"Tarif {ligne.id} ({ligne.calcul})"),
        Etape("total", {}, montant, "Total dû"),
    )
    deja = socle.deja_facture
    return Resultat(
        montant,
        montant,
        en_recouvrement(montant, grille.regles.seuil_recouvrement),
        None if deja is None else arrondi(Fraction(montant) - Fraction(deja)),
        None,
        etapes,
    )


def _ligne_en_vigueur(grille: Grille, socle: Socle) -> Ligne:
    """By dates and beneficiary only: a zone written on such a line is not used."""
    sans_zone = [replace(ligne, zone=None) for ligne in grille.lignes_speciales(socle.type)]
    return ligne_en_vigueur(sans_zone, socle.debut, None, socle.beneficiaire, f"le type {socle.type}")


def _rodp(ligne: Ligne, objet: Objet) -> Fraction:
    """Network fee before its rounding to the euro."""
    tarif = ligne.tarif
    if not isinstance(tarif, TarifRodp):
        raise TypeError(f"{ligne.id} is not a network line")
    if ligne.calcul == table.RODP_ELECTRICITE:
        base = rodp_electricite(objet.entier("population"))
    elif ligne.calcul == table.RODP_GAZ:
        base = rodp_gaz(objet.nombre("longueur_m"))
    else:
        base = rodp_telecom(
            tarif, objet.nombre("souterrain_km", 0), objet.nombre("aerien_km", 0), objet.nombre("sol_m2", 0)
        )
    return base * Fraction(tarif.coefficient) * Fraction(tarif.taux) / 100


def rodp_electricite(population: int) -> Fraction:
    """Ceiling in euros before coefficient, by number of inhabitants (CGCT R2333-105)."""
    for tranche in table.RODP_ELECTRICITE_TRANCHES:
        if tranche.population_max is None or population <= tranche.population_max:
            return Fraction(tranche.pente) * population + Fraction(tranche.constante)
    raise ValueError("the last band has no bound")


def rodp_gaz(longueur_m: Decimal) -> Fraction:
    """Ceiling in euros before coefficient, by length of mains in metres (CGCT R2333-114)."""
    return Fraction(table.RODP_GAZ_PAR_METRE) * Fraction(longueur_m) + Fraction(table.RODP_GAZ_FIXE)


def rodp_telecom(tarif: TarifRodp, souterrain_km: Decimal, aerien_km: Decimal, sol_m2: Decimal) -> Fraction:
    """Ceiling in euros before coefficient, by km of ducts and cables and m² on the ground (CPCE R20-52)."""
    return (
        Fraction(tarif.prix_souterrain_km) * Fraction(souterrain_km)
        + Fraction(tarif.prix_aerien_km) * Fraction(aerien_km)
        + Fraction(tarif.prix_sol_m2) * Fraction(sol_m2)
    )


def tlpe(tarif: TarifTlpe, superficie: Decimal) -> Fraction:
    """Yearly tax in euros on the signs of one activity, its whole area at one rate (CIBS L454-39 ff.)."""
    if superficie <= table.TLPE_EXONERATION and tarif.exoneration_7:
        return Fraction(0)
    bande = next(
        bande
        for bande in table.TLPE_BANDES
        if bande.superficie_max is None or superficie <= bande.superficie_max
    )
    multiple = Fraction(bande.multiple)
    if bande is table.TLPE_BANDES[0] and tarif.exoneration_12:
        multiple = Fraction(0)
    if bande is table.TLPE_BANDES[1] and superficie <= table.TLPE_REDUCTION and tarif.reduction_12_20:
        multiple /= 2
    return multiple * Fraction(tarif.prix) * Fraction(superficie)

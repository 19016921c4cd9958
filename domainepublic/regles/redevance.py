"""Fee of an occupation: from the grid and the facts to the amount due, with its ordered detail.

Sources: CG3P L2125-1 to L2125-6, CGCT D1611-1, and the deliberation that the grid holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from domainepublic.regles import redevance_speciale
from domainepublic.regles.etapes import Etape, Remboursement, Resultat, en_recouvrement
from domainepublic.regles.grille import Grille, Regles, lire_grille
from domainepublic.regles.lecture import Objet
from domainepublic.regles.occupation import (
    Exoneration,
    Occupation,
    Retrait,
    Socle,
    Supplement,
    lire_occupation,
    lire_socle,
)
from domainepublic.regles.tables import redevance as table
from domainepublic.regles.tarification import Demande, Groupe, tarifer
from mairie.calendrier import jma
from mairie.montants import arrondi, montants_exacts, texte_francais, texte_nombre

ZERO = Decimal("0.00")


def simuler_redevance(cas: Any) -> dict[str, Any]:
    """Answer of one case of the command; ``ErreurSaisie`` on the first fault met."""
    racine = Objet.du_cas(cas)
    grille = lire_grille(racine.objet("grille"))
    objet = racine.objet("occupation")
    socle = lire_socle(objet)
    if grille.lignes_speciales(socle.type):
        return redevance_speciale.calculer(objet, socle, grille).en_json()
    return calculer(grille, lire_occupation(objet, socle, grille)).en_json()


@dataclass(frozen=True)
class Partage:
    """What step 2 leaves: the priced groups, and the only zone if there is one."""

    groupes: tuple[Groupe, ...]
    zone: str | None


def calculer(grille: Grille, occupation: Occupation) -> Resultat:
    """Amount due, theoretical amount, balance and refund, with every step in order."""
    with montants_exacts():
        return _calculer(grille, occupation)


def _calculer(grille: Grille, occupation: Occupation) -> Resultat:
    regles = grille.regles
    partage = repartir(grille, occupation)
    etapes: list[Etape] = []
    for groupe in partage.groupes:
        etapes += [_etape_quantite(groupe), _etape_ligne(groupe)]
    sous_total = sum((groupe.montant for groupe in partage.groupes), ZERO)
    for supplement in occupation.supplements:
        for groupe in tarifer_supplement(grille, occupation, supplement, partage.zone):
            etapes.append(_etape_supplement(supplement, groupe))
            sous_total += groupe.montant
    etapes.append(_etape("sous_total", sous_total, "Sous-total"))
    redevance = encadrer(sous_total, regles, etapes)
    frais = arrondi(regles.frais_dossier) if redevance > 0 else ZERO
    theorique = redevance + frais
    if frais:
        etapes.append(_etape("frais", theorique, f"Frais de dossier : {texte_francais(frais)} €"))
    du = theorique
    if occupation.socle.sans_titre:
        du = majorer(redevance, frais, regles, etapes)
    elif occupation.exoneration is not None:
        du = exonerer(redevance, frais, occupation.exoneration, etapes)
    if regles.arrondi_final == "euro":
        du = arrondi(arrondi(du, 0))
        etapes.append(_etape("arrondi", du, "Arrondi à l'euro le plus proche"))
    etapes.append(_etape("total", du, "Total dû"))
    deja = occupation.socle.deja_facture
    return Resultat(
        du,
        theorique,
        en_recouvrement(du, regles.seuil_recouvrement),
        None if deja is None else arrondi(Fraction(du) - Fraction(deja)),
        None
        if occupation.retrait is None
        else rembourser(occupation.retrait, occupation.socle, regles, du, frais),
        tuple(etapes),
    )


def repartir(grille: Grille, occupation: Occupation) -> Partage:
    """Price by zone: each part apart, the whole in the centroid's zone, or the whole in the dearest."""
    parts, mode = occupation.parts, grille.regles.zone_mode
    total = sum((Fraction(part.quantite) for part in parts), Fraction(0))

    def tarifer_en(zone: str | None, quantite: Fraction) -> tuple[Groupe, ...]:
        demande = Demande(occupation.socle.type, occupation.unite, zone, quantite)
        lignes = grille.lignes_standard(demande.type, demande.unite, occupation.periode)
        return tarifer(lignes, demande, occupation)

    if mode == "zone_centroide":
        return Partage(tarifer_en(occupation.zone_centroide, total), occupation.zone_centroide)
    if mode == "plus_chere" and len(parts) > 1:
        essais = [Partage(tarifer_en(part.zone, total), part.zone) for part in parts]
        return max(essais, key=lambda essai: sum(groupe.montant for groupe in essai.groupes))
    groupes = [groupe for part in parts for groupe in tarifer_en(part.zone, Fraction(part.quantite))]
    return Partage(tuple(groupes), parts[0].zone if len(parts) == 1 else None)


def tarifer_supplement(
    grille: Grille, occupation: Occupation, supplement: Supplement, zone_unique: str | None
) -> tuple[Groupe, ...]:
    """Same computation with the supplement's own type and unit, in its zone or the only one left."""
    zone = supplement.zone if supplement.zone is not None else zone_unique
    demande = Demande(supplement.type, supplement.unite, zone, Fraction(supplement.quantite))
    return tarifer(grille.lignes_standard(demande.type, demande.unite, None), demande, occupation)


def encadrer(sous_total: Decimal, regles: Regles, etapes: list[Etape]) -> Decimal:
    """Subtotal raised to the minimum unless it is nil, then brought down to the ceiling."""
    redevance = sous_total
    if regles.minimum_perception is not None and 0 < redevance < regles.minimum_perception:
        redevance = arrondi(regles.minimum_perception)
        etapes.append(_etape("minimum", redevance, "Minimum de perception"))
    if regles.plafond is not None and redevance > regles.plafond:
        redevance = arrondi(regles.plafond)
        etapes.append(_etape("plafond", redevance, "Plafond"))
    return redevance


def majorer(redevance: Decimal, frais: Decimal, regles: Regles, etapes: list[Etape]) -> Decimal:
    """Occupation without title: the fee (not the file costs) raised by the voted percentage."""
    taux = Fraction(regles.majoration_sans_titre)
    du = arrondi(Fraction(redevance) * (1 + taux / 100)) + frais
    if du != redevance + frais:
        taux_lisible = texte_francais(texte_nombre(taux))
        etapes.append(_etape("majoration", du, f"Majoration de {taux_lisible} % : occupation sans titre"))
    return du


def exonerer(redevance: Decimal, frais: Decimal, exoneration: Exoneration, etapes: list[Etape]) -> Decimal:
    """Free title, wholly or in part; with ``hors_frais`` the file costs stay due in full."""
    reste = 1 - Fraction(exoneration.taux) / 100
    if exoneration.hors_frais:
        du = arrondi(Fraction(redevance) * reste) + frais
    else:
        du = arrondi(Fraction(redevance + frais) * reste)
    gratuite = table.GRATUITES[exoneration.motif]
    taux_lisible = texte_francais(texte_nombre(exoneration.taux))
    source = exoneration.reference or gratuite.texte_reference
    libelle = f"Exonération de {taux_lisible} % : {gratuite.libelle} ({source})"
    etapes.append(_etape("exoneration", du, libelle))
    return du


def rembourser(retrait: Retrait, socle: Socle, regles: Regles, du: Decimal, frais: Decimal) -> Remboursement:
    """Part of the fee for the days that will not be occupied (CG3P L2125-6), file costs kept.

    A withdrawal for non-performance gives nothing back; a renunciation does if the grid says so.
    """
    paye = du if retrait.montant_paye is None else retrait.montant_paye
    base = arrondi(max(Fraction(0), Fraction(paye) - Fraction(frais)))
    total = (socle.fin - socle.debut).days + 1
    restants = total if retrait.date <= socle.debut else (socle.fin - retrait.date).days + 1
    ouvre_droit = retrait.motif == "interet_general" or (
        retrait.motif == "renonciation" and regles.remboursement_renonciation
    )
    montant = arrondi(Fraction(base) * restants / total) if ouvre_droit else ZERO
    libelle = f"{restants} jours non occupés sur {total} à compter du {jma(retrait.date)}"
    return Remboursement(montant, base, retrait.motif, restants, total, libelle)


def _etape(nom: str, montant: Decimal, libelle: str) -> Etape:
    return Etape(nom, {}, montant, libelle)


def _etape_quantite(groupe: Groupe) -> Etape:
    brute, facturee = texte_nombre(groupe.quantite_brute), texte_nombre(groupe.quantite_facturee)
    champs = {
        "zone": groupe.zone,
        "tarif": groupe.tarif,
        "unite": groupe.unite,
        "quantite_brute": brute,
        "quantite_facturee": facturee,
    }
    libelle = f"Quantité facturée : {_mesure(facturee, groupe.unite)}"
    if facturee != brute:
        libelle += f" pour {_mesure(brute, groupe.unite)}"
    return Etape("quantite", champs, None, libelle)


def _mesure(quantite: str, unite: str) -> str:
    """« 14,85 m² », « 1 unité », « 2 places »."""
    pluriel = "s" if unite in table.AU_PLURIEL and Decimal(quantite) >= 2 else ""
    return f"{texte_francais(quantite)} {table.UNITES_ECRITES.get(unite, unite)}{pluriel}"


def _champs_ligne(groupe: Groupe) -> dict[str, Any]:
    return {
        "zone": groupe.zone,
        "tarif": groupe.tarif,
        "quantite": texte_nombre(groupe.quantite_facturee),
        "periodes": groupe.periodes,
    }


def _etape_ligne(groupe: Groupe) -> Etape:
    zone = "" if groupe.zone is None else f", zone {groupe.zone}"
    return Etape("ligne", _champs_ligne(groupe), groupe.montant, f"Tarif {groupe.tarif}{zone}")


def _etape_supplement(supplement: Supplement, groupe: Groupe) -> Etape:
    champs = {"type": supplement.type, **_champs_ligne(groupe)}
    return Etape("supplement", champs, groupe.montant, f"Supplément {supplement.type}, tarif {groupe.tarif}")

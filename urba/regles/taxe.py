"""Simulation of the taxe d'aménagement, never an amount due: base, shares, exonerations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal, localcontext
from enum import StrEnum

from urba.regles.alertes import Alerte, triees
from urba.regles.tables_taxe import (
    ABATTEMENT_M2,
    CATEGORIES,
    PETITE_CONSTRUCTION_M2,
    Bareme,
    Categorie,
    Valeur,
    Zone,
    valeurs_de_l_annee,
)
from urba.regles.types import Etape

ZERO = Decimal(0)
CENTIME = Decimal("0.01")
AVERTISSEMENT = "Simulation sans valeur juridique : la DGFiP calcule et recouvre la taxe."


class Part(StrEnum):
    """Share of the tax."""

    COMMUNALE = "communale"
    DEPARTEMENTALE = "departementale"
    REGIONALE = "regionale"

    @property
    def libelle(self) -> str:
        """In words."""
        return {"communale": "communale", "departementale": "départementale", "regionale": "régionale"}[
            self.value
        ]


@dataclass(frozen=True)
class Taux:
    """Rates in percent."""

    communal: Decimal
    departemental: Decimal = ZERO
    regional: Decimal = ZERO


@dataclass(frozen=True)
class Local:
    """Premises of one category: created surface (m²), dwellings and surface already there (m²)."""

    categorie: Categorie
    surface_m2: Decimal
    logements: int = 1
    surface_existante_m2: Decimal = ZERO


@dataclass(frozen=True)
class Installations:
    """Installations: surfaces in m², counts, and the voted value of a parking place (None: the minimum)."""

    piscine_m2: Decimal = ZERO
    stationnements: int = 0
    stationnement_valeur: Decimal | None = None
    tentes_caravanes: int = 0
    hll: int = 0
    eoliennes: int = 0
    photovoltaique_m2: Decimal = ZERO


@dataclass(frozen=True)
class Exoneration:
    """An amount in euros taken off one share, with its reason."""

    part: Part
    montant: Decimal
    motif: str


@dataclass(frozen=True)
class Projet:
    """What is taxed, where, at which rates; ``annee``: that of the initial authorisation."""

    annee: int
    zone: Zone
    taux: Taux
    locaux: tuple[Local, ...] = ()
    installations: Installations = field(default_factory=Installations)
    exonerations: tuple[Exoneration, ...] = ()
    archeologie: bool = False


@dataclass(frozen=True)
class LigneAssiette:
    """One line of the base: quantity (m², or units when ``unites``), value in euros, product to the cent."""

    libelle: str
    quantite: Decimal
    valeur: Decimal
    base: Decimal
    article: str
    unites: bool = False


@dataclass(frozen=True)
class ResultatTaxe:
    """Bases, shares after exonerations and total in euros; the archaeology tax is never simulated."""

    annee: int
    zone: Zone
    valeur_m2: Decimal
    base_communale: Decimal
    base_departementale: Decimal
    base_regionale: Decimal
    part_communale: Decimal
    part_departementale: Decimal
    part_regionale: Decimal
    total: Decimal
    alertes: tuple[Alerte, ...]
    lignes: tuple[LigneAssiette, ...]
    explication: tuple[Etape, ...]
    archeologie: None = None
    avertissement: str = AVERTISSEMENT


def au_centime(montant: Decimal) -> Decimal:
    """Rounded to the cent, half up."""
    return montant.quantize(CENTIME, rounding=ROUND_HALF_UP)


def euros(montant: Decimal) -> str:
    """French writing of an amount: ``5 724,60 €``."""
    return f"{montant:,.2f} €".replace(",", "\u202f").replace(".", ",")


def ligne(
    libelle: str, quantite: Decimal, valeur: Decimal, article: str, *, unites: bool = False
) -> LigneAssiette:
    """A line of the base."""
    return LigneAssiette(libelle, quantite, valeur, au_centime(quantite * valeur), article, unites)


def est_petite_construction(locaux: Sequence[Local]) -> bool:
    """True when all surfaces together are above 0 and at most 5 m² (CGI 1635 quater D)."""
    return 0 < sum((local.surface_m2 for local in locaux), ZERO) <= PETITE_CONSTRUCTION_M2


def lignes_du_local(local: Local, valeur_m2: Decimal, *, exonere: bool = False) -> list[LigneAssiette]:
    """Lines of one local, one for each unit value."""
    categorie = CATEGORIES[local.categorie]
    libelle, article, surface = categorie.libelle, categorie.article, local.surface_m2
    moitie = valeur_m2 / 2
    if exonere or categorie.bareme is Bareme.EXONERE:
        return [ligne(f"{libelle}, exonéré", surface, ZERO, "CGI 1635 quater D")]
    if categorie.bareme is Bareme.PLEIN:
        return [ligne(libelle, surface, valeur_m2, article)]
    if categorie.bareme is Bareme.MOITIE:
        return [ligne(libelle, surface, moitie, article)]
    plafond = max(ZERO, ABATTEMENT_M2 * local.logements - local.surface_existante_m2)
    reduite = min(surface, plafond)
    lignes = []
    if reduite > 0 or surface == 0:
        lignes.append(ligne(f"{libelle}, {ABATTEMENT_M2} premiers m²", reduite, moitie, article))
    if surface > reduite:
        lignes.append(ligne(f"{libelle}, au-delà", surface - reduite, valeur_m2, "CGI 1635 quater H"))
    return lignes


def lignes_des_installations(
    installations: Installations, valeurs: dict[Valeur, Decimal]
) -> list[LigneAssiette]:
    """Lines of the installations above zero, parking places at the minimum.

    Raises ``KeyError`` for a value that ships inactive.
    """
    article = "CGI 1635 quater J"
    quantites = (
        ("Piscine", installations.piscine_m2, Valeur.PISCINE),
        ("Stationnement extérieur", installations.stationnements, Valeur.STATIONNEMENT_MIN),
        ("Tente, caravane ou résidence mobile", installations.tentes_caravanes, Valeur.TENTE_CARAVANE),
        ("Habitation légère de loisirs", installations.hll, Valeur.HLL),
        ("Éolienne de plus de 12 m", installations.eoliennes, Valeur.EOLIENNE),
        ("Panneaux photovoltaïques au sol", installations.photovoltaique_m2, Valeur.PHOTOVOLTAIQUE),
    )
    return [
        ligne(libelle, Decimal(quantite), valeurs[code], article, unites=isinstance(quantite, int))
        for libelle, quantite, code in quantites
        if quantite > 0
    ]


def part_avant_exoneration(base: Decimal, taux: Decimal) -> Decimal:
    """Base × rate in percent, to the cent, half up."""
    return au_centime(base * taux / 100)


def exonerer(montant: Decimal, part: Part, exonerations: Sequence[Exoneration]) -> tuple[Decimal, bool]:
    """Share after its exonerations, never below zero, and whether one was capped."""
    reste = montant - sum((e.montant for e in exonerations if e.part is part), ZERO)
    return max(reste, ZERO), reste < 0


def simuler_taxe(projet: Projet) -> ResultatTaxe:
    """Simulate the tax of a project; raises ``KeyError`` for a year or a value that is not shipped."""
    with localcontext() as contexte:
        contexte.prec = 60
        return _simuler(projet)


def _simuler(projet: Projet) -> ResultatTaxe:
    valeurs = valeurs_de_l_annee(projet.annee)
    valeur_m2 = valeurs[Valeur.M2_IDF if projet.zone is Zone.IDF else Valeur.M2_HORS_IDF]
    petite = est_petite_construction(projet.locaux)
    lignes = [x for local in projet.locaux for x in lignes_du_local(local, valeur_m2, exonere=petite)]
    lignes += lignes_des_installations(projet.installations, valeurs)
    base = sum((x.base for x in lignes), ZERO)

    places = projet.installations.stationnements
    minimum = valeurs[Valeur.STATIONNEMENT_MIN]
    votee = projet.installations.stationnement_valeur
    bases = {
        Part.COMMUNALE: base + places * ((minimum if votee is None else votee) - minimum),
        Part.DEPARTEMENTALE: base,
        Part.REGIONALE: base if projet.zone is Zone.IDF else ZERO,
    }
    taux = {
        Part.COMMUNALE: projet.taux.communal,
        Part.DEPARTEMENTALE: projet.taux.departemental,
        Part.REGIONALE: projet.taux.regional,
    }
    alertes: list[Alerte] = []
    etapes = [Etape("BASE", x.article, _detail(x)) for x in lignes]
    if petite:
        alertes.append(Alerte.PETITE_CONSTRUCTION)
        etapes.insert(0, Etape("BASE", "CGI 1635 quater D", "Cinq mètres carrés au plus : exonération."))
    if votee is not None and places:
        detail = (
            f"Place à {euros(votee)} (valeur votée) pour la part communale : {euros(bases[Part.COMMUNALE])}."
        )
        etapes.append(Etape("BASE", "CGI 1635 quater J", detail))
    parts: dict[Part, Decimal] = {}
    for part in Part:
        brute = part_avant_exoneration(bases[part], taux[part])
        parts[part], plafonnee = exonerer(brute, part, projet.exonerations)
        taux_ecrit = f"{taux[part]}".replace(".", ",")
        detail = f"Part {part.libelle} : {euros(bases[part])} × {taux_ecrit} % = {euros(brute)}"
        if parts[part] != brute or plafonnee:
            detail += f", exonérations déduites : {euros(parts[part])}"
        etapes.append(Etape("PART", "CGI 1635 quater L à N", detail + "."))
        if plafonnee:
            alertes.append(Alerte.EXONERATION_PLAFONNEE)
    if projet.archeologie:
        alertes.append(Alerte.ARCHEOLOGIE_NON_SIMULEE)
    return ResultatTaxe(
        annee=projet.annee,
        zone=projet.zone,
        valeur_m2=valeur_m2,
        base_communale=bases[Part.COMMUNALE],
        base_departementale=bases[Part.DEPARTEMENTALE],
        base_regionale=bases[Part.REGIONALE],
        part_communale=parts[Part.COMMUNALE],
        part_departementale=parts[Part.DEPARTEMENTALE],
        part_regionale=parts[Part.REGIONALE],
        total=sum(parts.values(), ZERO),
        alertes=triees(alertes),
        lignes=tuple(lignes),
        explication=tuple(etapes),
    )


def _detail(x: LigneAssiette) -> str:
    quantite = f"{x.quantite}" if x.unites else f"{x.quantite:.2f} m²".replace(".", ",")
    return f"{x.libelle} : {quantite} × {euros(x.valeur)} = {euros(x.base)}."

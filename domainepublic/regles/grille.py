"""A tariff grid: what a line may say, checked alike by command, simulator and settings screen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from domainepublic.regles.lecture import Objet
from domainepublic.regles.tables import redevance as table
from mairie.calendrier import jma
from mairie.lecture_json import ErreurSaisie

CHAMP_LIGNES = "grille.lignes"


@dataclass(frozen=True)
class Forfait:
    """Lump price for up to ``jours`` days; beyond ``quantite_incluse`` each unit pays ``prix_unite_sup``."""

    jours: int
    prix: Decimal
    quantite_incluse: Decimal | None
    prix_unite_sup: Decimal


@dataclass(frozen=True)
class Tranche:
    """Price up to ``jusqu_a`` included; None for the last band."""

    jusqu_a: Decimal | None
    prix: Decimal


@dataclass(frozen=True)
class TarifStandard:
    """Price of an ordinary line: exactly one of ``prix``, ``forfaits``, ``tranches``, ``tranches_duree``."""

    unite: str
    periode: str
    prorata: str
    prix: Decimal | None
    arrondi_quantite: str
    quantite_gratuite: Decimal
    quantite_min: Decimal
    franchise_jours: int
    franchise_mode: str
    forfaits: tuple[Forfait, ...] = ()
    forfait_mode: str = table.FORFAIT_MODES[0]
    forfait_base: str = table.FORFAIT_BASES[0]
    tranches: tuple[Tranche, ...] = ()
    tranche_mode: str = table.TRANCHE_MODES[0]
    tranches_duree: tuple[Tranche, ...] = ()


@dataclass(frozen=True)
class TarifRodp:
    """Fee of a network: ``coefficient`` of the year, and share ``taux`` of the ceiling (percent)."""

    coefficient: Decimal
    taux: Decimal
    prix_souterrain_km: Decimal = table.RODP_TELECOM_SOUTERRAIN
    prix_aerien_km: Decimal = table.RODP_TELECOM_AERIEN
    prix_sol_m2: Decimal = table.RODP_TELECOM_SOL


@dataclass(frozen=True)
class TarifTlpe:
    """Tax on signs: basic tariff T in euros a square metre, and what the commune deliberated."""

    prix: Decimal
    exoneration_7: bool
    exoneration_12: bool
    reduction_12_20: bool


@dataclass(frozen=True)
class Ligne:
    """One line of the grid; ``rang`` is its place in the input, ``au`` None while it has no end."""

    rang: int
    id: str
    type: str
    zone: str | None
    beneficiaire: str | None
    du: date
    au: date | None
    calcul: str
    tarif: TarifStandard | TarifRodp | TarifTlpe

    @property
    def standard(self) -> TarifStandard:
        """Tariff of an ordinary line."""
        if not isinstance(self.tarif, TarifStandard):
            raise TypeError(f"{self.id} is not an ordinary line")
        return self.tarif

    def couvre(self, jour: date) -> bool:
        """Whether the line is in force on that day, both ends included."""
        return self.du <= jour and (self.au is None or jour <= self.au)


@dataclass(frozen=True)
class Regles:
    """Rules of the deliberation applied after the lines; amounts in euros, ``majoration`` in percent."""

    minimum_perception: Decimal | None
    plafond: Decimal | None
    frais_dossier: Decimal
    majoration_sans_titre: Decimal
    zone_mode: str
    arrondi_final: str
    seuil_recouvrement: Decimal
    remboursement_renonciation: bool


@dataclass(frozen=True)
class Grille:
    """Lines in the order given, and the rules."""

    lignes: tuple[Ligne, ...]
    regles: Regles

    def lignes_speciales(self, type_occupation: str) -> tuple[Ligne, ...]:
        """Lines of a type whose computation is fixed by law; when there is one, they alone price it."""
        return tuple(
            ligne for ligne in self.lignes if ligne.type == type_occupation and ligne.calcul != table.STANDARD
        )

    def lignes_standard(self, type_occupation: str, unite: str, periode: str | None) -> tuple[Ligne, ...]:
        """Ordinary lines of a type and unit (and period when given); none for a type priced by law."""
        if self.lignes_speciales(type_occupation):
            return ()
        return tuple(
            ligne
            for ligne in self.lignes
            if ligne.type == type_occupation
            and ligne.standard.unite == unite
            and periode in (None, ligne.standard.periode)
        )


def lire_grille(objet: Objet) -> Grille:
    """Grid of a case: every line completely, then the rules."""
    lignes = tuple(
        lire_ligne(ligne, rang) for rang, ligne in enumerate(objet.objets("lignes", requis=True, vide=False))
    )
    return Grille(lignes, lire_regles(objet.objet_facultatif("regles")))


def lire_ligne(objet: Objet, rang: int) -> Ligne:
    """One line of the grid, checked completely in the order of the contract."""
    identifiant = objet.code_facultatif("id") or f"lignes[{rang}]"
    type_occupation = objet.texte("type")
    zone = objet.code_facultatif("zone")
    beneficiaire = objet.choix_facultatif("beneficiaire", table.BENEFICIAIRES)
    du = objet.date("du")
    au = objet.date_facultative("au")
    if au is not None and au < du:
        raise objet.faute("au", f"La fin ({jma(au)}) précède le début ({jma(du)}).")
    calcul = objet.choix("calcul", table.CALCULS, table.STANDARD)
    tarif: TarifStandard | TarifRodp | TarifTlpe
    if calcul == table.STANDARD:
        tarif = _lire_standard(objet)
    elif calcul == table.TLPE:
        tarif = TarifTlpe(
            objet.nombre("prix"),
            objet.booleen("exoneration_7", True),
            objet.booleen("exoneration_12"),
            objet.booleen("reduction_12_20"),
        )
    else:
        tarif = _lire_rodp(objet, calcul)
    return Ligne(rang, identifiant, type_occupation, zone, beneficiaire, du, au, calcul, tarif)


def _lire_rodp(objet: Objet, calcul: str) -> TarifRodp:
    coefficient, taux = objet.nombre("coefficient", strict=True), objet.nombre("taux", 100)
    if calcul != table.RODP_TELECOM:
        return TarifRodp(coefficient, taux)
    return TarifRodp(
        coefficient,
        taux,
        objet.nombre("prix_souterrain_km", table.RODP_TELECOM_SOUTERRAIN),
        objet.nombre("prix_aerien_km", table.RODP_TELECOM_AERIEN),
        objet.nombre("prix_sol_m2", table.RODP_TELECOM_SOL),
    )


def _lire_standard(objet: Objet) -> TarifStandard:
    unite = objet.choix("unite", table.UNITES)
    periode = objet.choix("periode", table.PERIODES)
    prorata = objet.choix("prorata", table.PRORATAS, "aucun")
    if prorata != "aucun" and periode != "an":
        raise objet.faute("prorata", "Un prorata n'a de sens qu'avec la période « an ».")
    _verifier_forme_du_prix(objet, periode)
    prix = objet.nombre_facultatif("prix")
    arrondi_quantite = objet.choix("arrondi_quantite", table.ARRONDIS_QUANTITE, "aucun")
    quantite_gratuite = objet.nombre("quantite_gratuite", 0)
    quantite_min = objet.nombre("quantite_min", 0)
    franchise_jours = objet.entier("franchise_jours", 0)
    franchise_mode = objet.choix("franchise_mode", table.FRANCHISES, "deduite")
    forfaits: tuple[Forfait, ...] = ()
    tranches: tuple[Tranche, ...] = ()
    tranches_duree: tuple[Tranche, ...] = ()
    forfait_mode, forfait_base = table.FORFAIT_MODES[0], table.FORFAIT_BASES[0]
    tranche_mode = table.TRANCHE_MODES[0]
    if objet.donne("forfaits"):
        forfaits = _lire_forfaits(objet)
        forfait_mode = objet.choix("forfait_mode", table.FORFAIT_MODES, forfait_mode)
        forfait_base = objet.choix("forfait_base", table.FORFAIT_BASES, forfait_base)
    elif objet.donne("tranches"):
        tranches = _lire_tranches(objet, "tranches", entieres=False)
        tranche_mode = objet.choix("tranche_mode", table.TRANCHE_MODES, tranche_mode)
    elif objet.donne("tranches_duree"):
        if periode not in table.PERIODES_A_TRANCHES:
            possibles = ", ".join(table.PERIODES_A_TRANCHES)
            message = f"Des tranches de durée exigent une période parmi : {possibles}."
            raise objet.faute("tranches_duree", message)
        tranches_duree = _lire_tranches(objet, "tranches_duree", entieres=True)
    return TarifStandard(
        unite, periode, prorata, prix, arrondi_quantite, quantite_gratuite, quantite_min, franchise_jours,
        franchise_mode, forfaits, forfait_mode, forfait_base, tranches, tranche_mode, tranches_duree,
    )  # fmt: skip


def _verifier_forme_du_prix(objet: Objet, periode: str) -> None:
    """Exactly one form of price; lump prices go with the period « forfait » and with it only."""
    if objet.donne("forfaits") != (periode == "forfait"):
        message = (
            "La période « forfait » exige la liste des forfaits."
            if periode == "forfait"
            else "Des forfaits exigent la période « forfait »."
        )
        raise objet.faute("forfaits", message)
    formes = [nom for nom in ("prix", "forfaits", "tranches", "tranches_duree") if objet.donne(nom)]
    if not formes:
        raise objet.faute("prix", "Donnez un prix, des forfaits, des tranches ou des tranches de durée.")
    if len(formes) > 1:
        raise objet.faute(formes[1], f"Le prix est déjà donné par « {formes[0]} » : gardez une seule forme.")


def _lire_forfaits(objet: Objet) -> tuple[Forfait, ...]:
    # The base decides which fields of a lump price are used, though it is written after them.
    par_unite = objet.brut("forfait_base") == "par_unite"
    forfaits: list[Forfait] = []
    for element in objet.objets("forfaits", requis=True, vide=False):
        jours = element.entier("jours", minimum=1)
        if any(forfait.jours == jours for forfait in forfaits):
            raise element.faute("jours", f"Deux forfaits durent {jours} jours : gardez-en un seul.")
        prix = element.nombre("prix")
        incluse = None if par_unite else element.nombre_facultatif("quantite_incluse")
        supplement = Decimal(0) if incluse is None else element.nombre("prix_unite_sup")
        forfaits.append(Forfait(jours, prix, incluse, supplement))
    return tuple(forfaits)


def _lire_tranches(objet: Objet, nom: str, *, entieres: bool) -> tuple[Tranche, ...]:
    tranches: list[Tranche] = []
    dernier = len(objet.liste(nom, vide=False)) - 1
    precedente = Decimal(0)
    for rang, element in enumerate(objet.objets(nom)):
        borne: Decimal | None = None
        # A bound that is written is judged as a bound first, the last one too.
        if element.donne("jusqu_a"):
            borne = Decimal(element.entier("jusqu_a")) if entieres else element.nombre("jusqu_a")
            if borne <= precedente:
                raise element.faute("jusqu_a", f"Les bornes croissent : donnez plus de {precedente}.")
            precedente = borne
        if (borne is None) != (rang == dernier):
            raise objet.faute(nom, "La dernière tranche, et elle seule, n'a pas de borne (null).")
        tranches.append(Tranche(borne, element.nombre("prix")))
    return tuple(tranches)


def lire_regles(objet: Objet) -> Regles:
    """Rules of the grid, all optional."""
    minimum = objet.nombre_facultatif("minimum_perception")
    plafond = objet.nombre_facultatif("plafond")
    if minimum is not None and plafond is not None and plafond < minimum:
        raise objet.faute("plafond", f"Le plafond ne peut pas être inférieur au minimum ({minimum}).")
    return Regles(
        minimum,
        plafond,
        objet.nombre("frais_dossier", 0),
        objet.nombre("majoration_sans_titre", 0),
        objet.choix("zone_mode", table.ZONE_MODES, table.ZONE_MODES[0]),
        objet.choix("arrondi_final", table.ARRONDIS_FINAUX, table.ARRONDIS_FINAUX[0]),
        objet.nombre("seuil_recouvrement", table.SEUIL_RECOUVREMENT),
        objet.booleen("remboursement_renonciation"),
    )


def ligne_en_vigueur(
    lignes: Sequence[Ligne], jour: date, zone: str | None, beneficiaire: str | None, objet: str
) -> Ligne:
    """The line that prices ``objet`` on that day: exact zone, then exact beneficiary, then neither.

    ``ErreurSaisie`` on the grid when there is none, or when two are equally precise.
    """
    retenues: list[Ligne] = []
    meilleur = -1
    for ligne in lignes:
        if not ligne.couvre(jour) or ligne.zone not in (None, zone):
            continue
        if ligne.beneficiaire not in (None, beneficiaire):
            continue
        precision = 2 * (ligne.zone is not None) + (ligne.beneficiaire is not None)
        if precision > meilleur:
            retenues, meilleur = [ligne], precision
        elif precision == meilleur:
            retenues.append(ligne)
    ou = f"en zone {zone}" if zone is not None else "sans zone"
    if not retenues:
        message = f"Aucun tarif pour {objet}, {ou}, le {jma(jour)} : complétez la grille."
        raise ErreurSaisie(CHAMP_LIGNES, message)
    if len(retenues) > 1:
        tarifs = " et ".join(ligne.id for ligne in retenues[:2])
        message = f"Deux tarifs aussi précis pour {objet}, {ou}, le {jma(jour)} : {tarifs}."
        raise ErreurSaisie(CHAMP_LIGNES, message)
    return retenues[0]


def prix_de_tranche(tranches: Sequence[Tranche], valeur: Fraction) -> Decimal:
    """Price of the band that holds the value, bounds included."""
    for tranche in tranches:
        if tranche.jusqu_a is None or valeur <= tranche.jusqu_a:
            return tranche.prix
    raise ValueError("the last band has no bound")


def prix_marginal(tranches: Sequence[Tranche], quantite: Fraction) -> Fraction:
    """Sum, band by band, of the part of the quantity that falls in each."""
    total, bas = Fraction(0), Fraction(0)
    for tranche in tranches:
        haut = quantite if tranche.jusqu_a is None else min(quantite, Fraction(tranche.jusqu_a))
        if haut > bas:
            total += (haut - bas) * Fraction(tranche.prix)
            bas = haut
    return total

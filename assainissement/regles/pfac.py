"""Contribution to the financing of the sewer (PFAC), due by whoever is connected (CSP L1331-7, L1331-7-1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from assainissement.regles.lecture import Objet
from assainissement.regles.tables import pfac as table
from assainissement.regles.tables.parametres import entier, parametre
from mairie.calendrier import jma, plus_mois
from mairie.montants import arrondi, texte_francais

CHAMPS = (
    "deliberation",
    "nature",
    "surface_m2",
    "nb_logements",
    "eaux_usees_supplementaires",
    "cout_anc",
    "remboursement_branchement",
    "part_zac",
    "taxe_amenagement_majoree",
    "assimile_domestique",
    "date_raccordement",
    "date_notification_titre",
)
CHAMPS_DELIBERATION = (
    "mode",
    "tarif_m2",
    "franchise_m2",
    "forfait",
    "coefficients",
    "taux_plafond",
    "date_effet",
    "date_fin",
)
ZERO = Decimal("0.00")


@dataclass(frozen=True)
class Deliberation:
    """What the assembly voted: euros a square metre and/or a dwelling, share of the ANC as ceiling."""

    mode: str
    tarif_m2: Decimal
    franchise_m2: Decimal
    forfait: Decimal
    coefficients: dict[str, Decimal]
    taux_plafond: Decimal
    date_effet: date
    date_fin: date | None

    def couvre(self, jour: date) -> bool:
        """Whether the deliberation holds on that day, both ends included."""
        return self.date_effet <= jour and (self.date_fin is None or jour <= self.date_fin)


@dataclass(frozen=True)
class Projet:
    """The works and the connection; amounts in euros, ``part_zac`` from 0 to 1."""

    nature: str
    surface_m2: Decimal | None
    nb_logements: int | None
    eaux_usees_supplementaires: bool
    cout_anc: Decimal
    remboursement_branchement: Decimal
    part_zac: Decimal
    taxe_amenagement_majoree: bool
    assimile_domestique: bool
    date_raccordement: date | None
    date_notification_titre: date | None


@dataclass(frozen=True)
class Pfac:
    """Result: amounts in euros; the debt exists only once the connection is made."""

    montant: Decimal
    brut: Decimal
    plafond: Decimal
    motif: str | None
    date_exigibilite: date | None
    limite_contestation: date | None
    article: str
    explication: tuple[str, ...]

    def en_json(self) -> dict[str, Any]:
        """JSON form of the contract, amounts as text."""
        exigibilite, limite = self.date_exigibilite, self.limite_contestation
        return {
            "montant": str(self.montant),
            "brut": str(self.brut),
            "plafond": str(self.plafond),
            "plafonne": self.brut > self.plafond,
            "motif": self.motif,
            "exigible": exigibilite is not None,
            "date_exigibilite": None if exigibilite is None else exigibilite.isoformat(),
            "limite_contestation": None if limite is None else limite.isoformat(),
            "article": self.article,
            "explication": list(self.explication),
        }


def calculer_pfac(cas: Any) -> dict[str, Any]:
    """Answer of one case of the command; ``ErreurSaisie`` on the first fault met."""
    objet = Objet.ouvrir(cas, "", CHAMPS)
    deliberation = lire_deliberation(objet.objet("deliberation", CHAMPS_DELIBERATION))
    return calculer(deliberation, lire_projet(objet, deliberation)).en_json()


def lire_deliberation(objet: Objet | None) -> Deliberation | None:
    """What was voted, None when nothing was."""
    if objet is None:
        return None
    mode = objet.choix("mode", table.MODES)
    tarif_m2 = objet.decimal("tarif_m2", 0 if mode == table.FORFAIT else None)
    franchise_m2 = objet.decimal("franchise_m2", 0)
    forfait = objet.decimal("forfait", 0 if mode == table.SURFACE else None)
    coefficients = {}
    par_nature = objet.objet("coefficients", table.NATURES)
    if par_nature is not None:
        coefficients = {nature: par_nature.decimal(nature, 1) for nature in table.NATURES}
    plafond = parametre("PFAC_PLAFOND")
    taux_plafond = objet.decimal("taux_plafond", plafond, strict=True, maximum=plafond)
    date_effet = objet.jour_exige("date_effet")
    date_fin = objet.jour("date_fin")
    if date_fin is not None and date_fin < date_effet:
        raise objet.faute("date_fin", f"La fin précède la prise d'effet ({jma(date_effet)}).")
    return Deliberation(
        mode=mode,
        tarif_m2=tarif_m2,
        franchise_m2=franchise_m2,
        forfait=forfait,
        coefficients=coefficients,
        taux_plafond=taux_plafond,
        date_effet=date_effet,
        date_fin=date_fin,
    )


def lire_projet(objet: Objet, deliberation: Deliberation | None) -> Projet:
    """The works; the surface and the number of dwellings are required where the vote uses them."""
    mode = None if deliberation is None else deliberation.mode
    nature = objet.choix("nature", table.NATURES)
    surface = objet.decimal_facultatif("surface_m2")
    if surface is None and mode in (table.SURFACE, table.MIXTE):
        raise objet.faute("surface_m2", "La participation est votée au mètre carré : donnez la surface.")
    logements = objet.entier_facultatif("nb_logements", minimum=1, maximum=table.LOGEMENTS_MAX)
    if logements is None and mode in (table.FORFAIT, table.MIXTE):
        raise objet.faute("nb_logements", "La participation est votée par logement : donnez leur nombre.")
    projet = Projet(
        nature=nature,
        surface_m2=surface,
        nb_logements=logements,
        eaux_usees_supplementaires=objet.booleen_exige("eaux_usees_supplementaires"),
        cout_anc=objet.decimal("cout_anc", strict=True),
        remboursement_branchement=objet.decimal("remboursement_branchement", 0),
        part_zac=objet.decimal("part_zac", 0, maximum=1),
        taxe_amenagement_majoree=objet.booleen("taxe_amenagement_majoree"),
        assimile_domestique=objet.booleen("assimile_domestique"),
        date_raccordement=objet.jour("date_raccordement"),
        date_notification_titre=objet.jour("date_notification_titre"),
    )
    titre, raccordement = projet.date_notification_titre, projet.date_raccordement
    if titre is not None and raccordement is None:
        raise objet.faute("date_notification_titre", "Aucun titre avant le raccordement : donnez sa date.")
    if titre is not None and raccordement is not None and titre < raccordement:
        message = f"Le titre précède le raccordement ({jma(raccordement)}), qui crée la dette."
        raise objet.faute("date_notification_titre", message)
    return projet


def calculer(deliberation: Deliberation | None, projet: Projet) -> Pfac:
    """Gross amount, ceiling, amount due, each rounded to the cent before it is used."""
    brut = montant_brut(deliberation, projet)
    plafond = montant_plafond(deliberation, projet)
    motif = motif_de_gratuite(deliberation, projet, plafond)
    montant = ZERO
    if motif is None:
        montant = arrondi(Fraction(min(brut, plafond)) * (1 - Fraction(projet.part_zac)))
    exigibilite = projet.date_raccordement if montant > 0 else None
    titre = projet.date_notification_titre
    limite = None
    if exigibilite is not None and titre is not None:
        limite = plus_mois(titre, entier("PFAC_CONTESTATION"))
    article = table.ARTICLE_ASSIMILE if projet.assimile_domestique else table.ARTICLE
    explication = [
        f"Montant brut : {texte_francais(brut)} €.",
        f"Plafond : {texte_francais(plafond)} € (CSP {article}).",
        f"Montant : {texte_francais(montant)} €.",
    ]
    if motif is not None:
        explication.append(table.MOTIFS[motif])
    if exigibilite is None:
        explication.append("Rien n'est exigible : seul le raccordement crée la dette.")
    else:
        explication.append(f"Exigible depuis le raccordement du {jma(exigibilite)}.")
    return Pfac(montant, brut, plafond, motif, exigibilite, limite, article, tuple(explication))


def montant_brut(deliberation: Deliberation | None, projet: Projet) -> Decimal:
    """Voted tariff applied to the works, before the ceiling; 0 without deliberation."""
    if deliberation is None:
        return ZERO
    base = Fraction(0)
    if deliberation.mode != table.FORFAIT and projet.surface_m2 is not None:
        taxable = max(Fraction(0), Fraction(projet.surface_m2) - Fraction(deliberation.franchise_m2))
        base += Fraction(deliberation.tarif_m2) * taxable
    if deliberation.mode != table.SURFACE and projet.nb_logements is not None:
        base += Fraction(deliberation.forfait) * projet.nb_logements
    return arrondi(base * Fraction(deliberation.coefficients.get(projet.nature, Decimal(1))))


def montant_plafond(deliberation: Deliberation | None, projet: Projet) -> Decimal:
    """Share of the cost of the ANC that is saved, less the part of the branchement already repaid."""
    taux = parametre("PFAC_PLAFOND") if deliberation is None else deliberation.taux_plafond
    reste = Fraction(taux) * Fraction(projet.cout_anc) - Fraction(projet.remboursement_branchement)
    return arrondi(max(Fraction(0), reste))


def motif_de_gratuite(deliberation: Deliberation | None, projet: Projet, plafond: Decimal) -> str | None:
    """First reason why nothing is due, in the order of the table."""
    raccordement = projet.date_raccordement
    if deliberation is None:
        return table.PAS_DE_DELIBERATION
    conditions = {
        table.HORS_PERIODE: raccordement is not None and not deliberation.couvre(raccordement),
        table.SANS_EAU_USEE: not projet.eaux_usees_supplementaires,
        table.TAM: projet.taxe_amenagement_majoree,
        table.ZAC: projet.part_zac == 1,
        table.PLAFOND_NUL: plafond == 0,
    }
    return next((motif for motif in table.MOTIFS if conditions.get(motif)), None)

"""Yearly national indicators of the sanitation services (SISPEA): P301.3, D302.0, P253.2."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from assainissement.regles.lecture import Objet, lire_jour
from assainissement.regles.tables import anc
from assainissement.regles.tables import sispea as table
from assainissement.regles.tables.echeances import ISSUES, VISITE_FAITE
from mairie.lecture_json import ErreurSaisie
from mairie.montants import arrondi

CHAMPS = ("annee", "controles", "installations_desactivees", "service_anc", "renouvellement")
PARTIES = ("controles", "service_anc", "renouvellement")
CHAMPS_CONTROLE = ("installation", "date", "type", "conforme", "regle", "issue")
CHAMPS_SERVICE = (*table.POINTS_PARTIE_A, *table.POINTS_PARTIE_B)
CHAMPS_RENOUVELLEMENT = ("lineaires_km", "lineaire_total_km")
_ANNEE = re.compile(r"[0-9]{4}")


@dataclass(frozen=True)
class ControleCompte:
    """One control as the indicators see it; ``conforme`` for a new installation, ``regle`` for the others."""

    installation: str
    date: date
    type: str
    conforme: bool | None
    regle: str | None
    issue: str


@dataclass(frozen=True)
class Taux:
    """A share: ``valeur`` in percent, None when nothing is counted."""

    numerateur: int
    denominateur: int

    @property
    def valeur(self) -> Decimal | None:
        """Percent, one decimal, half up."""
        if not self.denominateur:
            return None
        return arrondi(Fraction(100 * self.numerateur, self.denominateur), 1)

    def en_json(self) -> dict[str, Any]:
        """JSON form of the contract."""
        valeur = None if self.valeur is None else str(self.valeur)
        return {"valeur": valeur, "numerateur": self.numerateur, "denominateur": self.denominateur}


def indicateurs_sispea(cas: Any) -> dict[str, Any]:
    """Answer of one case of the command; ``ErreurSaisie`` on the first fault met."""
    objet = Objet.ouvrir(cas, "", CHAMPS)
    annee = objet.entier("annee", minimum=table.ANNEE_MIN, maximum=table.ANNEE_MAX)
    controles = [lire_controle(element) for element in objet.objets("controles", CHAMPS_CONTROLE)]
    desactivees = _lire_desactivees(objet)
    reponse: dict[str, Any] = {"annee": annee}
    if objet.present("controles"):
        retenus = derniers_controles(controles, desactivees, annee)
        reponse["P301.3"] = taux_de_conformite(retenus, anc.REGLES_P301).en_json()
        reponse["conformite_reglementaire"] = taux_de_conformite(retenus, anc.REGLES_CONFORMES).en_json()
    service = objet.objet("service_anc", CHAMPS_SERVICE)
    if service is not None:
        reponse["D302.0"] = mise_en_oeuvre(_lire_service(service))
    renouvellement = objet.objet("renouvellement", CHAMPS_RENOUVELLEMENT)
    if renouvellement is not None:
        reponse["P253.2"] = _renouvellement(renouvellement, annee)
    if not any(objet.present(partie) for partie in PARTIES):
        raise ErreurSaisie("cas", f"Rien à calculer : donnez au moins une partie parmi {', '.join(PARTIES)}.")
    return reponse


def lire_controle(objet: Objet) -> ControleCompte:
    """One control: a new installation says whether it conforms, an existing one which rule concluded."""
    controle = ControleCompte(
        installation=objet.texte("installation"),
        date=objet.jour_exige("date"),
        type=objet.choix("type", table.TYPES_CONTROLE),
        conforme=objet.booleen_facultatif("conforme"),
        regle=objet.choix_facultatif("regle", anc.CODES_REGLES),
        issue=objet.choix("issue", ISSUES, VISITE_FAITE),
    )
    faite = controle.issue == VISITE_FAITE
    if controle.type == table.EXISTANT and controle.conforme is not None:
        raise objet.faute("conforme", "Une installation existante se juge par sa règle : retirez ce champ.")
    if controle.type == table.NEUF and faite and controle.conforme is None:
        raise objet.faute("conforme", "Dites si l'installation neuve est conforme.")
    if controle.type != table.EXISTANT and controle.regle is not None:
        raise objet.faute("regle", "La règle ne vaut que pour une installation existante : retirez-la.")
    if controle.type == table.EXISTANT and faite and controle.regle is None:
        raise objet.faute("regle", "Donnez la règle de la conclusion, de R0 à R6.")
    return controle


def _lire_desactivees(objet: Objet) -> dict[str, date]:
    nom = "installations_desactivees"
    if not objet.present(nom):
        return {}
    dates = objet.dictionnaire(nom)
    lues = {}
    for identifiant in sorted(dates):
        champ = f"{objet.ou(nom)}.{identifiant}"
        if dates[identifiant] is None:
            raise ErreurSaisie(champ, "Donnez la date de désactivation.")
        lues[identifiant.strip()] = lire_jour(dates[identifiant], champ)
    return lues


def derniers_controles(
    controles: Iterable[ControleCompte], desactivees: Mapping[str, date], annee: int
) -> list[ControleCompte]:
    """Last visit made of each installation still active on 31 December; same date: the later in the list."""
    fin = date(annee, 12, 31)
    derniers: dict[str, ControleCompte] = {}
    for controle in controles:
        if controle.issue != VISITE_FAITE or controle.type == table.CONCEPTION or controle.date > fin:
            continue
        if controle.installation in desactivees and desactivees[controle.installation] <= fin:
            continue
        precedent = derniers.get(controle.installation)
        if precedent is None or controle.date >= precedent.date:
            derniers[controle.installation] = controle
    return list(derniers.values())


def taux_de_conformite(retenus: Collection[ControleCompte], regles: Collection[str]) -> Taux:
    """Share of the installations retained that conform: new ones as said, existing ones by their rule."""
    conformes = [
        controle
        for controle in retenus
        if (controle.conforme if controle.type == table.NEUF else controle.regle in regles)
    ]
    return Taux(len(conformes), len(retenus))


def _lire_service(objet: Objet) -> dict[str, bool]:
    reponses = {nom: objet.booleen_exige(nom) for nom in table.POINTS_PARTIE_A}
    return reponses | {nom: objet.booleen(nom) for nom in table.POINTS_PARTIE_B}


def mise_en_oeuvre(reponses: Mapping[str, bool]) -> dict[str, Any]:
    """D302.0: points of the service, part B added only when part A is complete."""
    partie_a = sum(points for nom, points in table.POINTS_PARTIE_A.items() if reponses[nom])
    partie_b = sum(points for nom, points in table.POINTS_PARTIE_B.items() if reponses[nom])
    complete = partie_a == sum(table.POINTS_PARTIE_A.values())
    return {
        "valeur": partie_a + partie_b if complete else partie_a,
        "partie_a": partie_a,
        "partie_b": partie_b,
        "partie_b_prise_en_compte": complete,
    }


def _renouvellement(objet: Objet, annee: int) -> dict[str, Any]:
    lineaires = objet.dictionnaire("lineaires_km")
    for cle in sorted(lineaires):
        if not _ANNEE.fullmatch(cle):
            champ = f"{objet.ou('lineaires_km')}.{cle}"
            raise ErreurSaisie(champ, "Une année de quatre chiffres est attendue comme nom.")
    total = objet.decimal("lineaire_total_km", strict=True)
    par_annee = Objet(lineaires, objet.ou("lineaires_km"))
    annees = range(annee - table.ANNEES_RENOUVELLEMENT + 1, annee + 1)
    renouvele = sum((Fraction(par_annee.decimal(str(une))) for une in annees), Fraction(0))
    return {
        "valeur": str(taux_de_renouvellement(renouvele, total)),
        "lineaire_renouvele_km": str(arrondi(renouvele, 3)),
    }


def taux_de_renouvellement(renouvele_km: Fraction, total_km: Decimal) -> Decimal:
    """P253.2: mean yearly length renewed over five years, in percent of the network, two decimals."""
    return arrondi(100 * renouvele_km / table.ANNEES_RENOUVELLEMENT / Fraction(total_km))

"""Due dates after a control of non-collective sanitation: works, validity of the report, next control.

Sources: CSP L1331-8 and L1331-11-1, CGCT L2224-8, arrêté du 27 avril 2012, art. 4, 5 and 7.
No date is moved by a week-end or a holiday.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from assainissement.regles.lecture import Objet
from assainissement.regles.tables import anc
from assainissement.regles.tables import echeances as table
from assainissement.regles.tables.parametres import entier
from mairie.calendrier import jma, plus_mois

CHAMPS = (
    "issue",
    "regle",
    "date_controle",
    "date_notification",
    "date_acte",
    "date_levee",
    "delai_maire_mois",
    "electromecanique",
    "nb_relances",
    "reglement",
)
CHAMPS_REGLEMENT = tuple(parametre.code for parametre in table.PARAMETRES_REGLEMENT)
SI_VISITE = ("regle", "date_notification", "date_levee", "delai_maire_mois")


@dataclass(frozen=True)
class Reglement:
    """Parameters of a service's règlement; None where it sets nothing."""

    frequence_periodique_annees: int
    frequence_danger_annees: int | None
    frequence_electromecanique_annees: int | None
    delai_verification_absence_mois: int
    delai_vente_absence_mois: int | None
    delai_relance_mois: int
    relances_avant_majoration: int


@dataclass(frozen=True)
class Suivi:
    """A control and what came after it; ``regle`` None when the visit was not made."""

    issue: str
    regle: str | None
    date_controle: date
    date_notification: date | None
    date_acte: date | None
    date_levee: date | None
    delai_maire_mois: int | None
    electromecanique: bool
    nb_relances: int
    reglement: Reglement

    @property
    def visite_faite(self) -> bool:
        """Whether the installation was seen."""
        return self.issue == table.VISITE_FAITE


@dataclass(frozen=True)
class Echeances:
    """Due dates, each with the code that says why."""

    echeance_travaux: date | None
    regle_echeance: str
    fin_validite_rapport: date | None
    rapport_valable_pour_acte: bool | None
    nouveau_controle_requis: bool
    prochain_controle: date
    motif_prochain_controle: str
    frequence_annees: int | None
    majoration_due: bool
    explication: tuple[str, ...]

    def en_json(self) -> dict[str, Any]:
        """JSON form of the contract."""
        return {
            "echeance_travaux": _iso(self.echeance_travaux),
            "regle_echeance": self.regle_echeance,
            "fin_validite_rapport": _iso(self.fin_validite_rapport),
            "rapport_valable_pour_acte": self.rapport_valable_pour_acte,
            "nouveau_controle_requis": self.nouveau_controle_requis,
            "prochain_controle": _iso(self.prochain_controle),
            "motif_prochain_controle": self.motif_prochain_controle,
            "frequence_annees": self.frequence_annees,
            "majoration_due": self.majoration_due,
            "explication": list(self.explication),
        }


def _iso(jour: date | None) -> str | None:
    return None if jour is None else jour.isoformat()


def plus_annees(jour: date, annees: int) -> date:
    """Same day ``annees`` years later, in one jump of 12 months each."""
    return plus_mois(jour, 12 * annees)


def echeances_anc(cas: Any) -> dict[str, Any]:
    """Answer of one case of the command; ``ErreurSaisie`` on the first fault met."""
    return calculer(lire_suivi(Objet.ouvrir(cas, "", CHAMPS))).en_json()


def lire_reglement(objet: Objet | None) -> Reglement:
    """Parameters of the règlement, the usual ones where it says nothing."""
    valeurs: dict[str, Any] = {}
    for ligne in table.PARAMETRES_REGLEMENT:
        lu = None
        if objet is not None:
            lu = objet.entier_facultatif(ligne.code, minimum=ligne.minimum, maximum=ligne.maximum)
        valeurs[ligne.code] = ligne.defaut if lu is None else lu
    return Reglement(**valeurs)


def lire_suivi(objet: Objet) -> Suivi:
    """Case checked completely."""
    suivi = Suivi(
        issue=objet.choix("issue", table.ISSUES, table.VISITE_FAITE),
        regle=objet.choix_facultatif("regle", anc.CODES_REGLES),
        date_controle=objet.jour_exige("date_controle"),
        date_notification=objet.jour("date_notification"),
        date_acte=objet.jour("date_acte"),
        date_levee=objet.jour("date_levee"),
        delai_maire_mois=objet.entier_facultatif("delai_maire_mois", minimum=1, maximum=entier("ANC_MAIRE")),
        electromecanique=objet.booleen("electromecanique"),
        nb_relances=objet.entier("nb_relances", 0, maximum=table.RELANCES_MAX),
        reglement=lire_reglement(objet.objet("reglement", CHAMPS_REGLEMENT)),
    )
    if suivi.visite_faite:
        _verifier_visite(objet, suivi)
    else:
        for nom in SI_VISITE:
            if objet.present(nom):
                raise objet.faute(nom, "La visite n'a pas eu lieu : retirez ce champ.")
    return suivi


def _verifier_visite(objet: Objet, suivi: Suivi) -> None:
    if suivi.regle is None:
        raise objet.faute("regle", "La visite a eu lieu : donnez la règle de sa conclusion, de R0 à R6.")
    controle = suivi.date_controle
    if suivi.date_notification is not None and suivi.date_notification < controle:
        raise objet.faute("date_notification", f"La notification précède le contrôle ({jma(controle)}).")
    if suivi.date_levee is not None and suivi.regle in anc.REGLES_CONFORMES:
        raise objet.faute("date_levee", f"Rien n'est à lever après la règle {suivi.regle}.")
    if suivi.date_levee is not None and suivi.date_levee < controle:
        raise objet.faute("date_levee", f"La levée précède le contrôle ({jma(controle)}).")
    if suivi.delai_maire_mois is not None and suivi.regle not in anc.REGLES_DANGER:
        message = f"Le maire ne raccourcit que le délai des règles {', '.join(anc.REGLES_DANGER)}."
        raise objet.faute("delai_maire_mois", message)


def calculer(suivi: Suivi) -> Echeances:
    """Works, report, next control."""
    return apres_visite(suivi) if suivi.visite_faite else sans_visite(suivi)


def sans_visite(suivi: Suivi) -> Echeances:
    """The visit could not be made: a reminder, and perhaps the surcharge (CSP L1331-8)."""
    reglement = suivi.reglement
    relance = plus_mois(suivi.date_controle, reglement.delai_relance_mois)
    majoration = (
        suivi.issue in table.ISSUES_A_MAJORER and suivi.nb_relances >= reglement.relances_avant_majoration
    )
    explication = [
        f"Visite non faite ({suivi.issue}) : relance {reglement.delai_relance_mois} mois après, "
        f"le {jma(relance)} (règlement de service)."
    ]
    if majoration:
        explication.append(f"{suivi.nb_relances} relance(s) : la majoration est due (CSP L1331-8).")
    return Echeances(
        echeance_travaux=None,
        regle_echeance=table.SANS_OBJET,
        fin_validite_rapport=None,
        rapport_valable_pour_acte=None,
        nouveau_controle_requis=suivi.date_acte is not None,
        prochain_controle=relance,
        motif_prochain_controle=table.RELANCE,
        frequence_annees=None,
        majoration_due=majoration,
        explication=tuple(explication),
    )


def apres_visite(suivi: Suivi) -> Echeances:
    """The visit was made."""
    fin_validite = plus_annees(suivi.date_controle, entier("ANC_VALIDITE_RAPPORT"))
    acte = suivi.date_acte
    valable = None if acte is None else suivi.date_controle <= acte <= fin_validite
    travaux, code = echeance_travaux(suivi, acte if valable else None)
    prochain, motif, frequence = prochain_controle(suivi)
    explication = [f"Rapport valable jusqu'au {jma(fin_validite)} compris (CSP L1331-11-1)."]
    if acte is not None and not valable:
        explication.append(f"Le rapport ne couvre pas l'acte du {jma(acte)} : l'acte ne fixe aucun délai.")
    if travaux is None:
        explication.append(f"Pas de date pour des travaux ({code}).")
    else:
        explication.append(f"Travaux au plus tard le {jma(travaux)} ({code}).")
    explication.append(f"Prochain contrôle le {jma(prochain)} ({motif}).")
    return Echeances(
        echeance_travaux=travaux,
        regle_echeance=code,
        fin_validite_rapport=fin_validite,
        rapport_valable_pour_acte=valable,
        nouveau_controle_requis=acte is not None and acte > fin_validite,
        prochain_controle=prochain,
        motif_prochain_controle=motif,
        frequence_annees=frequence,
        majoration_due=False,
        explication=tuple(explication),
    )


def echeance_travaux(suivi: Suivi, acte: date | None) -> tuple[date | None, str]:
    """Due date of the works and its code; ``acte`` is the deed that the report covers, if any."""
    if suivi.date_levee is not None:
        return None, table.LEVEE
    apres_acte = None if acte is None else plus_annees(acte, entier("ANC_DELAI_VENTE"))
    if suivi.regle == anc.ABSENCE:
        delai = suivi.reglement.delai_vente_absence_mois
        if acte is not None and delai is not None:
            return plus_mois(acte, delai), table.VENTE_ABSENCE
        return None, table.MEILLEURS_DELAIS
    if suivi.regle in anc.REGLES_DANGER:
        candidats: list[tuple[date, str]] = []
        if suivi.date_notification is not None and suivi.delai_maire_mois is not None:
            candidats.append((plus_mois(suivi.date_notification, suivi.delai_maire_mois), table.DELAI_MAIRE))
        elif suivi.date_notification is not None:
            quatre_ans = plus_annees(suivi.date_notification, entier("ANC_DELAI_TRAVAUX_AB"))
            candidats.append((quatre_ans, table.QUATRE_ANS))
        if apres_acte is not None:
            candidats.append((apres_acte, table.UN_AN_ACTE))
        # The first of equal dates is kept: that of the notification.
        return min(candidats, key=lambda candidat: candidat[0], default=(None, table.ATTENTE))
    if suivi.regle == anc.NON_CONFORME and apres_acte is not None:
        return apres_acte, table.UN_AN_ACTE
    return None, table.AUCUNE


def prochain_controle(suivi: Suivi) -> tuple[date, str, int | None]:
    """Date of the next control, why, and the frequency in years that gave it."""
    reglement = suivi.reglement
    if suivi.regle == anc.ABSENCE and suivi.date_levee is None:
        verification = plus_mois(suivi.date_controle, reglement.delai_verification_absence_mois)
        return verification, table.VERIFICATION_ABSENCE, None
    frequences = [reglement.frequence_periodique_annees]
    if suivi.electromecanique and reglement.frequence_electromecanique_annees is not None:
        frequences.append(reglement.frequence_electromecanique_annees)
    danger = suivi.regle in anc.REGLES_DANGER and suivi.date_levee is None
    if danger and reglement.frequence_danger_annees is not None:
        frequences.append(reglement.frequence_danger_annees)
    frequence = min(frequences)
    return plus_annees(suivi.date_levee or suivi.date_controle, frequence), table.PERIODIQUE, frequence

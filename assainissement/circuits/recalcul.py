"""State, dates and explanation of a control, recomputed from its log by the rules. Pure: the day is given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from assainissement.regles.echeances import CHAMPS_REGLEMENT, Suivi, calculer, lire_reglement
from assainissement.regles.lecture import Objet
from assainissement.regles.tables import echeances as table
from mairie.calendrier import jma
from mairie.workflow.modele import Etape, Fait, Situation, Workflow, derouler

ISSUES = {
    "constater_absence": table.ABSENT,
    "constater_refus": table.REFUS,
    "constater_report": table.REPORT_ABUSIF,
}
# Why this date: codes of the rules in words, with their article.
POURQUOI = {
    "levee": ("Les travaux sont constatés : plus rien n'est dû.", "arrêté du 27/04/2012, art. 4"),
    "meilleurs_delais": ("Absence d'installation : à créer dans les meilleurs délais.", "CSP L1331-1-1"),
    "delai_vente_absence": (
        "Absence d'installation : délai après la vente, du règlement de service.",
        "règlement de service",
    ),
    "delai_maire": ("Le maire a raccourci le délai.", "arrêté du 27/04/2012, art. 5 ; CGCT L2212-2"),
    "4_ans_notification": (
        "Quatre ans à compter de la réception du rapport.",
        "arrêté du 27/04/2012, art. 4 et 5",
    ),
    "1_an_acte": ("Un an à compter de l'acte de vente.", "CSP L1331-11-1"),
    "en_attente_notification": (
        "Le délai partira du jour où le propriétaire reçoit le rapport.",
        "arrêté du 27/04/2012, art. 4",
    ),
    "aucune": ("Aucun délai de travaux.", "arrêté du 27/04/2012, art. 4"),
    "sans_objet": ("La visite n'a pas eu lieu.", "CSP L1331-8"),
}
PROCHAIN = {
    "periodique": ("Fréquence du règlement de service, dix ans au plus.", "CGCT L2224-8"),
    "verification_absence": ("Vérifier qu'une installation a été créée.", "règlement de service"),
    "relance": ("Relance après une visite manquée.", "règlement de service"),
}


@dataclass(frozen=True)
class Contexte:
    """What no event changes: the nature of the control, and whether its grid is that of existing ones."""

    nature: str
    existant: bool


def _jour(texte: Any) -> date | None:
    return date.fromisoformat(texte) if texte else None


def _dernier(faits: Sequence[Fait], *types: str) -> Fait | None:
    return next((f for f in reversed(faits) if f.type in types), None)


def recalculer(workflow: Workflow, faits: Sequence[Fait], contexte: Contexte, jour: date) -> Situation:
    """What the log means on a day; dates come from ``regles.echeances``, with the parameters frozen then."""
    base = derouler(workflow, faits, contexte, jour)
    connus = [f for f in faits if f.date_effet <= jour]
    reprise = _dernier(connus, "reprendre")
    visite, valide = _dernier(connus, "saisir_visite"), _dernier(connus, "valider")
    notifie = _dernier(connus, "notifier")
    if (sur_pieces := _dernier(connus, "conclure_sur_pieces")) is not None:
        # No visit: the day of the opinion is that of its report and of its notification.
        visite, valide, notifie = visite or sur_pieces, sur_pieces, sur_pieces
    rdv = _dernier(connus, "fixer_rdv", "proposer_rdv")
    acte, levee = _dernier(connus, "enregistrer_acte"), _dernier(connus, "lever")
    dates: dict[str, date | None] = {
        "date_rdv": _jour(rdv.donnees.get("le")) if rdv else None,
        "date_visite": visite.date_effet if visite else None,
        "date_rapport": valide.date_effet if valide else None,
        "date_notification": notifie.date_effet if notifie else None,
        "date_acte": acte.date_effet if acte else None,
        "date_levee": levee.date_effet if levee else None,
    }
    if reprise is not None:
        dates["date_visite"] = dates["date_rapport"] = _jour(reprise.donnees["visite"])
        dates["date_notification"] = _jour(reprise.donnees.get("notification"))
    rectifications = [f for f in connus if f.type == "rectifier"]
    conclu = rectifications[-1] if rectifications else reprise or valide
    resultat: Mapping[str, Any] = conclu.donnees["resultat"] if conclu else {}
    manque = _dernier(connus, *ISSUES)
    relances = [f for f in connus if f.type == "relancer"]
    calculs: dict[str, Any] = {
        "issue": "visite_faite" if visite or reprise else (ISSUES[manque.type] if manque else ""),
        "regle": resultat.get("regle") or "",
        "cas": resultat.get("cas") or "",
        "conclusion": resultat.get("conclusion") or "",
        "nb_relances": len(relances),
        "creneau": str(rdv.donnees.get("creneau") or "") if rdv else "",
        "resultat": dict(resultat),
        "majoration_due": False,
        "rectifications": [
            {
                "le": f.date_effet.isoformat(),
                "le_jour": jma(f.date_effet),
                "motif": f.donnees["motif"],
                "avant": f.donnees["avant"],
                "apres": f.donnees["resultat"].get("regle") or f.donnees["resultat"].get("conclusion"),
            }
            for f in rectifications
        ],
    }
    vides: dict[str, date | None] = {
        "relance_le": None,
        "echeance_travaux": None,
        "fin_validite_rapport": None,
        "prochain_controle": None,
    }
    dates.update(vides)
    etapes: list[Etape] = []
    if dates["date_visite"]:
        etapes.append(Etape("Visite", jma(dates["date_visite"])))
    if not (visite or reprise) and manque is not None:
        _manquee(manque, relances, dates, calculs, etapes)
    elif contexte.existant and resultat.get("regle") and dates["date_visite"]:
        parametres = (notifie or conclu).donnees["parametres"]  # type: ignore[union-attr]
        _conclue(connus, resultat, parametres, dates, calculs, etapes)
    return replace(base, dates=dates, calculs=calculs, explication=tuple(etapes))


def _reglement(parametres: Mapping[str, Any]) -> Any:
    valeurs = {k: v for k, v in (parametres.get("reglement") or {}).items() if v is not None}
    return lire_reglement(Objet.ouvrir(valeurs, "reglement", CHAMPS_REGLEMENT) if valeurs else None)


def relances_voulues(faits: Sequence[Fait]) -> int:
    """Reminders that the règlement wants before the surcharge, as frozen when the visit was missed."""
    manque = _dernier(faits, *ISSUES)
    return int(_reglement(manque.donnees.get("parametres") or {} if manque else {}).relances_avant_majoration)


def _manquee(
    manque: Fait, relances: Sequence[Fait], dates: dict[str, date | None], calculs: dict[str, Any],
    etapes: list[Etape],
) -> None:  # fmt: skip
    """The visit could not be made: the next reminder, and whether the surcharge is due."""
    depart = relances[-1].date_effet if relances else manque.date_effet
    e = calculer(
        Suivi(
            issue=ISSUES[manque.type],
            regle=None,
            date_controle=depart,
            date_notification=None,
            date_acte=None,
            date_levee=None,
            delai_maire_mois=None,
            electromecanique=False,
            nb_relances=len(relances),
            reglement=_reglement(manque.donnees.get("parametres") or {}),
        )
    )
    dates["relance_le"] = e.prochain_controle
    calculs["majoration_due"] = e.majoration_due
    phrase, article = PROCHAIN["relance"]
    etapes.append(Etape("Relance", f"{jma(e.prochain_controle)} : {phrase}", article))
    if e.majoration_due:
        etapes.append(Etape("Majoration", "La redevance peut être majorée.", "CSP L1331-8"))


def _conclue(
    faits: Sequence[Fait], resultat: Mapping[str, Any], parametres: Mapping[str, Any],
    dates: dict[str, date | None], calculs: dict[str, Any], etapes: list[Etape],
) -> None:  # fmt: skip
    """The conclusion is frozen: works, validity of the report, next control."""
    maire = _dernier(faits, "raccourcir_delai")
    visite = dates["date_visite"]
    assert visite is not None  # noqa: S101
    suivi = Suivi(
        issue=table.VISITE_FAITE,
        regle=resultat["regle"],
        date_controle=visite,
        date_notification=dates["date_notification"],
        date_acte=dates["date_acte"],
        date_levee=dates["date_levee"],
        delai_maire_mois=int(maire.donnees["mois"]) if maire else None,
        electromecanique=bool(parametres.get("electromecanique")),
        nb_relances=0,
        reglement=_reglement(parametres),
    )
    e = calculer(suivi)
    dates["echeance_travaux"] = e.echeance_travaux
    dates["fin_validite_rapport"] = e.fin_validite_rapport
    dates["prochain_controle"] = e.prochain_controle
    calculs.update(
        regle_echeance=e.regle_echeance,
        motif_prochain_controle=e.motif_prochain_controle,
        frequence_annees=e.frequence_annees,
        rapport_valable_pour_acte=e.rapport_valable_pour_acte,
    )
    if e.fin_validite_rapport:
        etapes.append(
            Etape(
                "Validité pour une vente",
                f"jusqu'au {jma(e.fin_validite_rapport)} compris : trois ans à compter de la visite",
                "CSP L1331-11-1",
            )
        )
    if dates["date_acte"] is not None and not e.rapport_valable_pour_acte:
        etapes.append(
            Etape(
                "Acte de vente",
                f"signé le {jma(dates['date_acte'])}, que ce rapport ne couvre pas : il ne fixe aucun délai",
                "CSP L1331-11-1",
            )
        )
    phrase, article = POURQUOI[e.regle_echeance]
    quand = f"au plus tard le {jma(e.echeance_travaux)}. " if e.echeance_travaux else ""
    etapes.append(Etape("Travaux", f"{quand}{phrase}", article))
    phrase, article = PROCHAIN[e.motif_prochain_controle]
    etapes.append(Etape("Prochain contrôle", f"{jma(e.prochain_controle)}. {phrase}", article))

"""Legal clocks of the public domain: silence on a request, coordination of works, calendar of works.

Sources: CRPA L114-5 and L231-4, CVR L115-1. No date is moved by a week-end or a holiday.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from domainepublic.regles.lecture import Objet, lire_date
from domainepublic.regles.tables.delais import valeur
from mairie.calendrier import jma, plus_mois
from mairie.lecture_json import ErreurSaisie

_INSTANT = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})T([01][0-9]|2[0-3]):([0-5][0-9])")
UN_JOUR = timedelta(days=1)


def echeances_odp(cas: Any) -> dict[str, Any]:
    """Answer of one case of the command; ``ErreurSaisie`` on the first fault met."""
    objet = Objet.du_cas(cas)
    nom = objet.choix("objet", tuple(OBJETS))
    try:
        return OBJETS[nom](objet)
    except OverflowError as erreur:
        raise ErreurSaisie("objet", "Une date de ce cas est trop lointaine pour être calculée.") from erreur


@dataclass(frozen=True)
class DemandePieces:
    """One request for missing pieces; the delay sleeps from ``notifiee_le`` until ``reprise_le`` excluded."""

    rang: int
    notifiee_le: date
    reprise_le: date


@dataclass(frozen=True)
class Silence:
    """Term of the silence, days of suspension, and requests for pieces sent too late."""

    terme: date
    suspension_jours: int
    sans_effet: tuple[int, ...]


def terme_du_silence(recue_le: date, demandes: list[DemandePieces]) -> Silence:
    """Two months from receipt, plus the days suspended, a day covered twice counting once.

    Requests are taken in order of notification; one notified after the term of that moment has no effect.
    """
    base = plus_mois(recue_le, valeur("silence_occupation"))
    suspendus = 0
    couvert_jusqu_au = recue_le
    sans_effet = []
    for demande in sorted(demandes, key=lambda demande: demande.notifiee_le):
        if demande.notifiee_le > base + timedelta(days=suspendus):
            sans_effet.append(demande.rang)
            continue
        depuis = max(demande.notifiee_le, couvert_jusqu_au)
        if demande.reprise_le > depuis:
            suspendus += (demande.reprise_le - depuis).days
            couvert_jusqu_au = demande.reprise_le
    return Silence(base + timedelta(days=suspendus), suspendus, tuple(sans_effet))


def _pas_avant(objet: Objet, nom: str, plancher: date, quoi: str) -> date:
    jour = objet.date(nom)
    if jour < plancher:
        message = f"Le {jma(jour)} précède {quoi} ({jma(plancher)})."
        raise objet.faute(nom, message)
    return jour


def _demande_pieces(objet: Objet, rang: int, recue_le: date) -> DemandePieces:
    notifiee_le = _pas_avant(objet, "notifiee_le", recue_le, "la réception")
    if objet.donne("date_limite"):
        limite = _pas_avant(objet, "date_limite", notifiee_le, "la notification")
    else:
        limite = notifiee_le + timedelta(days=objet.entier("delai_jours", minimum=1))
    if objet.donne("produites_le"):
        limite = min(limite, _pas_avant(objet, "produites_le", notifiee_le, "la notification"))
    return DemandePieces(rang, notifiee_le, limite)


def demande_occupation(objet: Objet) -> dict[str, Any]:
    """Silence of two months on a request, which is a refusal."""
    recue_le = objet.date("recue_le")
    demandes = [
        _demande_pieces(element, rang, recue_le)
        for rang, element in enumerate(objet.objets("demandes_pieces"))
    ]
    decision_le = None
    if objet.donne("decision_le"):
        decision_le = _pas_avant(objet, "decision_le", recue_le, "la réception")
    a_la_date = objet.date_facultative("a_la_date")
    silence = terme_du_silence(recue_le, demandes)
    etat = jours_restants = None
    if decision_le is not None:
        etat = "decidee" if decision_le <= silence.terme else "decision_tardive"
    elif a_la_date is not None and a_la_date <= silence.terme:
        etat, jours_restants = "en_cours", (silence.terme - a_la_date).days
    elif a_la_date is not None:
        etat = "refus_implicite"
    return {
        "terme": silence.terme.isoformat(),
        "effet_du_silence": "refus",
        "suspension_jours": silence.suspension_jours,
        "demandes_sans_effet": list(silence.sans_effet),
        "etat": etat,
        "jours_restants": jours_restants,
    }


@dataclass(frozen=True)
class Travaux:
    """When works may begin, and under which regime."""

    regime: str
    reponse_avant: date | None = None
    acceptation_tacite: bool = False
    decision_tardive: bool = False
    debut_autorise: date | None = None
    information_maire_avant: datetime | None = None

    def en_json(self) -> dict[str, Any]:
        """JSON form of the contract."""
        information = self.information_maire_avant
        return {
            "regime": self.regime,
            "reponse_avant": _iso(self.reponse_avant),
            "acceptation_tacite": self.acceptation_tacite,
            "decision_tardive": self.decision_tardive,
            "debut_autorise": _iso(self.debut_autorise),
            "information_maire_avant": information and information.isoformat(timespec="minutes"),
        }


@dataclass(frozen=True)
class DecisionTravaux:
    """Express answer of the mayor; ``debut`` is the date a postponement gives."""

    rendue_le: date
    sens: str
    debut: date | None


def _iso(jour: date | None) -> str | None:
    return None if jour is None else jour.isoformat()


def travaux(objet: Objet) -> dict[str, Any]:
    """Works on a road inside a built-up area: urgent, in the calendar, or asked for (CVR L115-1)."""
    if objet.booleen("urgence"):
        instant = _lire_instant(objet, "intervention_le")
        information = instant + timedelta(hours=valeur("urgence"))
        debut = instant.date()
        return Travaux("urgence", debut_autorise=debut, information_maire_avant=information).en_json()
    if objet.booleen("au_calendrier"):
        return Travaux("calendrier", debut_autorise=objet.date("debut_demande")).en_json()
    deposee_le = objet.date("deposee_le")
    debut_demande = objet.date("debut_demande")
    decision = None
    if objet.donne("decision"):
        decision = _lire_decision(objet.objet("decision"), deposee_le, debut_demande)
    a_la_date = objet.date_facultative("a_la_date")
    return travaux_demandes(deposee_le, debut_demande, decision, a_la_date).en_json()


def travaux_demandes(
    deposee_le: date, debut_demande: date, decision: DecisionTravaux | None, a_la_date: date | None
) -> Travaux:
    """Works outside the calendar: express decision within two months, else tacit acceptance."""
    reponse_avant = plus_mois(deposee_le, valeur("silence_travaux"))
    if decision is not None and decision.rendue_le <= reponse_avant:
        debut = max(decision.debut or debut_demande, decision.rendue_le)
        return Travaux("demande", reponse_avant, debut_autorise=debut)
    if decision is None and a_la_date is not None and a_la_date <= reponse_avant:
        return Travaux("demande", reponse_avant)
    debut = max(debut_demande, reponse_avant + UN_JOUR)
    return Travaux("demande", reponse_avant, True, decision is not None, debut)


def _lire_instant(objet: Objet, nom: str) -> datetime:
    brut = objet.exiger(nom)
    trouve = _INSTANT.fullmatch(brut) if isinstance(brut, str) else None
    jour = lire_date(trouve[1]) if trouve else None
    if trouve is None or jour is None:
        raise objet.faute(nom, "Un jour et une heure sont attendus, écrits AAAA-MM-JJTHH:MM.")
    heure = time(int(trouve[2]), int(trouve[3]))
    return datetime.combine(jour, heure)


def _lire_decision(objet: Objet, deposee_le: date, debut_demande: date) -> DecisionTravaux:
    jour = _pas_avant(objet, "date", deposee_le, "le dépôt")
    sens = objet.choix("sens", ("accord", "report"))
    if sens == "accord":
        return DecisionTravaux(jour, sens, None)
    objet.texte("motif")
    debut = objet.date("debut")
    if debut <= debut_demande:
        message = f"Un report donne une date postérieure au début demandé ({jma(debut_demande)})."
        raise objet.faute("debut", message)
    return DecisionTravaux(jour, sens, debut)


def inscription_calendrier(objet: Objet) -> dict[str, Any]:
    """Inscription of works in the calendar: a refusal is reasoned unless the street surface is recent."""
    debut_demande = objet.date("debut_demande")
    pose_le = objet.date_facultative("revetement_pose_le")
    decision = objet.objet("decision")
    sens = decision.choix("sens", ("inscription", "refus"))
    trois_ans_le = None if pose_le is None else plus_mois(pose_le, 12 * valeur("revetement"))
    recent = pose_le is not None and trois_ans_le is not None and pose_le <= debut_demande < trois_ans_le
    motivation_requise = sens == "refus" and not recent
    if motivation_requise:
        decision.texte("motif")
    return {
        "revetement_recent": recent,
        "motivation_requise": motivation_requise,
        "trois_ans_le": _iso(trois_ans_le),
    }


OBJETS: dict[str, Callable[[Objet], dict[str, Any]]] = {
    "demande_occupation": demande_occupation,
    "travaux": travaux,
    "inscription_calendrier": inscription_calendrier,
}

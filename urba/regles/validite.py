"""Validity of an authorisation: three years, prorogations, suits, décret 2025-461 (spec §5.8, §13.2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from mairie.calendrier import UN_JOUR, jma, plus_mois
from urba.regles.alertes import Alerte
from urba.regles.tables_echeances import (
    DECRET_5_ANS,
    DECRET_5_ANS_MOIS,
    DECRET_ENTREE_EN_VIGUEUR,
    DECRET_PLUS_1_AN,
    DECRET_PLUS_1_AN_MOIS,
    PROROGATION_MOIS,
    PROROGATION_PREAVIS_MOIS,
    PROROGATION_SILENCE_MOIS,
    PROROGATIONS_MAX,
    VALIDITE_CU_MOIS,
    VALIDITE_MOIS,
    RegleValidite,
)
from urba.regles.types import Etape


@dataclass(frozen=True)
class DemandeProrogation:
    """A request of prorogation and its express decision, if any (``acceptee`` None: no decision)."""

    demandee_le: date
    decision_le: date | None = None
    acceptee: bool | None = None


@dataclass(frozen=True)
class ResultatProrogation:
    """Fate of a request: retained or not, day acquired, end of validity it gives."""

    demandee_le: date
    retenue: bool = False
    acquise_le: date | None = None
    fin: date | None = None


@dataclass(frozen=True)
class RecoursContentieux:
    """A suit, from filing to final judgment (None: pending)."""

    introduit_le: date
    decision_definitive_le: date | None = None

    def en_cours(self, jour: date) -> bool:
        """True from filing until the eve of the final judgment."""
        fin = self.decision_definitive_le
        return self.introduit_le <= jour and (fin is None or jour < fin)


@dataclass(frozen=True)
class Validite:
    """End of validity (None: not computed, or unknown while a suit is pending) and what led there."""

    calculee: bool
    fin: date | None
    regle: RegleValidite | None
    demande_limite: date | None
    restantes: int | None
    prorogations: tuple[ResultatProrogation, ...]
    recours_a_temps: tuple[RecoursContentieux, ...] = ()
    alertes: tuple[Alerte, ...] = ()
    etapes: tuple[Etape, ...] = ()


def sans_validite(prorogations: Sequence[DemandeProrogation]) -> Validite:
    """No validity of its own: requests come back not retained, without alert."""
    return Validite(
        False, None, None, None, None, tuple(ResultatProrogation(p.demandee_le) for p in prorogations)
    )


def validite_de_base(date_acte: date, depart: date) -> tuple[date, RegleValidite]:
    """First end of a permit or DP decided on ``date_acte``, running from ``depart``."""
    if DECRET_5_ANS.contient(date_acte):
        return plus_mois(depart, DECRET_5_ANS_MOIS), RegleValidite.CINQ_ANS
    return plus_mois(depart, VALIDITE_MOIS), RegleValidite.TROIS_ANS


def derniere_demande(fin: date) -> date:
    """Last day to ask a prorogation (R.424-22, R.410-17)."""
    return plus_mois(fin, -PROROGATION_PREAVIS_MOIS)


def accord_par_silence(demandee_le: date) -> date:
    """Day on which a prorogation is acquired by silence."""
    return plus_mois(demandee_le, PROROGATION_SILENCE_MOIS) + UN_JOUR


@dataclass
class _Cours:
    """Validity as it moves along the events, in date order."""

    fin: date | None
    regle: RegleValidite
    certificat: bool
    a_la_date: date | None
    retenues: int = 0
    suspendu_jusqu_au: date | None = None
    a_temps: list[RecoursContentieux] = field(default_factory=list)
    alertes: list[Alerte] = field(default_factory=list)
    etapes: list[Etape] = field(default_factory=list)

    def dire(self, article: str, detail: str) -> None:
        self.etapes.append(Etape("VALIDITE", article, detail))

    def suspendre(self, recours: RecoursContentieux) -> None:
        """R.424-19: the end moves by the days of suspension; overlapping suits count once."""
        debut, jugement = recours.introduit_le, recours.decision_definitive_le
        if self.fin is not None and debut > self.fin:
            self.alertes.append(Alerte.RECOURS_APRES_PEREMPTION)
            self.dire("R.424-19", f"Recours du {jma(debut)}, après la fin de validité : sans effet.")
            return
        self.a_temps.append(recours)
        if jugement is None:
            self.alertes.append(Alerte.VALIDITE_SUSPENDUE)
            self.fin = None
            self.dire("R.424-19", f"Recours du {jma(debut)} non jugé : fin de validité inconnue.")
            return
        if self.fin is None:
            return
        couvert = self.suspendu_jusqu_au
        jours = max(0, (jugement - (max(debut, couvert) if couvert else debut)).days)
        self.suspendu_jusqu_au = max(jugement, couvert) if couvert else jugement
        self.fin = self.fin + timedelta(days=jours)
        detail = f"Recours du {jma(debut)} au {jma(jugement)} : {jours} jours de suspension, "
        self.dire("R.424-19", f"{detail}fin le {jma(self.fin)}.")

    def proroger(self, demande: DemandeProrogation) -> ResultatProrogation:
        """Weigh one request at its date; the first reason that fits refuses it."""
        article = "R.410-17-1" if self.certificat else "R.424-21 à R.424-23"
        le = jma(demande.demandee_le)
        ecartee = ResultatProrogation(demande.demandee_le)
        if self.fin is None:
            self.dire(article, f"Prorogation demandée le {le} : validité suspendue, non retenue.")
            return ecartee
        if self.regle is RegleValidite.CINQ_ANS:
            self.alertes.append(Alerte.PROROGATION_EXCLUE)
            self.dire(
                "décret 2025-461", f"Prorogation demandée le {le} : exclue par la validité de cinq ans."
            )
            return ecartee
        if not self.certificat and self.retenues >= PROROGATIONS_MAX:
            self.alertes.append(Alerte.PROROGATION_NOMBRE_ATTEINT)
            self.dire("R.424-21", f"Prorogation demandée le {le} : deux prorogations déjà acquises.")
            return ecartee
        limite = derniere_demande(self.fin)
        if demande.demandee_le > limite:
            self.alertes.append(Alerte.PROROGATION_DEMANDE_TARDIVE)
            self.dire(article, f"Prorogation demandée le {le}, après le {jma(limite)} : trop tard.")
            return ecartee
        silence = accord_par_silence(demande.demandee_le)
        a_temps = demande.decision_le is not None and demande.decision_le < silence
        if demande.acceptee is False and a_temps:
            self.dire(article, f"Prorogation demandée le {le}, refusée avant le {jma(silence)}.")
            return ecartee
        if demande.acceptee is False:
            self.alertes.append(Alerte.PROROGATION_DECISION_TARDIVE)
        if demande.decision_le is None and self.a_la_date is not None and self.a_la_date < silence:
            self.alertes.append(Alerte.PROROGATION_EN_ATTENTE)
        acquise = demande.decision_le if a_temps and demande.decision_le else silence
        self.fin = plus_mois(self.fin, PROROGATION_MOIS)
        self.retenues += 1
        detail = f"Prorogation demandée le {le}, acquise le {jma(acquise)} : fin le {jma(self.fin)}."
        self.dire(article, detail)
        return ResultatProrogation(demande.demandee_le, True, acquise, self.fin)

    def decret(self) -> None:
        """Décret 2025-461: one more year when still valid on 27 May 2025."""
        if self.fin is None or self.fin < DECRET_ENTREE_EN_VIGUEUR:
            return
        self.fin = plus_mois(self.fin, DECRET_PLUS_1_AN_MOIS)
        self.regle = RegleValidite.PLUS_UN_AN
        detail = f"Encore valable le {jma(DECRET_ENTREE_EN_VIGUEUR)} : un an de plus, fin le {jma(self.fin)}."
        self.dire("décret 2025-461", detail)


def calculer_validite(
    *,
    certificat: bool,
    date_acte: date,
    depart: date,
    prorogations: Sequence[DemandeProrogation],
    recours: Sequence[RecoursContentieux],
    a_la_date: date | None,
) -> Validite:
    """Validity after all events in date order (same day: suits, requests, decree).

    ``depart``: notification or birth (CU: signature or birth). Suits change nothing for a CU.
    """
    if certificat:
        fin, regle = plus_mois(depart, VALIDITE_CU_MOIS), RegleValidite.CERTIFICAT
        article, duree = "L.410-1", f"{VALIDITE_CU_MOIS} mois"
    else:
        fin, regle = validite_de_base(date_acte, depart)
        cinq_ans = regle is RegleValidite.CINQ_ANS
        article, duree = ("décret 2025-461", "cinq ans") if cinq_ans else ("R.424-17", "trois ans")
    cours = _Cours(fin, regle, certificat, a_la_date)
    cours.dire(article, f"{duree.capitalize()} à compter du {jma(depart)} : fin le {jma(fin)}.")

    resultats: dict[int, ResultatProrogation] = {}
    evenements: list[tuple[date, int, int]] = []
    if not certificat:
        evenements += [(r.introduit_le, 0, i) for i, r in enumerate(recours)]
        if DECRET_PLUS_1_AN.contient(date_acte):
            evenements.append((DECRET_ENTREE_EN_VIGUEUR, 2, 0))
    evenements += [(p.demandee_le, 1, i) for i, p in enumerate(prorogations)]
    for _, nature, rang in sorted(evenements):
        if nature == 0:
            cours.suspendre(recours[rang])
        elif nature == 1:
            resultats[rang] = cours.proroger(prorogations[rang])
        else:
            cours.decret()

    restantes: int | None = None
    if not certificat:
        restantes = 0 if cours.regle is RegleValidite.CINQ_ANS else PROROGATIONS_MAX - cours.retenues
    demande_limite: date | None = None
    if cours.fin is not None and (certificat or restantes):
        demande_limite = derniere_demande(cours.fin)
        article = "R.410-17" if certificat else "R.424-22"
        cours.dire(article, f"Prochaine prorogation à demander au plus tard le {jma(demande_limite)}.")
    return Validite(
        True,
        cours.fin,
        cours.regle,
        demande_limite,
        restantes,
        tuple(resultats[i] for i in range(len(prorogations))),
        tuple(cours.a_temps),
        tuple(cours.alertes),
        tuple(cours.etapes),
    )

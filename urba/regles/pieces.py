"""Missing pieces (R.423-22, R.423-38 to R.423-41-1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from mairie.calendrier import jma, plus_mois
from urba.regles.alertes import Alerte
from urba.regles.lettres import SANS_LETTRE, DateLettre, Lettre, date_lettre, fin_fenetre
from urba.regles.types import Etape

MOIS_POUR_COMPLETER = 3


@dataclass(frozen=True)
class DemandePieces:
    """A request of missing pieces; ``exigible``: at least one piece is of the nomenclature."""

    lettre: Lettre = SANS_LETTRE
    exigible: bool = True
    completees_le: date | None = None


@dataclass(frozen=True)
class DemandeRetenue:
    """The request in force: day notified, last day to complete, day of the last piece."""

    notifiee_le: date
    limite: date
    completees_le: date | None

    @property
    def satisfaite(self) -> bool:
        """True when the last piece came on or before the last day."""
        return self.completees_le is not None and self.completees_le <= self.limite


@dataclass(frozen=True)
class PiecesExaminees:
    """Requests weighed: the one the law keeps, the one the letters tell (late or not exigible ones too)."""

    retenue: DemandeRetenue | None
    annoncee: DemandeRetenue | None
    alertes: tuple[Alerte, ...]
    etapes: tuple[Etape, ...]


def _derniere(demandes: Sequence[tuple[date, DemandePieces]]) -> DemandeRetenue | None:
    """The last notified request replaces the others (R.423-40); same day: the last listed."""
    if not demandes:
        return None
    rang = max(range(len(demandes)), key=lambda i: (demandes[i][0], i))
    le, demande = demandes[rang]
    return DemandeRetenue(le, plus_mois(le, MOIS_POUR_COMPLETER), demande.completees_le)


def _examiner_demande(demande: DemandePieces, le: DateLettre, fenetre: date) -> tuple[list[Alerte], str]:
    """Reasons why a request leaves the clock untouched (none: it counts), and the sentence."""
    if le.le is None:
        return [Alerte.DEMANDE_PIECES_NON_NOTIFIEE], "Demande de pièces sans lettre notifiée : sans effet."
    alertes, raisons = [], []
    if le.le > fenetre:
        alertes.append(Alerte.DEMANDE_PIECES_TARDIVE)
        raisons.append(f"après le {jma(fenetre)}")
    if not demande.exigible:
        alertes.append(Alerte.PIECE_NON_EXIGIBLE)
        raisons.append("aucune pièce exigible (CE Sect. 9 décembre 2022 n° 454521)")
    suite = f", {', '.join(raisons)} : sans effet." if raisons else f", au plus tard le {jma(fenetre)}."
    return alertes, f"Demande de pièces {le.texte}{suite}"


def examiner_pieces(demandes: Sequence[DemandePieces], depot: date, fiction_jours: int) -> PiecesExaminees:
    """Weigh the requests of a DP or permit (INITIAL, MODIFICATIF) deposited that day."""
    fenetre = fin_fenetre(depot)
    alertes: list[Alerte] = []
    etapes: list[Etape] = []
    notifiees: list[tuple[date, DemandePieces]] = []
    valides: list[tuple[date, DemandePieces]] = []
    for demande in demandes:
        le = date_lettre(demande.lettre, fiction_jours)
        fautes, detail = _examiner_demande(demande, le, fenetre)
        alertes += fautes
        etapes.append(Etape("PIECES", "R.423-41" if fautes else "R.423-38", detail))
        if le.le is not None:
            notifiees.append((le.le, demande))
            if not fautes:
                valides.append((le.le, demande))
    retenue = _derniere(valides)
    if retenue is None:
        return PiecesExaminees(None, _derniere(notifiees), tuple(alertes), tuple(etapes))

    if len(valides) > 1:
        alertes.append(Alerte.DEMANDE_PIECES_REMPLACEE)
        etapes.append(
            Etape(
                "PIECES",
                "R.423-40",
                f"La demande notifiée le {jma(retenue.notifiee_le)} remplace les autres.",
            )
        )
    jusqu_au = f"Pièces attendues jusqu'au {jma(retenue.limite)}"
    if retenue.satisfaite and retenue.completees_le:
        detail = (
            f"{jusqu_au}, complètes le {jma(retenue.completees_le)} : le délai repart en entier de ce jour."
        )
        etapes.append(Etape("PIECES", "R.423-39 c", detail))
    elif retenue.completees_le:
        alertes.append(Alerte.PIECES_COMPLETEES_TARDIVEMENT)
        detail = f"{jusqu_au}, complètes le {jma(retenue.completees_le)} seulement : trop tard."
        etapes.append(Etape("PIECES", "R.423-39 b", detail))
    else:
        etapes.append(Etape("PIECES", "R.423-39 b", f"{jusqu_au}, pas encore complètes."))
    return PiecesExaminees(retenue, _derniere(notifiees), tuple(alertes), tuple(etapes))

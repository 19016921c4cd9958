"""Date on which a letter counts: first presentation by post, consultation or fiction by electronic way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from mairie.calendrier import jma, plus_mois


class Mode(StrEnum):
    """How a letter is sent."""

    POSTAL = "postal"
    ELECTRONIQUE = "electronique"


@dataclass(frozen=True)
class Lettre:
    """Dates of a letter: ``notifiee_le`` (first presentation) by post, the two others by electronic way."""

    mode: Mode = Mode.POSTAL
    notifiee_le: date | None = None
    envoyee_le: date | None = None
    consultee_le: date | None = None


SANS_LETTRE = Lettre()
"""No letter was notified."""


@dataclass(frozen=True)
class DateLettre:
    """Date that counts (None: not notified), and whether it is only deemed."""

    le: date | None
    fiction: bool = False

    @property
    def texte(self) -> str:
        """The date as a sentence writes it, with the fiction when there is one."""
        if self.le is None:
            return "non notifiée"
        return (
            f"non consultée, réputée reçue le {jma(self.le)}"
            if self.fiction
            else f"notifiée le {jma(self.le)}"
        )


def date_lettre(lettre: Lettre, fiction_jours: int) -> DateLettre:
    """R.423-47 (post: first presentation), R.423-48 (consultation, or sending + ``fiction_jours`` days)."""
    if lettre.mode is Mode.POSTAL:
        return DateLettre(lettre.notifiee_le)
    if lettre.envoyee_le is None:
        return DateLettre(None)
    reputee = lettre.envoyee_le + timedelta(days=fiction_jours)
    if lettre.consultee_le is not None and lettre.consultee_le <= reputee:
        return DateLettre(lettre.consultee_le)
    return DateLettre(reputee, fiction=True)


def fin_fenetre(depot: date) -> date:
    """Last day of the first month, when letters still change the delay (R.423-38, R.423-42)."""
    return plus_mois(depot, 1)

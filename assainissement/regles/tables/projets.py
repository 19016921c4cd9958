"""Projects of new installations (art. 3 of the arrêté of 27/04/2012): senses, delay, plans that count."""

from __future__ import annotations

from dataclasses import dataclass

FAVORABLE, PRESCRIPTIONS, DEFAVORABLE = "favorable", "favorable_prescriptions", "defavorable"
SENS = {
    FAVORABLE: "favorable",
    PRESCRIPTIONS: "favorable avec réserves",
    DEFAVORABLE: "défavorable",
}
FAVORABLES = (FAVORABLE, PRESCRIPTIONS)


@dataclass(frozen=True)
class Delai:
    """Delay of an answer, its unit and its article."""

    valeur: int
    article: str


# Months from the request of the urbanism service.
AVIS_MOIS = Delai(1, "code de l'urbanisme, R.423-59")
# Pieces of a permit that draw the ground or the works: one of them anew, and the project may have changed.
PLANS = ("PCMI2", "PCMI3", "PCMI5", "PC2", "PC3", "PC5", "PA4", "PA8", "DP2", "DP3", "DP4")
ATTESTATION = "PCMI12-2"

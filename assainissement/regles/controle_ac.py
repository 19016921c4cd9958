"""What the answers of a control of connection conclude, point by point. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from assainissement.regles.tables.points_ac import EXIGES, NON, NON_VERIFIE, POINTS_AC, SANS_RECUPERATION

CONFORME, NON_CONFORME = "conforme", "non_conforme"


@dataclass(frozen=True)
class Constat:
    """The conclusion that the answers propose, each cause, what is only told, what was not looked at."""

    conclusion: str
    motifs: tuple[str, ...]
    travaux: tuple[str, ...]
    remarques: tuple[str, ...]
    non_verifies: tuple[str, ...]

    def en_json(self) -> dict[str, Any]:
        """As frozen with the validation."""
        return {
            "conclusion": self.conclusion,
            "motifs": list(self.motifs),
            "travaux": list(self.travaux),
            "remarques": list(self.remarques),
            "non_verifies": list(self.non_verifies),
        }


def manquants(points: Mapping[str, str]) -> list[str]:
    """Labels of the required points that have no answer."""
    return [POINTS_AC[code].libelle for code in EXIGES if not points.get(code)]


def proposer(points: Mapping[str, str]) -> Constat:
    """Any fault makes it non-conforming; an answer that no table knows is left out."""
    motifs, travaux, remarques, non_verifies = [], [], [], []
    for code, p in POINTS_AC.items():
        reponse = points.get(code, "")
        if reponse == NON_VERIFIE:
            non_verifies.append(p.libelle)
        if reponse in p.fautes:
            motif, oeuvre = p.fautes[reponse]
            motifs.append(motif)
            travaux.append(oeuvre)
        if code == SANS_RECUPERATION and points.get("recuperation_ep") in (None, "", NON):
            continue
        if reponse in p.remarques:
            remarques.append(p.remarques[reponse])
    return Constat(
        NON_CONFORME if motifs else CONFORME,
        tuple(motifs),
        tuple(dict.fromkeys(travaux)),
        tuple(remarques),
        tuple(non_verifies),
    )

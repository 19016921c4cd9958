"""What the validation of a control of connection does besides: its origin, the connection, the desk."""

from __future__ import annotations

from typing import Any

from assainissement.regles.controle_ac import CONFORME


def suivre(controle: Any) -> None:
    """The agents' desk follows."""
    from assainissement import echeances_ac

    echeances_ac.publier_controle(controle)


def valide(controle: Any, evenement: Any) -> None:
    """A contre-visite concludes the control it comes from; a conforming visit proves the connection."""
    from assainissement import controles_ac, raccordements

    controle.refresh_from_db()
    controles_ac.conclure_origine(controle, evenement.date_effet)
    b = controle.branchement
    if b is not None and controle.conclusion == CONFORME and b.raccorde_le is None and controle.visite_le:
        raccordements.constater(b, controle.visite_le, par=evenement.auteur)

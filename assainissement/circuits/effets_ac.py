"""What the validation of a control of connection does besides: its origin, the connection, the desk."""

from __future__ import annotations

from typing import Any

from assainissement.regles.controle_ac import CONFORME


def suivre(controle: Any) -> None:
    """The agents' desk follows."""
    from assainissement import echeances_ac

    echeances_ac.publier_controle(controle)


def demande(controle: Any, evenement: Any) -> None:
    """A control is asked: what it costs is set down, to be told before the visit."""
    from assainissement import redevances_ac

    redevances_ac.ouvrir(controle, evenement.date_effet)


def annule(controle: Any, evenement: Any) -> None:
    """Nothing is asked for a control that will not be made."""
    from assainissement import redevances_ac

    redevances_ac.abandonner(controle, evenement.date_effet, evenement.donnees.get("motif") or "Annulé.")


def valide(controle: Any, evenement: Any) -> None:
    """A contre-visite concludes the control it comes from; a conforming visit proves the connection."""
    from assainissement import controles_ac, raccordements, redevances_ac

    controle.refresh_from_db()
    redevances_ac.valide(controle, evenement.date_effet)
    controles_ac.conclure_origine(controle, evenement.date_effet)
    b = controle.branchement
    if b is not None and controle.conclusion == CONFORME and b.raccorde_le is None and controle.visite_le:
        raccordements.constater(b, controle.visite_le, par=evenement.auteur)

"""What the events of a project and of a sale do besides changing the state."""

from __future__ import annotations

from typing import Any


def demande(projet: Any, evenement: Any) -> None:
    """A control of conception is opened for the plan to examine."""
    from assainissement import projets

    projets.ouvrir_conception(projet, evenement.date_effet)


def avis_rendu(projet: Any, evenement: Any) -> None:
    """The control of conception holds the opinion."""
    from assainissement import projets

    projets.conclure_conception(projet, evenement)


def visite_demandee(projet: Any, evenement: Any) -> None:
    """A control of execution is opened, to be put in a round."""
    from assainissement import projets

    projets.ouvrir_execution(projet, evenement)


def abandon(projet: Any, evenement: Any) -> None:
    """Nothing will be controlled."""
    from assainissement import projets

    projets.fermer_controles(projet, evenement)


def suivre_projet(projet: Any) -> None:
    """The desk follows the last day to answer."""
    from assainissement import echeances_liens

    echeances_liens.publier_projet(projet)


def suivre_avis(avis: Any) -> None:
    """The desk follows the last day to answer."""
    from assainissement import echeances_liens

    echeances_liens.publier_avis(avis)


def suivre_vente(vente: Any) -> None:
    """The desk follows the answers due."""
    from assainissement import echeances_liens

    echeances_liens.publier_vente(vente)


def controle_demande(vente: Any, evenement: Any) -> None:
    """A control before the sale is opened, where the installation is known."""
    from assainissement import ventes

    ventes.ouvrir_controle(vente, evenement.date_effet)


def acte_signe(vente: Any, evenement: Any) -> None:
    """The deed reaches the last report: its due dates are computed again."""
    from assainissement import ventes

    ventes.dater_acte(vente, evenement)


def acte_retire(vente: Any, evenement: Any) -> None:
    """A deed entered by mistake leaves the report that it had reached."""
    from assainissement import ventes_correction

    ventes_correction.retirer_acte(vente, evenement)

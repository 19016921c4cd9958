"""What an event does besides changing the state: derived columns, obligations, deadlines, domain events."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from mairie import evenements


def rien(dossier: Any, evenement: Any) -> None:
    """Nothing to take back."""


def installation_fermee(installation: Any, evenement: Any) -> None:
    """No due date is left, but history stays."""
    from assainissement import obligations, suivi

    suivi.resumer(installation)
    obligations.lever_toutes(installation, "Installation désactivée.", evenement.date_effet)


def installation_rouverte(installation: Any, evenement: Any) -> None:
    """Due dates come back from its controls."""
    from assainissement import suivi

    suivi.resumer(installation)


def suivre_controle(controle: Any) -> None:
    """Each time its figures are written: the summary of its installation, and the agents' desk."""
    from assainissement import echeances, suivi

    suivi.resumer(controle.installation)
    echeances.publier_controle(controle, controle.calcule_au or timezone.localdate())


def suivre_obligation(obligation: Any) -> None:
    """The desk follows, and the summary of the installation."""
    from assainissement import echeances, suivi

    echeances.publier_obligation(obligation)
    suivi.resumer(obligation.controle.installation)


def acces(controle: Any, evenement: Any) -> None:
    """A refusal opens the obligation to give access (CSP L1331-11)."""
    from assainissement import obligations

    obligations.ouvrir(controle, "acces", evenement.date_effet)


def acces_defait(controle: Any, evenement: Any) -> None:
    """The refusal is struck out: so is what it asked."""
    from assainissement import obligations

    obligations.lever_acces(controle, "Constat annulé.", evenement.date_effet)


def visite(controle: Any, evenement: Any) -> None:
    """Access was given; a project in works follows."""
    from assainissement import obligations, projets

    obligations.lever_acces(controle, "Visite faite.", evenement.date_effet)
    projets.suivre_controle(controle, "visiter", evenement.date_effet)


def visite_defaite(controle: Any, evenement: Any) -> None:
    """The visit is struck out: a project in works waits for it again."""
    from assainissement import projets

    projets.suivre_controle(controle, "annuler_visite", evenement.date_effet)


def conclu(controle: Any, evenement: Any) -> None:
    """The conclusion is frozen: obligations, what it lifts, installation in service, announcement."""
    from assainissement import obligations, projets

    obligations.apres_conclusion(controle, evenement.date_effet)
    projets.suivre_controle(controle, "conclure_execution", evenement.date_effet)
    if evenement.type == "valider":
        evenements.emettre(
            "assainissement.controle_conclu",
            {
                "numero": controle.numero,
                "insee": controle.insee,
                "nature": controle.nature,
                "conclusion": controle.conclusion,
                "parcelles": list(controle.installation.parcelles.values_list("reference", flat=True)),
                "date": evenement.date_effet.isoformat(),
            },
            insee=controle.insee,
        )


def rectifie(controle: Any, evenement: Any) -> None:
    """Another conclusion for the same visit: what it asks, what it no longer asks, its dates."""
    from assainissement import obligations

    obligations.apres_rectification(controle, evenement.date_effet)


def annule(controle: Any, evenement: Any) -> None:
    """The control is given up: its fee and what its report asked fall."""
    from assainissement import obligations

    redevance_abandonnee(controle, evenement)
    obligations.lever_de(controle, "Contrôle annulé.", evenement.date_effet)


def suivre_obligations(controle: Any, evenement: Any) -> None:
    """Due dates of its obligations follow those of the control."""
    from assainissement import obligations

    controle.refresh_from_db()
    obligations.dater(controle, evenement.date_effet)


def acte_retire(controle: Any, evenement: Any) -> None:
    """A deed struck out gives back the due date that it had moved."""
    from assainissement import obligations

    controle.refresh_from_db()
    obligations.dater(controle, evenement.date_effet, acte_retire=True)


# --- fees ---------------------------------------------------------------------------------------


def redevance_ouverte(controle: Any, evenement: Any) -> None:
    """A control is planned: what it costs is set down, to be told."""
    from assainissement import redevances

    redevances.ouvrir(controle, evenement.date_effet)


def redevance_abandonnee(controle: Any, evenement: Any) -> None:
    """The control is cancelled, or its planning struck out: nothing is asked."""
    from assainissement import redevances

    motif = evenement.donnees.get("motif") or "Contrôle annulé."
    redevances.abandonner(controle, evenement.date_effet, motif)


def redevance_annoncee(controle: Any, evenement: Any) -> None:
    """The letter that proposes a day tells the fee."""
    from assainissement import redevances

    redevances.annoncer(controle, evenement.date_effet)


def annonce_retiree(controle: Any, evenement: Any) -> None:
    """That letter is struck out."""
    from assainissement import redevances

    redevances.annonce_retiree(controle, evenement.date_effet)


def rdv_fixe(controle: Any, evenement: Any) -> None:
    """A visit is fixed after a surcharge: it stops."""
    from assainissement import redevances

    if evenement.avant.get("etat") == "redevance_majoree":
        redevances.majoration_arretee(controle, evenement.date_effet)


def majoree(controle: Any, evenement: Any) -> None:
    """The surcharge becomes a line."""
    from assainissement import redevances

    redevances.majorer(controle, evenement.date_effet)


def notifie(controle: Any, evenement: Any) -> None:
    """The report is received: works are dated, the fee may be billed."""
    from assainissement import redevances

    suivre_obligations(controle, evenement)
    redevances.notifie(controle, evenement.date_effet)


def notification_retiree(controle: Any, evenement: Any) -> None:
    """The same, taken back."""
    from assainissement import redevances

    suivre_obligations(controle, evenement)
    redevances.notification_retiree(controle, evenement.date_effet)


def facture(controle: Any, evenement: Any) -> None:
    """The fee leaves for finance."""
    from assainissement import redevances

    d = evenement.donnees
    redevances.facture(controle, evenement.date_effet, d["reference"], d.get("sans_annonce") or "")


def regle(controle: Any, evenement: Any) -> None:
    """The fee is paid."""
    from assainissement import redevances

    redevances.regle(controle, evenement.date_effet)


def reglement_retire(controle: Any, evenement: Any) -> None:
    """The payment is struck out."""
    from assainissement import redevances

    redevances.reglement_retire(controle, evenement.date_effet)


def avis_sur_pieces(controle: Any, evenement: Any) -> None:
    """An opinion given at the desk is its own report, known to the owner: its fee may be billed."""
    from assainissement import redevances

    conclu(controle, evenement)
    redevances.notifie(controle, evenement.date_effet)

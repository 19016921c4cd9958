"""Links with permits, sales, owners and citizens: what this subject declares at start."""

from __future__ import annotations


def declarer() -> None:
    """From ``AppConfig.ready``."""
    from assainissement import (
        conservation,
        controles_ac,
        courriers_avis,
        courriers_projets,
        demo_liens,
        documents,
        echeances_liens,
        ecoute,
        ecrans_liens,
        panneaux_dossier,
        perms,
        proprietaire,
        rattachements,
        ventes_correction,
    )
    from assainissement.circuits.avis_reseau import AVIS_RESEAU
    from assainissement.circuits.projet import PROJET
    from assainissement.circuits.vente import VENTE
    from assainissement.models import AvisReseau, ProjetAnc
    from assainissement.vues import proprietaire as vues_proprietaire
    from assainissement.vues import rapports
    from mairie import panneaux, portes
    from mairie.pieces.registre import Porteur
    from mairie.pieces.registre import declarer as declarer_porteur
    from mairie.workflow import declarer as declarer_circuit

    declarer_circuit(PROJET)
    declarer_circuit(VENTE)
    declarer_circuit(AVIS_RESEAU)
    echeances_liens.declarer()
    rattachements.declarer()
    courriers_projets.declarer_courriers()
    courriers_avis.declarer_courriers()
    ecoute.declarer()
    ecrans_liens.declarer_ecrans()
    proprietaire.declarer()
    demo_liens.declarer()
    panneaux.declarer(
        "dossier_urba",
        "assainissement",
        panneaux_dossier.TITRE,
        panneaux_dossier.ICONE,
        panneaux_dossier.dossier,
    )
    vues_proprietaire.declarer_actions()
    rapports.declarer_actions()
    ventes_correction.declarer_actions()
    controles_ac.declarer_actions()
    conservation.declarer()
    documents.declarer_porteur()
    portes.ouvrir(
        "assainissement",
        portes.Porte(
            "Mon adresse et l'assainissement",
            "Réseau public ou installation individuelle : votre zone, ce qui s'applique, ce que cela coûte.",
            "bi-droplet",
            "/assainissement/mon-adresse/",
            65,
        ),
    )
    for modele in (ProjetAnc, AvisReseau):
        declarer_porteur(
            Porteur(
                modele,
                modele.objects.visibles_par,
                perms.ENREGISTRER,
                lambda p: p.get_absolute_url(),
                gerer=perms.VALIDER,
                codes=lambda p: CODES_PROJET,
                publiable=False,
            )
        )


CODES_PROJET = (
    ("plan", "Plan de masse"),
    ("etude", "Étude de filière"),
    ("formulaire", "Demande signée"),
    ("autre", "Autre"),
)

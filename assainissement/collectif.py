"""What connections, the yearly report, upkeep and imports bring to the registries of the lower apps."""

from __future__ import annotations


def declarer() -> None:
    """From ``AppConfig.ready``."""
    from assainissement import (
        couches_ac,
        courriers_ac,
        demo_collectif,
        echeances_ac,
        ecrans_raccordement,
        ecrans_suivi,
        pieces_ac,
        recherche_ac,
    )
    from assainissement.circuits.controle_ac import CONTROLE_AC
    from mairie.recherche import fournir
    from mairie.workflow import declarer as declarer_circuit

    declarer_circuit(CONTROLE_AC)
    fournir("branchements", recherche_ac.chercher)
    couches_ac.declarer()
    courriers_ac.declarer_courriers()
    echeances_ac.declarer()
    ecrans_raccordement.declarer_ecrans()
    ecrans_suivi.declarer_ecrans()
    pieces_ac.declarer_porteurs()
    demo_collectif.declarer()

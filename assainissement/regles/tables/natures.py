"""Natures of the controls of a SPANC (spec §2), and their groups."""

from __future__ import annotations

from assainissement.regles.tables import anc

NATURES = {
    "diagnostic_initial": "Diagnostic initial",
    "periodique": "Contrôle périodique",
    "exceptionnel": "Contrôle exceptionnel",
    "vente": "Contrôle avant vente",
    "contre_visite": "Contre-visite",
    "conception_neuf": "Conception, installation neuve",
    "conception_rehab": "Conception, réhabilitation",
    "execution_neuf": "Exécution, installation neuve",
    "execution_rehab": "Exécution, réhabilitation",
}
EXISTANT = anc.NATURES
CONCEPTION = ("conception_neuf", "conception_rehab")
EXECUTION = ("execution_neuf", "execution_rehab")
# Article 3 of the arrêté: works examined before and after, by another grid than an existing installation.
TRAVAUX_NEUFS = (*CONCEPTION, *EXECUTION)
CONFORME, NON_CONFORME = "conforme", "non_conforme"

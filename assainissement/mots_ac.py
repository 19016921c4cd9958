"""Words and tones of connections and of their controls. No database."""

from __future__ import annotations

from assainissement.circuits.etats_ac import BRANCHEMENT, CONTROLE_AC
from mairie.ecrans import Ton

TONS_BRANCHEMENT = {
    "raccorde": Ton(BRANCHEMENT["raccorde"], "bien", "bi-check-circle"),
    "deroge": Ton(BRANCHEMENT["deroge"], "info", "bi-hourglass-split"),
    "en_retard": Ton(BRANCHEMENT["en_retard"], "danger", "bi-exclamation-triangle"),
    "a_raccorder": Ton(BRANCHEMENT["a_raccorder"], "neutre", "bi-plug"),
}
TONS_CONTROLE_AC = {
    "": Ton(CONTROLE_AC[""], "neutre"),
    "demande": Ton(CONTROLE_AC["demande"], "info", "bi-inbox"),
    "affecte": Ton(CONTROLE_AC["affecte"], "info", "bi-person-check"),
    "formulaire_recu": Ton(CONTROLE_AC["formulaire_recu"], "bientot", "bi-pen"),
    "a_corriger": Ton(CONTROLE_AC["a_corriger"], "attention", "bi-arrow-return-left"),
    "valide_conforme": Ton(CONTROLE_AC["valide_conforme"], "bien", "bi-check-circle"),
    "valide_non_conforme": Ton(CONTROLE_AC["valide_non_conforme"], "danger", "bi-x-octagon"),
    "travaux": Ton(CONTROLE_AC["travaux"], "attention", "bi-tools"),
    "contre_visite": Ton(CONTROLE_AC["contre_visite"], "attention", "bi-arrow-repeat"),
    "annule": Ton(CONTROLE_AC["annule"], "neutre", "bi-x-lg"),
}

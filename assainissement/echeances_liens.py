"""Answers that the service owes: opinions on projects, answers to notaries, on the agents' desk."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from assainissement import perms
from mairie.calendrier import jma
from mairie.echeances import Fournisseur, fournir, publier, solder

AVIS, VENTE = "assainissement.avis_projet", "assainissement.reponse_vente"
RESEAU = "assainissement.avis_reseau"
# A notary waits for no longer: a wish of the service, no rule says it.
REPONSE_JOURS = 15


def declarer() -> None:
    """Kinds of deadlines, from ``AppConfig.ready``."""
    fournir(
        Fournisseur(
            AVIS, "assainissement", "Avis sur un projet à rendre", perms.VALIDER, "bi-clipboard-check"
        ),
        Fournisseur(RESEAU, "assainissement", "Avis sur un raccordement à rendre", perms.VALIDER, "bi-plug"),
        Fournisseur(
            VENTE, "assainissement", "Réponse à donner pour une vente", perms.ENREGISTRER, "bi-house"
        ),
    )


def publier_projet(p: Any) -> None:
    """An opinion is due."""
    if p.limite is None:
        solder(p)
        return
    publier(p, AVIS, p.limite, reference=str(p), pourquoi=p.explication)


def publier_avis(a: Any) -> None:
    """An opinion on a connection is due."""
    if a.limite is None:
        solder(a)
        return
    publier(a, RESEAU, a.limite, reference=str(a), pourquoi=a.explication)


def publier_vente(v: Any) -> None:
    """An answer is due."""
    if v.etat != "recue":
        solder(v)
        return
    le = v.recue_le + timedelta(days=REPONSE_JOURS)
    pourquoi = [{"regle": "Réponse", "resultat": f"déclarée le {jma(v.recue_le)}", "article": ""}]
    publier(v, VENTE, le, reference=str(v), pourquoi=pourquoi)

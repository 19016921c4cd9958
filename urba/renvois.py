"""Permits as the other trades name them: by the number of the authorisation (``mairie.renvois``)."""

from __future__ import annotations

from typing import Any

from mairie.renvois import Renvoi, declarer
from mairie.workflow import journal
from urba.models import DemandeurDossier, DossierInstruction
from urba.recherche import est_numero, par_numero


def resoudre(texte: str, utilisateur: Any) -> Renvoi | None:
    """The first request of an authorisation, with who holds it today."""
    filtre = par_numero(texte) if est_numero(texte) else None
    if filtre is None:
        return None
    visibles = DossierInstruction.objects.visibles_par(utilisateur)
    trouve = visibles.filter(filtre).select_related("da").order_by("date_depot", "id").first()
    if trouve is None:
        return None
    d = visibles.filter(da=trouve.da_id, nature="INITIAL").select_related("da").first() or trouve
    titulaire = (
        d.demandeurs.filter(role=DemandeurDossier.Role.PETITIONNAIRE, jusqu_a__isnull=True)
        .select_related("tiers")
        .first()
    )
    ouverture = next((e.date_effet for e in journal.vivantes(journal.lignes(d)) if e.type == "doc"), None)
    return Renvoi(
        d.da.numero,
        str(d.da),
        f"/urba/dossiers/{d.pk}/",
        d.libelle_etat,
        titulaire.tiers if titulaire else None,
        idus=tuple(p.idu for p in d.parcelles.all() if p.idu),
        debut=ouverture,
    )


def declarer_renvois() -> None:
    """From ``AppConfig.ready``."""
    declarer("urba", resoudre)

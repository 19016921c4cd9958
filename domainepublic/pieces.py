"""Files that the circuit asks of the holder."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from domainepublic.models import DossierODP
from mairie.models import Piece


def manquantes(dossier: DossierODP, faits: Sequence[Any]) -> int:
    """How many of the pieces last asked have not come from the holder since, one file each."""
    demande = next((f for f in reversed(faits) if f.type == "declarer_incomplet"), None)
    if demande is None:
        return 0
    recues = (
        Piece.objects.du_dossier(dossier)
        .courantes()
        .filter(origine=Piece.Origine.USAGER, depose_le__gte=demande.saisi_le)
    )
    return max(len(demande.donnees.get("pieces") or []) - recues.count(), 0)

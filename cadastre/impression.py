"""How people write the parcels of a printed series: « AB 12 », or any writing that names one parcel."""

from __future__ import annotations

from cadastre.models import Parcelle
from cadastre.recherche import contexte
from cadastre.regles.ecritures import FORME_IDU
from cadastre.regles.references import Reference, analyser
from mairie.impression import serie


def lire_parcelle(ecrit: str) -> str | None:
    """``idu`` of the only parcel in force that a text may name; null otherwise."""
    if FORME_IDU.fullmatch(ecrit):
        return ecrit
    idus: set[str] = set()
    for reference in analyser(ecrit[:100], contexte()):
        if not isinstance(reference, Reference) or reference.numero is None:
            return None
        connues = Parcelle.objects.filter(
            section=reference.section, numero=reference.numero, valide_au__isnull=True, idu__isnull=False
        )
        if reference.insee:
            connues = connues.filter(commune=reference.insee)
        if reference.prefixe:
            connues = connues.filter(prefixe=reference.prefixe)
        idus.update(str(idu) for idu in connues.values_list("idu", flat=True)[:2])
    return idus.pop() if len(idus) == 1 else None


def declarer() -> None:
    """Called once, when the applications are ready."""
    serie.lire_ecritures("parcelles", lire_parcelle)

"""Long files are imported by the worker; old files are taken away each night."""

from __future__ import annotations

from mairie.ecrans import registre
from mairie.ecrans.declaration import ActionImpossible
from mairie.ecrans.imports import service
from mairie.models import ImportTable
from mairie.taches import EchecDefinitif, Suivi, tache


@tache("mairie.importer_table", "Import d'un tableau")
def importer(suivi: Suivi, pk: int, appliquer: bool) -> dict[str, str]:
    """Try or apply a file; nothing is written twice, for the mark is in the same transaction."""
    ligne = ImportTable.objects.get(pk=pk)
    declaration = registre.import_(ligne.ecran)
    if declaration is None:
        raise EchecDefinitif(f"L'import « {ligne.ecran} » n'existe plus.")
    try:
        service.passer(
            declaration,
            ligne,
            appliquer=appliquer,
            progres=lambda fait, total: suivi.avancer(100 * fait / total, f"{fait} lignes sur {total}"),
        )
    except ActionImpossible as e:
        raise EchecDefinitif(str(e)) from e
    return {"adresse": f"/{declaration.adresse}importer/{pk}/"}


@tache("mairie.purger_imports", "Nettoyage des fichiers importés")
def purger() -> None:
    """Files brought into tables more than thirty days ago."""
    service.purger()

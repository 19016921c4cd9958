"""Queue of tasks in PostgreSQL: lease, retries, keys, progress, schedules (docs/echeances-et-taches.md)."""

from mairie.taches.declaration import DELAIS, TacheDeclaree, tache
from mairie.taches.programmes import Programme, programmer
from mairie.taches.suivi import ArretDemande, EchecDefinitif, Suivi

__all__ = [
    "DELAIS",
    "ArretDemande",
    "EchecDefinitif",
    "Programme",
    "Suivi",
    "TacheDeclaree",
    "programmer",
    "tache",
]

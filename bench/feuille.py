"""One sheet from first byte to commit, in a worker already there: ``python -m bench.feuille``.

Run as a command of its own, on the database of the environment; prints one JSON document.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from bench.base import Bases
from bench.mesure import lancer, mediane


def mesurer(bases: Bases, dossier: Path) -> dict[str, Any]:
    """Wall seconds of each sheet, the copies of one together; the slowest is what counts."""
    with bases.jetable() as base:
        fait = lancer([sys.executable, "-m", "bench.feuille", dossier], env=bases.env(base))
    durees: dict[str, list[float]] = {}
    for id12, duree in json.loads(fait.sortie):
        durees.setdefault(id12[5:], []).append(duree)
    medianes = {nom: mediane(valeurs) for nom, valeurs in durees.items()}
    return {
        "medianes_s": medianes,
        "pire_s": max(medianes.values()),
        "repetitions": len(next(iter(durees.values()))),
    }


def _importer_une_a_une(dossier: Path) -> list[tuple[str, float]]:
    from django.conf import settings

    from cadastre.imports.moteur import connexion_directe, decouvrir, limites
    from cadastre.imports.ouvrier import OuvrierEdigeo, Parametres
    from gis_data.imports.travail import Suivi

    suivi = Suivi("edigeo", {})
    ouvrier = OuvrierEdigeo(Parametres(connexion_directe(), suivi.id, settings.TERRITOIRE_SRID, limites()))
    durees = []
    for rang, source in enumerate(decouvrir([dossier]).sources):
        debut = time.perf_counter()
        resultats = list(ouvrier.traiter([source]))
        duree = time.perf_counter() - debut
        if [resultat.etat for resultat in resultats] != ["importee"]:
            raise SystemExit(f"{source.affichage} : {resultats[0].erreur}")
        # The first one opens the connection and makes the tables of the projections.
        if rang:
            durees.append((str(resultats[0].feuille), duree))
    ouvrier.fermer()
    return durees


if __name__ == "__main__":
    import django

    django.setup()
    print(json.dumps(_importer_une_a_une(Path(sys.argv[1]))))

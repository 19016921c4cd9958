"""Run by ``bench.reseau``: writes the file of a tree of pipes, imports it, follows its water."""

from __future__ import annotations

import json
import os
import random
import statistics
import sys
import time
from pathlib import Path
from typing import Any

INSEE = "25999"
GRAINE = 25_999
X0, Y0, ECART_M, COLONNES = 880_000.0, 6_650_000.0, 20.0, 400
# A pipe flows into one of those made just before it: some hundreds of pipes from the farthest to the outlet.
RECUL = 400
LOINTAINES, LOT = 100, 20_000


def ecrire(chemin: Path, nombre: int) -> dict[str, Any]:
    """A RAEPA GeoPackage of a tree of pipes; the identifiers of the farthest from the outlet."""
    import shapely

    from assainissement.regles.tables.raepa import CANALISATIONS
    from assainissement.reseau import exports

    h = random.Random(GRAINE)  # noqa: S311 - invented data, always the same
    profondeurs = [0]
    places = [(X0 + ECART_M * (n % COLONNES), Y0 + ECART_M * (n // COLONNES)) for n in range(nombre + 1)]
    lignes: list[dict[str, Any]] = []
    formes: list[bytes] = []
    for n in range(1, nombre + 1):
        parent = h.randrange(max(0, n - RECUL), n)
        profondeurs.append(profondeurs[parent] + 1)
        haut, bas = 200 + 0.05 * profondeurs[n], 200 + 0.05 * profondeurs[parent]
        lignes.append({
            "IDCANA": f"C{n}", "MOUVRAGE": "Commune fictive", "GEXPLOIT": "Régie fictive", "ENSERVICE": "O",
            "BRANCHEMNT": "N", "TYPRESEAU": "02", "MATERIAU": "27", "DIAMETRE": 200, "ANFINPOSE": "1998",
            "MODECIRC": "01", "CONTCANASS": "02", "FONCCANASS": "02", "IDNINI": f"N{n}",
            "IDNTERM": f"N{parent}", "ZAMONT": haut, "ZAVAL": bas, "SENSECOUL": "1", "LONGCANA": 20.0,
            "NBRANCHE": n % 4,
            "QUALGLOCXY": "01", "DATEMAJ": "2024-05-02", "SOURMAJ": "SIG",
        })  # fmt: skip
        formes.append(shapely.LineString([(*places[n], haut), (*places[parent], bas)]).wkb)
        if len(lignes) == LOT or n == nombre:
            exports.ecrire_lot(chemin, CANALISATIONS, lignes, formes, "gpkg", ajout=n > LOT)
            lignes, formes = [], []
    lointaines = sorted(range(1, nombre + 1), key=lambda n: -profondeurs[n])[:LOINTAINES]
    return {"lointaines": [f"C{n}" for n in lointaines]}


def importer(chemin: Path, media: Path) -> dict[str, Any]:
    """Seconds of the control with its report, then of the writing with the topology."""
    from django.conf import settings

    from assainissement.reseau import ecriture, imports
    from mairie.models import Collectivite, Utilisateur

    settings.MEDIA_ROOT = str(media)
    Collectivite.objects.get_or_create(
        code=INSEE, defaults={"nom": "Commune fictive", "nature": Collectivite.Nature.COMMUNE}
    )
    par = Utilisateur.objects.create_user("sig@exemple.invalid", nom="Technicien")
    debut, cpu = time.perf_counter(), sum(os.times()[:4])
    with chemin.open("rb") as flux:
        recu = imports.deposer(INSEE, flux, chemin.name, par)
    imports.controler(recu, 2026)
    controle = time.perf_counter() - debut
    debut = time.perf_counter()
    ecriture.confirmer(recu, par)
    return {
        "controle_s": controle, "ecriture_s": time.perf_counter() - debut,
        "cpu_s": sum(os.times()[:4]) - cpu, "bilan": recu.bilan["effets"],
    }  # fmt: skip


def suivre(lointaines: list[str]) -> dict[str, Any]:
    """Milliseconds downstream of the farthest pipes; seconds upstream of the outlet."""
    from assainissement.models import Noeud, Troncon
    from assainissement.reseau import parcours

    durees, longueurs = [], []
    for t in Troncon.objects.filter(insee=INSEE, identifiant__in=lointaines):
        debut = time.perf_counter()
        p = parcours.depuis_troncon(t, parcours.AVAL)
        durees.append(1000 * (time.perf_counter() - debut))
        longueurs.append(len(p.troncons))
    exutoire = Noeud.objects.get(insee=INSEE, cle="N0")
    debut = time.perf_counter()
    amont = parcours.depuis_noeud(exutoire.pk, parcours.AMONT)
    return {
        "aval_ms": statistics.median(durees), "aval_max_ms": max(durees),
        "profondeur": statistics.mean(longueurs), "amont_s": time.perf_counter() - debut, "amont": len(amont),
    }  # fmt: skip


def main(arguments: list[str]) -> None:
    """One verb; the answer is one line of JSON."""
    import django

    django.setup()
    verbe, *plus = arguments
    actes: dict[str, Any] = {
        "ecrire": lambda: ecrire(Path(plus[0]), int(plus[1])),
        "importer": lambda: importer(Path(plus[0]), Path(plus[1])),
        "suivre": lambda: suivre(json.loads(plus[0])),
    }
    print(json.dumps(actes[verbe]()))


if __name__ == "__main__":
    main(sys.argv[1:])

"""The map's services over 100,000 parcels: tiles through nginx, constraints, exports, moving the map."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from bench import departement, tuiles
from bench.base import Bases
from bench.echantillon import Echantillon
from bench.importation import importer
from bench.mesure import EchecMesure, lancer, mediane
from bench.nginx import nginx
from bench.rapport import Objectif, nombre, tableau
from bench.web import ParHttp, charger, gunicorn, rassembler_statiques

PARCELLES = 100_000
ZONES = 5_000
DEMANDES = 1_500
DEPLACEMENTS = 12
RESERVE = departement.RESERVE.with_name("bench-carte")


def mesurer(
    bases: Bases,
    echantillon: Echantillon,
    travail: Path,
    dire: Callable[[str], None],
    parcelles: int,
    parties: Any,
) -> dict[str, Any]:
    """All the figures, on one throw-away database."""
    dossier, preparation = departement.preparer(echantillon, parcelles, RESERVE, dire)
    resultat: dict[str, Any] = {"provenance": preparation["provenance"]}
    with bases.jetable() as base:
        dire(f"Import de {preparation['feuilles']} feuilles")
        _, document = importer(bases, base, dossier, 2)
        resultat["parcelles"] = document["total"]["parcelles"]
        with bases.connexion(base) as connexion:
            connexion.autocommit = True
            with connexion.cursor() as curseur:
                curseur.execute("VACUUM ANALYZE")
        if "contraintes" in parties:
            dire(f"Contraintes sur {ZONES} zones")
            resultat["contraintes"] = contraintes(bases, base)
        if "export" in parties:
            dire("Export en GeoPackage, le nôtre et ogr2ogr")
            resultat["export"] = export(bases, base, travail)
        if "nginx" in parties:
            dire("Tuiles par nginx")
            resultat["nginx"] = par_nginx(bases, base, travail)
        if "deplacement" in parties:
            dire("Déplacements de la carte")
            resultat["deplacement"] = deplacements(bases, base, travail)
    return resultat


def par_nginx(bases: Bases, base: str, travail: Path) -> dict[str, Any]:
    """z16 tiles by two clients: made live by Django, from Django's own cache, from nginx's."""
    places = tuiles.tuiles_denses(bases, base, 16, 150)
    liste = [places[i % len(places)] for i in range(DEMANDES)]
    resultat: dict[str, Any] = {"tuiles": len(places), "demandes": DEMANDES}
    for nom, cache in (("direct", ""), ("garde", str(travail / "tuiles"))):
        with gunicorn({**bases.env(base), "TUILES_CACHE": cache}) as serveur:
            with urlopen(f"http://127.0.0.1:{serveur.port}/tuiles/plan.json", timeout=30) as reponse:
                version = re.search(r"\?v=(\w+)", reponse.read().decode())
            if version is None:
                raise EchecMesure("Le TileJSON ne dit pas la version des tuiles.")
            chemins = [f"/tuiles/plan/16/{x}/{y}.pbf?v={version[1]}" for x, y in liste]
            charger(ParHttp(serveur.port), chemins[: len(places)], 1)
            charge, _ = charger(ParHttp(serveur.port), chemins, tuiles.CLIENTS)
            resultat[f"par_s_{nom}"] = charge.debit
            if cache:
                with nginx(f"http://127.0.0.1:{serveur.port}", travail / "nginx") as adresse:
                    port = int(adresse.rpartition(":")[2])
                    charger(ParHttp(port), chemins[: len(places)], 1)
                    charge, _ = charger(ParHttp(port), chemins * 8, tuiles.CLIENTS)
                    resultat["par_s_nginx"] = charge.debit
                    resultat["latence_nginx_ms"] = mediane(charge.latences_s) * 1e3
    resultat["rapport"] = resultat["par_s_nginx"] / resultat["par_s_direct"]
    return resultat


def contraintes(bases: Bases, base: str) -> dict[str, Any]:
    """``contraintes`` of a square of 1 ha over ``ZONES`` zones, in a process of its own."""
    commande = [sys.executable, "-m", "bench.zones", str(ZONES)]
    return dict(json.loads(lancer(commande, env=bases.env(base)).sortie))


def export(bases: Bases, base: str, travail: Path, repetitions: int = 3) -> dict[str, Any]:
    """The layer of parcels as a GeoPackage: our command, and ogr2ogr of the same rows of the same table."""
    nous, ogr, memoires = [], [], []
    lignes = 0
    for tour in range(repetitions):
        fichier = travail / f"nous-{tour}.gpkg"
        fait = lancer(
            [sys.executable, "manage.py", "exporter_couche", "parcelles", "--sortie", fichier],
            env=bases.env(base),
        )
        nous.append(fait.duree_s)
        memoires.append(max(fait.sommets_mio))
        lui = travail / f"ogr-{tour}.gpkg"
        ogr.append(
            lancer(
                [
                    *("ogr2ogr", "-f", "GPKG", lui, bases.ogr(base)),
                    *("-sql", "SELECT * FROM cadastre_parcelle WHERE valide_au IS NULL", "-nln", "parcelles"),
                ]
            ).duree_s
        )
        from pyogrio import read_info

        lignes = read_info(fichier, layer="parcelles")["features"]
        if lignes != read_info(lui, layer="parcelles")["features"]:
            raise EchecMesure("Les deux exports n'ont pas le même nombre d'objets.")
        fichier.unlink()
        lui.unlink()
    return {
        "objets": lignes,
        "nous_s": mediane(nous),
        "ogr2ogr_s": mediane(ogr),
        "vitesse": mediane(ogr) / mediane(nous),
        "memoire_mio": max(memoires),
    }


def deplacements(bases: Bases, base: str, travail: Path) -> dict[str, Any]:
    """Time to idle after a pan of the map at z15, and of MapLibre alone with the same style and tiles."""
    from bench.navigateur import mesurer_deplacements

    (x, y), *_ = tuiles.tuiles_denses(bases, base, 15, 1)
    rassembler_statiques()
    with gunicorn({**bases.env(base), "TUILES_CACHE": str(travail / "tuiles-z15")}) as serveur:
        return mesurer_deplacements(f"http://127.0.0.1:{serveur.port}", 15, x, y, DEPLACEMENTS)


def objectifs(m: dict[str, Any]) -> list[Objectif]:
    """The numbers of the map."""
    liste = []
    if n := m.get("nginx"):
        liste.append(Objectif("tuile z16 : débit par nginx / débit en direct", n["rapport"], 10))
    if c := m.get("contraintes"):
        nom = f"contraintes d'un carré de 1 ha sur {c['zones']} zones"
        liste.append(Objectif(nom, c["mediane_ms"], 30, "ms", False))
    if e := m.get("export"):
        nom = f"export de {e['objets']} parcelles en GeoPackage : durée d'ogr2ogr / la nôtre"
        liste.append(Objectif(nom, e["vitesse"], 0.5))
        liste.append(Objectif("export : mémoire maximale", e["memoire_mio"], 400, "Mio", False))
    if d := m.get("deplacement"):
        liste.append(Objectif("déplacement à z15 : durée / MapLibre seul", d["rapport"], 1.3, "×", False))
        liste.append(
            Objectif("déplacement : plus longue tâche de notre code", d["tache_max_ms"], 200, "ms", False)
        )
    return liste


def table(m: dict[str, Any]) -> str:
    """Every figure."""
    lignes = [
        (f"{partie} : {nom}", nombre(float(valeur)))
        for partie in ("nginx", "contraintes", "export", "deplacement")
        for nom, valeur in m.get(partie, {}).items()
        if isinstance(valeur, int | float)
    ]
    return f"Carte sur {m['parcelles']} parcelles ({m['provenance']})\n" + tableau(("", ""), lignes)

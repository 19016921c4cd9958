"""A whole département: a million parcels by replication, then search, parcel page and tiles upon them."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from bench import repliquer, tuiles, web
from bench.base import Bases
from bench.echantillon import Echantillon
from bench.importation import importer, resume
from bench.mesure import RACINE

PARCELLES = 1_000_000
# Prepared archives are kept here for the next time; erased by `make clean`.
RESERVE = RACINE / ".var" / "bench-departement"
PAGES = 60
TUILES = 150


def preparer(
    echantillon: Echantillon, parcelles: int, reserve: Path, dire: Callable[[str], None]
) -> tuple[Path, dict[str, Any]]:
    """Folder of archives that hold at least ``parcelles`` parcels, and how it was made.

    ``reserve`` keeps them for the next time, when sample, size and way of copying are the same.
    """
    gabarits = [repliquer.Gabarit(chemin) for chemin in echantillon.archives]
    tour = sum(gabarit.parcelles for gabarit in gabarits)
    feuilles = -(-parcelles * len(gabarits) // tour)
    sortie = reserve / f"{repliquer.empreinte(echantillon.archives)}-{feuilles}"
    debut = time.perf_counter()
    fait = sortie / "complet"
    neuf = not fait.exists()
    if neuf:
        shutil.rmtree(reserve, ignore_errors=True)
        dire(f"Préparation de {feuilles} archives ({echantillon.provenance})")
        repliquer.ecrire(echantillon.archives, repliquer.prevoir(gabarits, feuilles), sortie / "feuilles")
        fait.touch()
    dossier = sortie / "feuilles"
    return dossier, {
        "provenance": echantillon.provenance,
        "reelles": echantillon.reelles,
        "feuilles": feuilles,
        "preparation_s": time.perf_counter() - debut if neuf else None,
        "octets": sum(f.stat().st_size for f in dossier.iterdir()),
    }


def mesurer(
    bases: Bases,
    echantillon: Echantillon,
    dire: Callable[[str], None],
    *,
    parcelles: int = PARCELLES,
    reserve: Path = RESERVE,
    travailleurs: int = 2,
) -> dict[str, Any]:
    """Import, then what an agent does on such a base."""
    dossier, preparation = preparer(echantillon, parcelles, reserve, dire)
    with bases.jetable() as base:
        dire(f"Import de {preparation['feuilles']} feuilles, {travailleurs} travailleurs")
        fait, document = importer(bases, base, dossier, travailleurs)
        resultat: dict[str, Any] = {"preparation": preparation, "import": resume(fait, document)}
        resultat["base_mio"] = bases.taille_mio(base)
        resultat["tables"] = _tables(bases, base)
        del document
        dire("Second import, inchangé")
        resultat["reimport"] = resume(*importer(bases, base, dossier, travailleurs))
        dire("Recherche, page de parcelle et tuiles")
        resultat["latences"] = _latences(bases, base)
    return resultat


def _tables(bases: Bases, base: str) -> list[dict[str, Any]]:
    """Rows and sizes of the largest tables."""
    with bases.connexion(base) as connexion, connexion.cursor() as curseur:
        curseur.execute(
            "SELECT relname, reltuples::bigint, pg_table_size(oid), pg_indexes_size(oid) FROM pg_class"
            " WHERE relkind = 'r' AND relname LIKE 'cadastre\\_%' ORDER BY pg_total_relation_size(oid) DESC"
        )
        return [
            {"table": nom, "lignes": lignes, "donnees_octets": donnees, "index_octets": index}
            for nom, lignes, donnees, index in curseur.fetchall()[:12]
        ]


def _parcelles(bases: Bases, base: str, nombre: int) -> list[str]:
    """Identifiers spread over the whole base."""
    with bases.connexion(base) as connexion, connexion.cursor() as curseur:
        curseur.execute(
            "SELECT idu FROM (SELECT idu, row_number() OVER (ORDER BY md5(idu)) AS rang"
            " FROM cadastre_parcelle WHERE idu IS NOT NULL AND geom IS NOT NULL) AS p"
            " WHERE rang <= %s ORDER BY rang",
            (nombre,),
        )
        return [ligne[0] for ligne in curseur.fetchall()]


def reference_usuelle(idu: str) -> str:
    """« 25354 AB 12 »: commune, section, number, as one types it."""
    prefixe = "" if idu[5:8] == "000" else f"{idu[5:8]} "
    return f"{idu[:5]} {prefixe}{idu[8:10].lstrip('0')} {int(idu[10:])}"


def _latences(bases: Bases, base: str) -> dict[str, dict[str, float]]:
    web.rassembler_statiques()
    idus = _parcelles(bases, base, 2 * PAGES)
    with web.gunicorn(bases.env(base)) as serveur:
        essais = {
            "recherche_reference": [f"/recherche/?q={quote(reference_usuelle(i))}" for i in idus[:PAGES]],
            "recherche_idu": [f"/recherche/?q={i}" for i in idus[PAGES:]],
            "page_parcelle": [f"/parcelles/{i}/" for i in idus[:PAGES]],
            **{f"tuile_z{z}": tuiles.chemins_tuiles(bases, base, z, TUILES) for z in (15, 16)},
        }
        return {nom: tuiles.latences(serveur, chemins) for nom, chemins in essais.items() if chemins}

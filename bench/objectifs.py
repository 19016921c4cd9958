"""Tables of the figures, and the numbers to reach with the reason of those that are missed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bench.rapport import Objectif, nombre, tableau

MIO = 1024**2


def ms(secondes: float) -> str:
    """Milliseconds."""
    return nombre(secondes * 1e3)


def table_lecture(mesure: dict[str, Any]) -> str:
    """Sheet by sheet."""
    lignes = [
        (
            f["feuille"],
            str(f["objets"]),
            nombre(f["octets"] / MIO),
            ms(f["decompression_s"]),
            ms(f["lecteur_s"]),
            ms(f["gdal_une_analyse_s"]),
            ms(f["gdal_s"]),
            nombre(f["rapport"]),
        )
        for f in mesure["feuilles"]
    ]
    t = mesure["total"]
    lignes.append(
        (
            "total",
            str(t["objets"]),
            nombre(t["octets"] / MIO),
            ms(t["decompression_s"]),
            ms(t["lecteur_s"]),
            ms(t["gdal_une_analyse_s"]),
            ms(t["gdal_s"]),
            nombre(mesure["rapport_gdal"]),
        )
    )
    return "Lecture (ms de processeur, médianes)\n" + tableau(
        ("feuille", "objets", "Mio", "bunzip", "nous", "GDAL, 1 analyse", "GDAL pyogrio", "GDAL÷nous"), lignes
    )


LIBELLES = {
    "import_1": "nous, 1 travailleur",
    "import_2": "nous, 2 travailleurs",
    "reimport_1": "  second import, 1 travailleur",
    "reimport_2": "  second import, 2 travailleurs",
    "ogr_copy": "ogr2ogr -append, COPY",
    "ogr_insert": "ogr2ogr -append, par défaut",
    "plancher": "plancher : COPY par table",
    "plancher_par_feuille": "plancher : COPY par feuille",
}


def table_import(mesure: dict[str, Any]) -> str:
    """One line a way of importing, then the split of ours."""
    feuilles = mesure["feuilles"]
    lignes = [
        (
            libelle,
            nombre(m["duree_s"]),
            nombre(m["cpu_s"]),
            nombre(m["cpu_serveur_s"]),
            nombre(feuilles / m["duree_s"]),
        )
        for nom, libelle in LIBELLES.items()
        if (m := mesure["medianes"].get(nom))
    ]
    texte = f"Import de {feuilles} feuilles (secondes, médianes)\n"
    texte += tableau(("", "durée", "CPU client", "CPU serveur", "feuilles/s"), lignes)
    return texte + "\n\n" + table_etapes(mesure["medianes"]["import_2"])


def table_etapes(mesure: dict[str, Any]) -> str:
    """CPU by step of one of our imports."""
    etapes = mesure["etapes"]
    total = sum(etapes.values())
    lignes = [
        (nom, nombre(s), ms(s / mesure["feuilles"]), f"{100 * s / total:.0f} %") for nom, s in etapes.items()
    ]
    lignes.append(("total", nombre(total), ms(total / mesure["feuilles"]), "100 %"))
    return "Processeur par étape (2 travailleurs)\n" + tableau(
        ("étape", "s", "ms par feuille", "part"), lignes
    )


def table_tuiles(m: dict[str, Any]) -> str:
    """Tiles over HTTP and by SQL."""
    lignes = [
        (
            "par HTTP",
            nombre(m["tuiles_par_s_http"]),
            nombre(m["latence_http_ms"]),
            nombre(m["cpu_django_ms"]),
        ),
        (
            "SQL seul",
            nombre(m["tuiles_par_s_sql"]),
            nombre(m["latence_sql_ms"]),
            nombre(m["cpu_client_sql_ms"]),
        ),
    ]
    serveur = nombre(m["cpu_serveur_sql_ms"])
    titre = f"Tuiles z{m['zoom']}, {m['clients']} clients (serveur : {serveur} ms par tuile)\n"
    return titre + tableau(("", "tuiles/s", "latence ms", "CPU hors serveur ms"), lignes)


def table_departement(m: dict[str, Any]) -> str:
    """The run over a million parcels."""
    i, p = m["import"], m["preparation"]
    lignes = [
        ("feuilles", nombre(i["feuilles"])),
        ("parcelles", nombre(i["parcelles"])),
        ("objets", nombre(i["objets"])),
        ("archives (Mio)", nombre(p["octets"] / MIO)),
        ("préparation (s)", nombre(p["preparation_s"]) if p["preparation_s"] else "déjà faite"),
        ("durée de l'import (s)", nombre(i["duree_s"])),
        ("parcelles/s", nombre(i["parcelles"] / i["duree_s"])),
        ("objets/s", nombre(i["objets_par_s"])),
        ("CPU client (s)", nombre(i["cpu_s"])),
        ("CPU serveur (s)", nombre(i["cpu_serveur_s"])),
        ("mémoire maximale par processus (Mio)", " ".join(nombre(x) for x in i["memoire_mio"])),
        ("base (Mio)", nombre(m["base_mio"])),
        ("second import (s)", nombre(m["reimport"]["duree_s"])),
    ]
    latences = [
        (nom, nombre(v["mediane_ms"]), nombre(v["p95_ms"]), nombre(v["max_ms"]))
        for nom, v in m["latences"].items()
    ]
    return "\n\n".join(
        (
            f"Département ({p['provenance']})\n" + tableau(("", ""), lignes),
            table_etapes(i),
            "Latences (ms, un client)\n" + tableau(("", "médiane", "95 %", "max"), latences),
        )
    )


def mesures(document: dict[str, Any]) -> list[Objectif]:
    """Objectives of what was measured."""
    objectifs: list[Objectif] = []
    if lecture := document.get("lecture"):
        objectifs += _lecture(lecture)
    if importation := document.get("import"):
        objectifs += _import(importation)
    if feuille := document.get("feuille"):
        objectifs.append(
            Objectif("pire feuille seule, premier octet → validation", feuille["pire_s"], 0.5, "s", False)
        )
    if tuiles := document.get("tuiles"):
        objectifs += [
            Objectif("tuile z16 : CPU de Django en plus du SQL", tuiles["cpu_django_ms"], 1.5, "ms", False),
            Objectif("tuile z16 : débit HTTP / débit du SQL seul", 100 * tuiles["part_du_sql"], 40, "%"),
        ]
    return objectifs


def _lecture(m: dict[str, Any]) -> Iterable[Objectif]:
    yield Objectif(
        "lecture : CPU de GDAL (pyogrio, toutes les couches) / le nôtre", m["rapport_gdal_pyogrio"], 4
    )
    yield Objectif(
        "lecture : CPU de GDAL s'il n'analysait qu'une fois / le nôtre",
        m["rapport_gdal"],
        4,
        raison="nous résolvons aussi toutes les relations et les anomalies, que GDAL ne lit pas ; sur les"
        " très petites feuilles les appels de numpy et de shapely coûtent plus que les données",
    )


def _import(m: dict[str, Any]) -> Iterable[Objectif]:
    r = m["rapports"]
    yield Objectif("import, 2 travailleurs : durée d'ogr2ogr (COPY) / la nôtre", r["ogr_sur_import_2"], 3)
    yield Objectif("import, 1 travailleur : durée d'ogr2ogr (COPY) / la nôtre", r["ogr_sur_import_1"], 1.5)
    e = m["medianes"]["import_2"]["etapes"]
    part = 100 * e["decompression"] / sum(e.values())
    yield Objectif(
        "import, 2 travailleurs : notre durée / plancher",
        r["import_2_sur_plancher"],
        2,
        au_moins=False,
        raison="le plancher ne décompresse ni ne lit rien ; la seule décompression fait"
        f" {part:.0f} % de notre processeur. Sans démarrage des processus :"
        f" {nombre(r['import_2_sans_demarrage_sur_plancher'])} ×",
    )
    yield Objectif("second import, rien de changé", r["reimport_feuilles_par_s"], 20, "feuilles/s")
    yield Objectif(
        "de 1 à 2 travailleurs, hors démarrage",
        r["un_sur_deux_sans_demarrage"],
        1.7,
        raison="le serveur travaille déjà pendant qu'un seul travailleur lit : à un travailleur la machine"
        f" occupe {nombre(_coeurs(m['medianes']['import_1']))} cœur ; deux cœurs sont vite pleins",
    )


def _coeurs(m: dict[str, Any]) -> float:
    return (m["cpu_s"] + m["cpu_serveur_s"]) / m["duree_s"]


def departement(m: dict[str, Any]) -> list[Objectif]:
    """Objectives of the département."""
    i = m["import"]
    latences = {nom: v["mediane_ms"] for nom, v in m["latences"].items()}
    return [
        Objectif(
            "import du département",
            i["duree_s"] / 60 * 1e6 / max(i["parcelles"], 1),
            10,
            "min/10⁶ parcelles",
            False,
        ),
        Objectif("mémoire maximale par processus", max(i["memoire_mio"]), 500, "Mio", False),
        Objectif("second import, rien de changé", m["reimport"]["feuilles_par_s"], 20, "feuilles/s"),
        Objectif("recherche par référence", latences["recherche_reference"], 50, "ms", False),
        Objectif("page d'une parcelle", latences["page_parcelle"], 300, "ms", False),
    ]


BUREAU_MS = 150


def table_bureau(m: dict[str, Any]) -> str:
    """Each page over the full commune, the empty one beside."""
    lignes = []
    for nom, plein in m["plein"].items():
        vide = m["vide"].get(nom)
        lignes.append(
            (
                nom,
                nombre(plein["mediane_ms"]),
                nombre(plein["minimum_ms"]),
                nombre(plein["p95_ms"]),
                nombre(vide["mediane_ms"]) if vide else "–",
                str(plein["requetes"]),
                str(vide["requetes"]) if vide else "–",
                nombre(plein["sql_ms"]),
            )
        )
    titre = f"Bureau des permis, {m['dossiers']} dossiers, {m['evenements']} événements (ms)\n"
    entetes = ("", "médiane", "minimum", "95 %", "base vide", "requêtes", "vide", "SQL")
    return titre + tableau(entetes, lignes)


def bureau(m: dict[str, Any]) -> list[Objectif]:
    """150 ms a page, and as many queries full as empty."""
    objectifs = []
    for nom, plein in m["plein"].items():
        raison = f"SQL {nombre(plein['sql_ms'])} ms, processeur {nombre(plein['cpu_ms'])} ms"
        objectifs.append(Objectif(nom, plein["mediane_ms"], BUREAU_MS, "ms", au_moins=False, raison=raison))
    return objectifs

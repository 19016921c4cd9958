"""A drawn network: RAEPA files made on the fly, round the tiny plan."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import shapely

from assainissement.models import ImportRaepa, Troncon
from assainissement.regles.tables.raepa import CANALISATIONS, OUVRAGES
from assainissement.reseau import ecriture, exports, imports
from tests.assainissement.fabrique_anc import acteur
from tests.personnes import INSEE
from tests.plan_factice import X0, Y0

ANNEE = 2026
COMMUNS = {
    "MOUVRAGE": "Commune fictive", "GEXPLOIT": "Régie fictive", "TYPRESEAU": "02", "QUALGLOCXY": "01",
    "DATEMAJ": "2024-05-02", "SOURMAJ": "SIG",
}  # fmt: skip


def canalisation(identifiant: str, *points: tuple[float, ...], **champs: Any) -> tuple[dict[str, Any], bytes]:
    """A record of a pipe through points (x, y[, z]) in metres from the plan's origin."""
    trace = [(X0 + p[0], Y0 + p[1], p[2] if len(p) > 2 else 0.0) for p in points]
    valeurs = {
        **COMMUNS, "IDCANA": identifiant, "ENSERVICE": "O", "BRANCHEMNT": "N", "MATERIAU": "27",
        "DIAMETRE": 200, "ANFINPOSE": "1998", "MODECIRC": "01", "CONTCANASS": "02", "FONCCANASS": "02",
        **champs,
    }  # fmt: skip
    return valeurs, shapely.LineString(trace).wkb


def ouvrage(identifiant: str, x: float, y: float, **champs: Any) -> tuple[dict[str, Any], bytes]:
    """A record of a manhole."""
    return {**COMMUNS, "IDOUVRAGE": identifiant, "FNOUVASS": "06", **champs}, shapely.Point(
        X0 + x, Y0 + y, 0.0
    ).wkb


def fichier(
    dossier: Path, couches: dict[str, list[tuple[dict[str, Any], bytes | None]]], srid: int = 2154
) -> io.BytesIO:
    """A GeoPackage of these layers."""
    chemin = dossier / f"reseau{len(list(dossier.iterdir()))}.gpkg"
    for couche, objets in couches.items():
        exports.ecrire_lot(chemin, couche, [v for v, _ in objets], [g for _, g in objets], "gpkg", srid=srid)
    return io.BytesIO(chemin.read_bytes())


def geojson(objets: list[tuple[dict[str, Any], Any]]) -> io.BytesIO:
    """The same as a GeoJSON in degrees: values of any type."""
    import json

    features = [
        {"type": "Feature", "properties": valeurs, "geometry": geometrie} for valeurs, geometrie in objets
    ]
    return io.BytesIO(json.dumps({"type": "FeatureCollection", "features": features}).encode())


def archive(dossier: Path, sans: tuple[str, ...] = ()) -> io.BytesIO:
    """The files of a folder as a zip, some extensions left out."""
    tampon = io.BytesIO()
    with zipfile.ZipFile(tampon, "w") as z:
        for partie in sorted(dossier.iterdir()):
            if partie.suffix not in sans:
                z.write(partie, partie.name)
    tampon.seek(0)
    return tampon


def controler(flux: io.BytesIO, nom: str = "reseau.gpkg", insee: str = INSEE) -> ImportRaepa:
    """Deposit and control."""
    return imports.controler(imports.deposer(insee, flux, nom, acteur(insee=insee)), ANNEE)


def importer(flux: io.BytesIO, nom: str = "reseau.gpkg", insee: str = INSEE) -> ImportRaepa:
    """Deposit, control, write."""
    recu = controler(flux, nom, insee)
    assert recu.etat == "controle", recu.motif
    return ecriture.confirmer(recu, acteur(insee=insee))


# A fork at R2, a loop R4 → R5 → R6 → R4, a station at P1 that pumps up to R2, an outlet at S.
#
#   A: R1 → R2 ; B: R2 → R3 ; C: R2 → R4 ; D: R4 → R5 ; E: R5 → R6 ; F: R6 → R4 ; G: R3 → S
#   H: P0 → P1 (gravity, drawn against the water, by its levels) ; I: P1 → R2 (forced, uphill)
NOEUDS = {
    "R1": (0, 40), "R2": (40, 40), "R3": (80, 40), "S": (120, 40), "R4": (40, 0), "R5": (80, 0),
    "R6": (60, -30), "P0": (-40, 80), "P1": (0, 80),
}  # fmt: skip
ARCS = {
    "A": ("R1", "R2", {"SENSECOUL": "1", "NBRANCHE": 3}),
    "B": ("R2", "R3", {"SENSECOUL": "1", "DIAMETRE": 300}),
    # Drawn from R4 to R2: SENSECOUL says the reverse.
    "C": ("R4", "R2", {"SENSECOUL": "0"}),
    "D": ("R4", "R5", {}),
    "E": ("R5", "R6", {}),
    "F": ("R6", "R4", {}),
    "G": ("R3", "S", {"ZAMONT": 100.0, "ZAVAL": 99.0}),
    "H": ("P1", "P0", {"ZAMONT": 97.0, "ZAVAL": 98.0}),
    "I": ("P1", "R2", {"MODECIRC": "02", "ZAMONT": 96.0, "ZAVAL": 101.0}),
}


def dessine() -> dict[str, list[tuple[dict[str, Any], bytes | None]]]:
    """The drawn network as two layers, its ends named by node for A only: the others by their place."""
    fonctions = {"S": "05", "P1": "01"}
    noeuds: list[tuple[dict[str, Any], bytes | None]] = [
        ouvrage(nom, *place, FNOUVASS=fonctions.get(nom, "06"), Z=105.0) for nom, place in NOEUDS.items()
    ]
    arcs: list[tuple[dict[str, Any], bytes | None]] = []
    for nom, (de, vers, champs) in ARCS.items():
        ids = {"IDNINI": de, "IDNTERM": vers} if nom == "A" else {}
        arcs.append(canalisation(nom, NOEUDS[de], NOEUDS[vers], **ids, **champs))
    return {CANALISATIONS: arcs, OUVRAGES: noeuds}


def troncon(identifiant: str) -> Troncon:
    """The pipe of that name."""
    return Troncon.objects.get(identifiant=identifiant)
